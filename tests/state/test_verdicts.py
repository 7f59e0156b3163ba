"""Provisional verdicts, over every store."""

from dataclasses import replace

import pytest

from state.permission_facts import Grant
from state.store import Store
from state.verdict_facts import ProvisionalVerdict, VerdictKind
from tests.state.helpers import JOSIAH, LAURE, a_grant, a_key, an_intent, an_outcome
from tests.state.stores import Clock

TOMBSTONE = ProvisionalVerdict("p1", JOSIAH, VerdictKind.TOMBSTONE, '{"put_code": 7}', 5.0)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=kind.value) for kind in VerdictKind])
def test_a_verdict_comes_back_as_it_was(store: Store, twin: Store, kind: VerdictKind) -> None:
    """By kind, and by person; noted again it is the same one, as of now."""
    store.verdicts.note(replace(TOMBSTONE, kind=kind, at=1.0))
    store.verdicts.note(replace(TOMBSTONE, kind=kind))

    assert twin.verdicts.of_kind(kind) == [replace(TOMBSTONE, kind=kind)]
    assert twin.verdicts.of_person("p1") == [replace(TOMBSTONE, kind=kind)]
    assert twin.verdicts.of_person("p2") == []


def test_the_oldest_come_first(store: Store) -> None:
    """And those before a time are forgotten."""
    told = [replace(TOMBSTONE, what=str(number), at=float(number)) for number in (3, 1, 2)]
    for one in told:
        store.verdicts.note(one)

    assert [one.what for one in store.verdicts.of_kind(VerdictKind.TOMBSTONE)] == ["1", "2", "3"]
    store.verdicts.forget(2.0)
    assert [one.what for one in store.verdicts.of_kind(VerdictKind.TOMBSTONE)] == ["2", "3"]
    store.verdicts.drop(told[0])
    store.verdicts.drop(told[0])
    assert [one.what for one in store.verdicts.of_person("p1")] == ["2"]


def test_confirming_concerns_one_kind_once(store: Store) -> None:
    """What was confirmed before keeps its time."""
    store.verdicts.note(TOMBSTONE)
    store.verdicts.note(replace(TOMBSTONE, kind=VerdictKind.REFUSED))
    store.verdicts.confirm(VerdictKind.TOMBSTONE, 7.0)
    store.verdicts.note(replace(TOMBSTONE, what="other"))
    store.verdicts.confirm(VerdictKind.TOMBSTONE, 9.0)

    tombstones = store.verdicts.of_kind(VerdictKind.TOMBSTONE)
    assert {one.what: one.confirmed_at for one in tombstones} == {TOMBSTONE.what: 7.0, "other": 9.0}
    assert [one.confirmed_at for one in store.verdicts.of_kind(VerdictKind.REFUSED)] == [None]


def test_people_are_counted_whose_verdicts_are_not_confirmed(store: Store) -> None:
    """Each once, of one kind, since a time."""
    for person, what, at in (("p1", "a", 1.0), ("p1", "b", 5.0), ("p1", "c", 6.0), ("p2", "d", 4.0)):
        store.verdicts.note(replace(TOMBSTONE, person=person, what=what, at=at))
    store.verdicts.note(replace(TOMBSTONE, person="p3", what="e", at=9.0, confirmed_at=9.0))
    store.verdicts.note(replace(TOMBSTONE, person="p4", kind=VerdictKind.REFUSED))

    counts = [store.verdicts.people_since(VerdictKind.TOMBSTONE, at) for at in (0.0, 5.0, 7.0)]
    assert counts == [2, 1, 0]
    assert store.verdicts.people_since(VerdictKind.SUSPENDED, 0.0) == 0


def test_confirmed_ones_are_kept_from_then_on(store: Store) -> None:
    """And the latest time is known, by kind."""
    store.verdicts.note(replace(TOMBSTONE, what="a", at=1.0))
    store.verdicts.note(replace(TOMBSTONE, what="b", at=2.0, confirmed_at=3.0))
    assert store.verdicts.confirmed_at(VerdictKind.TOMBSTONE) == 3.0
    store.verdicts.confirm(VerdictKind.TOMBSTONE, 9.0)
    store.verdicts.note(replace(TOMBSTONE, what="c", at=4.0))
    store.verdicts.forget(5.0)

    assert [one.what for one in store.verdicts.of_kind(VerdictKind.TOMBSTONE)] == ["a"]
    assert store.verdicts.confirmed_at(VerdictKind.TOMBSTONE) == 9.0
    assert store.verdicts.confirmed_at(VerdictKind.REFUSED) is None
    store.verdicts.forget(10.0)
    assert store.verdicts.of_kind(VerdictKind.TOMBSTONE) == []


def test_verdicts_follow_their_person(store: Store) -> None:
    """Into another one, and out of the store."""
    for person, orcid in (("p1", JOSIAH), ("p2", LAURE)):
        store.grants.put(_grant(person, orcid))
        store.verdicts.note(replace(TOMBSTONE, person=person, orcid=orcid))
    store.people.merge("p1", "p2")
    merged = [one.orcid for one in store.verdicts.of_person("p2")]
    store.people.erase("p2")

    assert set(merged) == {JOSIAH, LAURE}
    assert store.verdicts.of_kind(VerdictKind.TOMBSTONE) == []


def _grant(person: str, orcid: str) -> Grant:
    return a_grant(person, orcid)  # type: ignore[arg-type]


def test_people_are_counted_once_whose_calls_were_made_since(store: Store, clock: Clock) -> None:
    """Whatever came of them, or did not yet."""
    early = store.intents.open([an_intent(a_key("p1"), opened_at=clock())])
    clock.advance(100)
    since = clock()
    assert store.intents.people_since(since) == 0
    first, _ = store.intents.open([an_intent(a_key("p1"), opened_at=since), an_intent(a_key("p2"), opened_at=since)])
    store.intents.close(first, an_outcome())
    store.intents.close(early[0], an_outcome())

    assert store.intents.people_since(since) == 2
    assert store.intents.people_since(since + 1) == 0
