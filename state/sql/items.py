"""Wanted and published items, in SQL."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import ItemState, PersonFacts, Published, Wanted
from state.sql.engine import Engine, Row, item_columns, pack, reading, record_columns
from state.sql.item_rows import LIGHT, STANDING, published_row, wanted_row
from state.sql.pages import next_persons, pages, persons_by_page
from state.sql.person_facts import SqlPersonFacts
from state.sql.sections import SqlSections
from state.vault import Vault

_KEY = (
    "person = :person AND section = :section AND source = :source AND entity = :entity"
    " AND subject = :subject AND part = :part"
)
_HELD_OTHERWISE = "hold = :hold AND hold <> '' AND (hold <> :to OR hold_reason <> :reason)"
_DOCUMENT = f"SELECT revision, document FROM wanted_items WHERE {_KEY} AND document IS NOT NULL"

_LEFT_BEHIND = """
SELECT CASE coalesce(m.state, CASE WHEN g.access_token <> '' AND g.state <> 'revoked' THEN 'held' END)
    WHEN 'held' THEN 'held' WHEN 'rejected' THEN 'held' WHEN 'approved' THEN 'pending' ELSE 'stranded' END AS state,
    p.person AS person
FROM (SELECT person, orcid, row_number() OVER (PARTITION BY person ORDER BY state, granted_at DESC, orcid) AS place
    FROM grants WHERE state IN ('active', 'broken', 'ending') AND person IN ({people})) AS c
JOIN published_items AS p ON p.person = c.person AND p.orcid <> c.orcid AND p.standing IN ('live', 'missing')
LEFT JOIN moves AS m ON m.person = p.person AND m.orcid = p.orcid
LEFT JOIN grants AS g ON g.person = p.person AND g.orcid = p.orcid
LEFT JOIN wanted_items AS w ON w.person = p.person AND w.section = p.section AND w.source = p.source
    AND w.entity = p.entity AND w.subject = p.subject AND w.part = p.part
WHERE c.place = 1 AND (w.person IS NULL OR w.digest IS NOT NULL OR w.refusal <> '' OR EXISTS (SELECT 1
    FROM published_items AS h WHERE h.person = p.person AND h.orcid = c.orcid AND h.section = p.section
    AND h.source = p.source AND h.entity = p.entity AND h.subject = p.subject AND h.part = p.part))
"""
"""What stands on former records, by what becomes of it: what is withdrawn and stands but there is counted as wanted.

