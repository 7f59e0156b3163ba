"""Outcomes of calls in the store: what each verdict means for a step (ARCHITECTURE.md 7)."""

import pytest

from mappers.sections import Section, may_change
from state.facts import Method, Origin, Standing
from state.permission_facts import GrantState, SuspensionKind
from tests.worker.builders import (
    JOSIAH,
    LAURE,
    NOW,
    PERSON,
    YEAR,
    a_key,
    a_work,
    facts,
    grant,
    published,
    states_of,
    steps_of,
    withdrawn,
)
from tests.worker.journeys import SETTLE, Journey
from worker.calling import replies
from worker.calling.aftermath import Follow, GoOn, Halt, Replan, Rest
from worker.planning import steps
from worker.planning.gates import FULL
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.recording.sent import DAY

KIWI = a_work("10.1/1", "Kiwi")


def an_update(journey: Journey) -> steps.Update:
    """The update of an item that stands under 7 otherwise than it is wanted."""
    return steps.Update(journey.want(), journey.stand(document=KIWI), None, "")


def a_step(journey: Journey, name: str) -> steps.RecordStep:
    """A step by its name."""
    match name:
        case "add":
            return journey.add("1")
        case "add works":
            return journey.add("1", "2")
        case "update":
            return an_update(journey)
        case "remove":
            return steps.Remove(journey.stand(), "")
        case _:
            return steps.ListSection(journey.want().key.section, "")


EVERY_STEP = ("add", "add works", "update", "remove", "list")


def test_created_is_published_with_the_digest_of_its_intent(journey: Journey) -> None:
    """201: the item stands under its put-code, and the section counts as filled by us."""
    step = journey.add("1")
    sent = journey.open(step)
    journey.want("1", KIWI)  # something else is wanted by now

    assert journey.reply(sent, replies.Created(7)) == GoOn()
    assert journey.stands[7].digest == sent.intents[0].digest != journey.item().digest
    assert (journey.stands[7].origin, journey.stands[7].standing) == (Origin.CREATED, Standing.LIVE)
    assert journey.store.items.facts(PERSON).sections[a_key().section].filled_at == NOW
    assert journey.verdicts() == ["created"]


def test_each_slot_of_a_bulk_counts_for_itself(journey: Journey) -> None:
    """One work created, one refused: the second says why, the first stands."""
    verdict = replies.Slots((replies.Created(7), replies.Refused(400, 9022, "a title is required")))

    assert journey.send(journey.add("1", "2"), verdict) == GoOn()
    assert journey.stands[7].item == a_key("1")
    assert journey.item("2").refused_digest == journey.item("2").digest
    assert journey.item("2").refused_reason == "ORCID refused it: a title is required"
    assert (journey.verdicts("1"), journey.verdicts("2")) == (["created"], ["refused"])


def test_an_accepted_update_is_published_with_the_digest_of_its_intent(journey: Journey) -> None:
    """200 to a PUT: what stands is what was sent."""
    step = an_update(journey)

    assert journey.send(step, replies.Accepted()) == GoOn()
    assert journey.stands[7].digest == step.item.digest
    assert journey.open_intents == ()


def test_an_accepted_update_serves_the_item_that_was_sent(journey: Journey) -> None:
    """A runner-up that was written over the winner's put-code has it from then on."""
    step = steps.Update(journey.want("2"), journey.stand(7, "1"), None, "")
    journey.send(step, replies.Accepted())

    assert journey.stands[7].item == a_key("2")


def test_deleted_is_not_published_any_more(journey: Journey) -> None:
    """204 or 404 to a DELETE: it is gone, and that is ours, not the researcher's."""
    assert journey.send(a_step(journey, "remove"), replies.Deleted()) == GoOn()
    assert journey.stands == {}
    assert journey.open_intents == ()


def test_a_missing_put_code_is_confirmed_by_a_list(journey: Journey) -> None:
    """404 to a PUT: missing, until a list says so too."""
    aftermath = journey.send(an_update(journey), replies.Missing())

    assert journey.stands[7].standing is Standing.MISSING
    assert isinstance(aftermath, Follow)
    assert [type(call) for call in aftermath.calls] == [steps.ListSection]


@pytest.mark.parametrize("name", ["update", "remove"])
def test_what_is_another_sources_is_never_touched_again(journey: Journey, name: str) -> None:
    """403/9010: foreign, whatever we want."""
    assert journey.send(a_step(journey, name), replies.NotOurs("403 9010")) == GoOn(failed=7)
    assert journey.stands[7].standing is Standing.FOREIGN


