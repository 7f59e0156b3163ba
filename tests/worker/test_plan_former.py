"""Records that are left: the table of planning/former.py, row by row."""

from dataclasses import replace

import pytest

from mappers.secret import Secret
from mappers.sections import Section
from state.facts import Method, Origin, PersonFacts, Standing
from state.permission_facts import Forgetting, Former, GrantState, MoveState, Suspension, SuspensionKind, token_mark
from tests.worker.builders import (
    JOSIAH,
    LAURE,
    NOW,
    PERSON,
    POLICY,
    a_token,
    an_employment,
    facts,
    former,
    grant,
    intent,
    published,
    reasons_of,
    states_of,
    steps_of,
    wanted,
    withdrawn,
)
from worker.planning import steps
from worker.planning.former import plan_former
from worker.planning.plan import plan
from worker.planning.policy import Policy

OLD = published(3, orcid=LAURE)
NEW = (wanted(), published(7))
"""It stands on the new record as it is wanted."""
BROKEN = grant(orcid=LAURE, state=GrantState.BROKEN)
ENDING = grant(orcid=LAURE, state=GrantState.ENDING)
ENDING_HERE = grant(state=GrantState.ENDING)
TOKENLESS = grant(state=GrantState.ENDING, access_token=None)
OWN = token_mark(Secret("4bed1e13-7792-4129-9f07-aaf7b88ba88f"))
APPROVED, HELD, REJECTED, STRANDED = MoveState.APPROVED, MoveState.HELD, MoveState.REJECTED, MoveState.STRANDED
LOCKED = Suspension(LAURE, SuspensionKind.LOCKED, "by ORCID's staff", NOW + 3600.0)
DEPRECATED = Suspension(LAURE, SuspensionKind.DEPRECATED, JOSIAH, NOW)
POSTED = intent(subject="9", orcid=LAURE, id=9)


def left(of: PersonFacts, policy: Policy = POLICY) -> steps.Plan:
    """The plan of the person's only former record."""
    (one,) = of.former
    return plan_former(of, one, policy, NOW)


def move_in(of: PersonFacts, policy: Policy = POLICY) -> str:
    """What the plan of the granted iD says of the move: as what it is noted, dropped, or nothing."""
    made = plan(of, policy, NOW)
    dropped = [one.orcid for one in made.notes if isinstance(one, steps.DropMove)]
    return " ".join([*(move.state.value for move in made.moves), *("dropped" for _ in dropped)])


