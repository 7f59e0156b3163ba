"""A process that writes to a state: `python -m tests.state.writer <what> <path or URL> <vault key> [<folder>]`."""

import random
import sys
import time
from pathlib import Path
from uuid import uuid4

from mappers.identifiers import OrcidId
from state.postgres import engine as postgres_engine
from state.postgres.store import PostgresStore
from state.sqlite.store import SqliteStore
from state.store import Store, StoreError
from state.vault import Vault
from tests.state.helpers import a_key, a_published, a_wanted, an_intent
from tests.state.whole import change_everything

ROUNDS = 40
COMMITS = 12
SPENDING_SECONDS = 2.0
RATE, BURST = 100.0, 40.0
LEASED = ("0000-0002-1825-0097", "0000-0001-5109-3700")


def count(store: Store) -> None:
    """Adds to a number that others add to at the same time."""
    for _ in range(ROUNDS):
        with store.transaction():
            store.notes.put("count", str(int(store.notes.get("count") or 0) + 1))
        store.agenda.changed("p1", 1.0, 10.0)


def hang(store: Store) -> None:
    """Stays in the middle of a transaction that is large enough to have reached the disk."""
    with store.transaction():
        change_everything(store)
        for number in range(2_000):
            store.notes.put(f"half {number}", "x" * 2_000)
        print("halfway", flush=True)  # noqa: T201  # tells the test that it may kill
        time.sleep(600)


def commit(store: Store, number: int) -> None:
    """One truth in several rooms, larger from one to the next."""
    with store.transaction():
        store.notes.put("number", str(number))
        store.items.want(a_wanted(a_key(f"p{number}")), "x" * 900 * number)
        store.items.publish(a_published(number))
        store.intents.open([an_intent(a_key(f"p{number}"))])
        store.agenda.changed(f"p{number}", 0.0, 0.0)


def leave(store: Store) -> None:
    """Commits, and stays without ever closing."""
    store.scrub()
    for number in range(1, COMMITS + 1):
        commit(store, number)
    print("written", flush=True)  # noqa: T201  # tells the test that it may kill
    time.sleep(600)


def freeze(store: Store) -> None:
    """Is silent in the middle of a transaction until it is told to go on, and tells what became of it."""
    postgres_engine.FROZEN_SECONDS = 1.0
    try:
        with store.transaction():
            store.notes.put("half", "written")
            print("halfway", flush=True)  # noqa: T201  # tells the test that it may freeze it
            sys.stdin.readline()
            store.notes.put("half", "too late")
    except StoreError as error:
        print(error, flush=True)  # noqa: T201  # tells the test
    store.notes.put("after", "written")


def spend(store: Store) -> None:
    """Spends all that it gets for a while, and tells how much that was."""
    spent, end = 0, time.monotonic() + SPENDING_SECONDS
    while time.monotonic() < end:
        wait = store.turns.spend(1, RATE, BURST)
        spent += wait == 0.0
        time.sleep(min(wait, 0.05))
    print(spent, flush=True)  # noqa: T201  # tells the test


def lease(store: Store) -> None:
    """Holds one record after another, each by a file that nobody else may have made; tells how many."""
    folder, holder, held, end = Path(sys.argv[4]), uuid4().hex, 0, time.monotonic() + SPENDING_SECONDS
    while time.monotonic() < end:
        orcid = OrcidId(random.choice(LEASED))
        epoch = store.turns.acquire(orcid, holder, 30.0)
        if epoch is None:
            time.sleep(0.001)
            continue
        place = folder / orcid
        place.touch(exist_ok=False)
        store.turns.renew(orcid, epoch, 30.0)
        place.unlink()
        store.turns.release(orcid, epoch)
        held += 1
    print(held, flush=True)  # noqa: T201  # tells the test


def main() -> None:
    """Opens the state and does what was asked."""
    what, place, key = sys.argv[1:4]
    vault = Vault([key])
    store: Store
    store = PostgresStore(place, vault) if "://" in place else SqliteStore(place, vault, time.time)
    acts = (count, hang, leave, freeze, spend, lease)
    {act.__name__: act for act in acts}[what](store)
    store.close()


if __name__ == "__main__":
    main()