@pytest.mark.parametrize("name", ["add", "update"])
def test_a_refused_document_waits_for_a_change(journey: Journey, name: str) -> None:
    """400: this digest is not sent again, and what stands keeps its digest."""
    step = a_step(journey, name)
    before = journey.stands

    assert journey.send(step, replies.Refused(400, 9022, "no title"), "no title") == GoOn(
        failed=7 if name == "update" else None
    )
    assert journey.item().refused_digest == journey.item().digest
    assert journey.item().refused_reason == "ORCID refused it: no title"
    assert journey.stands == before
    assert journey.open_intents == ()


@pytest.mark.parametrize("name", EVERY_STEP)
@pytest.mark.parametrize(
    ("verdict", "aftermath"),
    [
        pytest.param(replies.Throttled(120.0), Rest(NOW + 120.0, "ORCID asks to slow down"), id="throttled, with time"),
        pytest.param(replies.Throttled(None), Rest(None, "ORCID asks to slow down"), id="throttled"),
        pytest.param(replies.Unsent("refused"), Rest(None, "ORCID cannot be reached: refused"), id="unsent"),
        pytest.param(replies.Stop("client locked"), Halt("client locked"), id="stop"),
        pytest.param(replies.Suspended(SuspensionKind.LOCKED, ""), Replan(), id="suspended"),
        pytest.param(replies.Unpermitted("revoked", broken=True), Replan(), id="unpermitted"),
    ],
)
def test_what_was_not_carried_out_leaves_nothing_in_doubt(
    journey: Journey, name: str, verdict: replies.Verdict, aftermath: object
) -> None:
    """The intents are closed, nothing is published or refused, and the slice goes on so."""
    step = a_step(journey, name)
    before = journey.stands

    assert journey.send(step, verdict) == aftermath
    assert journey.open_intents == ()
    assert journey.stands == before
    assert {one.refused_digest for one in journey.store.items.facts(PERSON).wanted} <= {""}


@pytest.mark.parametrize("name", EVERY_STEP)
@pytest.mark.parametrize(
    ("late", "ripe_at"),
    [
        pytest.param(True, NOW + 60.0, id="timeout: until a late commit is impossible"),
        pytest.param(False, NOW + SETTLE, id="reset: the settle time"),
    ],
)
def test_in_doubt_stays_open(journey: Journey, name: str, *, late: bool, ripe_at: float) -> None:
    """Nobody knows: every intent waits until it is ripe."""
    sent = journey.open(a_step(journey, name))
    aftermath = journey.reply(sent, replies.InDoubt("lost", late))

    assert aftermath == Rest(None, "nobody knows whether it was carried out: lost")
    assert [one.id for one in journey.open_intents] == [one.id for one in sent.intents]
    assert {one.ripe_at for one in journey.open_intents} <= {ripe_at}


def test_slowing_down_is_for_all(journey: Journey) -> None:
    """Retry-After holds the shared budget back."""
    journey.send(journey.add("1"), replies.Throttled(120.0))

    assert journey.store.turns.spend(1, 23.0, 30.0) == pytest.approx(120.0)


def test_a_suspended_record_is_looked_at_again_in_a_day(journey: Journey) -> None:
    """Locked, deactivated and their like are no back-off."""
    journey.send(journey.add("1"), replies.Suspended(SuspensionKind.DEPRECATED, str(LAURE)))
    suspension = journey.store.items.facts(PERSON).suspension

    assert suspension is not None
    assert (suspension.orcid, suspension.kind, suspension.detail) == (JOSIAH, SuspensionKind.DEPRECATED, str(LAURE))
    assert suspension.look_again_at == NOW + DAY


def test_an_item_that_is_gone_when_it_is_read_suspends_nobody(journey: Journey) -> None:
    """404 to the GET of an item that a list showed is about that item, not about the record."""
    found = (steps.FoundItem(7, a_key(), Origin.ADOPTED),)
    step = steps.ReadItems(a_key().section, found, NOW)
    aftermath = journey.send(step, replies.Suspended(SuspensionKind.UNKNOWN, "ORCID does not know this iD"))

    assert isinstance(aftermath, Rest)
    assert journey.store.items.facts(PERSON).suspension is None


@pytest.mark.parametrize(
    ("names", "state"),
    [
        pytest.param(["add"], GrantState.BROKEN, id="POST: broken, good for removals still"),
        pytest.param(["update"], GrantState.BROKEN, id="PUT: broken, good for removals still"),
        pytest.param(["list"], GrantState.BROKEN, id="GET: broken, good for removals still"),
        pytest.param(["remove"], GrantState.BROKEN, id="DELETE: broken, tried once more"),
        pytest.param(["remove", "remove"], GrantState.REVOKED, id="DELETE, and again: over"),
        pytest.param(["add", "remove"], GrantState.REVOKED, id="POST, then DELETE: over"),
    ],
)
def test_a_token_that_does_not_serve_waits_for_a_new_permission(
    journey: Journey, names: list[str], state: GrantState
) -> None:
    """401: ORCID accepts a DELETE with a token that the person revoked, and nothing else."""
    for name in names:
        journey.send(a_step(journey, name), replies.Unpermitted("ORCID does not accept the token", broken=True))

    assert [(one.state, one.reason) for one in journey.store.grants.of_person(PERSON)] == [
        (state, "ORCID does not accept the token")
    ]


