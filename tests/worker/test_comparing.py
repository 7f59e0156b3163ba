"""Comparing a record with what we published: only what stayed the same meanwhile counts."""

import pytest

from mappers.documents import Document, self_ids
from mappers.forms import Version
from mappers.identifiers import OWN_TYPE
from mappers.sections import Section
from mappers.wire.reading import ListedItem
from state.facts import Method, PersonFacts, Published, Standing
from tests.worker.builders import JOSIAH, LAURE, a_work, facts, intent, published
from worker.verifying.comparing import Difference, Known, compare, untold

OURS = "APP-OURS"


def _listed(put_code: int = 7, document: Document | None = None, client_id: str | None = OURS) -> ListedItem:
    made = document or a_work("10.1/1")
    return ListedItem(made.section, put_code, client_id, self_ids(made), "journal-article", "Moa")


def _known(before: PersonFacts, after: PersonFacts | None = None, document: Document | None = None) -> Known:
    return Known(before, after or before, JOSIAH, lambda _: document)


def _told(known: Known, *entries: ListedItem) -> list[tuple[int, str]]:
    found = compare(known, {Section.WORK: entries}, OURS, Version.V3_0)
    return [(one.put_code, one.kind.value) for one in found]


def test_what_stands_as_we_wrote_it_is_no_difference() -> None:
    """Whatever else others have put there."""
    others = [_listed(8, client_id="APP-OTHER"), _listed(9, client_id=None)]

    assert _told(_known(facts(published()), document=a_work("10.1/1")), _listed(), *others) == []
    assert _told(_known(facts(published())), _listed()) == []


def test_each_kind_is_told_in_the_order_of_put_codes() -> None:
    """Gone, changed, unknown, returned, another's."""
    known = facts(
        published(1, "1"),
        published(2, "2"),
        published(3, "3", standing=Standing.REMOVED),
        published(4, "4"),
        published(5, "5", standing=Standing.FOREIGN),
    )
    entries = [
        _listed(2, a_work("10.1/otherwise")),
        _listed(3, a_work("10.1/3")),
        _listed(4, a_work("10.1/4"), client_id="APP-OTHER"),
        _listed(5, a_work("10.1/5"), client_id="APP-OTHER"),
        _listed(6, a_work("10.1/6")),
    ]

    told = _told(_known(known, document=a_work("10.1/2")), *entries)

    assert told == [(1, "gone"), (2, "differs"), (3, "returned"), (4, "differs"), (6, "unknown")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param((), (published(),), id="published while it was read"),
        pytest.param((published(digest="d0"),), (published(),), id="updated meanwhile"),
        pytest.param((published(),), (), id="removed meanwhile"),
        pytest.param(
            (published(), intent(Method.PUT, put_code=7)), (published(),), id="an update was under way before"
        ),
        pytest.param(
            (published(),), (published(), intent(Method.DELETE, put_code=7)), id="a removal is under way after"
        ),
        pytest.param((published(orcid=LAURE),), (published(orcid=LAURE),), id="on another record"),
    ],
)
def test_what_others_write_meanwhile_is_not_judged(before: tuple[Published, ...], after: tuple[Published, ...]) -> None:
    """It is compared the next time."""
    assert _told(_known(facts(*before), facts(*after), a_work("10.1/9"))) == []


@pytest.mark.parametrize("moving", [pytest.param("before", id="before"), pytest.param("after", id="after")])
def test_an_item_that_may_just_be_added_is_no_stranger(moving: str) -> None:
    """While a POST is open, in its section."""
    quiet, busy = facts(), facts(intent(Method.POST))
    known = _known(busy, quiet) if moving == "before" else _known(quiet, busy)

    assert _told(known, _listed()) == []
    assert _told(_known(quiet), _listed()) == [(7, "unknown")]


def test_of_two_that_are_one_the_known_one_stays() -> None:
    """By any identifier that they share, also along a chain; else the first."""
    first, second = a_work("10.1/1", ids=["10.1/2"]), a_work("10.1/2", ids=["10.1/3"])
    found = compare(
        _known(facts(published(9))),
        {Section.WORK: [_listed(7, second), _listed(8, a_work("10.1/3")), _listed(9, first)]},
        OURS,
        Version.V3_0,
    )

    assert [(one.put_code, one.kind.value, one.detail) for one in found] == [
        (7, "doubled", "it is the same as put-code 9"),
        (8, "doubled", "it is the same as put-code 7"),
    ]


def test_what_was_last_accepted_is_unknown_is_not_compared() -> None:
    """It is written again anyway."""
    assert _told(_known(facts(published(digest="")), document=a_work("10.1/9")), _listed()) == []


def test_our_own_id_is_no_difference() -> None:
    """It goes with the item, and not with its document."""
    own = ListedItem(Section.WORK, 7, OURS, frozenset({"doi:10.1/1", f"{OWN_TYPE}:abc"}), "journal-article", "Moa")

    assert _told(_known(facts(published(own_id="abc")), document=a_work("10.1/1")), own) == []


def test_a_section_that_a_reply_leaves_out_is_no_word_on_what_stands_there() -> None:
    """Only where something of ours should stand."""
    gone = facts(published(standing=Standing.REMOVED))

    assert untold(_known(facts(published())), {}, Version.V3_0) == [Section.WORK]
    assert untold(_known(facts(published())), {Section.WORK: ()}, Version.V3_0) == []
    assert untold(_known(gone), {}, Version.V3_0) == []


def test_a_difference_names_the_item_that_it_is_about() -> None:
    """Unknown ones have none."""
    one = published()
    (gone, unknown) = compare(_known(facts(one)), {Section.WORK: [_listed(8, a_work("10.1/8"))]}, OURS, Version.V3_0)

    assert gone == Difference(JOSIAH, Section.WORK, 7, gone.kind, one.item, "it does not stand there any more")
    assert (unknown.item, unknown.detail) == (None, "journal-article, Moa")
