"""Groups: group-id records that peer reviews need, by key (mappers/groups.py). They belong to our client."""

from collections.abc import Sequence
from typing import Protocol

from mappers.groups import GroupIdRecord
from state.facts import Group, GroupState


class Groups(Protocol):
    """Group-id records that peer reviews need, by key (mappers/groups.py). They belong to our client."""

    def want(self, record: GroupIdRecord) -> None:
        """Keeps what is said of a group: the newest word counts, and what it leaves unsaid stays as it was said before.

        One that was refused is wanted again, so that it is tried again; any other stays in its state.
        """
        ...

    def group(self, key: str) -> Group | None:
        """A group; None when nobody ever wanted it."""
        ...

    def ask(self, key: str, until: float) -> bool:
        """Notes that a call for it is about to be made, which may be carried out until then.

        False, and nothing is noted, when the group is known or nobody wanted it, or while another's call may be under
        way.
        """
        ...

    def settle(self, key: str, state: GroupState, reason: str = "", ripe_at: float = 0.0) -> None:
        """Notes what became of it; no call for it is under way any more.

        Of a refused one `ripe_at` is when it may be asked for again without being named again (0: not by itself).
        """
        ...

    def needed_by(self, key: str) -> Sequence[str]:
        """The people whose wanted peer reviews need the group, withdrawn ones aside."""
        ...
