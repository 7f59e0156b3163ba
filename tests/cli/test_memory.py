"""Memory of the commands: it does not grow with what a state holds."""

import sqlite3
from contextlib import closing

from mappers.events.messages import Message, Place
from mappers.events.packed_messages import pack_message
from state.vault import Vault
from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution

SMALL, LARGE = 1_000, 12_000
"""Source records and published items: more than a page has."""
FEW, MANY = 8, 40
"""Dead letters of half a megabyte: as many as a page has, and more."""
GROWTH = 4.0
"""Megabytes that a command may have more on the large state than on the small one.

What a page takes is taken on the small state, too, so it is what SQLite and the allocator keep: 1 MB was measured. The
records that are more would take 29 MB as objects (2.7 kB each) and their keys 5 MB, the items 20 MB (1.8 kB), the
letters 28 MB when they are sealed (0.9 MB each) and 22 MB when they are opened.
"""
PEOPLE = 30

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)"
_RECORDS = (
    f"INSERT INTO source_records {_NUMBERS}"  # noqa: S608 - of these constants
    " SELECT s.source, s.entity, 'S' || i, s.scheme, s.version, 0, json_object('person', json_object('id', 'F' ||"
    f" (i % {PEOPLE})), 'title', printf('%.300c', 'x')), 'd' || i, s.revision"
    " FROM n, (SELECT * FROM source_records WHERE removed = 0 LIMIT 1) AS s"
)
_PUBLISHED = (
    "INSERT INTO published_items (orcid, section, put_code, person, source, entity, subject, part, digest, document,"  # noqa: S608
    f" own_id, self_ids, origin, standing, left_out) {_NUMBERS} SELECT printf('0000-%04d', i % {PEOPLE}), 'work', i,"
    f" 'F' || (i % {PEOPLE}), '/bulk', 'publication', 'S' || i, '', 'd' || i, NULL, NULL, json_array('doi:10.1/' || i),"
    " 'created', 'live', 'x' FROM n"
)
_LETTERS = (
    f"INSERT INTO dead_letters {_NUMBERS} SELECT printf('%064x', i), 'bulk.jsonl:' || i, '', '', '', 'json', '',"  # noqa: S608
    " 'is no JSON', :envelope, i, 'open', '', NULL FROM n"
)


def _fill(institution: Institution, rows: int, letters: int) -> None:
    """A person with an item that is adopted by our own id of its record, and beside them a state of that size."""
    institution.permit(1)
    kept = events.affiliation(person_id(1), "KEPT-1")
    gone = events.affiliation(person_id(1), "GONE-1", role_title="Long gone")
    institution.json("replay", institution.log("said.jsonl", kept, gone))
    key = institution.settings["ORCID_SYNC_VAULT_KEYS"]
    envelope = Vault([key]).seal(pack_message(Message(Place("bulk.jsonl", 1), b"no JSON " * 62_500)))
    with closing(sqlite3.connect(institution.folder / "state.db")) as connection, connection:
        for table in ("wanted_items", "published_items", "intents"):
            connection.execute(f"DELETE FROM {table} WHERE subject = 'GONE-1'")  # noqa: S608
        connection.execute("UPDATE source_records SET removed = 1, data = '' WHERE subject = 'GONE-1'")
        connection.execute(_RECORDS, {"count": rows})
        connection.execute(_PUBLISHED, {"count": rows})
        connection.execute(_LETTERS, {"count": letters, "envelope": envelope})


COMMANDS = {
    "adopt --person E00001 --json": b'"subject": "GONE-1"',
    "verify --person E00001 --repair": b"1 records read",
    "sync --rewrite": b"",
    "status": b"",
    "export E00001": b"KEPT-1",
    "dead-letters list": b"is no JSON",
    "state backup backup.db": b"backup.db",
    "forget E00001": b"is forgotten",
    "state restore backup.db": b"erased from it: 1 people",
    "dead-letters retry": b"0 taken",
}
"""What is run, one after the other, and words that it says when it did all that it is for."""


def _peaks(institution: Institution, rows: int, letters: int) -> dict[str, float]:
    _fill(institution, rows, letters)
    found = {}
    for command, said in COMMANDS.items():
        words = command.replace("backup.db", str(institution.folder / "backup.db")).split()
        ran, peak = institution.preloaded.measured(words, institution.environ(), institution.folder)
        assert said in ran.stdout, (command, ran.stdout[-500:], ran.stderr[-500:])
        found[command] = peak
    return found


def test_memory_does_not_grow_with_the_state(institution: Institution) -> None:
    """What goes through all records, items or dead letters reads them in pages."""
    small = _peaks(institution, SMALL, FEW)
    for name in ("state.db", "state.db-wal", "state.db-shm", "backup.db"):
        (institution.folder / name).unlink(missing_ok=True)
    institution.first_orcid += 100
    large = _peaks(institution, LARGE, MANY)

    assert {command: peak - small[command] for command, peak in large.items() if peak - small[command] > GROWTH} == {}
