"""Intents and their outcomes, over every store."""

from dataclasses import replace
from typing import Any

import pytest

from mappers.sections import Section
from state.facts import Intent, IntentStory, Method, Outcome
from state.store import Store
from tests.state.helpers import CONTRACT, LAURE, THESIS, a_key, an_intent, an_outcome


@pytest.mark.parametrize(
    "intent",
    [
        pytest.param(an_intent(), id="post"),
        pytest.param(an_intent(method=Method.PUT, put_code=2**53 + 1, attempt=3, epoch=9), id="put"),
        pytest.param(
            an_intent(method=Method.DELETE, put_code=7, document=None, own_id=None, self_ids=frozenset(), digest=""),
            id="delete",
        ),
        pytest.param(an_intent(a_key("p2", Section.EMPLOYMENT, CONTRACT, "part")), id="employment"),
    ],
)
def test_an_open_intent_comes_back_as_it_was(store: Store, intent: Intent) -> None:
    """Numbered, and otherwise as planned."""
    (opened,) = store.intents.open([intent])

    assert replace(opened, id=0, call=0) == intent
    assert store.intents.intent(opened.id) == opened
    assert store.items.facts(intent.person).intents == (opened,)


def test_intents_of_one_bulk_share_a_call(store: Store) -> None:
    """Each has its own number; another call has another."""
    bulk = store.intents.open([an_intent(a_key("p1")), an_intent(a_key("p2")), an_intent(a_key("p3"))])
    (single,) = store.intents.open([an_intent()])

    assert [intent.person for intent in bulk] == ["p1", "p2", "p3"]
    assert len({intent.call for intent in bulk}) == 1
    assert len({intent.id for intent in (*bulk, single)}) == 4
    assert single.call != bulk[0].call
    assert [store.intents.intent(intent.id) for intent in bulk] == list(bulk)
    assert store.intents.open_count() == 4


def test_no_intents_are_no_call(store: Store) -> None:
    """Nothing is opened."""
    assert list(store.intents.open([])) == []
    assert store.intents.open_count() == 0


def test_an_intent_is_closed_once(store: Store) -> None:
    """A late reply to what was closed already says so, and changes nothing."""
    (intent,) = store.intents.open([an_intent()])

    assert store.intents.close(intent, an_outcome("accepted", status=201, put_code=7))
    assert not store.intents.close(intent, an_outcome("in_doubt"))
    assert not store.intents.close(replace(intent, id=intent.id + 1000), an_outcome())

    assert store.intents.intent(intent.id) is None
    assert store.intents.open_count() == 0
    (story,) = store.intents.story(THESIS)
    assert story.outcome == an_outcome("accepted", status=201, put_code=7)


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param({"orcid": LAURE, "person": "p2"}, id="another-record"),
        pytest.param({"epoch": 2}, id="another-lease"),
    ],
)
def test_a_number_that_was_given_again_is_not_taken_for_the_same_intent(store: Store, lost: dict[str, Any]) -> None:
    """A failover loses the last commits, with the numbers in them: a late reply to such a call is none to another."""
    (intent,) = store.intents.open([an_intent()])
    before = replace(intent, **lost)

    store.intents.wait(before, 99.0, "timeout")

    assert not store.intents.close(before, an_outcome("created", put_code=7))
    assert store.intents.intent(intent.id) == intent
    assert store.intents.close(intent, an_outcome())


def test_waiting_moves_the_time_from_which_it_is_ripe(store: Store) -> None:
    """The intent stays open, in doubt; one that is closed does not wait."""
    first, second = store.intents.open([an_intent(), an_intent()])
    store.intents.close(second, an_outcome())

    store.intents.wait(first, 99.0, "timeout")
    store.intents.wait(second, 99.0, "timeout")

    assert store.intents.intent(first.id) == replace(first, ripe_at=99.0)
    assert store.intents.intent(second.id) is None
    waiting, closed = store.intents.story(THESIS)
    assert waiting == IntentStory(replace(first, ripe_at=99.0, document=None), None)
    assert closed == IntentStory(replace(second, document=None), an_outcome())


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(an_outcome("refused", status=400, error_code=9006, detail="bad title: “Möa”"), id="all-of-it"),
        pytest.param(an_outcome("in_doubt"), id="no-reply"),
        pytest.param(an_outcome(""), id="no-words"),
        pytest.param(an_outcome(at=0.0), id="at-the-beginning-of-time"),
    ],
)
def test_a_story_tells_intents_with_their_outcomes(store: Store, outcome: Outcome) -> None:
    """Oldest first, without documents, of this source record only."""
    first, other, last = store.intents.open(
        [an_intent(), an_intent(a_key("p1", Section.EMPLOYMENT, CONTRACT)), an_intent(a_key("p2"), Method.PUT)]
    )
    store.intents.close(last, outcome)

    assert store.intents.story(THESIS) == [
        IntentStory(replace(first, document=None), None),
        IntentStory(replace(last, document=None), outcome),
    ]
    assert store.intents.story(CONTRACT) == [IntentStory(replace(other, document=None), None)]


@pytest.mark.parametrize(
    ("person", "verdict", "at", "succeeds"),
    [
        pytest.param("p2", "created", 100.0, True, id="another's, then"),
        pytest.param("p2", "accepted", 200.0, True, id="another's, later"),
        pytest.param("p2", "deleted", 100.0, True, id="a removal"),
        pytest.param("p2", "created", 99.0, False, id="earlier"),
        pytest.param("p1", "created", 100.0, False, id="the person's own"),
        pytest.param("p2", "refused", 100.0, False, id="refused"),
        pytest.param("p2", "indoubt", 100.0, False, id="in doubt"),
    ],
)
def test_it_is_known_whether_others_succeed(
    store: Store, person: str, verdict: str, at: float, *, succeeds: bool
) -> None:
    """Whether ORCID carried out a write for anybody but the person, since then."""
    one, still_open = store.intents.open([an_intent(a_key(person)), an_intent(a_key("p3"))])
    store.intents.close(one, Outcome(verdict, at))

    assert store.intents.intent(still_open.id) is not None
    assert store.intents.others_succeed("p1", 100.0) is succeeds
