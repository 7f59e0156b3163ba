"""Group-id records through the loop: found or created once, before the peer reviews that need them."""

from collections.abc import Mapping
from typing import Any

import pytest

from mappers.forms import Form, Format, Version
from mappers.sections import Section
from state.facts import ItemState
from tests.benchmarks.institution import person_id
from tests.events import peer_review
from tests.turning.weather import TIMEOUT, UNSENT, AnyCall, Trouble, answered
from tests.turning.worlds import PACE, SCOPES, World, employment, work
from worker.note_names import CIRCUIT
from worker.planning.policy import Policy
from worker.ports import NoToken, Reply
from worker.recording.groups import NO_SCOPE
from worker.turning.pace import Pace

FORMS = [pytest.param(Form(version, format_), id=f"{version} {format_}") for version in Version for format_ in Format]
KELP = {"id": "orcid-generated:kelp", "name": "Kelp", "type": "journal"}
BARE = {"id": "orcid-generated:kelp"}
ISSN = {"id": "issn:2049-3630"}


def a_pace(form: Form) -> Pace:
    """As in every world, in this form."""
    return Pace(PACE.rate, PACE.burst, PACE.call_seconds, PACE.retry_base, PACE.retry_max, form)


def a_review(person: int, number: int = 0, *, sequence: int = 1, group: Mapping[str, str] = KELP) -> dict[str, Any]:
    """The n-th review of a person."""
    subject = f"R-{person}-{number}"
    event = peer_review(person_id(person), subject, f"review-{person}-{number}", group=dict(group))
    return event | {"sequence": str(sequence), "id": f"{subject}-{sequence}"}


def is_of_group(call: AnyCall) -> bool:
    """Whether a call is about a group-id record."""
    return "/group-id-record" in call.path


def names(world: World) -> list[str]:
    """The groups that ORCID has."""
    return [one.group_id for one in world.sandbox.groups.all()]


def reviews(world: World, *people: int) -> int:
    """How many peer reviews stand on these people's records."""
    return sum(len(world.sandbox.records[world.orcid(one)].items(Section.PEER_REVIEW)) for one in people)


@pytest.mark.parametrize("form", FORMS)
def test_a_group_is_created_once_and_before_its_reviews(world: World, form: Form) -> None:
    """For three people with two reviews each, by two processes."""
    world.connect(1, 2, 3)
    policy = Policy(settle_seconds=10.0, version=form.version)
    one, two = (world.office(name, pace=a_pace(form), policy=policy) for name in ("one", "two"))
    world.tell(*(a_review(person, number) for person in (1, 2, 3) for number in (0, 1)))
    world.settle(one, two)
    made = [call.path.partition("?")[0] for office in (one, two) for call in office.weather.calls]

    assert names(world) == ["orcid-generated:kelp"]
    assert made.count(f"/{form.version}/group-id-record") == 1
    assert reviews(world, 1, 2, 3) == 6
    assert world.states() == {ItemState.IN_SYNC: 6}
    assert sum((office.tally.inbox_messages for office in (one, two)), start=type(one.tally.inbox_messages)()) == {
        "peer-review": 6
    }


def test_the_call_is_counted_by_its_own_name(world: World) -> None:
    """Among the calls of summaries and metrics, and against the request budget."""
    world.connect(1)
    office = world.office()
    world.tell(a_review(1))
    world.settle(office)

    assert office.tally.calls == {"POST": 2}
    assert office.tally.replies == {("POST", "group-id-record", "201", ""): 1, ("POST", "peer-review", "201", ""): 1}


def test_a_group_that_is_there_already_is_as_good(world: World) -> None:
    """409/9025: another client may have made it, in another spelling."""
    world.connect(1)
    office = world.office()
    _create(world)
    world.tell(a_review(1, group=KELP | {"id": "ORCID-generated:Kelp"}))
    world.settle(office)

    assert names(world) == ["orcid-generated:kelp"]
    assert world.states() == {ItemState.IN_SYNC: 1}


@pytest.mark.parametrize("exists", [True, False])
def test_a_group_that_nobody_describes_is_looked_for(world: World, *, exists: bool) -> None:
    """Found, its review is added; else the review is refused and says why."""
    world.connect(1, 2)
    office = world.office()
    if exists:
        _create(world)
    world.tell(a_review(1, group=BARE))
    world.settle(office)

    assert [call.method for call in office.weather.calls] == (["GET", "POST"] if exists else ["GET"])
    assert world.states() == {ItemState.IN_SYNC if exists else ItemState.REFUSED: 1}
    if not exists:
        ((_, reason, _),) = world.store.items.reasons(3)
        assert "orcid-generated:kelp does not exist" in reason

        world.tell(a_review(2))
        world.settle(office)
        assert world.states() == {ItemState.IN_SYNC: 2}


