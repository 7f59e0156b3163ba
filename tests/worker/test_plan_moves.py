"""What takes an identifier comes after what frees it, or waits (ARCHITECTURE.md 6, "Order")."""

from typing import Any

import pytest

from mappers.documents import Keyword
from mappers.forms import Version
from mappers.sections import Section
from state.facts import Method, Origin, PersonFacts, Published, Standing, Wanted
from tests.worker.builders import (
    NOW,
    facts,
    grant,
    intent,
    published,
    reasons_of,
    refused,
    states_of,
    steps_of,
    wanted,
    withdrawn,
)
from tests.worker.documents import a_document
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy

V3, V2 = Policy(), Policy(version=Version.V2_1)


def want(subject: str, identifiers: str, section: Section = Section.WORK, **rest: Any) -> Wanted:
    """A wanted item with these identifiers."""
    return wanted(subject, a_document(section, identifiers, title=f"{subject}, wanted"), **rest)


def stand(put_code: int, subject: str, identifiers: str, section: Section = Section.WORK, **rest: Any) -> Published:
    """What stands under a put-code, with these identifiers; not what `want` wants of the same subject."""
    return published(put_code, subject, a_document(section, identifiers, title=f"{subject}, as it stands"), **rest)


def same(put_code: int, subject: str, identifiers: str) -> Published:
    """What stands under a put-code just as `want` wants it."""
    return published(put_code, subject, a_document(Section.WORK, identifiers, title=f"{subject}, wanted"))


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param(
            facts(want("1", "b"), stand(7, "1", "a"), want("2", "a"), stand(8, "2", "b")),
            ["move 7 aside", "update 8 with 2", "update 7 with 1"],
            id="a swap: one makes way",
        ),
        pytest.param(
            facts(
                want("1", "b"),
                stand(7, "1", "a"),
                want("2", "c"),
                stand(8, "2", "b"),
                want("3", "d"),
                stand(9, "3", "c"),
            ),
            ["update 9 with 3", "update 8 with 2", "update 7 with 1"],
            id="a chain: from its free end",
        ),
        pytest.param(
            facts(
                want("1", "b"),
                stand(7, "1", "a"),
                want("2", "c"),
                stand(8, "2", "b"),
                want("3", "a"),
                stand(9, "3", "c"),
            ),
            ["move 7 aside", "update 9 with 3", "update 8 with 2", "update 7 with 1"],
            id="a rotation of three: one makes way",
        ),
        pytest.param(
            facts(
                want("1", "b"),
                stand(7, "1", "a"),
                want("2", "a"),
                stand(8, "2", "b"),
                want("3", "d"),
                stand(9, "3", "c"),
                want("4", "c"),
                stand(10, "4", "d"),
            ),
            [
                "move 7 aside",
                "update 8 with 2",
                "update 7 with 1",
                "move 9 aside",
                "update 10 with 4",
                "update 9 with 3",
            ],
            id="two swaps: one of each makes way, one swap after the other",
        ),
        pytest.param(
            facts(want("1", "b"), stand(7, "1", "a"), withdrawn("2"), stand(8, "2", "b")),
            ["remove 8", "update 7 with 1"],
            id="what is removed makes way",
        ),
        pytest.param(
            facts(want("1", "b"), stand(7, "1", "a"), want("2", "a"), want("3", "c"), want("4", "d")),
            ["update 7 with 1", "add together 3 4", "add 2"],
            id="an addition that takes an identifier goes after those that take none",
        ),
        pytest.param(
            facts(want("1", "c"), stand(7, "1", "ab"), want("2", "a"), want("3", "b")),
            ["update 7 with 1", "add together 2 3"],
            id="additions that wait for others go together too",
        ),
        pytest.param(
            facts(want("1", "b"), stand(7, "1", "a"), want("2", "c"), stand(8, "2", "b", digest="")),
            ["update 8 with 2", "update 7 with 1"],
            id="what ORCID accepted last is unknown: it carries what it was known to",
        ),
        pytest.param(
            facts(
                want("1", "x"),
                stand(7, "1", "a"),
                want("2", "c"),
                stand(8, "2", "b"),
                intent(Method.PUT, "2", a_document(Section.WORK, "x"), put_code=8),
            ),
            ["update 8 with 2", "update 7 with 1"],
            id="a PUT in doubt may have given an item an identifier",
        ),
    ],
)
@pytest.mark.parametrize("policy", [pytest.param(V3, id="v3.0"), pytest.param(V2, id="v2.1")])
def test_the_order_of_writes(of: PersonFacts, expected: list[str], policy: Policy) -> None:
    """Each comes after what frees the identifiers that it takes."""
    assert [one for one in steps_of(plan(of, policy, NOW)) if not one.startswith("forget")] == expected


