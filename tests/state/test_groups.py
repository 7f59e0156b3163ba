"""Group-id records, over every store."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from mappers.groups import GroupIdRecord
from mappers.sections import Section
from state.facts import Group, GroupState
from state.store import Store
from tests.state.dying import rolled_back
from tests.state.helpers import THESIS, a_group, a_key, a_review, a_wanted
from tests.state.stores import Clock

KEY = a_group().key
OTHER = "publons:12"
SECONDS = 30.0


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(a_group(), id="complete"),
        pytest.param(GroupIdRecord(KEY), id="only-named"),
        pytest.param(a_group(name="Gutachten “früh”, 査読"), id="any-text"),
        pytest.param(a_group(f" {KEY.upper()}\t"), id="spelled-otherwise"),
    ],
)
def test_a_wanted_group_comes_back_as_it_was(store: Store, record: GroupIdRecord) -> None:
    """By what all spellings of its id have in common."""
    assert store.groups.group(KEY) is None

    store.groups.want(record)

    assert store.groups.group(KEY) == Group(record)
    assert store.groups.group(OTHER) is None


def test_the_newest_word_on_a_group_counts(store: Store) -> None:
    """Its spelling of the id as well."""
    store.groups.want(a_group())
    newer = a_group(KEY.title(), name="Reviews", type="journal", description="More")

    store.groups.want(newer)

    assert store.groups.group(KEY) == Group(newer)


@pytest.mark.parametrize("unsaid", ["name", "type", "description"])
def test_what_the_newest_word_leaves_unsaid_stays(store: Store, unsaid: str) -> None:
    """An event that only names a group does not undo that another described it."""
    store.groups.want(a_group())
    said: dict[str, Any] = {"name": "Reviews", "type": "journal", "description": "More"}

    store.groups.want(a_group(**{**said, unsaid: None}))

    assert store.groups.group(KEY) == Group(a_group(**{**said, unsaid: getattr(a_group(), unsaid)}))


def test_a_refused_group_that_is_named_again_is_wanted_again(store: Store) -> None:
    """And may be asked for at once; what it was refused for is forgotten."""
    store.groups.want(GroupIdRecord(KEY))
    store.groups.ask(KEY, store.now() + SECONDS)
    store.groups.settle(KEY, GroupState.REFUSED, "400 9001")
    assert store.groups.group(KEY) == Group(GroupIdRecord(KEY), GroupState.REFUSED, "400 9001")

    store.groups.want(a_group())

    assert store.groups.group(KEY) == Group(a_group())
    assert store.groups.ask(KEY, store.now() + SECONDS)


def test_a_refusal_that_may_pass_is_kept_with_its_time(store: Store, clock: Clock) -> None:
    """Nobody asks before; when it is named again, it may be asked for at once."""
    store.groups.want(a_group())
    store.groups.settle(KEY, GroupState.REFUSED, "403 9038", clock() + SECONDS)
    assert store.groups.group(KEY) == Group(a_group(), GroupState.REFUSED, "403 9038", clock() + SECONDS)

    assert not store.groups.ask(KEY, clock() + 2 * SECONDS)
    clock.advance(SECONDS)
    assert store.groups.ask(KEY, clock() + SECONDS)

    store.groups.settle(KEY, GroupState.REFUSED, "403 9038", clock() + SECONDS)
    store.groups.want(a_group())
    assert store.groups.group(KEY) == Group(a_group())


def test_a_known_group_that_is_named_again_stays_known(store: Store) -> None:
    """A newer name changes nothing at ORCID, so nobody has to ask again."""
    store.groups.want(a_group())
    store.groups.settle(KEY, GroupState.KNOWN, "409 9025")

    store.groups.want(a_group(name="Renamed"))

    assert store.groups.group(KEY) == Group(a_group(name="Renamed"), GroupState.KNOWN, "409 9025")


def test_a_group_that_is_named_while_it_is_asked_for_stays_asked(store: Store) -> None:
    """The call under way is not forgotten."""
    store.groups.want(a_group())
    until = store.now() + SECONDS
    store.groups.ask(KEY, until)

    store.groups.want(a_group(name="Renamed"))

    assert store.groups.group(KEY) == Group(a_group(name="Renamed"), GroupState.ASKED, ripe_at=until)
    assert not store.groups.ask(KEY, until + 1)


def test_one_asks_at_a_time(store: Store, twin: Store) -> None:
    """Another may not, on whichever handle, and changes nothing by it; another group is another matter."""
    until = store.now() + SECONDS
    for record in (a_group(), a_group(OTHER)):
        store.groups.want(record)

    assert store.groups.ask(KEY, until)
    assert not twin.groups.ask(KEY, until + 1)
    assert not store.groups.ask(KEY, until + 1)
    assert twin.groups.group(KEY) == Group(a_group(), GroupState.ASKED, ripe_at=until)
    assert twin.groups.ask(OTHER, until)


def test_who_never_told_what_became_of_a_call_gives_way_in_time(store: Store, twin: Store, clock: Clock) -> None:
    """When the call can no longer be carried out, and not before."""
    store.groups.want(a_group())
    store.groups.ask(KEY, store.now() + SECONDS)

    clock.advance(SECONDS - 0.5)
    assert not twin.groups.ask(KEY, clock() + SECONDS)
    clock.advance(0.5)
    assert twin.groups.ask(KEY, clock() + SECONDS)
    assert store.groups.group(KEY) == Group(a_group(), GroupState.ASKED, ripe_at=clock() + SECONDS)


def test_of_several_that_ask_at_the_same_moment_one_may(store: Store) -> None:
    """Between threads, each on a handle of its own: every group is asked for once."""
    keys = [f"publons:{number}" for number in range(20)]
    for key in keys:
        store.groups.want(a_group(key))
    until, together = store.now() + SECONDS, Barrier(3)

    def ask(handle: Store) -> list[bool]:
        together.wait(10)
        return [handle.groups.ask(key, until) for key in keys]

    twins = [store.twin() for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        answers = [asking.result(60) for asking in [threads.submit(ask, handle) for handle in twins]]
    for handle in twins:
        handle.close()

    assert [sum(told) for told in zip(*answers, strict=True)] == [1] * len(keys)


def test_asking_in_a_transaction_that_fails_is_not_noted(store: Store, twin: Store) -> None:
    """No call was made, so another may ask at once."""
    store.groups.want(a_group())
    with rolled_back(store):
        assert store.groups.ask(KEY, store.now() + SECONDS)

    assert store.groups.group(KEY) == Group(a_group())
    assert twin.groups.ask(KEY, store.now() + SECONDS)


def test_a_known_group_is_not_asked_for(store: Store, clock: Clock) -> None:
    """However long ago it was found."""
    store.groups.want(a_group())
    store.groups.settle(KEY, GroupState.KNOWN)
    clock.advance(1e6)

    assert not store.groups.ask(KEY, clock() + SECONDS)
    assert store.groups.group(KEY) == Group(a_group(), GroupState.KNOWN)


def test_a_refused_group_may_be_asked_for(store: Store) -> None:
    """Whoever has a reason to; why it was refused is history then."""
    store.groups.want(a_group())
    store.groups.settle(KEY, GroupState.REFUSED, "400 9001")
    until = store.now() + SECONDS

    assert store.groups.ask(KEY, until)
    assert store.groups.group(KEY) == Group(a_group(), GroupState.ASKED, ripe_at=until)


def test_a_group_that_nobody_wanted_is_neither_asked_for_nor_settled(store: Store) -> None:
    """There is nothing to make a call from, nor to note an outcome at."""
    assert not store.groups.ask(KEY, store.now() + SECONDS)
    store.groups.settle(KEY, GroupState.KNOWN)

    assert store.groups.group(KEY) is None


@pytest.mark.parametrize("state", [GroupState.WANTED, GroupState.KNOWN, GroupState.REFUSED])
def test_a_settled_call_is_over(store: Store, state: GroupState) -> None:
    """What became of it is noted with its reason; nobody waits for it any more."""
    store.groups.want(a_group())
    store.groups.ask(KEY, store.now() + SECONDS)

    store.groups.settle(KEY, state, "in ORCID's words: “née”")

    assert store.groups.group(KEY) == Group(a_group(), state, "in ORCID's words: “née”")
    assert store.groups.ask(KEY, store.now() + SECONDS) is (state is not GroupState.KNOWN)


def test_those_who_need_a_group_are_told_once_each(store: Store) -> None:
    """By what they want now: not of another group, not withdrawn, not refused by our own rules."""
    for wanted in (
        a_review("p3"),
        a_review("p1"),
        a_wanted(a_key("p1", Section.PEER_REVIEW, part="second"), group=KEY),
        a_review("p2", OTHER),
        a_review("p4", digest=None),
        a_review("p5", digest=None, refusal="data.review: has no organization"),
        a_wanted(a_key("p6")),
        a_review("p7"),
    ):
        store.items.want(wanted, None)
    store.items.want(a_review("p7", OTHER), None)

    assert store.groups.needed_by(KEY) == ["p1", "p3"]
    assert store.groups.needed_by(OTHER) == ["p2", "p7"]
    assert store.groups.needed_by("publons:13") == []
    for person in ("p1", "p3"):
        store.items.forget(a_review(person).key)
    assert store.groups.needed_by(KEY) == ["p1"]


def test_what_needs_no_group_needs_none(store: Store) -> None:
    """Most items name no group; an empty key is not one that they share."""
    store.items.want(a_wanted(), None)

    assert store.groups.needed_by("") == []
    assert store.items.facts("p1").groups == {}


def test_facts_tell_the_groups_of_the_person_s_items(store: Store) -> None:
    """Those that they name and no others; one that nobody described to the store is not among them."""
    for record in (a_group(), a_group(OTHER), a_group("publons:13")):
        store.groups.want(record)
    for wanted in (
        a_review("p1"),
        a_wanted(a_key("p1", Section.PEER_REVIEW, THESIS), group=OTHER),
        a_wanted(a_key("p1", Section.PEER_REVIEW, THESIS, "b"), group="publons:99"),
        a_review("p2", "publons:13"),
    ):
        store.items.want(wanted, None)

    assert store.items.facts("p1").groups == {KEY: Group(a_group()), OTHER: Group(a_group(OTHER))}
    assert store.items.facts("p2").groups == {"publons:13": Group(a_group("publons:13"))}
    assert store.items.facts("p3").groups == {}


def test_facts_tell_how_far_a_group_has_come(store: Store) -> None:
    """As it is now, with its reason and until when a call may be under way."""
    store.groups.want(a_group())
    store.items.want(a_review(), None)
    until = store.now() + SECONDS

    store.groups.ask(KEY, until)
    assert store.items.facts("p1").groups == {KEY: Group(a_group(), GroupState.ASKED, ripe_at=until)}
    store.groups.settle(KEY, GroupState.REFUSED, "400 9001")
    assert store.items.facts("p1").groups == {KEY: Group(a_group(), GroupState.REFUSED, "400 9001")}