def _create(world: World) -> None:
    """Another client made the group."""
    with world.sandbox.lock:
        document = {"name": "Kelp", "group-id": "orcid-generated:kelp", "description": "-", "type": "journal"}
        world.sandbox.groups.add(document, next(iter(world.sandbox.grants.clients.values())).own_source())


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(Trouble(UNSENT, is_of_group, times=2), id="no connection"),
        pytest.param(Trouble(TIMEOUT, is_of_group, times=1, carried_out="now"), id="carried out, and the reply lost"),
        pytest.param(Trouble(TIMEOUT, is_of_group, times=1), id="lost on the way"),
        pytest.param(Trouble(answered(503), is_of_group, times=2), id="throttled"),
        pytest.param(
            Trouble(answered(401, b'{"error":"invalid_token"}'), is_of_group, times=1), id="token not accepted"
        ),
        pytest.param(Trouble(answered(500), is_of_group, times=2), id="ORCID's own error"),
    ],
)
def test_trouble_on_the_way_delays_the_reviews_and_nothing_else(world: World, trouble: Trouble) -> None:
    """The group is asked for again when that may help; nobody's permission is blamed."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(trouble)
    world.tell(a_review(1))
    world.settle(office)

    assert names(world) == ["orcid-generated:kelp"]
    assert world.states() == {ItemState.IN_SYNC: 1}


@pytest.mark.parametrize("reply", [UNSENT, answered(500), answered(502, b"<html>"), answered(503)])
def test_while_groups_cannot_be_had_everything_else_goes_out(world: World, reply: Reply) -> None:
    """ORCID's token service may be down for hours: only the reviews wait."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(Trouble(reply, is_of_group))
    world.tell(a_review(1), employment(1), work(1))
    world.settle(office)

    assert world.states() == {ItemState.IN_SYNC: 2, ItemState.PENDING: 1}


def test_with_a_wrong_client_secret_sending_stops_and_says_so(world: World) -> None:
    """It is ours to mend; what waits for it says so."""
    world.connect(1)
    office = world.office()
    office.weather.troubles.append(Trouble(NoToken("invalid_client", "Bad client credentials"), is_of_group))
    world.tell(a_review(1))
    world.settle(office, within=60.0)

    assert world.states() == {ItemState.PENDING: 1}
    assert "check ORCID_SYNC_CLIENT_ID and ORCID_SYNC_CLIENT_SECRET" in (world.store.notes.get(CIRCUIT) or "")


def test_a_client_without_the_scope_says_what_to_ask_orcid_for(world: World) -> None:
    """403/9038: the reviews are refused, and the person's other items go out."""
    world.connect(1)
    office = world.office()
    forbidden = answered(403, b'{"error-code":9038,"response-code":403}')
    office.weather.troubles.append(Trouble(forbidden, is_of_group))
    world.tell(a_review(1))
    world.settle(office)
    ((state, reason, _),) = world.store.items.reasons(3)

    assert (state, reason) == (ItemState.REFUSED, NO_SCOPE)
    (grant,) = world.store.grants.of_person(person_id(1))
    assert grant.scopes == frozenset(SCOPES)


def test_a_scope_that_orcid_gave_is_found_out_within_a_day(world: World) -> None:
    """Without any event: the group is asked for again, and its review goes out."""
    world.connect(1)
    office = world.office()
    forbidden = answered(403, b'{"error-code":9038,"response-code":403}')
    office.weather.troubles.append(Trouble(forbidden, is_of_group))
    world.tell(a_review(1))
    world.settle(office)
    assert reviews(world, 1) == 0

    office.weather.troubles.clear()
    world.clock.advance(90_000.0)
    world.settle(office)

    assert names(world) == ["orcid-generated:kelp"]
    assert reviews(world, 1) == 1


def test_a_group_that_somebody_deleted_is_made_again(world: World) -> None:
    """ORCID answers 400/9020 to the next review of it, and has it after that."""
    world.connect(1, 2)
    office = world.office()
    world.tell(a_review(1))
    world.settle(office)
    (group,) = world.sandbox.groups.all()
    world.sandbox.groups.remove(group)

    world.tell(a_review(2))
    world.settle(office)

    assert names(world) == ["orcid-generated:kelp"]
    assert reviews(world, 1, 2) == 2
    assert world.states() == {ItemState.IN_SYNC: 2}


def test_without_a_client_secret_the_reviews_wait(world: World) -> None:
    """Only they need a token of our client's own."""
    world.connect(1)
    office = world.office(policy=Policy(tokenless="ORCID_SYNC_CLIENT_SECRET is not set"))
    world.tell(a_review(1))
    world.settle(office)

    assert office.weather.calls == []
    assert world.store.items.reasons(3) == [(ItemState.WAITING, "ORCID_SYNC_CLIENT_SECRET is not set", 1)]


def test_an_issns_group_is_orcids_to_make(world: World) -> None:
    """The review alone is sent; a change of it later is one PUT."""
    world.connect(1)
    office = world.office()
    world.tell(a_review(1, group=ISSN))
    world.settle(office)
    event = a_review(1, group=ISSN, sequence=2)
    event["data"] = {**event["data"], "url": "https://journal.example.org/reviews/other"}
    world.tell(event)
    world.settle(office)

    assert [call.method for call in office.weather.calls] == ["POST", "PUT"]
    assert names(world) == ["issn:2049-3630"]
