"""Tokens: every token that we were given, by its mark (state/permission_facts.py: `token_mark`), in SQL; sealed."""

from collections.abc import Iterator, Sequence

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from state.permission_facts import KeptToken
from state.sql.engine import Engine, Question, Row, reading
from state.sql.pages import pages
from state.vault import Vault


class SqlTokens:
    """Every token that we were given, by its mark."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault
        self.asked_to_revoke: Question[Sequence[KeptToken]] = Question(
            "SELECT * FROM tokens WHERE person = :person AND to_revoke = 1 ORDER BY granted_at, mark",
            lambda rows: [self._token(row) for row in rows],
        )

    @reading
    def _token(self, row: Row) -> KeptToken:
        sealed = row["token"]
        return KeptToken(
            mark=row["mark"],
            person=row["person"],
            orcid=OrcidId(row["orcid"]),
            granted_at=row["granted_at"],
            token=None if sealed is None else Secret(self._vault.open(sealed).decode()),
            to_revoke=bool(row["to_revoke"]),
        )

    def keep(self, token: KeptToken) -> None:
        """What was dropped stays dropped, and needs no revoking."""
        sealed = None if token.token is None else self._vault.seal(token.token.reveal().encode())
        self._engine.write(
            "INSERT INTO tokens (mark, person, orcid, granted_at, token, to_revoke)"
            " VALUES (:mark, :person, :orcid, :granted_at, :token, :to_revoke) ON CONFLICT (mark) DO UPDATE SET"
            " person = excluded.person, orcid = excluded.orcid,"
            " token = CASE WHEN tokens.token IS NULL THEN NULL ELSE excluded.token END,"
            " to_revoke = CASE WHEN tokens.token IS NULL OR excluded.token IS NULL THEN 0"
            " WHEN tokens.to_revoke = 1 THEN 1 ELSE excluded.to_revoke END",
            {
                "mark": token.mark,
                "person": token.person,
                "orcid": token.orcid,
                "granted_at": token.granted_at,
                "token": sealed,
                "to_revoke": int(token.to_revoke and sealed is not None),
            },
        )

    def known(self, mark: str) -> KeptToken | None:
        """By mark."""
        rows = self._engine.run("SELECT * FROM tokens WHERE mark = :mark", {"mark": mark})
        return self._token(rows[0]) if rows else None

    def of_person(self, person: str) -> Sequence[KeptToken]:
        """Oldest first."""
        sql = "SELECT * FROM tokens WHERE person = :person AND token IS NOT NULL ORDER BY granted_at, mark"
        return [self._token(row) for row in self._engine.run(sql, {"person": person})]

    def all(self) -> Iterator[KeptToken]:
        """By mark, in pages."""
        return map(self._token, pages(self._engine, "SELECT * FROM tokens", ("mark",)))

    def to_revoke(self, person: str) -> Sequence[KeptToken]:
        """Oldest first."""
        return self.asked_to_revoke.of(self._engine, person)

    def revoke_all(self, person: str, orcid: OrcidId | None = None) -> None:
        """Those on one iD, when it is given."""
        self._engine.write(
            "UPDATE tokens SET to_revoke = 1 WHERE person = :person AND token IS NOT NULL"
            + ("" if orcid is None else " AND orcid = :orcid"),
            {"person": person} if orcid is None else {"person": person, "orcid": orcid},
        )

    def drop(self, mark: str) -> None:
        """The mark stays."""
        self._engine.write("UPDATE tokens SET token = NULL, to_revoke = 0 WHERE mark = :mark", {"mark": mark})
