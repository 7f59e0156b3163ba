"""Source records and the events about them, in SQL."""

import json
from collections.abc import Collection, Iterator, Sequence

from mappers.wanted import SourceKey
from state.facts import Acceptance, EventNote, Scheme, SourceRecord
from state.sql.engine import Engine, Row, reading, record_columns
from state.sql.pages import pages
from state.sql.portions import Old, forget_oldest

# The winner at an equal version does not depend on arrival: a removal, else the greater digest. A record that stands
# under another scheme gives way: its source was moved to this one (ARCHITECTURE.md 5).
_ACCEPT = """
INSERT INTO source_records (source, entity, subject, scheme, version, removed, data, digest, revision)
VALUES (:source, :entity, :subject, :scheme, :version, :removed, :data, :digest, :revision)
ON CONFLICT (source, entity, subject) DO UPDATE SET
    scheme = excluded.scheme, version = excluded.version, removed = excluded.removed,
    data = excluded.data, digest = excluded.digest, revision = excluded.revision
WHERE excluded.scheme <> source_records.scheme
   OR (excluded.version, excluded.removed, excluded.digest)
      > (source_records.version, source_records.removed, source_records.digest)
RETURNING 1 AS written
"""

_KEY = ("source", "entity", "subject")

_BEHIND = (
    "FROM source_records WHERE (source, entity, subject) > (:source, :entity, :subject)"
    " ORDER BY source, entity, subject"
)
_OLD_EVENTS = Old("events", "at < :before", "at")
_OLD_INTENTS = Old("intents", "is_open = 0 AND closed_at < :before", "closed_at")


@reading
def _record(row: Row) -> SourceRecord:
    return SourceRecord(
        key=SourceKey(row["source"], row["entity"], row["subject"]),
        scheme=Scheme(row["scheme"]),
        version=row["version"],
        removed=bool(row["removed"]),
        data=row["data"],
        digest=row["digest"],
        revision=row["revision"],
    )


