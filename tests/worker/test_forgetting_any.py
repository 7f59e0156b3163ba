"""Being forgotten, whatever was said before: nothing is left in any table, and nothing comes back."""

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.worker.builders import NOW
from tests.worker.forgotten import PEOPLE, a_paper, forget, held, rows, take
from tests.worker.messages import an_event
from worker.people.erasing import portions
from worker.people.forgetting import begin_forgetting

# Any world: no two events of one source record have one version, for then their content would decide.

persons = st.sampled_from(PEOPLE)
Told = Callable[[str], bytes]


def _paper(people: Sequence[str], subject: str, title: Any) -> Told:
    return lambda at: an_event(a_paper(*people, title=title), subject=subject, time=at, id=at)


def _no_paper(subject: str) -> Told:
    return lambda at: an_event({}, type="publication.removed", subject=subject, time=at, id=at)


def _merge(pair: Sequence[str]) -> Told:
    data = {"from": pair[0], "into": pair[1]}
    return lambda at: an_event(data, type="hr.person.merged", source="/hr", subject="m", time=at, id=at)


def _about(person: str, subject: str, kind: str) -> Told:
    data = {"person": {"id": person}, "name": "Sofia Garcia", "keywords": ["turbulence"]}
    return lambda at: an_event(data, type=kind, source="/hr", subject=subject, time=at, id=at)


papers = st.builds(
    _paper, st.lists(persons, max_size=3, unique=True), st.sampled_from("12"), st.sampled_from([7, "Moa", "Kea"])
)
kinds = st.sampled_from(["hr.person.changed", "hr.person.left", "hr.person.removed"])
events = st.one_of(
    papers,
    papers,
    st.builds(_no_paper, st.sampled_from("12")),
    st.builds(_merge, st.permutations(PEOPLE)),
    st.builds(lambda one, own, kind: _about(one, one if own else "L", kind), persons, st.booleans(), kinds),
)


@pytest.fixture(scope="module")
def vault() -> Vault:
    """One key for all."""
    return Vault([new_key()])


@settings(max_examples=60, deadline=None)
@given(said=st.lists(events, min_size=1, max_size=8), person=persons)
def test_whatever_was_said_nothing_is_left_and_nothing_comes_back(vault: Vault, said: list[Told], person: str) -> None:
    """In no table; a replay of all that was said changes nothing, and makes nobody due."""
    told = [one(f"2025-11-24T16:00:{second:02}Z") for second, one in enumerate(said)]
    with _fresh(vault) as store:
        take(store, *told)
        names = {person, store.people.canonical(person), *store.people.aliases(store.people.canonical(person))}
        forget(store, person)
        assert held(store, *names) == []
        before = rows(store)

        take(store, *told)

        after = rows(store)
        assert held(store, *names) == []
        assert after["agenda"] == before["agenda"]
        assert after["wanted_items"] == before["wanted_items"]
        assert after["source_records"] == before["source_records"]


@settings(max_examples=60, deadline=None)
@given(said=st.lists(events, min_size=1, max_size=8), person=persons, ends=st.lists(st.integers(0, 5), max_size=3))
def test_begun_again_anywhere_nothing_is_left_and_nothing_comes_back(
    vault: Vault, said: list[Told], person: str, ends: list[int]
) -> None:
    """Whoever erases may end after any portion, and the events may come again meanwhile: it ends as if at once."""
    told = [one(f"2025-11-24T16:00:{second:02}Z") for second, one in enumerate(said)]
    with _fresh(vault) as store, _fresh(vault) as other:
        for one in (store, other):
            take(one, *told)
        names = {person, store.people.canonical(person), *store.people.aliases(store.people.canonical(person))}
        forget(other, person)
        kept_under = begin_forgetting(store, person, remove_items=False, now=NOW)
        for end in ends:
            for portion in islice((one for one in portions(store, kept_under) if one is not None), end):
                with store.transaction():
                    portion()
            take(store, *told)
        forget(store, person)

        assert held(store, *names) == []
        take(store, *told)
        take(other, *told)
        assert held(store, *names) == []
        left, expected = rows(store), rows(other)
        for table in ("wanted_items", "source_records", "dead_letters", "departures", "people", "aliases"):
            assert [_unsealed(row) for row in left[table]] == [_unsealed(row) for row in expected[table]]
        assert len(left["blocks"]) == len(expected["blocks"])


def _unsealed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"envelope", "revision"}}


class _fresh:  # noqa: N801 - a context
    def __init__(self, vault: Vault) -> None:
        self._folder = TemporaryDirectory()
        self._store = SqliteStore(Path(self._folder.name) / "state.db", vault, lambda: NOW)

    def __enter__(self) -> SqliteStore:
        self._store._engine._db.conn.execute("PRAGMA synchronous = OFF")
        return self._store

    def __exit__(self, *_: object) -> None:
        self._store.close()
        self._folder.cleanup()
