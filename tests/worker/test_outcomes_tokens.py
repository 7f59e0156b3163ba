"""What becomes of permissions: tokens that are renewed and revoked, and calls that ORCID takes no token for."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from state.facts import Standing
from state.permission_facts import Forgetting, Grant, GrantState, KeptToken, MoveState, token_mark
from state.store import Store
from tests.worker.builders import JOSIAH, LAURE, NOW, PERSON, grant, published
from tests.worker.journeys import Journey
from worker.calling import replies
from worker.calling.aftermath import GoOn, Halt, Replan, Rest
from worker.calling.calls import Sender
from worker.calling.token_calls import token_call
from worker.planning import steps
from worker.ports import Answer, NoAnswer, Reply
from worker.recording.grants import grant_on
from worker.recording.sent import Sent
from worker.recording.tokens import record_token
from worker.turning.preparing import carried, open_intents

OLD, RENEWAL = Secret("old-access"), Secret("old-renewal")
SOON = grant(access_token=OLD, refresh_token=RENEWAL, expires_at=NOW + 60.0)
GONE = replies.Unpermitted("the token was revoked", broken=True)


def answered(status: int, **told: Any) -> Answer:
    """ORCID's authorization server replied."""
    return Answer(status, {}, json.dumps(told).encode() if told else b"")


NEW_TOKENS = answered(
    200,
    access_token="new-access",
    refresh_token="new-renewal",
    expires_in=3600,
    scope="/read-limited",
    name="Josiah",
    orcid=JOSIAH,
)


def keep(store: Store, kept: Grant, *, to_revoke: bool = False) -> KeptToken:
    """Puts a grant into the store, its token beside it."""
    assert kept.access_token is not None
    token = KeptToken(token_mark(kept.access_token), PERSON, kept.orcid, kept.granted_at, kept.access_token, to_revoke)
    store.tokens.keep(token)
    store.grants.put(kept)
    return token


def on(store: Store, orcid: OrcidId = JOSIAH) -> Grant:
    """The person's grant on an iD."""
    found = grant_on(store, PERSON, orcid)
    assert found is not None
    return found


def living(store: Store) -> dict[str, bool]:
    """The tokens that may live at ORCID, and whether each is to be revoked."""
    return {token.token.reveal(): token.to_revoke for token in store.tokens.of_person(PERSON) if token.token}


def test_the_forms_of_token_steps() -> None:
    """A refresh token for new tokens; the access token to revoke. Without one there is no form."""
    kept = KeptToken("mark", PERSON, JOSIAH, NOW, OLD)
    refreshed = token_call(steps.Refresh(SOON), 30.0)
    revoked = token_call(steps.RevokeToken(kept), 30.0)

    assert refreshed is not None
    assert (refreshed.path, refreshed.form) == (
        "/oauth/token",
        {"grant_type": "refresh_token", "refresh_token": "old-renewal"},
    )
    assert revoked is not None
    assert (revoked.path, revoked.form) == ("/oauth/revoke", {"token": "old-access"})
    assert token_call(steps.Refresh(grant()), 30.0) is None
    assert token_call(steps.RevokeToken(replace(kept, token=None)), 30.0) is None


def test_both_new_tokens_take_the_place_of_the_old_ones(store: Store) -> None:
    """The consent stays as old as it is; the old token is dead, and known."""
    old = keep(store, SOON)

    assert record_token(store, steps.Refresh(SOON), NEW_TOKENS, NOW) == Replan()
    after = on(store)
    assert after.access_token is not None
    assert after.refresh_token is not None
    assert (after.access_token.reveal(), after.refresh_token.reveal()) == ("new-access", "new-renewal")
    assert (after.state, after.granted_at, after.refreshed_at) == (GrantState.ACTIVE, SOON.granted_at, NOW)
    assert (after.expires_at, after.scopes) == (NOW + 3600.0, frozenset({"/read-limited"}))
    assert living(store) == {"new-access": False}
    known = store.tokens.known(old.mark)
    assert known is not None
    assert known.token is None


def test_a_permission_that_was_revoked_meanwhile_stays_so(store: Store) -> None:
    """What came of the exchange is revoked in the place of the old token."""
    keep(store, replace(SOON, state=GrantState.ENDING), to_revoke=True)
    record_token(store, steps.Refresh(SOON), NEW_TOKENS, NOW)

    assert on(store).state is GrantState.ENDING
    assert living(store) == {"new-access": True}


