"""What the guard counts, and what becomes of it, decided from facts alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappers.documents import Keyword
from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import ItemState, Method, Origin, PersonFacts, Standing
from state.permission_facts import Forgetting, GrantState, MoveState
from state.removal_facts import Removal, RemovalState, RemovalWindow
from tests.worker.builders import (
    JOSIAH,
    LAURE,
    NOW,
    PERSON,
    POLICY,
    a_key,
    a_record,
    a_work,
    an_employment,
    facts,
    former,
    grant,
    intent,
    published,
    refused,
    wanted,
    withdrawn,
)
from worker.planning.guarding import Limits, empties, only_empties, settled
from worker.planning.plan import plan
from worker.planning.takings import Takings, takings

FULL = {"title": "Moa", "subtitle": "A bird", "ids": [{"type": "doi"}], "organization": {"name": "U", "region": "MA"}}


@pytest.mark.parametrize(
    ("after", "only", "some"),
    [
        pytest.param({}, True, True, id="the same but for all of it"),
        pytest.param({"subtitle": ""}, True, True, id="an empty text"),
        pytest.param({"ids": []}, True, True, id="an empty list"),
        pytest.param({"organization": {"name": "U"}}, True, True, id="a field of a part"),
        pytest.param({"subtitle": "A large bird"}, False, False, id="another text"),
        pytest.param({"subtitle": "", "title": "Kiwi"}, False, True, id="one emptied, one changed"),
        pytest.param({"subtitle": "", "year": "1840"}, False, True, id="one emptied, one new"),
        pytest.param({"ids": [{"type": "doi"}, {"type": "isbn"}]}, False, False, id="a longer list"),
        pytest.param(FULL, False, False, id="nothing"),
    ],
)
def test_an_update_that_only_empties_fields_is_told_from_others(
    after: dict[str, Any], *, only: bool, some: bool
) -> None:
    """At any depth; a text that is changed is no field emptied."""
    said = {name: value for name, value in (FULL | after).items() if after or name == "title"}

    assert only_empties(FULL, said) is only
    assert empties(FULL, said) is some


JSON = st.recursive(
    st.none() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from("abc"), JSON, max_size=3), st.sampled_from("abc"))
def test_leaving_a_field_out_only_empties(before: dict[str, Any], name: str) -> None:
    """Whatever it said; nothing said, nothing emptied; and never the other way round."""
    after = {key: value for key, value in before.items() if key != name}

    assert only_empties(before, after) is (before != after)
    assert not empties(after, before)
    if empties(before, after):
        assert not only_empties(after, before)


WINDOW = RemovalWindow("/hr", 0.0, 1000)
HELD, DUE, APPROVED, REJECTED = RemovalState.HELD, RemovalState.DUE, RemovalState.APPROVED, RemovalState.REJECTED


@pytest.mark.parametrize(
    ("window", "counts", "becomes"),
    [
        pytest.param(WINDOW, {DUE: 100}, None, id="100 of 1000"),
        pytest.param(WINDOW, {DUE: 101}, HELD, id="101 of 1000"),
        pytest.param(replace(WINDOW, gone=100), {DUE: 1}, HELD, id="one after 100"),
        pytest.param(replace(WINDOW, published=10), {DUE: 9}, None, id="9 of 10"),
        pytest.param(replace(WINDOW, published=12), {DUE: 10}, HELD, id="10 of 12"),
        pytest.param(replace(WINDOW, published=50), {DUE: 10}, None, id="10 of 50"),
        pytest.param(replace(WINDOW, published=50), {DUE: 11}, HELD, id="11 of 50"),
        pytest.param(replace(WINDOW, published=12, gone=5), {DUE: 5}, HELD, id="10 of 12, half of them gone"),
        pytest.param(WINDOW, {HELD: 99, DUE: 2}, HELD, id="what joins a hold"),
        pytest.param(WINDOW, {HELD: 100}, DUE, id="within the limit again"),
        pytest.param(WINDOW, {HELD: 2, APPROVED: 101}, HELD, id="an approval covers what was listed"),
        pytest.param(replace(WINDOW, let=101), {HELD: 2}, HELD, id="also once the approved are gone"),
        pytest.param(WINDOW, {HELD: 2, REJECTED: 101}, HELD, id="what joined what was rejected"),
        pytest.param(WINDOW, {DUE: 100, APPROVED: 200}, None, id="approved ones count no more"),
        pytest.param(replace(WINDOW, let=200), {DUE: 100}, None, id="nor when they are gone"),
        pytest.param(replace(WINDOW, published=0), {DUE: 9}, None, id="few of nothing"),
        pytest.param(WINDOW, {}, None, id="nothing"),
    ],
)
def test_what_becomes_of_a_source_s_removals(
    window: RemovalWindow, counts: Mapping[RemovalState, int], becomes: RemovalState | None
) -> None:
    """All that were not sent share one fate."""
    assert settled(window, counts, Limits()) is becomes


@settings(max_examples=100)
@given(
    st.integers(0, 300),
    st.integers(0, 300),
    st.integers(0, 300),
    st.integers(0, 2000),
    st.integers(0, 200),
    st.floats(0, 1),
)
def test_more_removals_never_make_a_hold_less_likely(
    due: int, gone: int, more: int, published_: int, limit: int, share: float
) -> None:
    """By number or by share."""
    window, limits = RemovalWindow("/hr", 0.0, published_, gone), Limits(limit, share)
    if settled(window, {DUE: due}, limits) is HELD:
        assert settled(window, {DUE: due + more}, limits) is HELD
        assert settled(replace(window, gone=gone + more), {DUE: due}, limits) is HELD
    if due + gone > limit:
        assert settled(window, {DUE: due}, limits) is HELD


def keyword(content: str, subject: str = "P", *, stands: int | None = None, **rest: Any) -> Any:
    """A keyword of a source record, wanted or (`stands`: under a put-code) on the record."""
    key = ItemKey(PERSON, Section.KEYWORDS, a_record(subject), content)
    document = Keyword(content=content)
    if stands is not None:
        return replace(published(stands, document=document, self_ids=frozenset({content})), item=key, **rest)
    return replace(wanted(document=document, self_ids=frozenset({content})), key=key, **rest)


def gone_keyword(content: str, subject: str = "P") -> Any:
    """A keyword that its source record has no more."""
    return replace(keyword(content, subject), digest=None, self_ids=frozenset())


TAKEN = [
    pytest.param(facts(withdrawn("1"), published(7, "1")), [7], 0, id="withdrawn"),
    pytest.param(facts(published(7, "1")), [7], 0, id="wanted by nothing"),
    pytest.param(facts(wanted("1"), published(7, "1")), [], 0, id="wanted"),
    pytest.param(facts(refused("1"), published(7, "1")), [], 0, id="refused: it stays"),
    pytest.param(facts(withdrawn("1"), wanted("2", a_work("10.1/1")), published(7, "1")), [], 0, id="handed on"),
    pytest.param(
        facts(withdrawn("1", Section.EMPLOYMENT), wanted("2", an_employment()), published(7, "1", an_employment())),
        [],
        0,
        id="re-keyed",
    ),
    pytest.param(facts(withdrawn("1"), published(7, "1", origin=Origin.ADOPTED)), [], 0, id="adopted: held anyway"),
    pytest.param(facts(withdrawn("1"), published(7, "1", standing=Standing.REMOVED)), [], 0, id="gone already"),
    pytest.param(facts(withdrawn("1"), published(7, "1"), grant=None), [], 0, id="no permission"),
    pytest.param(
        facts(withdrawn("1"), published(7, "1"), grant=grant(state=GrantState.ENDING)), [7], 0, id="permission ending"
    ),
    pytest.param(facts(withdrawn("1"), published(7, "1"), grant=grant("/read-limited")), [7], 0, id="no scope now"),
    pytest.param(
        facts(withdrawn("1"), published(7, "1"), intent(Method.PUT, "1", put_code=7, ripe_in=60)),
        [7],
        0,
        id="a call in doubt there",
    ),
    pytest.param(
        facts(withdrawn("1"), published(7, "1"), forgetting=Forgetting(PERSON, remove_items=True, since=NOW)),
        [],
        0,
        id="being forgotten: that person's order",
    ),
    pytest.param(
        facts(withdrawn("1"), published(7, "1", orcid=LAURE), former(move=MoveState.APPROVED)),
        [],
        0,
        id="on a former record: the move's own hold",
    ),
    pytest.param(
        facts(gone_keyword("a"), keyword("b"), keyword("a", stands=7)), [7], 1, id="a keyword replaced by another"
    ),
    pytest.param(
        facts(*(gone_keyword(one) for one in "abc"), keyword("d"), *(keyword(one, stands=ord(one)) for one in "abc")),
        [97, 98, 99],
        1,
        id="three keywords, one in their place",
    ),
    pytest.param(
        facts(gone_keyword("a"), keyword("b", "Q"), keyword("a", stands=7)), [7], 0, id="another record's keyword"
    ),
    pytest.param(
        facts(gone_keyword("a"), keyword("b", hold="x"), keyword("b", stands=8), keyword("a", stands=7)),
        [7],
        0,
        id="a keyword that was there already",
    ),
]


@pytest.mark.parametrize(("person", "removed", "replaced"), TAKEN)
def test_what_would_be_taken_off_is_counted(person: PersonFacts, removed: list[int], replaced: int) -> None:
    """By what would be sent if nothing kept it back; what is replaced is told beside."""
    found = takings(person, POLICY, NOW)

    assert [one.put_code for one in found.removed] == removed
    assert sum(found.replaced.values()) == replaced


def test_updates_are_told_for_their_documents_to_be_compared() -> None:
    """Whether they only empty fields is for who has the documents."""
    found = takings(facts(wanted("1", a_work("10.1/1", "Kiwi")), published(7, "1")), POLICY, NOW)

    assert found == Takings(updates=found.updates)
    assert [one.published.put_code for one in found.updates] == [7]


def counted(digest: str, state: RemovalState, **rest: Any) -> PersonFacts:
    """A person with a work that is withdrawn, or wanted otherwise, and a removal that was counted for it."""
    item = withdrawn("1") if digest == "" else wanted("1", a_work("10.1/1", "Kiwi"))
    row = Removal(1, JOSIAH, 7, a_key("1"), item.digest or "", NOW, state, **rest)
    return replace(facts(item, published(7, "1")), removals={row.place: row})


@pytest.mark.parametrize("digest", [pytest.param("", id="removal"), pytest.param("x", id="emptying")])
@pytest.mark.parametrize(
    ("state", "sent", "goes"),
    [
        pytest.param(DUE, False, True, id="due"),
        pytest.param(HELD, False, False, id="held"),
        pytest.param(APPROVED, False, True, id="approved"),
        pytest.param(REJECTED, False, False, id="rejected"),
        pytest.param(HELD, True, True, id="sent before"),
    ],
)
def test_what_is_held_or_rejected_is_not_sent_and_says_so(
    digest: str, state: RemovalState, *, sent: bool, goes: bool
) -> None:
    """The item is held, whatever else keeps it back, with where to look."""
    made = plan(counted(digest, state, sent=sent), POLICY, NOW)
    (standing,) = made.standings

    assert (len(made.calls) == 1) is goes
    assert (standing.state is ItemState.HELD) is not goes
    if state is HELD and not sent:
        assert standing.reason.endswith("`orcid-sync held list` shows it")
