"""Holds of wanted items, over every store."""

from mappers.sections import Section
from state.facts import ItemState, Standing
from state.store import Store
from tests.state.helpers import CONTRACT, THESIS, a_key, a_published, a_wanted


def test_a_hold_counts_what_stands_otherwise(store: Store) -> None:
    """Of its items, those that are published and live with another digest than is wanted, and those noted as held."""
    keys = [a_key(f"p{number}", Section.WORK, THESIS) for number in range(5)]
    composed, gone = (a_key(f"p{number}", Section.WORK, CONTRACT) for number in range(2))
    held = {"hold": "h1", "hold_reason": "too many", "state": ItemState.HELD}
    store.items.want(a_wanted(composed, "d2", **held), "document")
    store.items.publish(a_published(5, composed, digest="d2"))
    store.items.want(a_wanted(gone, None, **held), None)
    for key in keys:
        store.items.want(a_wanted(key, "d2", hold="h1", hold_reason="too many"), "document")
    store.items.publish(a_published(1, keys[0], digest="d1"))
    store.items.publish(a_published(2, keys[1], digest="d2"))
    store.items.publish(a_published(3, keys[2], digest="d1", standing=Standing.REMOVED))
    store.items.want(a_wanted(keys[3], None, hold="h1", hold_reason="too many"), None)
    store.items.publish(a_published(4, keys[3], digest="d1"))

    assert store.items.holds() == [("h1", "too many", 2)]


def test_there_is_no_hold_at_first(store: Store) -> None:
    """Nor of items that are under none."""
    store.items.want(a_wanted(), "document")

    assert store.items.holds() == []
    assert store.items.change_hold("", "h1", "why") == []
    assert store.items.holds() == []


def test_a_hold_is_changed_for_all_its_items_and_no_others(store: Store) -> None:
    """The people are told, each once; documents stay."""
    first, second = a_key("p1", Section.WORK, THESIS), a_key("p1", Section.EMPLOYMENT, CONTRACT)
    third, other = a_key("p2", Section.WORK, THESIS), a_key("p3", Section.WORK, THESIS)
    for key, hold in ((first, "h1"), (second, "h1"), (third, "h1"), (other, "h2")):
        store.items.want(a_wanted(key, hold=hold), f"document of {key.person}")

    assert store.items.change_hold("h1", "h1", "three are too many") == ["p1", "p2"]
    assert store.items.holds() == [("h1", "three are too many", 0), ("h2", "", 0)]
    assert store.items.change_hold("h1", "", "") == ["p1", "p2"]

    assert store.items.holds() == [("h2", "", 0)]
    assert store.items.facts("p1").wanted[0].hold == ""
    assert store.items.document(first) == (1, "document of p1")


def test_a_hold_is_changed_for_some_people_at_a_time(store: Store) -> None:
    """The first that come behind whom it was done for, with all of their items; who has it so already is passed by."""
    people = ["p1", "p10", "p2", "p3"]
    for person in people:
        for record in (THESIS, CONTRACT):
            store.items.want(a_wanted(a_key(person, Section.WORK, record), hold="h1"), "document")
    store.items.want(a_wanted(a_key("p1", Section.EMPLOYMENT, CONTRACT), hold="h2"), "document")

    def reasons() -> list[set[str]]:
        return [{one.hold_reason for one in store.items.facts(each).wanted if one.hold == "h1"} for each in people]

    assert store.items.change_hold("h1", "h1", "why", limit=1) == ["p1"]
    assert reasons() == [{"why"}, {""}, {""}, {""}]
    assert store.items.change_hold("h1", "h1", "why", limit=1) == ["p10"]
    assert store.items.change_hold("h1", "h1", "why", after="p2", limit=2) == ["p3"]
    assert reasons() == [{"why"}, {"why"}, {""}, {"why"}]
    assert store.items.change_hold("h1", "h1", "why") == ["p2"]
    assert store.items.change_hold("h1", "h1", "why") == []

    assert store.items.change_hold("h1", "", "", after="p1", limit=9) == ["p10", "p2", "p3"]
    assert reasons() == [{"why"}, set(), set(), set()]
    assert store.items.holds() == [("h1", "why", 0), ("h2", "", 0)]