def test_a_new_permission_that_came_meanwhile_stays(store: Store) -> None:
    """The exchange was about the one before; its tokens are only kept."""
    keep(store, SOON)
    keep(store, replace(SOON, access_token=Secret("consented-again"), granted_at=NOW))
    record_token(store, steps.Refresh(SOON), NEW_TOKENS, NOW)

    token = on(store).access_token
    assert token is not None
    assert token.reveal() == "consented-again"
    assert living(store) == {"consented-again": False, "new-access": False}


@pytest.mark.parametrize(
    ("reply", "aftermath", "state"),
    [
        pytest.param(answered(400, error="invalid_grant"), Replan, GrantState.BROKEN, id="the permission is gone"),
        pytest.param(answered(400, error="unauthorized_client"), Replan, GrantState.BROKEN, id="the record is closed"),
        pytest.param(answered(401, error="invalid_client"), Halt, GrantState.ACTIVE, id="our secret is wrong"),
        pytest.param(answered(503), Rest, GrantState.ACTIVE, id="overloaded"),
        pytest.param(NoAnswer("no reply in time", sent=True, late=True), Rest, GrantState.ACTIVE, id="no reply"),
        pytest.param(answered(401, error="invalid_request"), Rest, GrantState.ACTIVE, id="ORCID's forwarder failed"),
    ],
)
def test_a_refused_exchange(store: Store, reply: Reply, aftermath: type, state: GrantState) -> None:
    """The permission is over, we are wrong, or it is tried again: in each case the tokens stay as they are."""
    keep(store, SOON)

    assert isinstance(record_token(store, steps.Refresh(SOON), reply, NOW), aftermath)
    assert (on(store).state, on(store).access_token) == (state, OLD)
    assert living(store) == {"old-access": False}


def test_with_its_last_token_a_grant_has_ended(store: Store) -> None:
    """One after the other; the grant forgets its own tokens when they are revoked, and put-codes stay."""
    own = keep(store, replace(SOON, state=GrantState.ENDING, reason="by an operator"), to_revoke=True)
    older = KeptToken("older", PERSON, JOSIAH, NOW - 9.0, Secret("older"), to_revoke=True)
    store.tokens.keep(older)
    store.items.publish(published())

    assert record_token(store, steps.RevokeToken(own), answered(200), NOW) == GoOn()
    assert (on(store).state, on(store).access_token, on(store).refresh_token) == (GrantState.ENDING, None, None)
    assert record_token(store, steps.RevokeToken(older), answered(200), NOW) == GoOn()
    assert (on(store).state, on(store).reason) == (GrantState.REVOKED, "by an operator")
    assert living(store) == {}
    assert len(list(store.items.published())) == 1


def test_another_token_that_is_revoked_leaves_the_grant_as_it_is(store: Store) -> None:
    """One that was superseded, or declined."""
    keep(store, SOON)
    other = KeptToken("other", PERSON, JOSIAH, NOW - 9.0, Secret("other"), to_revoke=True)
    store.tokens.keep(other)
    record_token(store, steps.RevokeToken(other), answered(200), NOW)

    assert (on(store).state, on(store).access_token) == (GrantState.ACTIVE, OLD)


@pytest.mark.parametrize(
    ("reply", "aftermath"),
    [
        pytest.param(answered(401, error="invalid_client"), Halt, id="our secret is wrong"),
        pytest.param(answered(502), Rest, id="a proxy"),
        pytest.param(answered(400, error="invalid_request"), Rest, id="refused"),
    ],
)
def test_a_token_that_could_not_be_revoked_is_kept(store: Store, reply: Reply, aftermath: type) -> None:
    """It is tried again."""
    own = keep(store, replace(SOON, state=GrantState.ENDING), to_revoke=True)

    assert isinstance(record_token(store, steps.RevokeToken(own), reply, NOW), aftermath)
    assert living(store) == {"old-access": True}


# Calls of the API.


def sent_with(journey: Journey, step: steps.RecordStep, token: Secret | None, orcid: OrcidId = JOSIAH) -> Sent:
    """A call under way on a record, with a token."""
    epoch = journey.store.turns.acquire(orcid, "another desk", 30.0) if orcid != JOSIAH else journey.sender.epoch
    assert epoch is not None
    sender = Sender(PERSON, orcid, epoch, 30.0)
    carrying = carried(journey.store, step)
    assert carrying is not None
    mark = "" if token is None else token_mark(token)
    return Sent(step, open_intents(journey.store, step, carrying, sender), sender, mark)