def test_planning_sees_a_broken_grant(journey: Journey) -> None:
    """Removals go out with a broken grant, so planning has to see it."""
    journey.send(journey.add("1"), replies.Unpermitted("revoked", broken=True))

    assert journey.store.items.facts(PERSON).grant is not None


def test_a_new_grant_is_not_broken_by_the_reply_to_an_old_call(journey: Journey) -> None:
    """The person has connected another iD meanwhile: only the old grant breaks."""
    sent = journey.open(journey.add("1"))
    journey.store.grants.put(grant(orcid=LAURE, granted_at=NOW + YEAR))
    journey.reply(sent, replies.Unpermitted("revoked", broken=True))
    active = journey.store.items.facts(PERSON).grant

    assert active is not None
    assert active.orcid == LAURE


def test_a_refused_delete_keeps_what_stands(journey: Journey) -> None:
    """ORCID will not delete it: nothing is forgotten, and the record's other steps go on."""
    aftermath = journey.send(a_step(journey, "remove"), replies.Refused(409, 9040, "no"))

    assert isinstance(aftermath, GoOn)
    assert list(journey.stands) == [7]
    assert journey.open_intents == ()


def test_a_refused_delete_is_not_tried_again_before_its_source_speaks(journey: Journey) -> None:
    """The withdrawn item says why it stands still."""
    journey.send(a_step(journey, "remove"), replies.Refused(409, 9040, "no"))
    item = withdrawn("1", refused_digest=steps.DELETION, refused_reason="ORCID refuses")
    made = plan(facts(item, published(7, document=KIWI)), Policy(), NOW)

    assert made.calls == ()
    assert states_of(made) == {"1": "refused"}


def test_a_scope_that_is_missing_after_all_narrows_the_grant_and_breaks_nothing_else(journey: Journey) -> None:
    """403/9038: what we may do is corrected, section by section."""
    journey.send(an_update(journey), replies.Unpermitted("403 9038", broken=False))

    grant = journey.store.grants.active(PERSON)
    assert grant is not None
    assert grant.state is GrantState.ACTIVE
    assert not may_change(Section.WORK, grant.scopes)


def test_a_full_record_is_asked_for_less_of_a_bulk(journey: Journey) -> None:
    """409/9048 says that not all of them fit."""
    aftermath = journey.send(journey.add("1", "2"), replies.Refused(409, 9048, "full"))

    assert isinstance(aftermath, Follow)
    assert [type(call) for call in aftermath.calls] == [steps.Add, steps.Add]


def test_the_works_of_a_full_record_wait_a_day(journey: Journey) -> None:
    """409/9048 to a single one: none of the person's is refused, all wait; nothing is sent before."""
    journey.want("2")

    assert journey.send(journey.add("1"), replies.Refused(409, 9048, "full")) == Replan()
    made = plan(journey.store.items.facts(PERSON), Policy(), NOW)
    assert states_of(made) == {"1": "waiting", "2": "waiting"}
    assert (made.calls, made.wake_at) == ((), NOW + DAY)
    why = f"{FULL}: tried again daily, and when a work of ours goes"
    assert {one.reason for one in made.standings} == {why}


def test_a_full_record_is_not_full_any_more_when_a_work_of_ours_goes(journey: Journey) -> None:
    """There is room again."""
    journey.send(journey.add("1"), replies.Refused(409, 9048, "full"))
    journey.send(steps.Remove(journey.stand(7, "3"), ""), replies.Deleted())

    assert len(plan(journey.store.items.facts(PERSON), Policy(), NOW).calls) == 1


def test_what_was_in_doubt_on_a_full_record_is_found_out_by_lists(journey: Journey) -> None:
    """409/9048 to the same POST once more: an earlier one may have been carried out."""
    journey.send(steps.Repeat(journey.doubt("1")), replies.Refused(409, 9048, "full"))
    made = plan(journey.store.items.facts(PERSON), Policy(), NOW)

    assert (steps_of(made), states_of(made)) == (["list work"], {"1": "in_doubt"})


def test_an_intent_names_the_put_code_it_is_about(journey: Journey) -> None:
    """A PUT in doubt is found by its put-code, whatever item it serves by then."""
    journey.send(an_update(journey), replies.InDoubt("reset", late=False))

    assert [(one.method, one.put_code) for one in journey.open_intents] == [(Method.PUT, 7)]
    assert journey.stands[7] == published(7, document=KIWI)
