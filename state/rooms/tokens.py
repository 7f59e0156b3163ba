"""Tokens: every token that we were given, by its mark (state/permission_facts.py: `token_mark`)."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from mappers.identifiers import OrcidId
from state.permission_facts import KeptToken


class Tokens(Protocol):
    """Every token that we were given, by its mark."""

    def keep(self, token: KeptToken) -> None:
        """Writes one by its mark.

        One that is there keeps when it was granted and never comes back once it was dropped; to be revoked stays so.
        """
        ...

    def known(self, mark: str) -> KeptToken | None:
        """The one with this mark, dropped or not."""
        ...

    def of_person(self, person: str) -> Sequence[KeptToken]:
        """The person's tokens that may live at ORCID, oldest first."""
        ...

    def all(self) -> Iterator[KeptToken]:
        """Everybody's, dropped ones too, by mark, read as they are asked for."""
        ...

    def to_revoke(self, person: str) -> Sequence[KeptToken]:
        """Those of them that shall be revoked."""
        ...

    def revoke_all(self, person: str, orcid: OrcidId | None = None) -> None:
        """Has all the person's living tokens revoked (those on one iD, when it is given)."""
        ...

    def drop(self, mark: str) -> None:
        """Forgets a token, and keeps its mark: it was revoked, or is dead."""
        ...
