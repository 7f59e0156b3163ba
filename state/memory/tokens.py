"""Tokens: every token that we were given, by its mark (state/permission_facts.py: `token_mark`), in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from mappers.identifiers import OrcidId
from state.memory.state import Handle
from state.memory.tables import Tables
from state.permission_facts import KeptToken


class MemoryTokens:
    """Every token that we were given, by its mark."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def keep(self, token: KeptToken) -> None:
        """What was dropped stays dropped, and needs no revoking."""
        with self._handle.writing as tables:
            before = tables.tokens.get(token.mark)
            if before is not None:
                lives = token.token if before.token is not None else None
                revoking = token.to_revoke or before.to_revoke
                token = replace(token, granted_at=before.granted_at, token=lives, to_revoke=revoking)
            tables.tokens.put(token.mark, replace(token, to_revoke=token.to_revoke and token.token is not None))

    def known(self, mark: str) -> KeptToken | None:
        """By mark."""
        with self._handle.reading as tables:
            return tables.tokens.get(mark)

    def of_person(self, person: str) -> Sequence[KeptToken]:
        """Oldest first."""
        with self._handle.reading as tables:
            return living_tokens(tables, person)

    def all(self) -> Iterator[KeptToken]:
        """By mark."""
        with self._handle.reading as tables:
            return iter(sorted(tables.tokens, key=lambda token: token.mark))

    def to_revoke(self, person: str) -> Sequence[KeptToken]:
        """Oldest first."""
        return [token for token in self.of_person(person) if token.to_revoke]

    def revoke_all(self, person: str, orcid: OrcidId | None = None) -> None:
        """Those on one iD, when it is given."""
        with self._handle.writing as tables:
            for token in tables.tokens.group("person", person):
                if token.token is not None and orcid in {None, token.orcid}:
                    tables.tokens.put(token.mark, replace(token, to_revoke=True))

    def drop(self, mark: str) -> None:
        """The mark stays."""
        with self._handle.writing as tables:
            token = tables.tokens.get(mark)
            if token is not None:
                tables.tokens.put(mark, replace(token, token=None, to_revoke=False))


def living_tokens(tables: Tables, person: str) -> list[KeptToken]:
    """The person's tokens that may live at ORCID, oldest first."""
    living = (token for token in tables.tokens.group("person", person) if token.token is not None)
    return sorted(living, key=lambda token: (token.granted_at, token.mark))
