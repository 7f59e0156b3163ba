"""What keeps the planner from making a call: grant, scope, suspension (ARCHITECTURE.md 6)."""

from dataclasses import replace

import pytest

from mappers.documents import digest
from mappers.sections import Section
from state.facts import ItemState, Method, PersonFacts, Standing
from state.permission_facts import GrantState, Suspension, SuspensionKind
from tests.worker.builders import (
    JOSIAH,
    NOW,
    POLICY,
    a_work,
    an_employment,
    facts,
    grant,
    intent,
    published,
    reasons_of,
    refused,
    states_of,
    steps_of,
    told,
    wanted,
    withdrawn,
)
from worker.planning.plan import plan

OTHER = a_work("10.1/2", "Kiwi")
LOCKED = Suspension(JOSIAH, SuspensionKind.LOCKED, "by ORCID's staff", NOW + 3600.0)
BROKEN = grant(state=GrantState.BROKEN, reason="ORCID does not accept the token any more")
EVERYTHING = (
    wanted("1"),
    wanted("2"),
    published(2, "2", OTHER),
    withdrawn("3"),
    published(3, "3"),
    wanted("4"),
    published(4, "4", standing=Standing.MISSING),
    wanted("5"),
    intent(subject="5", id=5),
)
"""Something to add, to update, to remove, to list and to repeat."""


@pytest.mark.parametrize(
    ("of", "expected", "waiting"),
    [
        pytest.param(
            facts(*EVERYTHING),
            ["list work", "repeat 5", "remove 3", "update 2 with 2", "add 1"],
            "",
            id="a good grant: everything",
        ),
        pytest.param(facts(*EVERYTHING, grant=None), [], "1 2 4 5", id="no grant: nothing"),
        pytest.param(facts(*EVERYTHING, grant=BROKEN), ["remove 3"], "1 2 4 5", id="broken grant: removals only"),
        pytest.param(
            facts(*EVERYTHING, grant=grant(state=GrantState.REVOKED)),
            ["remove 3"],
            "1 2 4 5",
            id="revoked grant, as long as its token is there: removals only",
        ),
        pytest.param(facts(*EVERYTHING, grant=grant(expires_at=NOW)), [], "1 2 3 4 5", id="expired grant: nothing"),
        pytest.param(
            facts(*EVERYTHING, grant=grant(state=GrantState.BROKEN, expires_at=NOW)),
            [],
            "1 2 3 4 5",
            id="broken and expired: nothing, for ORCID takes no DELETE with an expired token",
        ),
        pytest.param(facts(*EVERYTHING, suspension=LOCKED), [], "1 2 3 4 5", id="suspended record: nothing"),
        pytest.param(
            facts(*EVERYTHING, suspension=Suspension(JOSIAH, SuspensionKind.LOCKED, "", NOW)),
            ["list work", "repeat 5", "remove 3", "update 2 with 2", "add 1"],
            "",
            id="suspended until now: it is looked at again",
        ),
        pytest.param(
            facts(*EVERYTHING, grant=grant("/read-limited")),
            ["list work"],
            "1 2 3 5",
            id="no scope to write: listing only",
        ),
        pytest.param(
            facts(*EVERYTHING, grant=grant("/orcid-works/create")),
            ["list work", "repeat 5", "add 1"],
            "2 3",
            id="scope to create works: no updates, no removals",
        ),
        pytest.param(
            facts(*EVERYTHING, grant=grant("/affiliations/update")),
            ["list work"],
            "1 2 3 5",
            id="scope for affiliations: no works",
        ),
        pytest.param(
            facts(wanted("1", an_employment()), wanted("2"), grant=grant("/affiliations/create")),
            ["add 1"],
            "2",
            id="scope to create affiliations: employments only",
        ),
    ],
)
def test_a_gate(of: PersonFacts, expected: list[str], waiting: str) -> None:
    """A gate lets these steps through, and all other items wait."""
    made = plan(of, POLICY, NOW)

    assert steps_of(made) == expected
    assert [subject for subject, state in sorted(states_of(made).items()) if state == "waiting"] == waiting.split()


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        pytest.param(facts(wanted(), grant=None), "no permission yet", id="no grant"),
        pytest.param(
            replace(facts(wanted(), grant=None), ended=grant(state=GrantState.REVOKED, reason="revoked by an event")),
            "the permission was revoked: revoked by an event",
            id="no grant any more",
        ),
        pytest.param(
            facts(wanted(), grant=BROKEN),
            "the permission is broken: ORCID does not accept the token any more",
            id="broken grant",
        ),
        pytest.param(
            facts(wanted(), grant=grant(expires_at=NOW)),
            "the permission expired: ask for a new one",
            id="expired grant",
        ),
        pytest.param(
            facts(wanted(), suspension=LOCKED),
            "the record 0000-0002-1825-0097 is locked: by ORCID's staff; looked at again daily",
            id="suspended record",
        ),
        pytest.param(
            facts(wanted(), grant=grant("/read-limited")),
            "the permission lacks a scope for work: /activities/update or /orcid-works/update",
            id="scope missing",
        ),
    ],
)
def test_waiting_names_what_it_waits_for(of: PersonFacts, reason: str) -> None:
    """The reason of a waiting item says on whom or what it waits."""
    assert reasons_of(plan(of, POLICY, NOW)) == {"1": reason}


