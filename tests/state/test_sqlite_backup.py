"""Backups of a SQLite state: of one moment, and back in one transaction."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from state import sqlite_backup
from state.sqlite_backup import back_up, copied, replace_content
from state.sqlite_store import SqliteStore
from state.store import StoreError
from state.vault import Vault, new_key
from tests.state.dying import rolled_back
from tests.state.stores import Clock
from tests.state.whole import change_everything, take_everything_away, whole


@pytest.fixture
def present(tmp_path: Path, clock: Clock) -> Iterator[SqliteStore]:
    """A state with something everywhere."""
    store = SqliteStore(tmp_path / "state.db", Vault([new_key()]), clock)
    change_everything(store)
    yield store
    store.close()


def test_a_backup_holds_everything(present: SqliteStore, tmp_path: Path) -> None:
    """It answers as the state did, and needs no side file."""
    before = whole(present)
    back_up(present, tmp_path / "backup.db")
    take_everything_away(present)

    with copied(tmp_path / "backup.db", present) as copy:
        assert whole(copy) == before
    assert [path.name for path in tmp_path.glob("*backup*")] == ["backup.db"]
    assert not list(tmp_path.glob("*restoring*"))


def test_a_backup_is_of_one_moment(present: SqliteStore, tmp_path: Path, clock: Clock) -> None:
    """Others write meanwhile, and each backup holds what is true at once."""
    for number in range(2):
        present.notes.put(f"note {number}", "0")
    stop = Event()

    def write() -> None:
        twin = present.twin()
        count = 0
        while not stop.is_set():
            count += 1
            with twin.transaction():
                for number in range(2):
                    twin.notes.put(f"note {number}", str(count))
        twin.close()

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(write)
        for number in range(5):
            back_up(present, tmp_path / f"{number}.db")
        stop.set()
        writing.result(30)
    for number in range(5):
        with copied(tmp_path / f"{number}.db", present) as copy:
            assert copy.notes.get("note 0") == copy.notes.get("note 1")


def test_what_is_put_in_place_is_all_or_nothing(present: SqliteStore, tmp_path: Path) -> None:
    """Leases and the budget aside, which are about now; a process that dies in between leaves the state as it was."""
    before = whole(present)
    back_up(present, tmp_path / "backup.db")
    take_everything_away(present)
    gone = whole(present)
    with copied(tmp_path / "backup.db", present) as copy:
        with rolled_back(present):
            replace_content(present, copy)
        assert whole(present) == gone
        with present.transaction():
            replace_content(present, copy)

    about_now = {"epochs", "used"}
    after = whole(present)
    assert {key: after[key] for key in after if key not in about_now} == {
        key: before[key] for key in before if key not in about_now
    }


def test_a_backup_that_fails_leaves_no_file(
    present: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it touch one that is there."""
    (tmp_path / "backup.db").write_bytes(b"yesterday's")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sqlite_backup, "_copy", die)
    with pytest.raises(KeyboardInterrupt):
        back_up(present, tmp_path / "backup.db")
    assert [path.name for path in tmp_path.glob("*backup*")] == ["backup.db"]
    assert (tmp_path / "backup.db").read_bytes() == b"yesterday's"


def test_a_folder_that_is_not_there_is_told(present: SqliteStore, tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(StoreError, match=r"^[^\n]*cannot be written[^\n]*$"):
        back_up(present, tmp_path / "nowhere" / "backup.db")


def test_numbers_of_calls_are_never_given_twice(present: SqliteStore, tmp_path: Path) -> None:
    """A call that is still under way must not find another's note."""
    from tests.state.helpers import an_intent

    back_up(present, tmp_path / "backup.db")
    (later,) = present.intents.open([an_intent()])
    with copied(tmp_path / "backup.db", present) as copy, present.transaction():
        replace_content(present, copy)

    (next_one,) = present.intents.open([an_intent()])
    assert next_one.id > later.id