@pytest.mark.parametrize("section", [Section.FUNDING, Section.PEER_REVIEW, Section.RESEARCH_RESOURCE, Section.SERVICE])
def test_every_section_that_orcid_deduplicates_has_an_order(section: Section) -> None:
    """A swap in any of them is cut."""
    made = plan(
        facts(
            want("1", "b", section), stand(7, "1", "a", section), want("2", "a", section), stand(8, "2", "b", section)
        ),
        V3,
        NOW,
    )

    assert steps_of(made) == ["move 7 aside", "update 8 with 2", "update 7 with 1"]


def test_where_orcid_does_not_deduplicate_there_is_no_order() -> None:
    """An affiliation of v2.1 has no identifiers that could meet."""
    of = facts(
        want("1", "b", Section.EMPLOYMENT),
        stand(7, "1", "a", Section.EMPLOYMENT),
        want("2", "a", Section.EMPLOYMENT),
        stand(8, "2", "b", Section.EMPLOYMENT),
    )

    assert steps_of(plan(of, V2, NOW)) == ["update 7 with 1", "update 8 with 2"]


def test_a_step_names_the_put_codes_that_it_comes_after() -> None:
    """So that it can be left out when one of them is not accepted."""
    made = plan(
        facts(
            want("1", "b"),
            stand(7, "1", "a"),
            want("2", "a"),
            stand(8, "2", "b"),
            want("3", "c"),
            withdrawn("4"),
            stand(9, "4", "d"),
            want("5", "d", source="/other"),
        ),
        V3,
        NOW,
    )

    after = {
        call.item.key.record.subject: call.after for call in made.calls if isinstance(call, steps.Add | steps.Update)
    }
    assert after["1"] == {8}
    assert after["2"] == {7}
    assert after["3"] == frozenset()


def test_a_move_aside_carries_our_opaque_id() -> None:
    """The one that the item has, or would have; never one that another put-code carries."""
    moved = want("1", "b")
    of = (moved, stand(7, "1", "a"), want("2", "a"), stand(8, "2", "b"))
    taken = stand(9, "3", "c", own_id=V3.own_id(moved.key))
    has = stand(7, "1", "a", own_id="its-own")
    found = [
        call.own_id
        for facts_ in (facts(*of), facts(*of, want("3", "c"), taken), facts(moved, has, *of[2:]))
        for call in plan(facts_, V3, NOW).calls
        if isinstance(call, steps.MoveAside)
    ]

    assert found == [V3.own_id(moved.key), V3.own_id(moved.key, 1), "its-own"]


TAKER = want("1", "b"), stand(7, "1", "a")
HOLDS = "put-code 8 still carries uri:https://example.org/b on the record"


