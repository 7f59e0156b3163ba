"""Housekeeping: what is old goes, a portion at each turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.state.helpers import THESIS, a_consent, an_event
from tests.state.stores import Clock
from worker import housekeeping
from worker.housekeeping import DAY_SECONDS, HOUSEKEEPING_SECONDS, Housekeeping
from worker.permission import walks


@pytest.fixture
def clock() -> Clock:
    """A clock that stands until it is moved."""
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[SqliteStore]:
    """An empty store."""
    made = SqliteStore(tmp_path / "state.db", Vault([new_key()]), clock)
    yield made
    made.close()


def test_much_goes_in_portions_then_nothing_for_a_while(
    store: SqliteStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each kind a portion at a turn, until there is nothing more; then it is looked again after an hour."""
    monkeypatch.setattr(housekeeping, "PORTION", 2)
    monkeypatch.setattr(housekeeping, "JOBS", 1)
    monkeypatch.setattr(walks, "BATCH", 1)
    old = clock()
    for number in range(5):
        store.records.note_event(an_event(f"e{number}", at=old + number))
    for number in range(2):
        store.jobs.cancel(store.jobs.add("verify", "{}"))
        store.consents.put(a_consent(f"c{number}", until=old))
    keeps = Housekeeping(store, 10)
    left: list[tuple[int, int, int]] = []

    for _ in range(4):
        keeps.tend(clock.advance(1 if left else 11 * DAY_SECONDS))
        events = len(store.records.events(THESIS.source, THESIS.subject))
        left.append((events, len(store.jobs.all()), len(store.consents.expired(clock(), 10))))

    assert left == [(3, 1, 1), (1, 0, 0), (0, 0, 0), (0, 0, 0)]
    store.records.note_event(an_event("late", at=old))
    keeps.tend(clock.advance(HOUSEKEEPING_SECONDS - 10))
    assert len(store.records.events(THESIS.source, THESIS.subject)) == 1
    keeps.tend(clock.advance(20))
    assert store.records.events(THESIS.source, THESIS.subject) == []
