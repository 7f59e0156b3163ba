"""The Kafka consumer: kafka-python's, with one correction to how it joins its group.

kafka-python 3.0 joins on a thread of its own, while polls wait for it. When a poll's time is up first, the next poll
should wait on; but (1) if the join ended between the two polls, its result is thrown away and the member joins again,
and (2) if the join was caused by new metadata, the next poll no longer knows that it waits for one: the member then
stays without partitions and without heartbeats for good. Our polls are short, so both would happen daily.
"""

from typing import Any

from kafka import KafkaConsumer
from kafka.coordinator.consumer import ConsumerCoordinator
from kafka.structs import MemberState


class PatientCoordinator(ConsumerCoordinator):  # type: ignore[misc]  # kafka-python has no type information
    """Waits on, over any number of polls, until the result of a join that was begun is taken."""

    _untaken: tuple[Any, bytes] | None = None

    def need_rejoin(self) -> bool:
        """Whether polls have to join or to wait for a join."""
        return self.rejoining or bool(super().need_rejoin())

    async def _do_join_and_sync_async(self) -> bytes:
        """The assignment of the join that nobody has taken yet, while it still holds, else of a new one."""
        if self._untaken is None or self._untaken[0] != self._generation:
            self._untaken = None
            assignment: bytes = await super()._do_join_and_sync_async()
            self._untaken = (self._generation, assignment)
        return self._untaken[1]

    async def _on_join_complete_async(self, *joined: Any) -> None:
        self._untaken = None
        await super()._on_join_complete_async(*joined)


class PatientConsumer(KafkaConsumer):  # type: ignore[misc]  # kafka-python has no type information
    """A consumer whose coordinator is patient."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._coordinator.__class__ = PatientCoordinator

    @property
    def joining_as(self) -> str | None:
        """The id under which Kafka will let us into the group; None while we are in it or have not asked."""
        member = self.group_metadata()
        return (member.member_id or None) if member.state is MemberState.REBALANCING else None

    def forget_membership(self) -> None:
        """Somebody else told the group that we left."""
        self._coordinator.reset_generation()
