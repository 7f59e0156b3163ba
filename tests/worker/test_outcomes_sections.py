"""Outcomes beyond works: what makes way, duplicates of person items, refusals that pass, what v2.1 leaves out."""

import pytest

from mappers.documents import Document, ExternalId, PeerReview, Relationship, Work, digest, dump
from mappers.forms import Form, Version
from mappers.groups import GroupIdRecord
from mappers.identifiers import OWN_TYPE
from mappers.sections import Section, may_add, may_remove
from state.facts import GroupState, Outcome, Published, Wanted
from state.store import Store
from tests.worker.builders import NOW, PERSON, a_key, a_work, published, wanted
from tests.worker.documents import a_document
from tests.worker.journeys import Journey
from worker.calling import replies
from worker.calling.aftermath import Aftermath, Follow, GoOn, Replan, Rest
from worker.planning import steps
from worker.recording.parking import parked_on

MOA, KIWI = a_document(Section.KEYWORDS, title="Moa"), a_document(Section.KEYWORDS, title="Kiwi")
REVIEW = a_document(Section.PEER_REVIEW, ["a"])
GROUP = GroupIdRecord("orcid-generated:kelp", "Kelp", "journal")


def want(journey: Journey, document: Document, subject: str = "1", **rest: str) -> Wanted:
    """Puts an item into the store as wanted."""
    item = wanted(subject, document, **rest)
    journey.store.items.want(item, dump(document))
    return item


def an_aside(journey: Journey) -> steps.MoveAside:
    """A work under 7 that is to make way."""
    return steps.MoveAside(journey.want(), journey.stand(), "own", "")


def test_what_made_way_stands_under_our_own_id_alone(journey: Journey) -> None:
    """What it says is provisional: an Update follows, as long as the digest is unknown."""
    assert journey.send(an_aside(journey), replies.Accepted()) == GoOn()

    stands = journey.stands[7]
    assert (stands.digest, stands.own_id, stands.self_ids) == ("", "own", frozenset({f"{OWN_TYPE}:own"}))
    assert journey.store.items.published_document(stands.orcid, stands.section, 7) is None


def test_what_waited_for_a_put_code_that_made_way_may_be_tried_again(journey: Journey) -> None:
    """Its identifiers are free."""
    other = journey.want("2")
    journey.store.items.refuse(other.key, other.digest or "", parked_on(7))
    journey.send(an_aside(journey), replies.Accepted())

    assert journey.item("2").refused_reason == ""


@pytest.mark.parametrize(
    "verdict",
    [
        pytest.param(replies.Refused(400, 9022, "no"), id="refused"),
        pytest.param(replies.NotOurs("403 9010"), id="not ours"),
        pytest.param(replies.Duplicate(8), id="a duplicate of another of ours"),
    ],
)
def test_what_could_not_make_way_fails_its_put_code(journey: Journey, verdict: replies.Verdict) -> None:
    """What comes after it is left out; the document that it was to make way with is not sent again as it is."""
    aside = an_aside(journey)
    journey.stand(8, "8")

    assert journey.send(aside, verdict) == GoOn(failed=7)
    assert journey.stands[7].digest == aside.published.digest
    assert (journey.item().refused_digest == aside.item.digest) is not isinstance(verdict, replies.NotOurs)


def test_a_composed_document_is_what_stands(journey: Journey) -> None:
    """And it is what is refused, where it is."""
    whole = a_work("10.1/1", "Moa and kiwi")
    add = steps.Add(journey.want(), None, "", composed=whole)

    journey.send(add, replies.Refused(400, 9020, "no"))
    assert journey.item().refused_digest == digest(whole)

    journey.send(add, replies.Created(7))
    assert journey.stands[7].digest == digest(whole)


def stand(journey: Journey, put_code: int, subject: str, document: Document) -> Published:
    """Puts a published item into the store."""
    one = published(put_code, subject, document)
    journey.store.items.publish(one)
    return one


def test_a_duplicate_person_item_is_looked_for_in_its_list(journey: Journey) -> None:
    """9030 names no put-code."""
    item = want(journey, MOA)
    aftermath = journey.send(steps.Add(item, None, ""), replies.Duplicate(None))

    assert isinstance(aftermath, Follow)
    (call,) = aftermath.calls
    assert isinstance(call, steps.ListSection)
    assert (call.section, call.reason) == (Section.KEYWORDS, "ORCID has it already (9030)")
    assert [one.item for one in call.expected] == [item.key]


def test_a_person_item_that_another_of_ours_holds_is_parked_on_it(journey: Journey) -> None:
    """Found by what ORCID compares; it ends when that other one goes."""
    other = stand(journey, 8, "2", MOA)
    item = want(journey, MOA)

    assert journey.send(steps.Add(item, None, ""), replies.Duplicate(None)) == GoOn()
    assert journey.item("1", Section.KEYWORDS).refused_reason == parked_on(8, Section.KEYWORDS)
    assert "9030" in parked_on(8, Section.KEYWORDS)

    journey.send(steps.Remove(other, ""), replies.Deleted())
    assert journey.item("1", Section.KEYWORDS).refused_reason == ""


