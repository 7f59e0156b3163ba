"""A power failure: what was committed stays, what was not never was, wherever writing was broken off."""

import shutil
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.state.stores import Clock
from tests.state.test_sqlite_processes import start
from tests.state.writer import COMMITS, commit

WAL_HEADER, FRAME_HEADER = 32, 24


@pytest.fixture
def vault() -> Vault:
    """A vault with a key of its own."""
    return Vault([new_key()])


@pytest.fixture
def written(tmp_path: Path, vault: Vault, clock: Clock) -> Iterator[tuple[Path, list[int]]]:
    """A state whose last commits are in its log alone, and the log's size after each of them."""
    path = tmp_path / "state.db"
    store = SqliteStore(path, vault, clock)
    store.scrub()
    sizes = []
    for number in range(1, COMMITS + 1):
        commit(store, number)
        sizes.append(wal_of(path).stat().st_size)
    yield path, sizes
    store.close()


def wal_of(path: Path) -> Path:
    """The log beside a state."""
    return path.with_name(f"{path.name}-wal")


def seen(path: Path, vault: Vault, clock: Clock) -> set[int]:
    """How many commits each room shows, when the state is opened; it is whole, and can be written."""
    with closing(SqliteStore(path, vault, clock)) as store:
        store.check(thoroughly=True)
        found = {
            int(store.notes.get("number") or 0),
            len(store.items.persons()),
            len(list(store.items.published())),
            store.intents.open_count(),
            store.agenda.all_due(),
        }
        store.notes.put("after", "text")
        return found


def test_each_commit_is_synced_before_it_returns(written: tuple[Path, list[int]], vault: Vault, clock: Clock) -> None:
    """An intent is on the disk before its call is sent, and a put-code before the next one."""
    with closing(SqliteStore(written[0], vault, clock)) as store:
        (mode,), (synced,) = (
            store.engine.connection.execute(f"PRAGMA {name}").fetchone() for name in ("journal_mode", "synchronous")
        )

    assert (mode, synced) == ("wal", 2)


def test_a_log_that_was_cut_anywhere(
    written: tuple[Path, list[int]], tmp_path: Path, vault: Vault, clock: Clock
) -> None:
    """At every page, just before and just behind it: what was committed before the cut is there as a whole."""
    path, sizes = written
    log = wal_of(path).read_bytes()
    page = struct.unpack(">I", log[8:12])[0]
    cuts = {0, WAL_HEADER - 1, *range(WAL_HEADER, len(log) + 1, FRAME_HEADER + page)}
    cuts |= {cut + off for cut in sizes for off in (-1, 1)} | set(sizes)
    copy = tmp_path / "copy.db"
    for cut in sorted(cuts):
        shutil.copy(path, copy)
        wal_of(copy).write_bytes(log[:cut])

        assert seen(copy, vault, clock) == {sum(size <= cut for size in sizes)}, f"cut at {cut}"


def test_a_log_whose_end_was_not_written_as_said(
    written: tuple[Path, list[int]], tmp_path: Path, vault: Vault, clock: Clock
) -> None:
    """The disk had pages of a later commit in another order, or bits of it wrong: that commit never was."""
    path, sizes = written
    log, rng = wal_of(path).read_bytes(), Random(3)
    copy = tmp_path / "copy.db"
    for _ in range(60):
        commits = rng.randrange(COMMITS)
        begins, ends = ([WAL_HEADER, *sizes][commits], sizes[commits])
        spoiled = bytearray(log)
        at = rng.randrange(begins, ends)
        spoiled[at:ends] = rng.choice(
            (bytes(ends - at), rng.randbytes(ends - at), bytes([log[at] ^ 1]) + log[at + 1 : ends])
        )
        if spoiled == log:
            continue
        shutil.copy(path, copy)
        wal_of(copy).write_bytes(bytes(spoiled))

        assert seen(copy, vault, clock) == {commits}, f"spoiled from {at}"


def test_a_checkpoint_that_was_broken_off(
    written: tuple[Path, list[int]], tmp_path: Path, vault: Vault, clock: Clock
) -> None:
    """Any of the file's pages may be old, new or half of each while the log is still there."""
    path, _ = written
    log, before, rng = wal_of(path).read_bytes(), path.read_bytes(), Random(5)
    whole = tmp_path / "whole.db"
    shutil.copy(path, whole)
    shutil.copy(wal_of(path), wal_of(whole))
    with closing(sqlite3.connect(whole)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    after = whole.read_bytes()
    copy = tmp_path / "copy.db"
    for _ in range(40):
        size = rng.choice((len(before), len(after)))
        halves = [
            (before.ljust(size, b"\0") if rng.random() < 0.5 else after)[at : at + 512] for at in range(0, size, 512)
        ]
        # The first page says how large the file is; SQLite takes it from the log.
        copy.write_bytes(b"".join(halves))
        wal_of(copy).write_bytes(log)

        assert seen(copy, vault, clock) == {COMMITS}


def test_a_process_that_is_killed_between_writing_and_the_checkpoint(tmp_path: Path, clock: Clock) -> None:
    """Its log is found by whoever opens the state next."""
    path, key = tmp_path / "state.db", new_key()
    with start("leave", path, key) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        writer.kill()
        writer.wait(30)
    assert wal_of(path).stat().st_size > 0
    assert b"number" not in path.read_bytes()

    assert seen(path, Vault([key]), clock) == {COMMITS}
