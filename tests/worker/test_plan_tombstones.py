"""What the researcher removed: it stays removed, under whatever name or beside whatever else it is wanted."""

from dataclasses import replace

import pytest

from mappers.documents import digest
from mappers.sections import Section
from state.facts import Origin, PersonFacts, Published, Standing
from tests.worker.builders import (
    NOW,
    a_key,
    a_work,
    an_employment,
    facts,
    intent,
    published,
    reasons_of,
    states_of,
    steps_of,
    wanted,
    withdrawn,
)
from worker.planning import steps
from worker.planning.contents import needed
from worker.planning.plan import plan
from worker.planning.policy import Policy

POLICY = Policy()
READD = Policy(readd=True)
A, B, AB = a_work("10.1/a", "A"), a_work("10.1/b", "B"), a_work("10.1/a", "A and B", ids=["10.1/b"])


def removed(put_code: int = 7, subject: str = "1", document: object = A, **rest: object) -> Published:
    """What stood under a put-code until the researcher removed it."""
    return published(put_code, subject, document, standing=Standing.REMOVED, **rest)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "expected", "states"),
    [
        pytest.param(
            facts(wanted("1", A), removed(), wanted("2", B), published(8, "2", B), wanted("3", AB)),
            [],
            {"1": "removed_by_researcher", "2": "in_sync", "3": "merged"},
            id="a third item makes one of it and of what stands: that does not say it again",
        ),
        pytest.param(
            facts(wanted("1", AB), removed(), wanted("2", B), published(8, "2", B)),
            ["give 7 to 1"],
            {"1": "removed_by_researcher", "2": "in_sync"},
            id="it says by now what another says that stands: they stay apart",
        ),
        pytest.param(
            facts(wanted("1", a_work("10.1/b", "B")), removed(), wanted("2", A)),
            ["give 7 to 1"],
            {"1": "removed_by_researcher", "2": "removed_by_researcher"},
            id="its identifier is another's by now: both are it",
        ),
        pytest.param(
            facts(wanted("1", AB), removed(), wanted("2", B)),
            ["give 7 to 1"],
            {"1": "removed_by_researcher", "2": "merged"},
            id="what is one with it now and does not stand is removed too",
        ),
        pytest.param(
            facts(wanted("2", AB), published(8, "2", B), removed()),
            ["update 8 with 2"],
            {"2": "pending"},
            id="what stands came to be one with it by its own word: updated",
        ),
        pytest.param(
            facts(withdrawn("1"), removed(), wanted("2", A), published(8, "2", A)),
            ["forget 1"],
            {"2": "in_sync"},
            id="the same stands once more under another put-code: that one stays",
        ),
        pytest.param(
            facts(wanted("1", A), removed(), published(8, "1", A)),
            [],
            {"1": "in_sync"},
            id="its own item stands under another put-code: that one counts",
        ),
        pytest.param(
            facts(wanted("2", AB), removed(7, "1", A), removed(8, "3", B)),
            ["give 7 to 2"],
            {"2": "removed_by_researcher"},
            id="one that is two removed ones",
        ),
    ],
)
def test_a_removed_item_does_not_come_back_inside_of_another(
    of: PersonFacts, expected: list[str], states: dict[str, str]
) -> None:
    """Its identifiers are not written again by merging, swapping or re-keying."""
    made = plan(of, POLICY, NOW)

    assert (steps_of(made), states_of(made)) == (expected, states)


def test_what_stands_is_won_by_who_does_not_say_what_was_removed() -> None:
    """The third item, whose source precedes, says the removed identifier too: it wins only where it is alone."""
    of = facts(removed(), wanted("2", B), published(8, "2", B), wanted("3", AB, source="/first"))

    assert steps_of(plan(of, Policy(precedence={"/first": 1}), NOW)) == []


def test_a_tombstone_keeps_the_identities_that_stood() -> None:
    """What its item came to say later is as if it had been removed too, but no longer than it is said."""
    later = wanted("1", AB)
    made = plan(facts(later, removed(), wanted("2", B)), POLICY, NOW)
    (note,) = made.notes
    assert isinstance(note, steps.Reassign)
    assert (note.published.self_ids, note.digest) == (frozenset({"doi:10.1/a"}), later.digest)

    tombstone = replace(note.published, digest=note.digest)
    assert states_of(plan(facts(wanted("1", A), tombstone, wanted("2", B)), POLICY, NOW)) == {
        "1": "removed_by_researcher",
        "2": "pending",
    }


