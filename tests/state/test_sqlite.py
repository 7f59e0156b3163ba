"""What only the SQLite store does: one file, its secrets, and what is wrong with it said in one line."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from mappers.secret import Secret
from mappers.sections import Section
from state.facts import PersonFacts
from state.sqlite.store import SqliteStore
from state.store import StoreError
from state.vault import Vault, new_key
from tests.state.dying import rolled_back
from tests.state.helpers import a_grant, a_letter, a_published, an_intent, an_outcome
from tests.state.stores import Clock
from tests.state.whole import change_everything, whole

ONE_LINE = r"^[^\n]+$"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the state is."""
    return tmp_path / "state.db"


@pytest.fixture
def vault() -> Vault:
    """A vault with a key of its own."""
    return Vault([new_key()])


@pytest.fixture
def store(path: Path, vault: Vault, clock: Clock) -> Iterator[SqliteStore]:
    """A store in a new file."""
    made = SqliteStore(path, vault, clock)
    yield made
    made.close()


def test_everything_is_there_when_it_is_opened_again(
    store: SqliteStore, path: Path, vault: Vault, clock: Clock
) -> None:
    """A restart forgets nothing, and migrates nothing twice."""
    change_everything(store)
    before = whole(store)
    store.close()

    again = SqliteStore(path, vault, clock)
    assert whole(again) == before
    again.close()


def test_a_path_may_be_text(path: Path, vault: Vault, clock: Clock) -> None:
    """As settings give it."""
    SqliteStore(str(path), vault, clock).close()

    assert path.exists()


def test_a_wrong_key_is_told_by_its_setting(store: SqliteStore, path: Path, clock: Clock) -> None:
    """Before anything is read or written with it."""
    with pytest.raises(StoreError, match=r"^ORCID_SYNC_VAULT_KEYS: [^\n]+$") as error:
        SqliteStore(path, Vault([new_key()]), clock)

    assert str(path) in str(error.value)


def test_keys_are_rotated_by_a_new_one_in_front(path: Path, clock: Clock) -> None:
    """What the old one sealed still opens."""
    old, new = new_key(), new_key()
    store = SqliteStore(path, Vault([old]), clock)
    store.grants.put(a_grant("p1"))
    store.close()

    store = SqliteStore(path, Vault([new, old]), clock)
    store.grants.put(a_grant("p2"))
    assert [grant.access_token for grant in store.grants.all()] == [Secret("access-1")] * 2
    store.close()


def test_secrets_are_not_readable_in_the_files(store: SqliteStore, path: Path) -> None:
    """Neither tokens nor what a dead letter holds; what may be read is."""
    secrets = ["access-token-marker", "refresh-token-marker", "dead-letter-marker"]
    grant = a_grant(access_token=Secret(secrets[0]), refresh_token=Secret(secrets[1]), name="Readable Name")
    store.grants.put(grant)
    store.letters.bury(a_letter(envelope=f'{{"data": "{secrets[2]}"}}'.encode()))

    def written() -> bytes:
        return b"".join(file.read_bytes() for file in path.parent.iterdir())

    while_open = written()
    store._engine._db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for content in (while_open, written()):
        assert b"Readable Name" in content
        assert [secret for secret in secrets if secret.encode() in content] == []


def test_another_kind_of_file_is_refused(path: Path, vault: Vault, clock: Clock) -> None:
    """And left as it is."""
    path.write_text("Dear diary,\n" * 1000)

    with pytest.raises(StoreError, match=ONE_LINE) as error:
        SqliteStore(path, vault, clock)
    assert "not a database" in str(error.value)
    assert path.read_text() == "Dear diary,\n" * 1000


@pytest.mark.parametrize("place", [pytest.param("", id="folder"), pytest.param("no/such/state.db", id="no-folder")])
def test_a_place_that_takes_no_file_is_told(tmp_path: Path, vault: Vault, clock: Clock, place: str) -> None:
    """With its path."""
    with pytest.raises(StoreError, match=ONE_LINE) as error:
        SqliteStore(tmp_path / place, vault, clock)

    assert str(tmp_path) in str(error.value)


def test_a_full_disk_is_told_and_nothing_is_half_written(store: SqliteStore) -> None:
    """The transaction that did not fit is gone as a whole."""
    store._engine._db.conn.execute("PRAGMA max_page_count = 60")

    def fill() -> None:
        with store.transaction():
            for number in range(1_000):
                store.notes.put(str(number), "x" * 1_000)

    with pytest.raises(StoreError, match=r"^[^\n]*full[^\n]*$"):
        fill()
    assert store.notes.get("0") is None
    store.notes.put("small", "fits")


def test_a_transaction_that_sqlite_ended_is_not_continued(store: SqliteStore) -> None:
    """As it may when a disk fails: what came before is lost, so what follows must not be kept by itself."""

    def apply() -> None:
        with store.transaction():
            store.notes.put("first", "text")
            store._engine._db.conn.execute("ROLLBACK")
            with pytest.raises(StoreError, match="transaction was lost"), store.transaction():
                pass
            with pytest.raises(StoreError, match="transaction was lost"):
                store.notes.put("second", "text")

    with pytest.raises(StoreError, match="transaction was lost"):
        apply()
    assert store.notes.get("first") is None
    assert store.notes.get("second") is None
    with rolled_back(store):
        store.notes.put("third", "text")
    assert store.notes.get("third") is None


def test_opening_waits_for_nobody(store: SqliteStore, path: Path, vault: Vault, clock: Clock) -> None:
    """`status` answers while another process is writing."""
    with store.transaction():
        store.notes.put("note", "text")
        second = SqliteStore(path, vault, clock)
        assert second.notes.get("note") is None
        second.close()


def test_a_file_that_another_process_is_just_making_is_waited_for(path: Path, vault: Vault, clock: Clock) -> None:
    """SQLite would refuse at once to switch it to write-ahead mode."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("CREATE TABLE half_made (id INTEGER)")
        release = Timer(0.3, other.execute, ["ROLLBACK"])
        release.start()
        store = SqliteStore(path, vault, clock)
        release.join()

    store.notes.put("note", "text")
    assert store.notes.get("note") == "text"
    store.close()


def test_facts_are_of_one_moment(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """An item that another process publishes meanwhile is either in doubt or published, never neither."""
    (intent,) = store.intents.open([an_intent()])
    twin = store.twin()
    run = store._engine.run

    def run_slowly(sql: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Mapping[str, Any]]:
        rows = run(sql, parameters)
        if "FROM published_items" in sql and twin.intents.close(intent, an_outcome()):
            twin.items.publish(a_published())
        return rows

    monkeypatch.setattr(store._engine, "run", run_slowly)
    assert store.items.facts("p1") == PersonFacts("p1", None, None, (), (), (intent,), {})
    assert store.items.facts("p1") == PersonFacts("p1", None, None, (), (a_published(),), (), {})
    assert store.items.published_as(a_published().orcid, Section.WORK, 7) == a_published()
    twin.close()