@pytest.mark.parametrize(
    ("of", "noted", "calls"),
    [
        pytest.param(facts(*NEW, OLD, former()), "held", [], id="first seen: held"),
        pytest.param(facts(*NEW, OLD, former(move=APPROVED)), "approved", ["remove 3"], id="approved: removed"),
        pytest.param(
            facts(*NEW, replace(OLD, origin=Origin.ADOPTED), former(move=APPROVED)),
            "approved",
            ["remove 3"],
            id="approved, adopted items too",
        ),
        pytest.param(
            facts(*NEW, replace(OLD, standing=Standing.MISSING), former(move=APPROVED)),
            "approved",
            ["remove 3"],
            id="approved, and not found lately: a DELETE tells",
        ),
        pytest.param(facts(*NEW, OLD, former(move=REJECTED)), "", [], id="rejected: stays"),
        pytest.param(facts(*NEW, OLD, former(move=STRANDED)), "", [], id="stranded: stays, until it is approved again"),
        pytest.param(
            facts(*NEW, OLD, former(grant=BROKEN, move=APPROVED)),
            "approved",
            ["remove 3"],
            id="the old token was refused: a DELETE may go through still",
        ),
        pytest.param(facts(*NEW, OLD, former(grant=None, move=APPROVED)), "stranded", [], id="no grant there"),
        pytest.param(
            facts(*NEW, OLD, former(grant=grant(orcid=LAURE, expires_at=NOW), move=APPROVED)),
            "stranded",
            [],
            id="its permission expired",
        ),
        pytest.param(
            facts(*NEW, OLD, former(grant=grant(orcid=LAURE, access_token=None), move=APPROVED)),
            "stranded",
            [],
            id="its token was forgotten",
        ),
        pytest.param(
            facts(*NEW, OLD, former("/orcid-works/create", move=APPROVED)), "stranded", [], id="it lacks the scope"
        ),
        pytest.param(facts(*NEW, OLD, former(suspension=DEPRECATED)), "stranded", [], id="the record is deprecated"),
        pytest.param(
            facts(*NEW, OLD, former(suspension=LOCKED, move=APPROVED)), "approved", [], id="locked for now: it waits"
        ),
        pytest.param(
            facts(*NEW, replace(OLD, standing=Standing.REMOVED), former(move=APPROVED)),
            "dropped",
            [],
            id="the researcher removed it there",
        ),
        pytest.param(facts(*NEW, former(move=HELD)), "dropped", [], id="nothing stands there any more"),
        pytest.param(
            facts(*NEW, OLD, intent(Method.DELETE, put_code=3, orcid=LAURE), former(move=HELD)),
            "held",
            ["remove 3"],
            id="a DELETE in doubt: repeated",
        ),
        pytest.param(
            facts(*NEW, OLD, intent(Method.PUT, put_code=3, orcid=LAURE), former(move=HELD)),
            "held",
            [],
            id="a PUT in doubt: it stands",
        ),
        pytest.param(
            facts(*NEW, OLD, intent(Method.PUT, put_code=3, orcid=LAURE, ripe_in=5.0), former(move=APPROVED)),
            "approved",
            [],
            id="a PUT that may still be carried out: wait",
        ),
        pytest.param(facts(*NEW, POSTED, former()), "held", ["list work"], id="a POST in doubt: a list tells"),
        pytest.param(
            facts(*NEW, replace(POSTED, ripe_at=NOW - 9.0), former(move=HELD, listed_at={Section.WORK: NOW - 5.0})),
            "held",
            [],
            id="a POST in doubt, listed just now: a settle time later again",
        ),
        pytest.param(
            facts(*NEW, POSTED, former(grant=BROKEN)),
            "stranded",
            [],
            id="a POST in doubt, and a token that reads no more",
        ),
        pytest.param(
            facts(*NEW, OLD, a_token("old", orcid=LAURE), former(grant=ENDING, move=HELD)),
            "held",
            ["revoke old", f"revoke {OWN}"],
            id="ending, and not approved: its tokens are revoked, also one that was not kept apart",
        ),
        pytest.param(
            facts(*NEW, OLD, former(grant=ENDING, move=APPROVED)),
            "approved",
            ["remove 3"],
            id="ending, and approved: removals come first",
        ),
        pytest.param(
            facts(*NEW, a_token("declined", orcid=LAURE), former(grant=None)),
            "",
            ["revoke declined"],
            id="a token of a permission that was declined",
        ),
        pytest.param(
            facts(*NEW, former(grant=grant(orcid=LAURE, state=GrantState.ENDING, access_token=None))),
            "",
            [f"end the grant on {LAURE}"],
            id="ending, and no token is left: it has ended",
        ),
    ],
)
def test_a_row(of: PersonFacts, noted: str, calls: list[str]) -> None:
    """What becomes of the move, and what is called on the former record; nothing is on the granted one."""
    assert move_in(of) == noted
    assert steps_of(left(of)) == calls
    assert plan(of, POLICY, NOW).calls == ()


@pytest.mark.parametrize(
    ("of", "state", "reason"),
    [
        pytest.param(former(), "held", f"the person moved from {LAURE} to {JOSIAH}", id="held"),
        pytest.param(former(move=REJECTED), "held", "noted before", id="rejected"),
        pytest.param(former(move=APPROVED), "pending", f"the person moved from {LAURE} to {JOSIAH}", id="approved"),
        pytest.param(
            former(move=APPROVED, suspension=LOCKED),
            "pending",
            f"the record {LAURE} is locked: by ORCID's staff",
            id="approved, and locked",
        ),
        pytest.param(
            former(suspension=DEPRECATED), "stranded", f"the record {LAURE} is deprecated: {JOSIAH}", id="deprecated"
        ),
        pytest.param(
            former("/read-limited"),
            "stranded",
            f"{LAURE}: the permission lacks a scope for work: /activities/update or /orcid-works/update",
            id="no scope",
        ),
        pytest.param(
            former(grant=grant(orcid=LAURE, expires_at=NOW)),
            "stranded",
            f"{LAURE}: the permission expired",
            id="expired",
        ),
        pytest.param(
            former(grant=grant(orcid=LAURE, access_token=None, reason="ORCID said no")),
            "stranded",
            f"{LAURE}: ORCID said no",
            id="refused",
        ),
        pytest.param(former(grant=None), "stranded", f"there is no permission for {LAURE}", id="no grant"),
    ],
)
def test_what_is_withdrawn_and_stands_there_alone_follows_the_move(of: Former, state: str, reason: str) -> None:
    """Its own state tells what becomes of it; once it is gone there, it is forgotten."""
    made = plan(facts(withdrawn(), OLD, of), POLICY, NOW)
    gone = plan(facts(withdrawn(), of), POLICY, NOW)

    assert (states_of(made), reasons_of(made)) == ({"1": state}, {"1": reason})
    assert "forget 1" in steps_of(gone)


