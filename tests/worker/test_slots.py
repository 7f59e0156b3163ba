"""Slots: what ORCID would count as one item, and which put-code serves it (ARCHITECTURE.md 2)."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.facts import Published, Standing, Wanted
from tests.worker.builders import a_key, a_work, published, wanted
from worker.planning.slots import Slot, group, match

IDENTITIES = st.frozensets(st.sampled_from("abcdef"), max_size=3)


def an_item(subject: str, *identities: str, source: str = "/repository") -> Wanted:
    """A wanted item by its identities alone."""
    return wanted(subject, source=source, self_ids=frozenset(identities))


def shape(slots: list[Slot]) -> list[str]:
    """Slots by the subjects of their items, the winner first."""
    return ["".join(item.key.record.subject for item in (slot.winner, *slot.merged)) for slot in slots]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([an_item("1", "a"), an_item("2", "b")], ["1", "2"], id="nothing shared: a slot each"),
        pytest.param([an_item("1", "a"), an_item("2", "a", "b")], ["12"], id="one shared: one slot"),
        pytest.param([an_item("1"), an_item("2")], ["1", "2"], id="no identities: a slot each"),
        pytest.param(
            [an_item("1", "a"), an_item("2", "b"), an_item("3", "a", "b")], ["123"], id="a third joins two slots"
        ),
        pytest.param(
            [an_item("1", "a"), an_item("2", "b"), an_item("3", "c"), an_item("4", "b", "c")],
            ["1", "234"],
            id="a slot that shares nothing stays apart",
        ),
    ],
)
def test_items_that_share_an_identity_are_one_slot(items: list[Wanted], expected: list[str]) -> None:
    """Items share a slot directly or through others, in whatever order they come."""
    for order in permutations(items):
        assert shape(group(order, {})) == expected


@pytest.mark.parametrize(
    ("precedence", "winner"),
    [
        pytest.param({}, "2", id="no precedence: the first by name"),
        pytest.param({"/repository": 1}, "1", id="one source precedes"),
        pytest.param({"/library": 1, "/repository": 2}, "1", id="the greater number precedes"),
        pytest.param({"/library": -1}, "1", id="a source can be put behind all others"),
    ],
)
def test_the_winner_is_of_the_source_that_precedes(precedence: dict[str, int], winner: str) -> None:
    """The mapping file's precedence chooses the winner."""
    items = [an_item("2", "a", source="/library"), an_item("1", "a")]

    assert group(items, precedence)[0].winner.key.record.subject == winner


@given(st.lists(IDENTITIES, max_size=8))
def test_slots_part_the_items(identities: list[frozenset[str]]) -> None:
    """Every item is in one slot, and no two slots share an identity."""
    items = [an_item(str(number), *found) for number, found in enumerate(identities)]
    slots = group(items, {})

    assert sorted(key for slot in slots for key in slot.keys) == sorted(item.key for item in items)
    assert sum(len(slot.self_ids) for slot in slots) == len(frozenset().union(*(slot.self_ids for slot in slots)))


def served_by(slots: list[Slot], stands: list[Published], kept: str = "") -> dict[str, int | None]:
    """The put-code that serves each slot, by the subject of its winner."""
    served, _ = match(slots, stands, frozenset(a_key(subject) for subject in kept))
    return {
        one.slot.winner.key.record.subject: one.published.put_code if one.published is not None else None
        for one in served
    }


MOA = a_work("10.1/moa")


@pytest.mark.parametrize(
    ("stands", "expected"),
    [
        pytest.param([published(7, "1", MOA)], 7, id="its own put-code"),
        pytest.param([published(7, "9", MOA)], 7, id="one that shares an identifier"),
        pytest.param([published(7, "9", a_work("10.1/x"), digest=wanted("1", MOA).digest)], 7, id="the same document"),
        pytest.param([published(7, "9", a_work("10.1/x"))], None, id="nothing in common: none"),
        pytest.param(
            [published(7, "9", MOA), published(8, "1", a_work("10.1/x"))], 8, id="its own before a shared one"
        ),
        pytest.param(
            [published(7, "9", a_work("10.1/x"), digest=wanted("1", MOA).digest), published(8, "9", MOA)],
            8,
            id="a shared identifier before the same document",
        ),
        pytest.param(
            [published(7, "9", MOA, standing=Standing.REMOVED), published(8, "9", MOA)],
            8,
            id="what stands before what was removed",
        ),
        pytest.param([published(8, "9", MOA), published(7, "9", MOA)], 7, id="among equals the oldest put-code"),
        pytest.param(
            [published(7, "1", a_work("10.1/x")), published(8, "1", MOA)], 8, id="of its own two what stands as wanted"
        ),
    ],
)
def test_a_slot_is_served_by(stands: list[Published], expected: int | None) -> None:
    """The put-code that saves most calls serves a slot."""
    slots = group([wanted("1", MOA)], {})

    assert served_by(slots, stands) == {"1": expected}


def test_an_unknown_digest_equals_no_other() -> None:
    """Two items whose accepted document is unknown are not the same for that."""
    assert served_by(group([an_item("1")], {}), [published(7, "9", digest="", self_ids=frozenset())]) == {"1": None}


def test_what_serves_a_kept_item_is_not_given_away() -> None:
    """A refused item keeps what stands for it, even when another shares its identifier."""
    assert served_by(group([wanted("1", MOA)], {}), [published(7, "9", MOA)], kept="9") == {"1": None}


def test_what_a_call_under_way_may_remove_serves_when_nothing_else_does() -> None:
    """Its own put-code is going: one that shares an identifier serves; alone, it serves still, to be removed first."""
    slots = group([wanted("1", MOA)], {})
    going, other = published(7, "1", MOA), published(8, "9", MOA)
    both, left = match(slots, [going, other], frozenset(), going={7})
    alone, _ = match(slots, [going], frozenset(), going={7})

    assert ([one.published for one in both], left) == ([other], [going])
    assert [one.published for one in alone] == [going]


def test_what_serves_no_slot_is_left() -> None:
    """Put-codes that nothing wants come back, for removal."""
    _, left = match([], [published(7, "1"), published(8, "2")], frozenset())

    assert [one.put_code for one in left] == [7, 8]


@given(st.lists(IDENTITIES, max_size=5), st.lists(st.tuples(st.integers(0, 5), IDENTITIES), max_size=6))
def test_a_put_code_serves_one_slot(identities: list[frozenset[str]], stands: list[tuple[int, frozenset[str]]]) -> None:
    """Every put-code serves one slot or is left, and never both."""
    slots = group([an_item(str(number), *found) for number, found in enumerate(identities)], {})
    all_published = [published(code, str(of), self_ids=ids) for code, (of, ids) in enumerate(stands, start=7)]
    served, left = match(slots, all_published, frozenset())
    codes = [*(one.published.put_code for one in served if one.published is not None), *(one.put_code for one in left)]

    assert sorted(codes) == [one.put_code for one in all_published]