The states of current grants are in that order.
"""

_MOVED = "SELECT person FROM grants GROUP BY person HAVING count(*) > 1 UNION SELECT person FROM moves ORDER BY person"
"""Who may have former records: what we published somewhere we had a grant for."""

_MOVED_AT_ONCE = 50
"""They are few: asked for so many at a time, that what everybody has published is not read."""

_PERSONS = next_persons("wanted_items", "published_items", "grants")


class SqlItems:
    """Wanted items, and what is published of them."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._sections = SqlSections(engine)
        self._person_facts = SqlPersonFacts(engine, vault)

    def of_record(self, key: SourceKey) -> Sequence[Wanted]:
        """Withdrawn ones included."""
        rows = self._engine.run(
            f"SELECT {LIGHT} FROM wanted_items"
            " WHERE source = :source AND entity = :entity AND subject = :subject ORDER BY person, section, part",
            record_columns(key),
        )
        return [wanted_row(row) for row in rows]

    def records_of(self, person: str) -> Sequence[SourceKey]:
        """In order."""
        tables = ("wanted_items", "published_items", "intents", "departures")
        sql = " UNION ".join(f"SELECT source, entity, subject FROM {one} WHERE person = :person" for one in tables)
        rows = self._engine.run(f"{sql} ORDER BY source, entity, subject", {"person": person})
        return [SourceKey(row["source"], row["entity"], row["subject"]) for row in rows]

    def people_of(self, record: SourceKey) -> Sequence[str]:
        """In order."""
        of_record = "source = :source AND entity = :entity AND subject = :subject"
        rows = self._engine.run(
            f"SELECT person FROM wanted_items WHERE {of_record}"
            f" UNION SELECT person FROM published_items WHERE {of_record}"
            f" UNION SELECT person FROM intents WHERE is_open = 1 AND {of_record} ORDER BY person",
            record_columns(record),
        )
        return [row["person"] for row in rows]

    def want(self, wanted: Wanted, document: str | None) -> None:
        """By key."""
        columns = {
            **item_columns(wanted.key),
            "digest": wanted.digest,
            "document": document,
            "self_ids": pack(wanted.self_ids),
            "revision": wanted.revision,
            "refusal": wanted.refusal,
            "same_as": wanted.same_as,
            "refused_digest": wanted.refused_digest,
            "refused_reason": wanted.refused_reason,
            "v2_1_lacks": wanted.v2_1_lacks,
            "v2_1_drops": wanted.v2_1_drops,
            "group_key": wanted.group,
            "hold": wanted.hold,
            "hold_reason": wanted.hold_reason,
            "state": wanted.state.value,
            "reason": wanted.reason,
        }
        self._upsert("wanted_items", columns, ("person", "section", "source", "entity", "subject", "part"))

    def _upsert(self, table: str, columns: Mapping[str, Any], key: Sequence[str]) -> None:
        rest = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
        self._engine.write(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"
            f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {rest}",
            columns,
        )

    def document(self, key: ItemKey) -> tuple[int, str] | None:
        """Revision and document."""
        rows = self._engine.run(_DOCUMENT, item_columns(key))
        return (rows[0]["revision"], rows[0]["document"]) if rows else None

    def documents(self, keys: Iterable[ItemKey]) -> Mapping[ItemKey, tuple[int, str]]:
        """Of those that have one."""
        asked = list(keys)
        answers = self._engine.run_all([(_DOCUMENT, item_columns(key)) for key in asked])
        return {
            key: (rows[0]["revision"], rows[0]["document"]) for key, rows in zip(asked, answers, strict=True) if rows
        }

    def forget(self, key: ItemKey) -> None:
        """Drops it."""
        self._engine.write(f"DELETE FROM wanted_items WHERE {_KEY}", item_columns(key))

    def refuse(self, key: ItemKey, digest: str, reason: str) -> None:
        """ORCID refused this digest."""
        self._engine.write(
            f"UPDATE wanted_items SET refused_digest = :refused, refused_reason = :reason WHERE {_KEY}",
            {**item_columns(key), "refused": digest, "reason": reason},
        )

    def unpark(self, person: str, section: Section, reason: str) -> None:
        """By the reason."""
        self._engine.write(
            "UPDATE wanted_items SET refused_digest = '', refused_reason = ''"
            " WHERE person = :person AND section = :section AND refused_reason = :reason",
            {"person": person, "section": section.value, "reason": reason},
        )

    def set_state(self, key: ItemKey, state: ItemState, reason: str) -> None:
        """How far it has come."""
        self._engine.write(
            f"UPDATE wanted_items SET state = :state, reason = :reason WHERE {_KEY}",
            {**item_columns(key), "state": state.value, "reason": reason},
        )

    def facts(self, person: str) -> PersonFacts:
        """Of one moment: an item that another process publishes meanwhile is in doubt or published, never neither."""
        return self._person_facts.of(person)

    def persons(self) -> Sequence[str]:
        """In order."""
        return [row["person"] for row in persons_by_page(self._engine, _PERSONS)]

    @reading
    def counts(self) -> Mapping[ItemState, int]:
        """Every state, zero included."""
        found = Counter[str]()
        for row in self._engine.run("SELECT state, count(*) AS n FROM wanted_items GROUP BY state"):
            found[ItemState(row["state"])] += int(row["n"])
        for row in self._left_behind():
            found[row["state"]] += int(row["n"])
        return {state: found[state] for state in ItemState}

    @reading
    def people_in(self, states: Collection[ItemState]) -> Mapping[ItemState, int]:
        """Counted by the index of states, so that it costs little where few are."""
        wanted = {f"s{number}": state.value for number, state in enumerate(states)}
        found = Counter[str]()
        for row in self._engine.run(
            "SELECT state, count(DISTINCT person) AS n FROM wanted_items"
            f" WHERE state IN (:{', :'.join(wanted)}) GROUP BY state",
            wanted,
        ):
            found[row["state"]] += int(row["n"])
        for row in self._left_behind():
            found[row["state"]] += int(row["others"])
        return {state: found[state.value] for state in states}

    def _left_behind(self) -> Iterator[Row]:
        """By state: how many stand (`n`), of how many people who want nothing that is in the same state (`others`)."""
        moved = [row["person"] for row in self._engine.run(_MOVED)]
        for place in range(0, len(moved), _MOVED_AT_ONCE):
            asked = {f"p{number}": person for number, person in enumerate(moved[place : place + _MOVED_AT_ONCE])}
            yield from self._engine.run(
                "SELECT state, count(*) AS n, count(DISTINCT CASE WHEN NOT EXISTS (SELECT 1 FROM wanted_items AS o"
                " WHERE o.person = b.person AND o.state = b.state) THEN person END) AS others"
                f" FROM ({_LEFT_BEHIND.format(people=', '.join(f':{name}' for name in asked))}) AS b GROUP BY state",
                asked,
            )

    @reading
    def reasons(self, limit: int) -> Sequence[tuple[ItemState, str, int]]:
        """The most frequent first."""
        rows = self._engine.run(
            "SELECT state, reason, count(*) AS n FROM wanted_items WHERE reason <> ''"
            " GROUP BY state, reason ORDER BY n DESC, state, reason LIMIT :limit",
            {"limit": limit},
        )
        return [(ItemState(row["state"]), row["reason"], int(row["n"])) for row in rows]

    def holds(self) -> Sequence[tuple[str, str, int]]:
        """By id and reason."""
        rows = self._engine.run(
            "SELECT hold, hold_reason, count(*) FILTER (WHERE digest IS NOT NULL AND (state = 'held'"
            " OR EXISTS (SELECT 1 FROM published_items p WHERE p.person = w.person AND p.section = w.section"
            " AND p.source = w.source AND p.entity = w.entity AND p.subject = w.subject AND p.part = w.part"
            " AND p.standing = 'live' AND p.digest <> w.digest))) AS n"
            " FROM wanted_items w WHERE hold <> '' GROUP BY hold, hold_reason ORDER BY hold, hold_reason"
        )
        return [(row["hold"], row["hold_reason"], int(row["n"])) for row in rows]

    def change_hold(
        self, hold: str, to: str, reason: str, *, after: str = "", limit: int | None = None
    ) -> Sequence[str]:
        """In order."""
        asked = {"hold": hold, "to": to, "reason": reason, "after": after}
        behind = f"{_HELD_OTHERWISE} AND person > :after"
        most, counted = ("", {}) if limit is None else (" LIMIT :limit", {"limit": limit})
        with self._engine.together():
            rows = self._engine.run(
                f"SELECT DISTINCT person FROM wanted_items WHERE {behind} ORDER BY person{most}", {**asked, **counted}
            )
            persons = [row["person"] for row in rows]
            if persons:
                self._engine.write(
                    f"UPDATE wanted_items SET hold = :to, hold_reason = :reason WHERE {behind} AND person <= :last",
                    {**asked, "last": persons[-1]},
                )
        return persons

    def publish(self, published: Published, document: str | None = None) -> None:
        """By iD, section and put-code."""
        columns = {
            "orcid": published.orcid,
            "put_code": published.put_code,
            **item_columns(published.item),
            "person": published.person,
            "section": published.section.value,
            "digest": published.digest,
            "document": document,
            "own_id": published.own_id,
            "self_ids": pack(published.self_ids),
            "origin": published.origin.value,
            "standing": published.standing.value,
            "left_out": published.left_out,
        }
        place = (published.orcid, published.section, published.put_code)
        with self._engine.together():
            before = self.published_as(*place) if document is None else None
            if before is not None and published.digest in ("", before.digest):
                columns["document"] = self.published_document(*place)
            self._upsert("published_items", columns, ("orcid", "section", "put_code"))

    def published_document(self, orcid: OrcidId, section: Section, put_code: int) -> str | None:
        """As accepted last."""
        rows = self._engine.run(
            "SELECT document FROM published_items WHERE orcid = :orcid AND section = :section AND put_code = :put_code",
            {"orcid": orcid, "section": section.value, "put_code": put_code},
        )
        return rows[0]["document"] if rows else None

    def unpublish(self, orcid: OrcidId, section: Section, put_code: int) -> None:
        """Forgets it."""
        self._engine.write(
            "DELETE FROM published_items WHERE orcid = :orcid AND section = :section AND put_code = :put_code",
            {"orcid": orcid, "section": section.value, "put_code": put_code},
        )

    def published_as(self, orcid: OrcidId, section: Section, put_code: int) -> Published | None:
        """Under a put-code."""
        rows = self._engine.run(
            f"SELECT {STANDING} FROM published_items"
            " WHERE orcid = :orcid AND section = :section AND put_code = :put_code",
            {"orcid": orcid, "section": section.value, "put_code": put_code},
        )
        return published_row(rows[0]) if rows else None

    def published(self, *, left_out: bool = False) -> Iterator[Published]:
        """By iD, in pages."""
        select, key = f"SELECT {STANDING} FROM published_items", ("orcid", "section", "put_code")
        return map(published_row, pages(self._engine, select, key, where="left_out <> ''" if left_out else ""))

    def relisting(self, since: float, sections: Collection[Section], now: float) -> tuple[int, int]:
        """Those left, and those done."""
        return self._sections.relisting(since, sections, now)

    def forget_listings(self, before: float) -> None:
        """Whether listed or filled."""
        self._sections.forget(before)

    def tombstones(self, person: str) -> Sequence[Published]:
        """In order."""
        sql = (
            f"SELECT {STANDING} FROM published_items WHERE person = :person AND standing = 'removed'"
            " ORDER BY orcid, section, put_code"
        )
        return [published_row(row) for row in self._engine.run(sql, {"person": person})]

    def know_section(
        self,
        orcid: OrcidId,
        section: Section,
        *,
        listed_at: float | None = None,
        filled_at: float | None = None,
        full_until: float | None = None,
        strangers: str | None = None,
    ) -> None:
        """The newest listing, the first filling."""
        told = {"listed_at": listed_at, "filled_at": filled_at, "full_until": full_until, "strangers": strangers}
        self._sections.know(orcid, section, told)
