"""People: what is known of people besides items and grants, who of them are one, and who is erased, in SQL."""

from collections.abc import Iterator, Sequence

from mappers.wanted import SourceKey
from state.permission_facts import KnownPerson
from state.sql.engine import Engine, Row, reading, record_columns
from state.sql.pages import pages

_UNDER_A_PERSON = (
    "grants",
    "tokens",
    "moves",
    "consents",
    "asks",
    "wanted_items",
    "published_items",
    "intents",
    "agenda",
    "departures",
    "removals",
    "removal_looks",
    "verdicts",
    "brakes",
    "suppressions",
    "people",
)
"""Tables with what is kept under a person. A forgetting is not: it ends with `Blocks.complete`."""
_WITH_AN_ORCID = ("grants", "tokens", "moves", "asks", "published_items", "intents", "removals", "verdicts")
_OF_AN_ORCID = ("suspensions", "sections", "leases")
_OF_A_RECORD = ("source_records", "events", "wanted_items", "intents", "departures", "dead_letters", "suppressions")

_LOSES_TO_A_NEWER_GRANT = (
    "DELETE FROM grants WHERE person = :{loser} AND EXISTS (SELECT 1 FROM grants other WHERE other.person = :{winner}"
    " AND other.orcid = grants.orcid AND other.granted_at {newer} grants.granted_at)"
)
_SAME_ITEM = (
    "other.person = :into AND other.section = wanted_items.section AND other.source = wanted_items.source"
    " AND other.entity = wanted_items.entity AND other.subject = wanted_items.subject"
    " AND other.part = wanted_items.part"
)
_SAME_RECORD = (
    "o.person = :into AND o.source = suppressions.source AND o.entity = suppressions.entity"
    " AND o.subject = suppressions.subject"
)
_MERGE = (
    _LOSES_TO_A_NEWER_GRANT.format(loser="person", winner="into", newer=">="),
    _LOSES_TO_A_NEWER_GRANT.format(loser="into", winner="person", newer=">"),
    "DELETE FROM moves WHERE person = :person AND orcid IN (SELECT orcid FROM moves WHERE person = :into)",
    f"DELETE FROM wanted_items WHERE person = :person AND EXISTS (SELECT 1 FROM wanted_items other WHERE {_SAME_ITEM})",
    "DELETE FROM removal_looks WHERE person = :person AND :into IN (SELECT person FROM removal_looks)",
    "DELETE FROM brakes WHERE person = :person AND :into IN (SELECT person FROM brakes)",
    f"DELETE FROM suppressions WHERE person = :person AND EXISTS (SELECT 1 FROM suppressions o WHERE {_SAME_RECORD})",
    "UPDATE aliases SET into_person = :into WHERE into_person = :person",
    "INSERT INTO aliases (person, into_person) VALUES (:person, :into)",
)


@reading
def _known(row: Row) -> KnownPerson:
    return KnownPerson(row["person"], row["name"], row["revoked_at"], row["denied_at"])


