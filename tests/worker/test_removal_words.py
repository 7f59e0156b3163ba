"""An operator's word on held removals: carried out in portions, and whole wherever it is cut off."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from typing import cast

import pytest

from mappers.identifiers import OrcidId
from state.facts import Origin
from state.memory.store import MemoryStore
from state.removal_facts import RemovalState
from state.store import Store
from tests.simulation.mortality import Died, Fate, MortalStore
from tests.state.helpers import THESIS, a_grant, a_key, a_published
from tests.state.stores import Clock
from worker.note_names import REMOVALS_DECIDED, REMOVALS_NAMED
from worker.recording import removal_words
from worker.recording.removal_holds import held_removals, rejected_removals
from worker.recording.removal_words import approve_removals, reject_removals

Decide = Callable[[Store, str], int]

HELD, APPROVED, REJECTED = RemovalState.HELD, RemovalState.APPROVED, RemovalState.REJECTED
PEOPLE = 5
WORDS = [pytest.param(approve_removals, APPROVED, id="approve"), pytest.param(reject_removals, REJECTED, id="reject")]
KINDS = ("numbered", "adopted")


@pytest.fixture
def store(each_store: Store) -> Store:
    """An empty store of each kind in turn."""
    return each_store


@pytest.fixture(autouse=True)
def _two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that five removals are three portions."""
    monkeypatch.setattr(removal_words, "AT_ONCE", 2)


def hold(store: Store, kind: str, number: int) -> None:
    """One thing of a person's on their record is held."""
    person, orcid = f"p{number}", OrcidId(f"0000-0002-1825-{number:04}")
    store.grants.put(a_grant(person, orcid))
    origin = Origin.ADOPTED if kind == "adopted" else Origin.CREATED
    store.items.publish(a_published(number, a_key(person), orcid, origin=origin))
    if kind == "numbered":
        store.removals.put(replace(store.removals.add(orcid, number, a_key(person), "", 1.0), state=HELD))


def hold_all(store: Store, kind: str) -> str:
    """One thing of each of PEOPLE; returns the id they are decided on by."""
    for number in range(1, PEOPLE + 1):
        hold(store, kind, number)
    return only_id(store)


def only_id(store: Store) -> str:
    """The id of the one hold there is."""
    (held,) = held_removals(store)
    return held.id


def states(store: Store) -> Mapping[RemovalState, int]:
    """What was decided on, or is held by its number."""
    return store.removals.counts(THESIS.source, 0.0)


def left(store: Store) -> int:
    """How many removals are held."""
    return sum(held.removals for held in held_removals(store))


def end(store: Store, calls: int, decide: Decide, listed: str, *, after: bool = False) -> bool:
    """The process dies at its call of that number, made or not; false when it came to its end before."""
    fate = Fate()
    fate.end_in(calls, after=after)
    mortal = cast("Store", MortalStore(store, fate))
    try:
        decide(mortal, listed)
    except Died:
        return True
    return False


def cut_off(store: Store, decide: Decide, listed: str) -> None:
    """It dies when the first of three portions was decided on."""
    portion: Counter[str] = Counter()

    def dying(find: Callable[..., None]) -> Callable[..., None]:
        def changed(person: str, quiet: float, quiet_max: float) -> None:
            portion[person] += 1
            if portion.total() > 2:
                raise Died
            find(person, quiet, quiet_max)

        return changed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.agenda, "changed", dying(store.agenda.changed))
        with pytest.raises(Died):
            decide(store, listed)
    assert left(store) == PEOPLE - 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("decide", "state"), WORDS)
def test_a_word_is_about_all_that_was_listed(store: Store, kind: str, decide: Decide, state: RemovalState) -> None:
    """However many portions that takes; its people are on the agenda, and nothing is left of it."""
    listed = hold_all(store, kind)

    assert (decide(store, listed), decide(store, listed)) == (PEOPLE, 0)

    assert (states(store), held_removals(store)) == ({state: PEOPLE}, [])
    assert [store.agenda.revision(f"p{number}") for number in range(1, PEOPLE + 1)] == [1] * PEOPLE
    assert store.notes.beginning(REMOVALS_NAMED) == {}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("decide", "state"), WORDS)
