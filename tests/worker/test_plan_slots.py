"""Items that ORCID counts as one: merging, precedence, runners-up, re-keyed source records (ARCHITECTURE.md 6)."""

from dataclasses import replace

import pytest

from mappers.documents import Document, digest
from mappers.sections import Section
from state.facts import Method, PersonFacts, Standing
from tests.worker.builders import (
    NOW,
    a_key,
    a_work,
    an_employment,
    facts,
    intent,
    published,
    reasons_of,
    refused,
    states_of,
    steps_of,
    wanted,
    withdrawn,
)
from worker.planning import steps
from worker.planning.plan import plan
from worker.planning.policy import Policy

SHARED = a_work("10.1/shared", "Moa")
AGAIN = a_work("10.1/shared", "The Moa")
POLICY = Policy(precedence={"/library": 2, "/repository": 1})


@pytest.mark.parametrize(
    ("of", "expected", "states"),
    [
        pytest.param(
            facts(wanted("1", SHARED), wanted("2", SHARED)),
            ["add 1"],
            {"1": "pending", "2": "merged"},
            id="two that share an identifier: one call, the other is merged",
        ),
        pytest.param(
            facts(wanted("1", SHARED), wanted("2", AGAIN, source="/library")),
            ["add 2"],
            {"1": "merged", "2": "pending"},
            id="the source with the greater precedence wins",
        ),
        pytest.param(
            facts(wanted("1", SHARED, source="/other"), wanted("2", AGAIN)),
            ["add 2"],
            {"1": "merged", "2": "pending"},
            id="a source without precedence comes last",
        ),
        pytest.param(
            facts(
                wanted("1", a_work("10.1/a")),
                wanted("2", a_work("10.1/a", ids=["10.1/b"])),
                wanted("3", a_work("10.1/b")),
            ),
            ["add 1"],
            {"1": "pending", "2": "merged", "3": "merged"},
            id="three that share identifiers through one another: one call",
        ),
        pytest.param(
            facts(wanted("1", a_work("10.1/A")), wanted("2", a_work("https://doi.org/10.1/a"))),
            ["add 1"],
            {"1": "pending", "2": "merged"},
            id="identifiers are one when ORCID normalises them to one",
        ),
        pytest.param(
            facts(wanted("1", a_work("")), wanted("2", a_work(""))),
            ["add together 1 2"],
            {"1": "pending", "2": "pending"},
            id="two without identifiers are two, however alike",
        ),
        pytest.param(
            facts(withdrawn("1"), wanted("2", AGAIN), published(7, "1", SHARED)),
            ["update 7 with 2", "give 7 to 2", "forget 1"],
            {"2": "pending"},
            id="the winner goes: the runner-up takes over under the same put-code",
        ),
        pytest.param(
            facts(withdrawn("1"), wanted("2", SHARED), published(7, "1", SHARED)),
            ["give 7 to 2", "forget 1"],
            {"2": "in_sync"},
            id="the winner goes, the runner-up says the same: no call",
        ),
        pytest.param(
            facts(wanted("1", SHARED), wanted("2", AGAIN, source="/library"), published(7, "1", SHARED)),
            ["update 7 with 2", "give 7 to 2"],
            {"1": "merged", "2": "pending"},
            id="a source with greater precedence comes: it takes the put-code over",
        ),
        pytest.param(
            facts(withdrawn("1", Section.EMPLOYMENT), wanted("2", an_employment()), published(7, "1", an_employment())),
            ["give 7 to 2", "forget 1"],
            {"2": "in_sync"},
            id="re-keyed, same content: no call",
        ),
        pytest.param(
            facts(
                withdrawn("1", Section.EMPLOYMENT),
                wanted("2", an_employment("Professor")),
                published(7, "1", an_employment()),
            ),
            ["update 7 with 2", "give 7 to 2", "forget 1"],
            {"2": "pending"},
            id="re-keyed, other content: it is updated under the same put-code",
        ),
        pytest.param(
            facts(withdrawn("1"), wanted("2", AGAIN), published(7, "1", SHARED, standing=Standing.REMOVED)),
            ["give 7 to 2", "forget 1"],
            {"2": "removed_by_researcher"},
            id="a tombstone follows the slot",
        ),
        pytest.param(
            facts(
                withdrawn("1", Section.EMPLOYMENT),
                wanted("2", an_employment()),
                published(7, "1", an_employment(), standing=Standing.REMOVED),
            ),
            ["give 7 to 2", "forget 1"],
            {"2": "removed_by_researcher"},
            id="a tombstone follows a re-keyed record",
        ),
        pytest.param(
            facts(wanted("2", SHARED), published(7, "1", SHARED, standing=Standing.REMOVED), published(8, "1", SHARED)),
            ["give 8 to 2"],
            {"2": "in_sync"},
            id="what stands goes before a tombstone",
        ),
        pytest.param(
            facts(refused("1"), wanted("2", SHARED), published(7, "1", SHARED)),
            [],
            {"1": "refused", "2": "waiting"},
            id="what serves a refused item is not given away, and neither is its identifier",
        ),
        pytest.param(
            facts(wanted("1", SHARED), wanted("2", SHARED), intent(subject="2", document=SHARED)),
            ["repeat 2"],
            {"1": "in_doubt", "2": "merged"},
            id="an open POST of a merged item holds the whole slot up",
        ),
        pytest.param(
            facts(wanted("1", SHARED), published(7, "1", SHARED), published(8, "1", SHARED)),
            ["remove 8"],
            {"1": "pending"},
            id="two put-codes of one item: the second goes",
        ),
        pytest.param(
            facts(
                withdrawn("1"),
                wanted("2", SHARED),
                published(7, "1", SHARED),
                intent(Method.DELETE, "1", SHARED, put_code=7),
            ),
            ["remove 7", "forget 1"],
            {"2": "in_doubt"},
            id="a runner-up takes over what a DELETE in doubt may have removed: removed first",
        ),
    ],
)
def test_one_slot(of: PersonFacts, expected: list[str], states: dict[str, str]) -> None:
    """Items that ORCID counts as one get these steps and states."""
    contents = {digest(one): one for one in (an_employment(), an_employment("Professor"))}
    made = plan(replace(of, contents=contents), POLICY, NOW)

    assert steps_of(made) == expected
    assert states_of(made) == states


