"""Grants: what people allowed us, and records that take no writes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from mappers.identifiers import OrcidId
from state.permission_facts import Found, Grant, GrantState, PersonPermission, Sought, Suspension


class Grants(Protocol):
    """What people allowed us, and records that take no writes."""

    def put(self, grant: Grant) -> None:
        """Writes a grant by (person, iD); when it is active, the person's other active one becomes `replaced`."""
        ...

    def active(self, person: str) -> Grant | None:
        """The person's active grant."""
        ...

    def current(self, person: str) -> Grant | None:
        """The person's active grant, else a broken one, else an ending one, the newest of each: they serve removals.

        Never one that was revoked or replaced.
        """
        ...

    def of_person(self, person: str) -> Sequence[Grant]:
        """Every grant of the person, newest first."""
        ...

    def of_orcid(self, orcid: OrcidId) -> Sequence[Grant]:
        """Every grant on the iD, newest first."""
        ...

    def all(self) -> Iterator[Grant]:
        """Every grant, by person, the oldest first, read as it is asked for; those read may be marked meanwhile."""
        ...

    def counts(self) -> Mapping[GrantState, int]:
        """How many grants are in each state."""
        ...

    def permissions(self) -> Iterator[PersonPermission]:
        """Everybody of whom anything is kept, in order, read as they are asked for; no token is unsealed."""
        ...

    def search(self, sought: Sought, now: float, after: str, limit: int) -> Found:
        """The next that are sought behind the person `after` ("": from the first), at most `limit`, at that time.

        Looks at some thousands of people at most, however many there are, and tells how far it came: the next look
        goes on behind there.
        """
        ...

    def mark(self, person: str, orcid: OrcidId, state: GrantState, reason: str) -> None:
        """Sets a grant's state and the reason."""
        ...

    def suspend(self, suspension: Suspension) -> None:
        """Notes that a record takes no writes."""
        ...

    def lift(self, orcid: OrcidId) -> None:
        """Takes a suspension away."""
        ...

    def lift_for(self, person: str) -> None:
        """Takes the suspensions of the person's records away, so that they are looked at again."""
        ...
