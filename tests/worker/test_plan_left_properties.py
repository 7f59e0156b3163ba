"""What holds for every plan of a record that is left, of a grant that is ending, and of who is being forgotten."""

from dataclasses import replace

from hypothesis import given

from mappers.identifiers import OrcidId
from state.facts import Method, PersonFacts, Standing
from state.permission_facts import GrantState, MoveState
from tests.worker.any_facts import ANY_POLICIES, any_facts
from tests.worker.builders import NOW
from worker.planning import steps
from worker.planning.former import plan_former
from worker.planning.plan import plan
from worker.planning.policy import Policy


def plans(of: PersonFacts, policy: Policy) -> list[tuple[OrcidId | None, steps.Plan]]:
    """All plans of a person, each with the iD that it is for."""
    made: list[tuple[OrcidId | None, steps.Plan]] = [(of.grant.orcid if of.grant else None, plan(of, policy, NOW))]
    return [*made, *((one.orcid, plan_former(of, one, policy, NOW)) for one in of.former)]


def orcids_in(made: steps.Plan) -> set[OrcidId]:
    """The iDs that a plan's calls name."""
    found: set[OrcidId] = set()
    for call in made.calls:
        match call:
            case steps.Update(published=one) | steps.MoveAside(published=one) | steps.Remove(published=one):
                found.add(one.orcid)
            case steps.Repeat(intents=intents):
                found |= {one.orcid for one in intents}
            case steps.RevokeToken(token=token):
                found.add(token.orcid)
            case steps.Refresh(grant=grant):
                found.add(grant.orcid)
            case _:
                pass
    return found


@given(any_facts(any_end=True), ANY_POLICIES)
def test_no_plan_names_another_id_than_its_own(of: PersonFacts, policy: Policy) -> None:
    """Put-codes, repeated POSTs and tokens of one record are never sent to another one."""
    for orcid, made in plans(of, policy):
        assert orcids_in(made) <= {orcid}


@given(any_facts(any_end=True), ANY_POLICIES)
def test_without_an_active_grant_nothing_but_removals_and_revocations_goes_out(of: PersonFacts, policy: Policy) -> None:
    """Nor for who is being forgotten: but that lists tell what is to be removed."""
    made = plan(of, policy, NOW)
    allowed: tuple[type, ...] = (steps.Remove, steps.RevokeToken)
    if of.forgetting is not None:
        allowed = (*allowed, steps.ListSection)
    elif of.grant is not None and of.grant.state is GrantState.ACTIVE:
        return
    assert [call for call in made.calls if not isinstance(call, allowed)] == []


@given(any_facts(any_end=True), ANY_POLICIES)
def test_on_a_former_record_nothing_is_ever_written_but_removals(of: PersonFacts, policy: Policy) -> None:
    """And nothing is removed there unapproved, unless its removal had begun, nor what the researcher removed."""
    doubted = {one.put_code for one in of.intents if one.method is Method.DELETE}
    for one in of.former:
        approved = (one.move is not None and one.move.state is MoveState.APPROVED) or of.forgetting is not None
        for call in plan_former(of, one, policy, NOW).calls:
            assert isinstance(call, steps.Remove | steps.ListSection | steps.RevokeToken)
            if isinstance(call, steps.Remove):
                assert approved or call.published.put_code in doubted
                assert call.published.standing in (Standing.LIVE, Standing.MISSING)
                assert one.grant is not None
                assert one.grant.access_token is not None


@given(any_facts(any_end=True), ANY_POLICIES)
def test_who_keeps_their_items_loses_none(of: PersonFacts, policy: Policy) -> None:
    """Forgetting without removing removes nothing, whatever was approved before."""
    if of.forgetting is not None and not of.forgetting.remove_items:
        calls = [call for _, made in plans(of, policy) for call in made.calls]
        assert [call for call in calls if not isinstance(call, steps.RevokeToken)] == []


@given(any_facts(), ANY_POLICIES)
def test_a_noted_move_is_noted_once(of: PersonFacts, policy: Policy) -> None:
    """Planning again after a plan's moves were written down says nothing new of them."""
    made = plan(of, policy, NOW)
    noted = {move.orcid: move for move in made.moves}
    dropped = {note.orcid for note in made.notes if isinstance(note, steps.DropMove)}
    former = [replace(one, move=None if one.orcid in dropped else noted.get(one.orcid, one.move)) for one in of.former]
    again = plan(replace(of, former=tuple(former)), policy, NOW)

    assert again.moves == ()
    assert not [note for note in again.notes if isinstance(note, steps.DropMove)]


@given(any_facts(any_end=True), ANY_POLICIES)
def test_a_token_is_revoked_last(of: PersonFacts, policy: Policy) -> None:
    """Where a permission ends, no plan revokes a token and makes another call of the same record."""
    for orcid, made in plans(of, policy):
        grant = of.grant if of.grant is not None and of.grant.orcid == orcid else None
        ends = grant is None or of.forgetting is not None or grant.state is GrantState.ENDING
        if ends and any(isinstance(call, steps.RevokeToken) for call in made.calls):
            assert all(isinstance(call, steps.RevokeToken) for call in made.calls)
