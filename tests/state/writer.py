"""A process that writes to a SQLite state: `python -m tests.state.writer <what> <path> <vault key>`."""

import sys
import time

from state.sqlite_store import SqliteStore
from state.store import Store
from state.vault import Vault
from tests.state.helpers import a_key, a_published, a_wanted, an_intent
from tests.state.whole import change_everything

ROUNDS = 40
COMMITS = 12


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


def main() -> None:
    """Opens the state and does what was asked."""
    what, path, key = sys.argv[1:]
    store = SqliteStore(path, Vault([key]), time.time)
    {"count": count, "hang": hang, "leave": leave}[what](store)
    store.close()


if __name__ == "__main__":
    main()