def test_a_suspended_record_is_looked_at_again() -> None:
    """The plan wakes when the suspension says."""
    assert plan(facts(wanted(), suspension=LOCKED), POLICY, NOW).wake_at == NOW + 3600.0


def test_what_is_in_sync_does_not_wait() -> None:
    """A suspended record or a broken grant changes nothing for what stands as wanted."""
    for of in (facts(wanted(), published(), grant=BROKEN), facts(wanted(), published(), suspension=LOCKED)):
        assert states_of(plan(of, POLICY, NOW)) == {"1": "in_sync"}


def test_a_refused_item_is_refused_without_a_grant() -> None:
    """Our own refusal needs no permission to be told."""
    made = plan(facts(refused("1"), withdrawn("2"), grant=None), POLICY, NOW)

    assert states_of(made) == {"1": ItemState.REFUSED}
    assert steps_of(made) == ["forget 2"]


def test_without_a_grant_what_is_withdrawn_is_stranded() -> None:
    """Withdrawn, and on a record that nobody lets us write any more."""
    assert states_of(plan(facts(withdrawn(), published(), grant=None), POLICY, NOW)) == {"1": "stranded"}


@pytest.mark.parametrize("state", [GrantState.BROKEN, GrantState.ENDING])
def test_what_is_due_to_go_is_not_kept_for_an_update_that_cannot_be_sent(state: GrantState) -> None:
    """A source that re-keyed its records costs one Update under a good grant, and a removal under one that ends."""
    items = (
        withdrawn("1", Section.EMPLOYMENT),
        published(7, "1", an_employment()),
        wanted("2", an_employment("Professor"), source="/repository"),
    )

    contents = {digest(one): one for one in (an_employment(), an_employment("Professor"))}
    good = plan(replace(facts(*items), contents=contents), POLICY, NOW)
    ends = plan(replace(facts(*items, grant=grant(state=state)), contents=contents), POLICY, NOW)

    assert [told(call) for call in good.calls] == ["update 7 with 2"]
    assert [told(call) for call in ends.calls] == ["remove 7"]


def test_a_delete_in_doubt_is_repeated_with_a_broken_grant() -> None:
    """ORCID accepts a DELETE with a token that the person revoked."""
    of = facts(withdrawn(), published(), intent(Method.DELETE, put_code=7), grant=BROKEN)

    assert steps_of(plan(of, POLICY, NOW)) == ["remove 7"]
