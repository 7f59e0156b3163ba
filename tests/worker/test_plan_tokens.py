"""Tokens in a plan: when one is exchanged, when they are revoked, and what goes out meanwhile."""

import pytest

from mappers.secret import Secret
from state.facts import Method, PersonFacts
from state.permission_facts import GrantState, Suspension, SuspensionKind
from tests.worker.builders import (
    JOSIAH,
    NOW,
    POLICY,
    a_token,
    facts,
    grant,
    intent,
    published,
    reasons_of,
    states_of,
    steps_of,
    wanted,
    withdrawn,
)
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.planning.tokens import REFRESH_LEEWAY

RENEWAL = Secret("a refresh token")
SOON = grant(expires_at=NOW + 60.0, refresh_token=RENEWAL)
SECRETLESS = Policy(tokenless="the secret is not set")
NOBODY = Policy(only=frozenset(), held_by="sending is off")
ENDING = grant(state=GrantState.ENDING, reason="revoked by an operator", access_token=None)
LOCKED = Suspension(JOSIAH, SuspensionKind.LOCKED, "", NOW + 3600.0)


@pytest.mark.parametrize(
    ("of", "policy", "calls"),
    [
        pytest.param(facts(wanted(), grant=SOON), POLICY, ["refresh", "add 1"], id="soon: before all other calls"),
        pytest.param(facts(grant=SOON), POLICY, ["refresh"], id="soon: with nothing else to do, too"),
        pytest.param(
            facts(wanted(), grant=grant(expires_at=NOW + REFRESH_LEEWAY, refresh_token=RENEWAL)),
            POLICY,
            ["refresh", "add 1"],
            id="just near enough",
        ),
        pytest.param(
            facts(wanted(), grant=grant(expires_at=NOW + REFRESH_LEEWAY + 1.0, refresh_token=RENEWAL)),
            POLICY,
            ["add 1"],
            id="not near enough",
        ),
        pytest.param(facts(wanted(), grant=grant(expires_at=NOW, refresh_token=RENEWAL)), POLICY, [], id="expired"),
        pytest.param(facts(wanted(), grant=grant(expires_at=NOW + 60.0)), POLICY, ["add 1"], id="no refresh token"),
        pytest.param(
            facts(wanted(), grant=grant(expires_at=NOW + 60.0, refresh_token=RENEWAL, refreshed_at=NOW - 9.0)),
            POLICY,
            ["add 1"],
            id="renewed just now, and not prolonged: the present token serves",
        ),
        pytest.param(
            facts(wanted(), grant=SOON), SECRETLESS, ["add 1"], id="without our secret: the present token serves"
        ),
        pytest.param(facts(wanted(), grant=SOON), NOBODY, [], id="sending is off"),
        pytest.param(
            facts(wanted(), grant=grant(expires_at=NOW + 60.0, refresh_token=RENEWAL, state=GrantState.BROKEN)),
            POLICY,
            [],
            id="broken",
        ),
        pytest.param(facts(wanted(), grant=grant(access_token=None, refresh_token=RENEWAL)), POLICY, [], id="no token"),
    ],
)
def test_a_token_is_renewed_shortly_before_it_ends(of: PersonFacts, policy: Policy, calls: list[str]) -> None:
    """Once, before anything else is sent; where it can't be, the present one serves as long as it lasts."""
    assert steps_of(plan(of, policy, NOW)) == calls


@pytest.mark.parametrize(
    ("of", "wake_in"),
    [
        pytest.param(facts(wanted(), published()), None, id="no refresh token"),
        pytest.param(
            facts(wanted(), published(), grant=grant(expires_at=NOW + 1000.0, refresh_token=RENEWAL)),
            400.0,
            id="published",
        ),
        pytest.param(facts(grant=grant(expires_at=NOW + 1000.0, refresh_token=RENEWAL)), None, id="nothing to keep up"),
        pytest.param(
            facts(
                wanted(),
                published(),
                grant=grant(expires_at=NOW + 800.0, refresh_token=RENEWAL, refreshed_at=NOW - 100.0),
            ),
            500.0,
            id="renewed lately",
        ),
    ],
)
def test_a_plan_wakes_when_a_token_is_to_be_renewed(of: PersonFacts, wake_in: float | None) -> None:
    """For who has something wanted or published."""
    assert plan(of, POLICY, NOW).wake_at == (None if wake_in is None else NOW + wake_in)


@pytest.mark.parametrize(
    ("of", "policy", "calls"),
    [
        pytest.param(
            facts(withdrawn(), published(), wanted("2"), a_token(), grant=grant(state=GrantState.ENDING)),
            POLICY,
            ["remove 7"],
            id="removals first",
        ),
        pytest.param(
            facts(wanted(), published(), wanted("2"), a_token(), grant=ENDING),
            POLICY,
            ["revoke token"],
            id="then tokens",
        ),
        pytest.param(
            facts(wanted(), a_token(), a_token("older"), grant=ENDING),
            POLICY,
            ["revoke token", "revoke older"],
            id="all of them",
        ),
        pytest.param(
            facts(wanted(), intent(ripe_in=5.0), a_token(), grant=ENDING),
            POLICY,
            [],
            id="a call that may still be carried out is waited for",
        ),
        pytest.param(
            facts(withdrawn(), published(), a_token(), grant=grant(state=GrantState.ENDING), suspension=LOCKED),
            SECRETLESS,
            [],
            id="without our secret nothing can be revoked",
        ),
        pytest.param(
            facts(withdrawn(), published(), a_token(), grant=ENDING, suspension=LOCKED),
            POLICY,
            ["revoke token"],
            id="a removal that can't be sent now delays nothing",
        ),
        pytest.param(
            facts(withdrawn(), published(), intent(Method.DELETE, put_code=7), a_token(), grant=ENDING),
            POLICY,
            ["revoke token"],
            id="nor does one in doubt without a token to repeat it",
        ),
        pytest.param(
            facts(wanted(), grant=ENDING), POLICY, [f"end the grant on {JOSIAH}"], id="no token left: it has ended"
        ),
        pytest.param(
            facts(wanted(), a_token("superseded")),
            POLICY,
            ["add 1", "revoke superseded"],
            id="another one, while we go on",
        ),
        pytest.param(facts(wanted(), a_token(), grant=ENDING), NOBODY, [], id="sending is off"),
    ],
)
def test_tokens_are_revoked_when_all_else_is_done(of: PersonFacts, policy: Policy, calls: list[str]) -> None:
    """Of a grant that is ending, only removals go out; then its tokens are revoked, and then it has ended."""
    assert steps_of(plan(of, policy, NOW)) == calls


@pytest.mark.parametrize(
    ("of", "policy", "reason"),
    [
        pytest.param(
            facts(wanted(), a_token(), grant=ENDING),
            POLICY,
            "the permission is ending: revoked by an operator",
            id="ending",
        ),
        pytest.param(
            facts(wanted(), a_token(), grant=ENDING),
            SECRETLESS,
            "the permission is ending: revoked by an operator; the secret is not set",
            id="ending, and nothing can be revoked",
        ),
        pytest.param(
            facts(wanted(), grant=grant(access_token=None)),
            POLICY,
            "the permission has no token any more: ask for a new one",
            id="no token",
        ),
    ],
)
def test_what_waits_says_why(of: PersonFacts, policy: Policy, reason: str) -> None:
    """The reason of a waiting item names what became of the permission."""
    made = plan(of, policy, NOW)

    assert (states_of(made), reasons_of(made)) == ({"1": "waiting"}, {"1": reason})
