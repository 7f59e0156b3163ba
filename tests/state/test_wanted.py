"""Wanted items and their documents, over every store."""

import pytest

from mappers.sections import Section
from state.facts import ItemState, Wanted
from state.store import Store
from tests.state.helpers import CONTRACT, JOSIAH, THESIS, a_grant, a_key, a_published, a_wanted


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(a_wanted(), id="plain"),
        pytest.param(a_wanted(digest=None, self_ids=frozenset[str]()), id="withdrawn"),
        pytest.param(a_wanted(digest=None, refusal="data.title: is empty"), id="refused-by-our-rules"),
        pytest.param(a_wanted(same_as="d0", revision=7, state=ItemState.IN_SYNC), id="new-mapping-number"),
        pytest.param(
            a_wanted(refused_digest="d1", refused_reason="400 9006", state=ItemState.REFUSED, reason="400 9006"),
            id="refused-by-orcid",
        ),
        pytest.param(a_wanted(v2_1_lacks="v2.1 has no work type preprint"), id="lacking-in-v2.1"),
        pytest.param(a_wanted(v2_1_drops="url, external-ids"), id="narrowed-in-v2.1"),
        pytest.param(a_wanted(group="orcid-generated:réviews"), id="of-a-group"),
        pytest.param(a_wanted(a_key(part='a "part", with | all')), id="part"),
        pytest.param(a_wanted(self_ids=frozenset({"uri:http://é/,;", "uri:http://e/ b"})), id="any-identifiers"),
    ],
)
def test_a_wanted_item_comes_back_as_it_was(store: Store, wanted: Wanted) -> None:
    """Every attribute of it."""
    store.items.want(wanted, None)

    assert store.items.of_record(THESIS) == [wanted]
    assert store.items.facts("p1").wanted == (wanted,)


def test_an_item_is_wanted_by_key(store: Store) -> None:
    """The last word on an item counts, its document included."""
    store.items.want(a_wanted(digest="d1", v2_1_lacks="type", v2_1_drops="url", group="publons:12"), '{"n": 1}')
    store.items.want(a_wanted(digest="d2", revision=2), '{"n": 2}')

    assert store.items.of_record(THESIS) == [a_wanted(digest="d2", revision=2)]
    assert store.items.document(a_key()) == (2, '{"n": 2}')


def test_the_items_of_a_record_are_everyone_s(store: Store) -> None:
    """A publication stands for an item of each of our people on it, withdrawn ones included."""
    ours = [a_wanted(a_key("p1", part="a")), a_wanted(a_key("p1", part="b"), digest=None), a_wanted(a_key("p2"))]
    for wanted in (*reversed(ours), a_wanted(a_key("p1", Section.EMPLOYMENT, CONTRACT))):
        store.items.want(wanted, None)

    assert store.items.of_record(THESIS) == ours
    assert store.items.facts("p2").wanted == (ours[2],)


def test_documents_are_given_with_their_revision(store: Store) -> None:
    """An item without document, or not known, has none."""
    first, second, without = a_key("p1"), a_key("p2"), a_key("p3")
    store.items.want(a_wanted(first, revision=4), '{"title": "Möa"}')
    store.items.want(a_wanted(second), "")
    store.items.want(a_wanted(without), None)

    assert store.items.document(first) == (4, '{"title": "Möa"}')
    assert store.items.document(second) == (1, "")
    assert store.items.document(without) is None
    assert store.items.document(a_key("p4")) is None
    asked = (key for key in (first, second, without, a_key("p4")))
    assert store.items.documents(asked) == {first: (4, '{"title": "Möa"}'), second: (1, "")}


def test_a_withdrawn_item_loses_its_document(store: Store) -> None:
    """Nothing can send it by mistake."""
    store.items.want(a_wanted(), "{}")
    store.items.want(a_wanted(digest=None, revision=2), None)

    assert store.items.document(a_key()) is None


def test_a_forgotten_item_is_gone(store: Store) -> None:
    """Only that one; to forget it again is no error."""
    store.items.want(a_wanted(a_key("p1")), "{}")
    store.items.want(a_wanted(a_key("p2")), "{}")

    store.items.forget(a_key("p1"))
    store.items.forget(a_key("p1"))

    assert [wanted.key.person for wanted in store.items.of_record(THESIS)] == ["p2"]
    assert store.items.document(a_key("p1")) is None


def test_orcid_s_refusal_is_noted_beside_the_item(store: Store) -> None:
    """The document stays, and so does everything else."""
    store.items.want(a_wanted(), "{}")

    store.items.refuse(a_key(), "d1", "400 9006: bad title")
    store.items.refuse(a_key("p9"), "d1", "of nobody")

    assert store.items.of_record(THESIS) == [a_wanted(refused_digest="d1", refused_reason="400 9006: bad title")]
    assert store.items.document(a_key()) == (1, "{}")


def test_set_state_says_how_far_an_item_has_come(store: Store) -> None:
    """With its reason; nothing else changes."""
    store.items.want(a_wanted(), "{}")

    store.items.set_state(a_key(), ItemState.HELD, "412 of 500 items would go")
    store.items.set_state(a_key("p9"), ItemState.HELD, "of nobody")

    held = a_wanted(state=ItemState.HELD, reason="412 of 500 items would go")
    assert store.items.of_record(THESIS) == [held]
    assert store.items.document(a_key()) == (1, "{}")


def test_counts_give_every_state(store: Store) -> None:
    """Zero included: a metric that is missing is not a metric that is zero."""
    assert store.items.counts() == dict.fromkeys(ItemState, 0)
    for person, state in (("p1", ItemState.IN_SYNC), ("p2", ItemState.IN_SYNC), ("p3", ItemState.WAITING)):
        store.items.want(a_wanted(a_key(person), state=state), None)

    assert store.items.counts() == {**dict.fromkeys(ItemState, 0), ItemState.IN_SYNC: 2, ItemState.WAITING: 1}


def test_people_are_counted_once_in_each_state_that_is_asked_for(store: Store) -> None:
    """However many of their items are there; the other states cost nothing."""
    for key, state in (
        (a_key("p1"), ItemState.REFUSED),
        (a_key("p1", part="b"), ItemState.REFUSED),
        (a_key("p1", part="c"), ItemState.IN_SYNC),
        (a_key("p2"), ItemState.REFUSED),
    ):
        store.items.want(a_wanted(key, state=state), None)

    told = store.items.people_in((ItemState.REFUSED, ItemState.HELD))

    assert told == {ItemState.REFUSED: 2, ItemState.HELD: 0}


def test_persons_are_all_of_whom_anything_is_known(store: Store) -> None:
    """By a wanted item, a published one, or a grant; each once, in order."""
    store.items.want(a_wanted(a_key("p3")), None)
    store.items.publish(a_published(item=a_key("p1")))
    store.grants.put(a_grant("p2", orcid=JOSIAH))
    store.grants.put(a_grant("p3", orcid=JOSIAH))

    assert store.items.persons() == ["p1", "p2", "p3"]
