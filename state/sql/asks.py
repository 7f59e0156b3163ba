"""Asks: permission requests in researchers' inboxes at ORCID, in SQL."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from mappers.identifiers import OrcidId
from state.permission_facts import Ask
from state.sql.engine import Engine, Row, reading
from state.sql.pages import pages


@reading
def _ask(row: Row) -> Ask:
    return Ask(
        person=row["person"],
        orcid=OrcidId(row["orcid"]),
        put_code=row["put_code"],
        asked_at=row["asked_at"],
        looked_at=row["looked_at"],
        read_at=row["read_at"],
        acted_at=row["acted_at"],
        archived_at=row["archived_at"],
    )


class SqlAsks:
    """Permission requests in researchers' inboxes at ORCID."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, ask: Ask) -> None:
        """By iD and put-code."""
        self._engine.run(
            "INSERT INTO asks (orcid, put_code, person, asked_at, looked_at, read_at, acted_at, archived_at)"
            " VALUES (:orcid, :put_code, :person, :asked_at, :looked_at, :read_at, :acted_at, :archived_at)"
            " ON CONFLICT (orcid, put_code) DO UPDATE SET person = excluded.person, asked_at = excluded.asked_at,"
            " looked_at = excluded.looked_at, read_at = excluded.read_at, acted_at = excluded.acted_at,"
            " archived_at = excluded.archived_at",
            {
                "orcid": ask.orcid,
                "put_code": ask.put_code,
                "person": ask.person,
                "asked_at": ask.asked_at,
                "looked_at": ask.looked_at,
                "read_at": ask.read_at,
                "acted_at": ask.acted_at,
                "archived_at": ask.archived_at,
            },
        )

    def drop(self, orcid: OrcidId, put_code: int) -> None:
        """By iD and put-code."""
        sql = "DELETE FROM asks WHERE orcid = :orcid AND put_code = :put_code"
        self._engine.run(sql, {"orcid": orcid, "put_code": put_code})

    def newest(self, person: str) -> Ask | None:
        """By when it was asked."""
        return next(iter(self.of_person(person)), None)

    def of_person(self, person: str) -> Sequence[Ask]:
        """Newest first."""
        sql = "SELECT * FROM asks WHERE person = :person ORDER BY asked_at DESC, orcid, put_code DESC"
        return [_ask(row) for row in self._engine.run(sql, {"person": person})]

    def all(self) -> Iterator[Ask]:
        """By person, in pages."""
        rows = pages(self._engine, "SELECT * FROM asks", ("person", "orcid", "put_code"))
        for _, theirs in groupby(map(_ask, rows), key=attrgetter("person")):
            yield min(theirs, key=lambda one: (-one.asked_at, one.orcid, -one.put_code))