def test_a_refused_token_breaks_the_permission_once(journey: Journey) -> None:
    """The second refusal says nothing new."""
    keep(journey.store, SOON)
    first, second = sent_with(journey, journey.add("1"), OLD), sent_with(journey, journey.add("2"), OLD)
    assert journey.reply(first, GONE) == Replan()
    journey.store.grants.mark(PERSON, JOSIAH, GrantState.BROKEN, "told")
    journey.reply(second, GONE)

    assert (on(journey.store).state, on(journey.store).reason) == (GrantState.BROKEN, "told")
    assert living(journey.store) == {"old-access": False}


def test_a_refused_token_does_not_break_a_newer_permission(journey: Journey) -> None:
    """The researcher consented again while the call was under way."""
    keep(journey.store, SOON)
    sent = sent_with(journey, journey.add("1"), OLD)
    keep(journey.store, replace(SOON, access_token=Secret("consented-again"), granted_at=NOW))

    assert journey.reply(sent, GONE) == Replan()
    assert on(journey.store).state is GrantState.ACTIVE


def test_a_token_that_serves_not_even_a_removal_is_forgotten(journey: Journey) -> None:
    """Its grant is over; what stands keeps its put-code."""
    keep(journey.store, replace(SOON, state=GrantState.BROKEN))
    sent = sent_with(journey, steps.Remove(journey.stand(), ""), OLD)

    assert journey.reply(sent, GONE) == Replan()
    assert (on(journey.store).state, on(journey.store).access_token) == (GrantState.REVOKED, None)
    assert living(journey.store) == {}
    assert list(journey.stands) == [7]


@pytest.fixture
def moved(journey: Journey) -> Journey:
    """Something stands on a record that the person moved away from."""
    keep(journey.store, replace(grant(orcid=LAURE), access_token=OLD, granted_at=NOW - 9.0))
    keep(journey.store, replace(grant(), access_token=Secret("new"), granted_at=NOW))
    journey.store.items.publish(published(9, "9", orcid=LAURE))
    return journey


def removal(moved: Journey) -> Sent:
    """Its removal is under way."""
    (one,) = [each for each in moved.store.items.published() if each.orcid == LAURE]
    return sent_with(moved, steps.Remove(one, ""), OLD, LAURE)


@pytest.mark.parametrize(
    ("verdict", "state", "move", "serves"),
    [
        pytest.param(GONE, GrantState.REVOKED, None, True, id="401: its token is forgotten, the plan tells the rest"),
        pytest.param(
            replies.Refused(400, 9022, "no"), GrantState.REPLACED, MoveState.STRANDED, True, id="refused: stranded"
        ),
        pytest.param(
            replies.Unpermitted("no scope", broken=False),
            GrantState.REPLACED,
            None,
            False,
            id="403: it lacks the scope from now on",
        ),
    ],
)
def test_a_removal_that_fails_on_a_former_record(
    moved: Journey, verdict: replies.Verdict, state: GrantState, move: MoveState | None, *, serves: bool
) -> None:
    """What it tells is about the former record alone; the item's own state there and the granted iD stay."""
    moved.reply(removal(moved), verdict)
    noted = moved.store.moves.move(PERSON, LAURE)

    assert on(moved.store, LAURE).state is state
    assert (None if noted is None else noted.state) is move
    assert on(moved.store).state is GrantState.ACTIVE
    assert on(moved.store).scopes == grant().scopes
    assert ("/activities/update" in on(moved.store, LAURE).scopes) is serves


def test_a_list_that_is_refused_on_a_former_record_strands_it(moved: Journey) -> None:
    """Its grant stays replaced: only a removal shows that its token is dead."""
    step = steps.ListSection(published().section, "")
    moved.reply(sent_with(moved, step, OLD, LAURE), GONE)
    noted = moved.store.moves.move(PERSON, LAURE)

    assert noted is not None
    assert (noted.state, noted.reason) == (MoveState.STRANDED, f"{LAURE}: the token was revoked")
    assert on(moved.store, LAURE).state is GrantState.REPLACED


def test_what_orcid_refuses_to_delete_is_let_be_for_who_is_forgotten(journey: Journey) -> None:
    """It is not tried again, and keeps nobody from being erased."""
    journey.want()
    journey.store.blocks.begin(Forgetting(PERSON, remove_items=True, since=NOW))
    journey.reply(sent_with(journey, steps.Remove(journey.stand(), ""), None), replies.Refused(400, 9022, "no"))

    assert journey.stands[7].standing is Standing.FOREIGN
