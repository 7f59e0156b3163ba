"""Backups, in SQLite files whatever the state is on: of one moment, and back in one transaction."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from state.moving import backup as sqlite_backup
from state.moving.backup import back_up, copied, replace_content
from state.moving.copying import Step
from state.moving.handover import hand_over, refuse_handed_over
from state.store import StoreError
from tests.state.dying import rolled_back
from tests.state.pairs import AnyStore, Make, make
from tests.state.stores import Clock
from tests.state.whole import change_everything, take_everything_away, whole

__all__ = ["make"]


@pytest.fixture(params=["sqlite", "postgresql"])
def present(request: pytest.FixtureRequest, make: Make) -> AnyStore:
    """A state with something everywhere."""
    store = make(request.param)
    change_everything(store)
    return store


def test_a_backup_holds_everything(present: AnyStore, tmp_path: Path) -> None:
    """It answers as the state did, and needs no side file."""
    before = whole(present)
    back_up(present, tmp_path / "backup.db")
    take_everything_away(present)

    with copied(tmp_path / "backup.db", present) as copy:
        assert whole(copy) == before
    assert [path.name for path in tmp_path.glob("*backup*")] == ["backup.db"]
    assert not list(tmp_path.glob("*restoring*"))


def test_a_backup_is_of_one_moment(present: AnyStore, tmp_path: Path, clock: Clock) -> None:
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


def test_what_is_put_in_place_is_all_or_nothing(present: AnyStore, tmp_path: Path) -> None:
    """Leases, budget and jobs aside, which are about now; a process that dies in between leaves the state as it was."""
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

    about_now = {"epochs", "used", "jobs", "jobs counted"}
    after = whole(present)
    assert {key: after[key] for key in after if key not in about_now} == {
        key: before[key] for key in before if key not in about_now
    }


def test_a_backup_that_fails_leaves_no_file(present: AnyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it touch one that is there."""
    (tmp_path / "backup.db").write_bytes(b"yesterday's")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    for way in ("_copy", "_copy_rows"):
        monkeypatch.setattr(sqlite_backup, way, die)
    with pytest.raises(KeyboardInterrupt):
        back_up(present, tmp_path / "backup.db")
    assert [path.name for path in tmp_path.glob("*backup*")] == ["backup.db"]
    assert (tmp_path / "backup.db").read_bytes() == b"yesterday's"


def test_a_backup_of_rows_takes_no_more_room_than_itself(make: Make, tmp_path: Path) -> None:
    """While it is made no second copy of it lies beside: a pod has room for it once."""
    store, beside = make("postgresql"), list[int]()
    change_everything(store)

    def look(_: Step) -> None:
        beside.append(sum(file.stat().st_size for file in tmp_path.glob("backup.db*-*")))

    back_up(store, tmp_path / "backup.db", look)
    assert beside
    assert max(beside) == 0


def test_a_folder_that_is_not_there_is_told(present: AnyStore, tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(StoreError, match=r"^[^\n]*cannot be written[^\n]*$"):
        back_up(present, tmp_path / "nowhere" / "backup.db")


def test_numbers_of_calls_are_never_given_twice(present: AnyStore, tmp_path: Path) -> None:
    """A call that is still under way must not find another's note."""
    from tests.state.helpers import an_intent

    back_up(present, tmp_path / "backup.db")
    (later,) = present.intents.open([an_intent()])
    with copied(tmp_path / "backup.db", present) as copy, present.transaction():
        replace_content(present, copy)

    (next_one,) = present.intents.open([an_intent()])
    assert next_one.id > later.id


def test_what_was_handed_over_is_as_good_as_a_backup(make: Make, clock: Clock, tmp_path: Path) -> None:
    """When the place that it went to is lost for good: its copy can be written again."""
    old, new, third = make("postgresql"), make("sqlite"), make("sqlite")
    change_everything(old)
    clock.advance(60)
    before = whole(old)
    hand_over(old, new)
    shut = [tmp_path / "backup.db", Path(new.engine.name)]
    back_up(old, shut[0])
    clock.advance(60)
    hand_over(new, make("postgresql"))

    for file in shut:
        with copied(file, third) as copy:
            refuse_handed_over(copy)
            assert whole(copy)["records"] == before["records"]
            change_everything(copy)


def test_a_state_is_no_backup_of_itself(make: Make) -> None:
    """Nor is what is not there."""
    store = make("sqlite")
    with pytest.raises(StoreError, match="is the state itself"), copied(Path(store.engine.name), store):
        pass