@pytest.mark.parametrize(
    ("of", "state"),
    [
        pytest.param([want("2", "c", same_as=same(8, "2", "b").digest), same(8, "2", "b")], "in_sync", id="in sync"),
        pytest.param([refused("2"), stand(8, "2", "b")], "refused", id="refused by our rules"),
        pytest.param(
            [want("2", "c", refused_digest=want("2", "c").digest, refused_reason="9022"), stand(8, "2", "b")],
            "refused",
            id="refused by ORCID",
        ),
        pytest.param(
            [withdrawn("2", refused_digest=steps.DELETION, refused_reason="403"), stand(8, "2", "b")],
            "refused",
            id="ORCID refuses to delete it",
        ),
        pytest.param([withdrawn("2"), stand(8, "2", "b", origin=Origin.ADOPTED)], "held", id="adopted, so held"),
        pytest.param(
            [
                want("2", "c"),
                stand(8, "2", "b"),
                intent(Method.PUT, "2", a_document(Section.WORK, "c"), put_code=8, ripe_in=9.0),
            ],
            "in_doubt",
            id="in doubt",
        ),
        pytest.param([want("2", "c"), stand(8, "2", "b", standing=Standing.MISSING)], "in_doubt", id="missing"),
    ],
)
def test_what_nothing_frees_is_waited_for(of: list[Any], state: str) -> None:
    """The item that wants it says which put-code still carries what."""
    made = plan(facts(*TAKER, *of), V3, NOW)

    assert states_of(made) == {"1": "waiting", "2": state}
    assert reasons_of(made)["1"] == HOLDS
    assert not [call for call in made.calls if isinstance(call, steps.Add | steps.Update)]


def test_an_addition_waits_as_well() -> None:
    """It would be refused, and leave nothing."""
    made = plan(facts(want("1", "b"), refused("2"), stand(8, "2", "b")), V3, NOW)

    assert (steps_of(made), reasons_of(made)["1"]) == ([], HOLDS)


def test_who_waits_for_a_waiting_item_waits() -> None:
    """What does not move frees nothing."""
    of = facts(want("1", "b"), stand(7, "1", "a"), refused("2"), stand(8, "2", "b"), want("3", "a"))
    made = plan(of, V3, NOW)

    assert (steps_of(made), states_of(made)) == ([], {"1": "waiting", "2": "refused", "3": "waiting"})
    assert reasons_of(made)["3"] == "put-code 7 still carries uri:https://example.org/a on the record"


def test_what_may_not_be_sent_frees_nothing() -> None:
    """Where the permission lets us add and not change, what takes from an item to be changed waits."""
    of = facts(want("1", "b"), stand(7, "1", "a"), want("2", "a"), grant=grant("/orcid-works/create"))

    assert states_of(plan(of, V3, NOW)) == {"1": "waiting", "2": "waiting"}


@pytest.mark.parametrize("standing", [Standing.REMOVED, Standing.FOREIGN])
def test_what_is_gone_or_another_sources_carries_nothing(standing: Standing) -> None:
    """ORCID compares items of one source that are there."""
    of = facts(*TAKER, want("2", "c"), stand(8, "2", "b", standing=standing))

    assert steps_of(plan(of, V3, NOW))[0] == "update 7 with 1"


def test_what_a_post_in_doubt_may_have_put_there_is_waited_for() -> None:
    """Until it is found out: an item that was to have it is sent again as it was, first."""
    of = facts(*TAKER, want("2", "c"), intent(subject="2", document=a_document(Section.WORK, "b")))
    made = plan(of, V3, NOW)

    assert steps_of(made) == ["repeat 2"]
    assert reasons_of(made)["1"] == "a POST in doubt may have put uri:https://example.org/b on the record"


def test_a_keyword_that_another_item_holds_is_waited_for() -> None:
    """In person sections the content is the identity."""
    other = published(8, "2", Keyword(content="kelp"), origin=Origin.ADOPTED)
    frozen = refused("2")
    frozen = Wanted(other.item, None, frozenset(), refusal=frozen.refusal)
    made = plan(facts(wanted("1", Keyword(content="kelp")), frozen, other), V3, NOW)

    assert (steps_of(made), reasons_of(made)["1"]) == ([], "put-code 8 still carries kelp on the record")