def test_what_the_researcher_removed_there_is_added_to_the_new_record() -> None:
    """A removal on one record says nothing about another one."""
    made = plan(facts(wanted(), replace(OLD, standing=Standing.REMOVED), former()), POLICY, NOW)

    assert (steps_of(made), states_of(made)) == (["add 1"], {"1": "pending"})


def test_only_what_the_old_permission_may_remove_is_removed() -> None:
    """The rest is told to be stranded when it is all that is left."""
    employed = published(4, "4", an_employment(), orcid=LAURE)
    both = facts(*NEW, OLD, employed, former("/orcid-works/update", move=APPROVED))
    rest = facts(*NEW, employed, former("/orcid-works/update", move=APPROVED))

    assert (steps_of(left(both)), move_in(both)) == (["remove 3"], "approved")
    assert (steps_of(left(rest)), move_in(rest)) == ([], "stranded")


def test_nothing_is_removed_while_sending_is_off() -> None:
    """An approved move waits, and says so; a section that is off is left alone."""
    of = facts(*NEW, OLD, former(move=APPROVED))
    off = Policy(only=frozenset(), held_by="sending is off")

    assert left(of, off).calls == ()
    assert [move.reason for move in plan(of, off, NOW).moves] == ["sending is off"]
    assert left(of, Policy(switched_off=frozenset({Section.WORK}))).calls == ()


def test_a_locked_former_record_is_looked_at_again() -> None:
    """Its plan wakes when the suspension says."""
    assert left(facts(*NEW, OLD, former(move=APPROVED, suspension=LOCKED))).wake_at == NOW + 3600.0


def test_without_a_current_grant_no_move_is_noted() -> None:
    """Nobody moved anywhere: the permission is over, and put-codes stay."""
    assert plan(facts(wanted(), OLD, former(), grant=None), POLICY, NOW).moves == ()


FORGOTTEN = Forgetting(PERSON, remove_items=True, since=NOW)
STAYS = Forgetting(PERSON, remove_items=False, since=NOW)
EVERYTHING = (wanted("1"), wanted("2"), published(2, "2", an_employment()), withdrawn("3"), published(3, "3"))


@pytest.mark.parametrize(
    ("of", "granted", "formers"),
    [
        pytest.param(
            facts(*EVERYTHING, a_token(), former(), published(9, "9", orcid=LAURE), forgetting=FORGOTTEN),
            ["remove 2", "remove 3"],
            ["remove 9"],
            id="with its items: all of them go first, without a word about the move",
        ),
        pytest.param(
            facts(*EVERYTHING, a_token(), former(), published(9, "9", orcid=LAURE), forgetting=STAYS),
            ["revoke token"],
            [],
            id="without: tokens are revoked",
        ),
        pytest.param(
            facts(wanted("5"), intent(subject="5"), a_token(), former(), grant=ENDING_HERE, forgetting=FORGOTTEN),
            ["list work"],
            [],
            id="with its items: what a POST in doubt left there is found first",
        ),
        pytest.param(
            facts(wanted("5"), intent(subject="5"), a_token(), former(), grant=TOKENLESS, forgetting=FORGOTTEN),
            ["revoke token", "give up 5"],
            [],
            id="with its items, but no token reads any more: doubts are left alone",
        ),
        pytest.param(
            facts(wanted("5"), intent(subject="5"), a_token(), former(), forgetting=STAYS),
            ["revoke token", "give up 5"],
            [],
            id="without: doubts are left alone",
        ),
        pytest.param(
            facts(wanted("5"), intent(subject="5", ripe_in=9.0), a_token(), former(), forgetting=STAYS),
            [],
            [],
            id="a call that may still be carried out is waited for",
        ),
        pytest.param(
            facts(published(2, "2", standing=Standing.FOREIGN), a_token(), former(), forgetting=FORGOTTEN),
            ["revoke token"],
            [],
            id="what ORCID would not delete is let be",
        ),
    ],
)
def test_who_is_being_forgotten(of: PersonFacts, granted: list[str], formers: list[str]) -> None:
    """Nothing is added or changed any more, and everything wanted waits."""
    made = plan(of, POLICY, NOW)

    assert steps_of(made) == granted
    assert steps_of(left(of)) == formers
    assert set(reasons_of(made).values()) <= {"the person is being forgotten"}
    assert made.moves == ()