class SqlPeople:
    """What is known of people besides items and grants, who of them are one, and who is erased."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def person(self, person: str) -> KnownPerson:
        """By id."""
        rows = self._engine.run("SELECT * FROM people WHERE person = :person", {"person": person})
        return _known(rows[0]) if rows else KnownPerson(person)

    def all(self) -> Iterator[KnownPerson]:
        """In order, in pages."""
        return map(_known, pages(self._engine, "SELECT * FROM people", ("person",)))

    def put(self, person: KnownPerson) -> None:
        """By id."""
        self._engine.write(
            "INSERT INTO people (person, name, revoked_at, denied_at) VALUES (:person, :name, :revoked_at, :denied_at)"
            " ON CONFLICT (person) DO UPDATE SET name = excluded.name, revoked_at = excluded.revoked_at,"
            " denied_at = excluded.denied_at",
            {
                "person": person.id,
                "name": person.name,
                "revoked_at": person.revoked_at,
                "denied_at": person.denied_at,
            },
        )

    def canonical(self, person: str) -> str:
        """One look: `merge` keeps every chain one step long."""
        rows = self._engine.run("SELECT into_person FROM aliases WHERE person = :person", {"person": person})
        return str(rows[0]["into_person"]) if rows else person

    def aliases(self, person: str) -> Sequence[str]:
        """In order."""
        rows = self._engine.run(
            "SELECT person FROM aliases WHERE into_person = :person ORDER BY person", {"person": person}
        )
        return [row["person"] for row in rows]

    def merged(self) -> Sequence[tuple[str, str]]:
        """In order."""
        rows = self._engine.run("SELECT person, into_person FROM aliases ORDER BY person")
        return [(row["person"], row["into_person"]) for row in rows]

    def merge(self, person: str, into: str) -> None:
        """Of two grants on one iD the newer stays."""
        both = {"person": person, "into": into}
        with self._engine.together():
            for statement in _MERGE:
                self._engine.write(statement, both)
            self._merge_known(person, into)
            self._merge_agenda(person, into)
            for table in _UNDER_A_PERSON:
                self._engine.write(f"UPDATE {table} SET person = :into WHERE person = :person", both)

    def _merge_known(self, person: str, into: str) -> None:
        ours, theirs = self.person(person), self.person(into)
        if self._engine.run("DELETE FROM people WHERE person = :person RETURNING 1 AS gone", {"person": person}):
            revoked_at, denied_at = max(ours.revoked_at, theirs.revoked_at), max(ours.denied_at, theirs.denied_at)
            self.put(KnownPerson(into, theirs.name or ours.name, revoked_at, denied_at))

    def _merge_agenda(self, person: str, into: str) -> None:
        """The earlier times count; whoever looks at one of them now sees that the revision grew."""
        rows = {
            row["person"]: row
            for row in self._engine.run(
                "SELECT * FROM agenda WHERE person IN (:person, :into)", {"person": person, "into": into}
            )
        }
        if len(rows) < 2:
            return
        times = {
            name: min((row[name] for row in rows.values() if row[name] is not None), default=None)
            for name in ("due_at", "quiet_since", "quiet_until", "retry_at")
        }
        self._engine.write("DELETE FROM agenda WHERE person = :person", {"person": person})
        self._engine.write(
            "UPDATE agenda SET due_at = :due_at, quiet_since = :quiet_since, quiet_until = :quiet_until,"
            " retry_at = :retry_at, revision = revision + :more WHERE person = :into",
            {**times, "into": into, "more": rows[person]["revision"]},
        )

    def erase(self, person: str) -> None:
        """Under their aliases as well; an iD that is another's too keeps what is known of its record."""
        with self._engine.together():
            names = (person, *self.aliases(person))
            orcids = sorted({orcid for name in names for orcid in self._orcids(name)})
            for name in names:
                for table in (*_UNDER_A_PERSON, "aliases"):
                    self._engine.write(f"DELETE FROM {table} WHERE person = :person", {"person": name})
            for orcid in orcids:
                if not self._is_used(orcid):
                    for table in _OF_AN_ORCID:
                        self._engine.write(f"DELETE FROM {table} WHERE orcid = :orcid", {"orcid": orcid})

    def _orcids(self, person: str) -> Sequence[str]:
        sql = " UNION ".join(f"SELECT orcid FROM {table} WHERE person = :person" for table in _WITH_AN_ORCID)
        return [row["orcid"] for row in self._engine.run(sql, {"person": person})]

    def _is_used(self, orcid: str) -> bool:
        sql = " UNION ".join(f"SELECT orcid FROM {table} WHERE orcid = :orcid" for table in _WITH_AN_ORCID)
        return bool(self._engine.run(sql, {"orcid": orcid}))

    def erase_record(self, record: SourceKey) -> None:
        """What is published of it stays: it is kept under its person."""
        with self._engine.together():
            for table in _OF_A_RECORD:
                self._engine.write(
                    f"DELETE FROM {table} WHERE source = :source AND entity = :entity AND subject = :subject",
                    record_columns(record),
                )