class SqlRecords:
    """Source records with their versions, and the events that spoke of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def fix_scheme(self, source: str, scheme: Scheme) -> Scheme:
        """The first one stays."""
        rows = self._engine.run(
            "INSERT INTO sources (source, scheme) VALUES (:source, :scheme)"
            " ON CONFLICT (source) DO UPDATE SET scheme = sources.scheme RETURNING scheme",
            {"source": source, "scheme": scheme.value},
        )
        return Scheme(rows[0]["scheme"])

    def scheme(self, source: str) -> Scheme | None:
        """What orders the source's events."""
        rows = self._engine.run("SELECT scheme FROM sources WHERE source = :source", {"source": source})
        return Scheme(rows[0]["scheme"]) if rows else None

    def accept(self, record: SourceRecord) -> Acceptance:
        """Compared and written in one statement; read first, for versions only grow: most replayed ones end there."""
        before = self.record(record.key)
        if before is not None and before.scheme is record.scheme and _rank(record) <= _rank(before):
            return judged(before, record, written=False)
        written = self._engine.run(
            _ACCEPT,
            {
                **record_columns(record.key),
                "scheme": record.scheme.value,
                "version": record.version,
                "removed": int(record.removed),
                "data": record.data,
                "digest": record.digest,
                "revision": record.revision,
            },
        )
        return judged(before, record, written=bool(written))

    def forget_order(self, source: str) -> int:
        """All are under the scheme `reset`, with the version that they had."""
        with self._engine.together():
            self._engine.write("DELETE FROM sources WHERE source = :source", {"source": source})
            self._engine.write(
                "UPDATE source_records SET scheme = 'reset', version = scheme || ' ' || version"
                " WHERE source = :source AND scheme <> 'reset'",
                {"source": source},
            )
            rows = self._engine.run(
                "SELECT count(*) AS n FROM source_records WHERE source = :source", {"source": source}
            )
            return int(rows[0]["n"])

    def record(self, key: SourceKey) -> SourceRecord | None:
        """The record as last accepted."""
        rows = self._engine.run(
            "SELECT * FROM source_records WHERE source = :source AND entity = :entity AND subject = :subject",
            record_columns(key),
        )
        return _record(rows[0]) if rows else None

    def named(self, source: str, subject: str) -> Sequence[SourceRecord]:
        """Of any entity."""
        rows = self._engine.run(
            "SELECT * FROM source_records WHERE source = :source AND subject = :subject ORDER BY entity",
            {"source": source, "subject": subject},
        )
        return [_record(row) for row in rows]

    def standing(self, source: str) -> Sequence[SourceKey]:
        """In order."""
        rows = self._engine.run(
            "SELECT source, entity, subject FROM source_records WHERE source = :source AND removed = 0"
            " ORDER BY entity, subject",
            {"source": source},
        )
        return [SourceKey(row["source"], row["entity"], row["subject"]) for row in rows]

    def sources(self) -> Sequence[str]:
        """In order."""
        rows = self._engine.run("SELECT source FROM source_records UNION SELECT source FROM sources ORDER BY source")
        return [row["source"] for row in rows]

    def all(self) -> Iterator[SourceRecord]:
        """By key, in pages."""
        return map(_record, pages(self._engine, "SELECT * FROM source_records", _KEY))

    def all_keys(self) -> Iterator[SourceKey]:
        """In pages of the key alone: what is kept under it is not read."""
        rows = pages(self._engine, "SELECT source, entity, subject FROM source_records", _KEY)
        return (SourceKey(row["source"], row["entity"], row["subject"]) for row in rows)

    def speaking_of(
        self, persons: Collection[str], behind: SourceKey | None, limit: int
    ) -> tuple[Sequence[SourceRecord], SourceKey | None]:
        """By key; the last one of them is asked for by itself, for those that say nothing don't come."""
        start = {"source": "", "entity": "", "subject": ""} if behind is None else record_columns(behind)
        named = {f"p{place}": person for place, person in enumerate(persons)}
        within = {f"w{place}": f"%{_escaped(_quoted(person))}%" for place, person in enumerate(persons)}
        says = " OR ".join(
            [f"data LIKE :{name} ESCAPE '\\'" for name in within]
            + [f"(subject = :{name} AND entity LIKE 'hr.person%')" for name in named]
        )
        page = f"{_BEHIND} LIMIT :limit"
        with self._engine.snapshot():
            rows = self._engine.run(
                f"SELECT * FROM (SELECT * {page}) AS page WHERE {says} ORDER BY source, entity, subject",
                {**start, **named, **within, "limit": limit},
            )
            last = self._engine.run(
                f"SELECT source, entity, subject {_BEHIND} LIMIT 1 OFFSET :more", {**start, "more": limit - 1}
            )
        found = [record for row in rows if _speaks(record := _record(row), persons)]  # LIKE knows no case
        return found, SourceKey(**last[0]) if last else None

    def rewrite(self, record: SourceRecord) -> None:
        """By key."""
        self._engine.write(
            "UPDATE source_records SET removed = :removed, data = :data, digest = :digest"
            " WHERE source = :source AND entity = :entity AND subject = :subject",
            {
                **record_columns(record.key),
                "removed": int(record.removed),
                "data": record.data,
                "digest": record.digest,
            },
        )

    def mapped_alike(self, revision: str) -> bool:
        """By both ends of the index of revisions."""
        (found,) = self._engine.run(
            "SELECT (SELECT min(revision) FROM source_records) AS least,"
            " (SELECT max(revision) FROM source_records) AS greatest"
        )
        return {found["least"], found["greatest"]} <= {revision, None}

    def outdated(
        self, revision: str, limit: int, after: SourceKey | None = None
    ) -> tuple[Sequence[SourceRecord], SourceKey | None]:
        """By the index of keys: each page costs the same, whatever was mapped before, and what of it is left."""
        behind = "" if after is None else " WHERE (source, entity, subject) > (:source, :entity, :subject)"
        rows = self._engine.run(
            "SELECT source, entity, subject, scheme, version, removed, digest, revision,"
            " CASE WHEN revision = :revision THEN '' ELSE data END AS data"
            f" FROM source_records{behind} ORDER BY source, entity, subject LIMIT :limit",
            {**({} if after is None else record_columns(after)), "revision": revision, "limit": limit},
        )
        looked_at = [_record(row) for row in rows]
        return [one for one in looked_at if one.revision != revision], looked_at[-1].key if looked_at else None

    def mapped(self, key: SourceKey, revision: str) -> None:
        """Mapped under this revision now."""
        self._engine.write(
            "UPDATE source_records SET revision = :revision"
            " WHERE source = :source AND entity = :entity AND subject = :subject",
            {**record_columns(key), "revision": revision},
        )

    def note_event(self, note: EventNote) -> None:
        """Once for each id and result."""
        self._engine.write(
            "INSERT INTO events (source, entity, subject, event_id, result, type, place, at, detail, trace)"
            " VALUES (:source, :entity, :subject, :event_id, :result, :type, :place, :at, :detail, :trace)"
            " ON CONFLICT DO NOTHING",
            {
                **record_columns(note.key),
                "event_id": note.event_id,
                "result": note.result,
                "type": note.type,
                "place": note.place,
                "at": note.at,
                "detail": note.detail,
                "trace": note.trace,
            },
        )

    def events(self, source: str, subject: str) -> Sequence[EventNote]:
        """Oldest first."""
        rows = self._engine.run(
            "SELECT * FROM events WHERE source = :source AND subject = :subject ORDER BY at, id",
            {"source": source, "subject": subject},
        )
        return [_told(row) for row in rows]

    def causes(self, key: SourceKey, until: float, limit: int) -> Sequence[EventNote]:
        """By the index of a record's events."""
        rows = self._engine.run(
            "SELECT * FROM events WHERE source = :source AND entity = :entity AND subject = :subject"
            " AND result = 'applied' AND at <= :until ORDER BY at DESC, id DESC LIMIT :limit",
            {**record_columns(key), "until": until, "limit": limit},
        )
        return [_told(row) for row in rows]

    def forget_history(self, before: float, limit: int) -> int:
        """Events, then closed intents, each by the index of their times."""
        gone = forget_oldest(self._engine, _OLD_EVENTS, before, limit)
        if gone < limit:
            gone += forget_oldest(self._engine, _OLD_INTENTS, before, limit - gone)
        return gone


def _quoted(person: str) -> str:
    return json.dumps(person, ensure_ascii=False)


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in "\\%_" else char for char in text)


def _speaks(record: SourceRecord, persons: Collection[str]) -> bool:
    return record.key.subject in persons or any(_quoted(person) in record.data for person in persons)


def _told(row: Row) -> EventNote:
    return EventNote(
        SourceKey(row["source"], row["entity"], row["subject"]),
        row["event_id"],
        row["type"],
        row["place"],
        row["at"],
        row["result"],
        row["detail"],
        row["trace"],
    )


def _rank(record: SourceRecord) -> tuple[str, bool, str]:
    """What the statement compares."""
    return record.version, record.removed, record.digest


def judged(before: SourceRecord | None, record: SourceRecord, *, written: bool) -> Acceptance:
    """Names what happened when `record` met the version `before`."""
    if before is None or before.scheme is not record.scheme:
        return Acceptance.APPLIED
    same_version = before.version == record.version
    if written:
        return Acceptance.APPLIED_TIE if same_version else Acceptance.APPLIED
    if same_version and (before.removed, before.digest) == (record.removed, record.digest):
        return Acceptance.UNCHANGED
    return Acceptance.SUPERSEDED_TIE if same_version else Acceptance.SUPERSEDED