def test_an_update_of_a_person_item_is_parked_likewise(journey: Journey) -> None:
    """9030 to a PUT: not on itself, which ORCID leaves out."""
    stand(journey, 8, "2", MOA)
    step = steps.Update(want(journey, MOA), stand(journey, 7, "1", KIWI), None, "")

    assert journey.send(step, replies.Duplicate(None)) == GoOn(failed=7)
    assert journey.item("1", Section.KEYWORDS).refused_reason == parked_on(8, Section.KEYWORDS)


def refuse(journey: Journey, step: steps.RecordStep, code: int) -> Aftermath:
    """ORCID refuses a step with this error-code, as the loop notes it."""
    verdict = replies.Refused(400, code, "no")
    sent = journey.open(step)
    with journey.store.transaction():
        reply = Outcome("refused", journey.store.now(), status=400, error_code=code, detail="no")
        return journey.outcomes.record(sent, verdict, reply, NOW)


def a_review(journey: Journey, *, updates: bool = False) -> steps.Add | steps.Update:
    """A peer review to be added, or to be written over another."""
    journey.store.groups.want(GROUP)
    item = want(journey, REVIEW, group=GROUP.key)
    if not updates:
        return steps.Add(item, None, "")
    before = a_document(Section.PEER_REVIEW, ["a"], title="Kiwi")
    return steps.Update(item, stand(journey, 7, "1", before), None, "")


@pytest.mark.parametrize("updates", [False, True], ids=["added", "updated"])
def test_an_issn_that_orcid_could_not_check_is_tried_a_few_times(journey: Journey, *, updates: bool) -> None:
    """9053: the ISSN portal may be out; each time after a longer rest, and not for ever."""
    step = a_review(journey, updates=updates)
    outcomes = [refuse(journey, step, 9053) for _ in range(5)]

    assert outcomes[:4] == [Rest(None, "ORCID could not check an ISSN (9053)")] * 4
    assert outcomes[4] == GoOn(failed=7 if updates else None)
    assert journey.item("1", Section.PEER_REVIEW).refused_reason == "ORCID refused it: no"
    assert journey.open_intents == ()


def test_what_passed_once_is_counted_anew(journey: Journey) -> None:
    """Only refusals in a row count."""
    for _ in range(3):
        refuse(journey, a_review(journey), 9053)
    journey.send(a_review(journey), replies.InDoubt("reset", late=False))
    for intent in journey.open_intents:
        journey.store.intents.close(intent, Outcome("not_found", NOW))

    assert isinstance(refuse(journey, a_review(journey), 9053), Rest)
    assert isinstance(refuse(journey, a_review(journey), 9053), Rest)


@pytest.mark.parametrize("code", [9026, 9020])
def test_a_group_that_orcid_misses_is_looked_for_again(journey: Journey, code: int) -> None:
    """As answer to a peer review: somebody deleted the group's record. Not for ever either."""
    step = a_review(journey)
    journey.store.groups.settle(GROUP.key, GroupState.KNOWN)

    assert refuse(journey, step, code) == Replan()
    assert group_state(journey.store) is GroupState.WANTED
    assert [refuse(journey, step, code) for _ in range(2)] == [Replan(), GoOn()]


def group_state(store: Store) -> GroupState:
    """How far the group is."""
    group = store.groups.group(GROUP.key)
    assert group is not None
    return group.state


def test_a_peer_review_that_was_added_shows_that_its_group_is_there(journey: Journey) -> None:
    """ORCID makes the group of an ISSN when the review comes."""
    journey.send(a_review(journey), replies.Created(7))

    assert isinstance(REVIEW, PeerReview)
    assert group_state(journey.store) is GroupState.KNOWN


LINKED = Work(
    title="Moa",
    type="journal-article",
    external_ids=(
        ExternalId(type="doi", value="10.1/1"),
        ExternalId(type="doi", value="10.1/0", relationship=Relationship.VERSION_OF),
    ),
)


@pytest.mark.parametrize(
    ("version", "detail"),
    [
        pytest.param(Version.V2_1, "API v2.1 leaves out: external-ids", id="v2.1"),
        pytest.param(Version.V3_0, "", id="v3.0"),
    ],
)
@pytest.mark.parametrize("updates", [False, True], ids=["added", "updated"])
def test_what_v2_1_leaves_out_is_told_in_the_story(
    store: Store, version: Version, detail: str, *, updates: bool
) -> None:
    """It is no error: the item is in sync, and `explain` says what is not on the record."""
    journey = Journey(store, Form(version))
    item = want(journey, LINKED)
    if updates:
        journey.send(steps.Update(item, journey.stand(), None, ""), replies.Accepted())
    else:
        journey.send(steps.Add(item, None, ""), replies.Created(7))
    (told,) = store.intents.story(a_key().record)

    assert told.outcome is not None
    assert told.outcome.detail == detail
    assert journey.stands[7].digest == digest(LINKED)


@pytest.mark.parametrize("section", [Section.EXTERNAL_IDENTIFIERS, Section.KEYWORDS])
def test_a_removal_that_is_not_allowed_takes_the_scopes_for_removals(journey: Journey, section: Section) -> None:
    """External identifiers are removed with another scope than they are added with."""
    document = a_document(section)
    stands = stand(journey, 7, "1", document)
    journey.send(steps.Remove(stands, ""), replies.Unpermitted("403 9038", broken=False))
    grant = journey.store.grants.active(PERSON)

    assert grant is not None
    assert not may_remove(section, grant.scopes)
    assert may_add(Section.WORK, grant.scopes)
