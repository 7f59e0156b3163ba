"""Removals: what would be taken off records, in SQL."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from mappers.identifiers import OrcidId
from mappers.wanted import ItemKey, SourceKey
from state.facts import Published
from state.removal_facts import HeldCount, Place, Removal, RemovalState, RemovalWindow
from state.sql.engine import Engine, Question, Row, item_columns, item_key, reading, record_columns
from state.sql.item_rows import published_row
from state.sql.pages import pages

_ADOPTED = "p.origin = 'adopted' AND p.standing IN ('live', 'missing')"
_NOT_WANTED = """
NOT EXISTS (SELECT 1 FROM wanted_items w
        WHERE w.person = p.person AND w.section = p.section AND w.source = p.source
        AND w.entity = p.entity AND w.subject = p.subject AND w.part = p.part
        AND NOT (w.state = 'held' AND w.hold = ''))
    AND NOT EXISTS (SELECT 1 FROM removals r
        WHERE r.orcid = p.orcid AND r.section = p.section AND r.put_code = p.put_code)
    AND p.orcid = (SELECT g.orcid FROM grants g
        WHERE g.person = p.person AND g.state IN ('active', 'broken', 'ending')
        ORDER BY g.state, g.granted_at DESC, g.orcid LIMIT 1)
"""


@reading
def _removal(row: Row) -> Removal:
    return Removal(
        number=row["id"],
        orcid=OrcidId(row["orcid"]),
        put_code=row["put_code"],
        item=item_key(row),
        digest=row["digest"],
        at=row["at"],
        state=RemovalState(row["state"]),
        sent=bool(row["sent"]),
    )


OF_PERSON = Question(
    "SELECT * FROM removals WHERE person = :person ORDER BY id", lambda rows: [_removal(row) for row in rows]
)


class SqlRemovals:
    """What would be taken off records, and who has to be looked at to find out."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(self, person: str) -> None:
        """Once."""
        self._engine.write(
            "INSERT INTO removal_looks (person) VALUES (:person) ON CONFLICT DO NOTHING", {"person": person}
        )

    def asked(self, limit: int) -> Sequence[str]:
        """In order."""
        rows = self._engine.run("SELECT person FROM removal_looks ORDER BY person LIMIT :limit", {"limit": limit})
        return [row["person"] for row in rows]

    def answered(self, person: str) -> None:
        """Looked at."""
        self._engine.write("DELETE FROM removal_looks WHERE person = :person", {"person": person})

    def add(self, orcid: OrcidId, put_code: int, item: ItemKey, digest: str, at: float) -> Removal:
        """Numbers are not used again."""
        rows = self._engine.run(
            "INSERT INTO removals (orcid, put_code, person, section, source, entity, subject, part, digest, at, state,"
            " sent) VALUES (:orcid, :put_code, :person, :section, :source, :entity, :subject, :part, :digest, :at,"
            " :state, 0) RETURNING *",
            {
                **item_columns(item),
                "orcid": orcid,
                "put_code": put_code,
                "digest": digest,
                "at": at,
                "state": RemovalState.DUE.value,
            },
        )
        return _removal(rows[0])

    def put(self, removal: Removal) -> None:
        """By number."""
        self._engine.write(
            "UPDATE removals SET state = :state, sent = :sent, at = :at WHERE id = :number",
            {"number": removal.number, "state": removal.state.value, "sent": int(removal.sent), "at": removal.at},
        )

    def drop(self, number: int) -> None:
        """By number."""
        self._engine.write("DELETE FROM removals WHERE id = :number", {"number": number})

    def removal(self, place: Place) -> Removal | None:
        """By place."""
        orcid, section, put_code, digest = place
        rows = self._engine.run(
            "SELECT * FROM removals WHERE orcid = :orcid AND section = :section AND put_code = :put_code"
            " AND digest = :digest",
            {"orcid": orcid, "section": section.value, "put_code": put_code, "digest": digest},
        )
        return _removal(rows[0]) if rows else None

    def of_person(self, person: str) -> Sequence[Removal]:
        """In order of their numbers."""
        return OF_PERSON.of(self._engine, person)

    def decide(self, source: str, before: RemovalState, to: RemovalState) -> Sequence[str]:
        """Their people, in order."""
        rows = self._engine.run(
            "UPDATE removals SET state = :to WHERE source = :source AND state = :before AND sent = 0 RETURNING person",
            {"source": source, "before": before.value, "to": to.value},
        )
        return sorted({row["person"] for row in rows})

    def speak(self, record: SourceKey) -> Sequence[str]:
        """In order."""
        rows = self._engine.run(
            "DELETE FROM removals WHERE source = :source AND entity = :entity AND subject = :subject"
            " AND state = 'rejected' RETURNING person",
            record_columns(record),
        )
        return sorted({row["person"] for row in rows})

    def counts(self, source: str, since: float) -> Mapping[RemovalState, int]:
        """Without zeros."""
        rows = self._engine.run(
            "SELECT state, sum(n) AS n FROM ("
            "SELECT state, count(*) AS n FROM removals WHERE source = :source AND at >= :since GROUP BY state"
            " UNION ALL SELECT state, count(*) AS n FROM removals WHERE source = :source"
            " AND state IN ('due', 'held') AND sent = 0 AND at < :since GROUP BY state) AS counted GROUP BY state",
            {"source": source, "since": since},
        )
        return {RemovalState(row["state"]): int(row["n"]) for row in rows}

    def sources(self, states: Collection[RemovalState]) -> Sequence[str]:
        """In order."""
        rows = self._engine.run("SELECT DISTINCT source, state FROM removals WHERE sent = 0 ORDER BY source")
        return sorted({row["source"] for row in rows if RemovalState(row["state"]) in states})

    def held(self) -> Sequence[HeldCount]:
        """By source."""
        rows = self._engine.run(
            "SELECT source, count(*) AS removals, sum(CASE WHEN digest = '' THEN 0 ELSE 1 END) AS emptied,"
            " max(id) AS last FROM removals WHERE state = 'held' AND sent = 0 GROUP BY source"
        )
        return sorted((HeldCount(**row) for row in rows), key=lambda one: one.source)

    def unsent(self, source: str, state: RemovalState, after: int = 0) -> Iterator[Removal]:
        """In order of the numbers."""
        where = "source = :source AND state = :state AND sent = 0 AND id > :after"
        told = {"source": source, "state": state.value, "after": after}
        return map(_removal, pages(self._engine, "SELECT * FROM removals", ("id",), where=where, parameters=told))

    def greatest(self, source: str) -> int:
        """Of those there are."""
        rows = self._engine.run("SELECT max(id) AS n FROM removals WHERE source = :source", {"source": source})
        return int(rows[0]["n"] or 0)

    def window(self, source: str) -> RemovalWindow | None:
        """By source."""
        rows = self._engine.run(
            "SELECT source, began_at, published, gone, let FROM removal_windows WHERE source = :source",
            {"source": source},
        )
        return RemovalWindow(**rows[0]) if rows else None

    def put_window(self, window: RemovalWindow) -> None:
        """By source."""
        self._engine.write(
            "INSERT INTO removal_windows (source, began_at, published, gone, let)"
            " VALUES (:source, :began_at, :published, :gone, :let) ON CONFLICT (source) DO UPDATE SET"
            " began_at = excluded.began_at, published = excluded.published, gone = excluded.gone, let = excluded.let",
            {
                "source": window.source,
                "began_at": window.began_at,
                "published": window.published,
                "gone": window.gone,
                "let": window.let,
            },
        )

    def published(self, source: str) -> int:
        """Live ones, and those that were not found just now."""
        rows = self._engine.run(
            "SELECT count(*) AS n FROM published_items WHERE source = :source AND standing IN ('live', 'missing')",
            {"source": source},
        )
        return int(rows[0]["n"])

    def unwanted(self) -> Iterator[Published]:
        """By iD, section and put-code.

        Whether it is so is asked of a page of adopted items: PostgreSQL takes it for so rare that it would look at all
        of them, and sort them, for each page.
        """
        select = f"SELECT p.*, ({_NOT_WANTED}) AS is_unwanted FROM published_items p"
        rows = pages(self._engine, select, ("orcid", "section", "put_code"), where=_ADOPTED)
        return (published_row(row) for row in rows if row["is_unwanted"])

    def unwanted_sources(self) -> Sequence[str]:
        """In order."""
        rows = self._engine.run(f"SELECT DISTINCT p.source FROM published_items p WHERE {_ADOPTED} AND {_NOT_WANTED}")
        return sorted(row["source"] for row in rows)
