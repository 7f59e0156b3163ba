"""Several processes on one PostgreSQL state: what one reads holds till it writes, and no one waits for who is gone."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from state.postgres.store import PostgresStore
from state.vault import Vault
from tests.state.helpers import JOSIAH, LAURE
from tests.state.whole import change_everything, whole
from tests.state.writer import BURST, RATE, ROUNDS

ROOT = Path(__file__).parents[2]
PROCESSES = 4


def start(what: str, url: str, key: str, *more: str) -> subprocess.Popen[str]:
    """A writer that does `what`."""
    command = [sys.executable, "-m", "tests.state.writer", what, url, key, *more]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=pipe, stdout=pipe, stderr=pipe)


@contextmanager
def halfway(what: str, url: str, key: str) -> Iterator[subprocess.Popen[str]]:
    """A writer in the middle of a transaction; gone at the end."""
    with start(what, url, key) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        try:
            assert writer.stdout.readline() == "halfway\n", writer.stderr.read()
            yield writer
        finally:
            writer.kill()


def all_told(what: str, url: str, key: str, *more: str) -> list[int]:
    """What each of the writers tells, that ran at once and without a fault."""
    writers = [start(what, url, key, *more) for _ in range(PROCESSES)]
    ends = [(writer.communicate(timeout=120), writer.returncode) for writer in writers]

    assert [(err, code) for (_, err), code in ends] == [("", 0)] * PROCESSES
    return [int(out or 0) for (out, _), _ in ends]


def test_processes_make_and_write_one_state_at_once(postgres_url: str, key: str, vault: Vault) -> None:
    """Without an error or a lost write, though nothing is in the database when they start."""
    all_told("count", postgres_url, key)

    store = PostgresStore(postgres_url, vault)
    assert store.notes.get("count") == str(PROCESSES * ROUNDS)
    assert store.agenda.revision("p1") == PROCESSES * ROUNDS
    store.close()


def test_a_killed_process_leaves_nothing_half_written(postgres_url: str, key: str, vault: Vault) -> None:
    """`kill -9` in the middle of a transaction: the state is as it was, and can be written at once."""
    store = PostgresStore(postgres_url, vault, lambda: 1_764_000_000.0)
    change_everything(store)
    before = whole(store)
    with halfway("hang", postgres_url, key) as writer:
        assert whole(store) == before
        writer.kill()

    assert whole(store) == before
    assert store.notes.get("half 0") is None
    change_everything(store)
    assert whole(store) != before
    store.close()


def test_a_process_that_is_stopped_hinders_the_others_for_a_while_only(store: PostgresStore, key: str) -> None:
    """It may stay so for ever; when it goes on, what it had begun is lost, and what it does then is not."""
    url = f"{store.engine.name}".replace("@", ":only%20for%20tests@")
    with halfway("freeze", url, key) as writer:
        writer.send_signal(signal.SIGSTOP)
        began = time.monotonic()

        store.notes.put("other", "written")

        assert time.monotonic() - began < 8.0
        writer.send_signal(signal.SIGCONT)
        told, errors = writer.communicate("\n", timeout=60)
    assert errors == ""
    assert "the state postgresql://" in told
    assert (store.notes.get("half"), store.notes.get("other"), store.notes.get("after")) == (None, "written", "written")


def test_the_budget_is_one_for_all_processes(store: PostgresStore, postgres_url: str, key: str) -> None:
    """They spend all that there is, and never more: the rate over the time that passed, and one burst."""
    began = store.now()

    spent = sum(all_told("spend", postgres_url, key))

    most = BURST + RATE * (store.now() - began)
    assert BURST + RATE < spent <= most


def test_a_lease_has_one_holder(postgres_url: str, key: str, tmp_path: Path) -> None:
    """Of all processes that ask for it, all the time."""
    held = all_told("lease", postgres_url, key, str(tmp_path))

    assert min(held) > 0


@pytest.mark.parametrize("renews", [pytest.param(True, id="renewing"), pytest.param(False, id="recording")])
def test_who_asks_for_a_lease_that_is_just_written_does_not_wait(store: PostgresStore, *, renews: bool) -> None:
    """Whoever is at it has it, though it expired: while it is renewed, and while an outcome is recorded under it."""
    epoch = store.turns.acquire(JOSIAH, "a", 0.0)
    assert epoch is not None
    twin = store.twin()
    with store.transaction():
        if renews:
            assert store.turns.renew(JOSIAH, epoch, 0.0)
        else:
            assert store.turns.epoch(JOSIAH) == epoch
        began = time.monotonic()

        assert twin.turns.acquire(JOSIAH, "b", 30.0) is None

        assert time.monotonic() - began < 5.0
    assert (twin.turns.acquire(JOSIAH, "b", 30.0) or 0) > epoch
    twin.close()


def test_turns_do_not_wait_for_who_writes_something_else(store: PostgresStore) -> None:
    """Leases of other records and the budget are to be had in the middle of a long transaction."""
    twin = store.twin()
    with store.transaction():
        store.notes.put("note", "text")
        epoch = twin.turns.acquire(LAURE, "b", 30.0)
        assert epoch is not None
        assert twin.turns.renew(LAURE, epoch, 30.0)
        assert twin.turns.spend(1, RATE, BURST) == 0.0
        twin.turns.owe(1)
        twin.turns.release(LAURE, epoch)
        assert twin.turns.epoch(LAURE) == epoch
    twin.close()


def test_the_first_to_spend_at_once_share_one_burst(store: PostgresStore) -> None:
    """Though none of them finds a budget there."""
    twins = [store.twin() for _ in range(8)]
    with ThreadPoolExecutor(len(twins)) as threads:
        waits = list(threads.map(lambda twin: twin.turns.spend(10, 0.01, 40.0), twins))
    for twin in twins:
        twin.close()

    assert sum(wait == 0.0 for wait in waits) == 4


def test_all_processes_go_by_the_clock_of_the_database(store: PostgresStore) -> None:
    """As each knows it: a lease taken by one ends by the same time for all."""
    (row,) = store.engine.run(f"SELECT {store.engine.clock} AS now")
    assert store.now() == pytest.approx(row["now"], abs=0.5)
    assert store.now() <= store.now()