def test_a_merged_item_names_the_winner() -> None:
    """Whoever looks for a merged item is told where it went."""
    made = plan(facts(wanted("1", SHARED), wanted("2", SHARED)), POLICY, NOW)

    assert reasons_of(made)["2"] == "ORCID counts it as one with /repository publication 1"


def test_a_runner_up_keeps_our_own_id_of_the_item_before() -> None:
    """Once published, our own identifier is used again: another one would make ORCID think of another item."""
    before = published(7, "1", a_work(""), own_id="abcdefghijklmnopqrstuvwxyz")
    after = wanted("2", a_work(""), same_as="another")
    made = plan(facts(withdrawn("1"), after, before), POLICY, NOW)

    assert steps_of(made) == ["give 7 to 2", "forget 1"]

    changed = plan(facts(wanted("1", a_work("", "Kiwi")), before), POLICY, NOW)

    assert [call.own_id for call in changed.calls if isinstance(call, steps.Update)] == ["abcdefghijklmnopqrstuvwxyz"]


@pytest.mark.parametrize(
    ("document", "needed"),
    [
        pytest.param(a_work("10.1/a"), False, id="a work with a DOI: none"),
        pytest.param(a_work(""), True, id="a work without identifiers: ours"),
        pytest.param(an_employment(), True, id="an employment: ours"),
    ],
)
def test_our_own_id_goes_where_nothing_else_tells_items_apart(document: Document, *, needed: bool) -> None:
    """Our own identifier is sent with every affiliation, and wherever nothing else is `self`."""
    item = wanted("1", document)
    made = plan(facts(item), POLICY, NOW)
    own_ids = [call.own_id for call in made.calls if isinstance(call, steps.Add)]

    assert own_ids == [POLICY.own_id(item.key) if needed else None]


def test_our_own_id_goes_by_the_namespace_of_the_source() -> None:
    """A renamed source with its old namespace gives the same identifier; another record, another one."""
    renamed = Policy(namespaces={"/hr-2026": "/hr"})
    before, after = a_key("1", source="/hr"), a_key("1", source="/hr-2026")

    assert POLICY.own_id(before) == renamed.own_id(after) != renamed.own_id(a_key("2", source="/hr-2026"))
