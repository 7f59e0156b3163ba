"""Asks: permission requests in researchers' inboxes at ORCID."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from mappers.identifiers import OrcidId
from state.permission_facts import Ask


class Asks(Protocol):
    """Permission requests in researchers' inboxes at ORCID."""

    def put(self, ask: Ask) -> None:
        """Writes one by (iD, put-code)."""
        ...

    def drop(self, orcid: OrcidId, put_code: int) -> None:
        """Forgets one: it surely was never sent."""
        ...

    def newest(self, person: str) -> Ask | None:
        """The person's newest request."""
        ...

    def of_person(self, person: str) -> Sequence[Ask]:
        """The person's requests, newest first."""
        ...

    def all(self) -> Iterator[Ask]:
        """Everybody's newest request, by person, read as they are asked for."""
        ...