def test_a_rekeyed_item_without_identifier_inherits_the_tombstone_whatever_it_says() -> None:
    """Its source withdrew it and names it anew, with another role: it is the same job, and stays removed."""
    job, later = an_employment(), an_employment("Dean")
    tombstone = removed(7, "1", job, own_id="own")
    of = facts(withdrawn("1", Section.EMPLOYMENT), tombstone, wanted("2", later))
    made = plan(replace(of, contents={digest(one): one for one in (job, later)}), POLICY, NOW)

    assert steps_of(made) == ["give 7 to 2", "forget 1"]
    assert states_of(made) == {"2": "removed_by_researcher"}
    assert {one.key for one in needed(of, POLICY).wanted} == {a_key("2", Section.EMPLOYMENT)}
    assert needed(of, POLICY).published == (tombstone,)


def test_another_item_without_identifier_does_not_inherit_the_tombstone() -> None:
    """Its source withdrew one job, and names one at another organization: that was never removed."""
    job = an_employment()
    other = job.model_copy(update={"organization": job.organization.model_copy(update={"identifier": "other"})})
    of = facts(withdrawn("1", Section.EMPLOYMENT), removed(7, "1", job, own_id="own"), wanted("2", other))
    made = plan(replace(of, contents={digest(one): one for one in (job, other)}), POLICY, NOW)

    assert states_of(made) == {"2": "pending"}


def test_a_rekeyed_item_takes_what_stands_before_a_tombstone_that_is_less_alike() -> None:
    """Two jobs are re-keyed, one of which the researcher removed."""
    job = an_employment()
    of = facts(
        withdrawn("1", Section.EMPLOYMENT),
        withdrawn("2", Section.EMPLOYMENT),
        removed(7, "1", job, own_id="own"),
        published(8, "2", an_employment("Dean"), own_id="own-2"),
        wanted("3", job),
        wanted("4", an_employment("Dean")),
    )

    assert states_of(plan(of, POLICY, NOW)) == {"3": "removed_by_researcher", "4": "in_sync"}


@pytest.mark.parametrize(
    ("of", "expected", "state"),
    [
        pytest.param(facts(wanted("1", A), removed()), ["add 1"], "pending", id="removed once: added again"),
        pytest.param(
            facts(wanted("1", A), removed(origin=Origin.READDED)),
            [],
            "removed_by_researcher",
            id="removed again: respected",
        ),
        pytest.param(
            facts(wanted("1", A), removed(origin=Origin.ADOPTED)), ["add 1"], "pending", id="adopted once: added again"
        ),
        pytest.param(
            facts(wanted("1", A), removed(), intent(subject="1", document=A)),
            ["repeat 1"],
            "in_doubt",
            id="its POST is in doubt: repeat it",
        ),
        pytest.param(
            facts(wanted("2", A), removed()),
            ["add 2", "give 7 to 2"],
            "pending",
            id="wanted under another name: its tombstone goes with it",
        ),
        pytest.param(
            facts(wanted("1", A, refused_digest=digest(A), refused_reason="no")), [], "refused", id="refused: waits"
        ),
    ],
)
def test_what_the_researcher_removed_is_added_again_once_where_that_is_the_policy(
    of: PersonFacts, expected: list[str], state: str
) -> None:
    """ORCID_SYNC_REMOVED_BY_RESEARCHER=readd."""
    made = plan(of, READD, NOW)

    assert (steps_of(made), list(states_of(made).values())) == (expected, [state])


def test_the_reason_tells_a_second_removal_from_the_first() -> None:
    """So that an operator sees that it was tried."""
    first = plan(facts(wanted("1", A), removed()), POLICY, NOW)
    second = plan(facts(wanted("1", A), removed(origin=Origin.READDED)), READD, NOW)

    assert reasons_of(first) == {"1": "the researcher removed it, which is respected"}
    assert reasons_of(second) == {"1": "the researcher removed it again, which is respected"}


def test_it_is_added_again_with_the_id_of_ours_that_it_had() -> None:
    """Were it there still after all, ORCID would say so."""
    of = facts(wanted("1", a_work("")), removed(7, "1", a_work(""), own_id="own"))
    (call,) = plan(of, READD, NOW).calls

    assert isinstance(call, steps.Add)
    assert call.own_id == "own"