def test_wherever_it_is_cut_off_the_same_again_goes_on(
    kind: str, decide: Decide, state: RemovalState, *, after: bool
) -> None:
    """At each call to the store there is: whole portions were decided on until then, and the rest is held."""
    seen = set()
    for calls in count(1):
        store = MemoryStore(Clock())
        listed = hold_all(store, kind)
        if not end(store, calls, decide, listed, after=after):
            break
        decided = states(store).get(state, 0)
        assert left(store) == PEOPLE - decided
        assert store.agenda.all_due() == decided
        seen.add(decided)

        assert decide(store, listed) == PEOPLE - decided
        assert (states(store), store.agenda.all_due()) == ({state: PEOPLE}, PEOPLE)
        assert held_removals(store) == []

    assert seen >= {0, 2, 4}
    assert seen <= {0, 2, 4, 5}


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_rejected_is_let_go_whole_wherever_that_is_cut_off(kind: str) -> None:
    """By the id that it was rejected by."""
    seen = set()
    for calls in count(1):
        store = MemoryStore(Clock())
        listed = hold_all(store, kind)
        assert reject_removals(store, listed) == PEOPLE
        if not end(store, calls, approve_removals, listed):
            break
        stays = rejected_removals(store)
        seen.add(stays)

        assert approve_removals(store, listed) == stays
        assert (states(store), held_removals(store)) == ({APPROVED: PEOPLE}, [])

    assert seen == {5, 3, 1, 0} - ({0} if kind == "numbered" else set())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("decide", "state"), WORDS)
def test_what_is_cut_off_in_a_store_of_each_kind_goes_on(
    store: Store, kind: str, decide: Decide, state: RemovalState
) -> None:
    """What was decided on is decided; what came since has a word of its own."""
    listed = hold_all(store, kind)
    cut_off(store, decide, listed)
    hold(store, kind, PEOPLE + 1)

    assert decide(store, listed) == PEOPLE - 2

    assert left(store) == 1
    assert states(store)[state] == PEOPLE
    assert decide(store, only_id(store)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_another_word_is_about_what_was_not_decided_on_yet(store: Store, kind: str) -> None:
    """It may have been cut off because it was wrong; and what it rejected is let go by the id that it had."""
    listed = hold_all(store, kind)
    cut_off(store, approve_removals, listed)

    assert reject_removals(store, listed) == PEOPLE - 2
    assert states(store) == {APPROVED: 2, REJECTED: PEOPLE - 2}
    assert approve_removals(store, listed) == PEOPLE - 2
    assert states(store) == {APPROVED: PEOPLE}
    assert store.notes.beginning(REMOVALS_NAMED) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_is_listed_and_decided_on_like_anything_held(store: Store, kind: str) -> None:
    """Adopted items have another id then."""
    listed = hold_all(store, kind)
    cut_off(store, reject_removals, listed)
    rest = only_id(store)

    assert (rest == listed) == (kind == "numbered")
    assert approve_removals(store, rest) == PEOPLE - 2
    assert states(store) == {REJECTED: 2, APPROVED: PEOPLE - 2}
    assert store.notes.beginning(REMOVALS_NAMED) == {}


def test_what_left_a_hold_while_it_was_cut_off_is_not_let_go(store: Store) -> None:
    """The source wants it again; of the others none is forgotten."""
    listed = hold_all(store, "adopted")
    cut_off(store, approve_removals, listed)
    orcid = OrcidId(f"0000-0002-1825-{PEOPLE - 1:04}")
    store.items.publish(a_published(PEOPLE - 1, a_key(f"p{PEOPLE - 1}"), orcid))

    assert approve_removals(store, listed) == PEOPLE - 3
    assert store.removals.of_person(f"p{PEOPLE - 1}") == []


def test_a_number_lets_nothing_go_that_was_rejected_by_another(store: Store) -> None:
    """Approved once more, say because nobody knows whether it was carried out; each lets go its own."""
    first = hold_all(store, "numbered")
    assert reject_removals(store, first) == PEOPLE
    hold(store, "numbered", PEOPLE + 1)
    second = only_id(store)

    assert (approve_removals(store, second), approve_removals(store, second)) == (1, 0)
    hold(store, "numbered", PEOPLE + 2)
    third = only_id(store)
    assert (reject_removals(store, third), approve_removals(store, third)) == (1, 1)
    assert states(store) == {REJECTED: PEOPLE, APPROVED: 2}
    assert approve_removals(store, first) == PEOPLE
    assert len(store.notes.beginning(REMOVALS_DECIDED)) == 1
