"""The verdict breaker, in virtual time: what many people get at once is not believed before it was tried again."""

from collections.abc import Callable

import pytest

from mappers.identifiers import OrcidId
from state.facts import ItemState, Standing
from state.permission_facts import GrantState
from tests.benchmarks.institution import person_id
from tests.turning.weather import AnyCall, Trouble, answered, by, orcid_of
from tests.turning.worlds import HOUR, Office, World, employment, ended
from worker.calling.circuit import Cause, Circuit, read_circuit
from worker.note_names import CIRCUIT
from worker.planning.guarding import Limits
from worker.recording.verdicts import approve_verdicts, held_verdicts, reject_verdicts
from worker.turning.breaker import FEWEST, is_suspicious

REVOKED = answered(401, b'{"error": "invalid_token"}')
DEACTIVATED = answered(409, b'{"error-code": 9044}')
SCOPE = answered(403, b'{"error-code": 9038}')
NOT_OURS = answered(403, b'{"error-code": 9010}')
REFUSED = answered(400, b'{"error-code": 9001}')
GONE = answered(404, b'{"error-code": 9016}')
DEPRECATED = answered(409, b'{"error-code": 9007}')
EMPTY = answered(200, b'{"affiliation-group": []}')

Prepare = Callable[[World, Office, range], None]


def circuit(world: World) -> Circuit | None:
    """As all processes see it."""
    return read_circuit(world.store.notes.get(CIRCUIT))


def told_of(world: World, office: Office, people: range) -> None:
    """Each has something to be posted."""
    del office
    world.tell(*[employment(person) for person in people])


def changed(world: World, office: Office, people: range) -> None:
    """Each has something that stands, and shall be put."""
    troubles, office.weather.troubles = office.weather.troubles, []
    told_of(world, office, people)
    world.settle(office)
    world.clock.advance(HOUR)
    office.weather.troubles = troubles
    office.weather.calls.clear()
    world.tell(*[employment(person, sequence=2, title="New") for person in people])


KINDS = [
    pytest.param("broken-grant", told_of, [Trouble(REVOKED)], id="401"),
    pytest.param("suspended", told_of, [Trouble(DEACTIVATED)], id="409-9044"),
    pytest.param("small-scope", told_of, [Trouble(SCOPE)], id="403-9038"),
    pytest.param("refused", told_of, [Trouble(REFUSED, by("POST"))], id="400"),
    pytest.param("not-ours", changed, [Trouble(NOT_OURS, by("PUT"))], id="403-9010"),
    pytest.param("tombstone", changed, [Trouble(GONE, by("PUT")), Trouble(EMPTY, by("GET"))], id="404"),
]


def verdicts(world: World) -> int:
    """How many people there are of whom something bad is believed."""
    people = [world.store.items.facts(person) for person in world.store.items.persons()]
    return sum(
        one.suspension is not None
        or (one.grant is not None and (one.grant.state is GrantState.BROKEN or len(one.grant.scopes) < 3))
        or any(each.standing is not Standing.LIVE for each in one.published)
        or any(each.refused_digest for each in one.wanted)
        for one in people
    )


@pytest.mark.parametrize(("kind", "prepare", "troubles"), KINDS)
def test_what_was_about_us_is_taken_back(world: World, kind: str, prepare: Prepare, troubles: list[Trouble]) -> None:
    """Sending stops after a dozen people; a later probe has another outcome, and everything goes out as it shall."""
    people = range(1, 41)
    world.connect(*people)
    office = world.office()
    office.weather.troubles = [Trouble(one.reply, one.matches) for one in troubles]
    prepare(world, office, people)
    world.settle(office, within=60.0)
    opened, held = circuit(world), held_verdicts(world.store)
    calls, believed = len(office.weather.calls), verdicts(world)
    office.weather.troubles.clear()
    world.settle(office, within=HOUR)

    assert opened is not None
    assert opened.cause is Cause.VERDICTS
    assert held is not None
    assert held[0] == f"verdicts-{kind}"
    assert f"orcid-sync approve verdicts-{kind}" in opened.why
    assert FEWEST < believed <= FEWEST + 13
    assert calls <= 2 * (FEWEST + 13) + 2 * 15
    assert circuit(world) is None
    assert verdicts(world) == 0
    assert world.states() == {"in_sync": 40}
    wanted = "Role 0" if prepare is told_of else "New"
    assert all(world.titles(person) == [wanted] for person in people)


def ill(world: World, people: range) -> Callable[[AnyCall], bool]:
    """Matches calls for these people, without lists."""
    orcids: set[str] = {world.orcid(person) for person in people}
    return lambda call: orcid_of(call) in orcids


@pytest.mark.parametrize(("kind", "prepare", "troubles"), KINDS)
def test_what_is_about_them_is_believed_after_a_second_try(
    world: World, kind: str, prepare: Prepare, troubles: list[Trouble]
) -> None:
    """One of them gets the same again while somebody else is served: sending goes on for all others."""
    people, sick = range(1, 46), range(1, 16)
    world.connect(*people)
    office = world.office()
    office.weather.troubles = [
        Trouble(one.reply, lambda call, one=one: one.matches(call) and ill(world, sick)(call))  # type: ignore[misc]
        for one in troubles
    ]
    prepare(world, office, people)
    world.settle(office, within=HOUR)

    assert circuit(world) is None
    assert held_verdicts(world.store) is None
    assert verdicts(world) == 15
    assert world.states()[ItemState.IN_SYNC] == 30
    assert len(office.weather.calls) <= 45 + 15 + 10
    assert kind


def test_no_token_is_forgotten_while_it_is_doubted(world: World) -> None:
    """Removals that get 401 would end the permissions for good: all tokens are there still when sending stops."""
    people = range(1, 61)
    world.connect(*people)
    office = world.office(limits=Limits(removals=100, share=1.0))
    told_of(world, office, people)
    world.settle(office)
    trouble = Trouble(REVOKED)
    office.weather.troubles.append(trouble)
    world.tell(*[ended(employment(person)) for person in people])
    world.settle(office, within=60.0)
    opened = circuit(world)
    trouble.times = 0
    world.settle(office)

    assert opened is not None
    assert all(world.store.grants.active(person_id(person)) is not None for person in people)
    assert all(world.titles(person) == [] for person in people)


def test_a_few_are_believed_at_once(world: World) -> None:
    """Ten people with the same verdict are no reason to doubt it."""
    people = range(1, 41)
    world.connect(*people)
    office = world.office()
    office.weather.troubles.append(Trouble(REVOKED, ill(world, range(1, FEWEST + 1))))
    told_of(world, office, people)
    for _ in range(200):
        office.turn()
        world.clock.advance(0.1)
        assert circuit(world) is None

    assert verdicts(world) == FEWEST
    assert len(office.weather.calls) == 40


@pytest.mark.parametrize(
    ("people", "called", "suspicious"),
    [
        pytest.param(10, 20, False, id="ten"),
        pytest.param(11, 20, True, id="eleven"),
        pytest.param(50, 1000, False, id="five-percent"),
        pytest.param(51, 1000, True, id="more-than-five-percent"),
    ],
)
def test_more_than_ten_and_more_than_five_percent_are_suspicious(people: int, called: int, *, suspicious: bool) -> None:
    """Of those who were called in ten minutes."""
    assert is_suspicious(people, called) is suspicious


def test_verdicts_of_the_last_ten_minutes_count(world: World) -> None:
    """One person every two minutes for hours is nothing unusual."""
    people = range(1, 31)
    world.connect(*people)
    office = world.office()
    office.weather.troubles.append(Trouble(REVOKED))
    for person in people:
        world.tell(employment(person))
        world.settle(office, within=1.0)
        world.clock.advance(120.0)
        assert circuit(world) is None

    assert verdicts(world) == 30


def test_a_successor_is_no_suspicious_verdict(world: World) -> None:
    """A deprecated record names the new one: ORCID knows what it says."""
    people = range(1, 31)
    world.connect(*people)
    office = world.office()
    office.weather.troubles.append(Trouble(DEPRECATED))
    told_of(world, office, people)
    world.settle(office, within=30.0)

    assert circuit(world) is None


def test_records_that_are_looked_at_again_are_no_news(world: World) -> None:
    """A day later the same suspended people count as what they are."""
    people, sick = range(1, 101), range(1, 21)
    world.connect(*people)
    office = world.office()
    office.weather.troubles.append(Trouble(DEACTIVATED, ill(world, sick)))
    told_of(world, office, people)
    world.settle(office, within=HOUR)
    before = len(office.weather.calls)
    world.settle(office, within=25 * HOUR)

    assert len(office.weather.calls) - before == 20
    assert circuit(world) is None


def test_without_anybody_else_it_stays_open_and_is_tried_ever_more_rarely(world: World) -> None:
    """An hour of it costs a few dozen calls; it is one for all processes; status and exit code tell of it."""
    people = range(1, 31)
    world.connect(*people)
    offices = [world.office("one"), world.office("two")]
    for office in offices:
        office.weather.troubles.append(Trouble(REVOKED))
    told_of(world, offices[0], people)
    world.settle(*offices, within=60.0)
    before = sum(len(office.weather.calls) for office in offices)
    world.settle(*offices, within=600.0)

    assert circuit(world) is not None
    assert 1 <= sum(len(office.weather.calls) for office in offices) - before <= 2 * 600 / 5


@pytest.mark.parametrize("approved", [pytest.param(True, id="approve"), pytest.param(False, id="reject")])
def test_an_operator_may_decide(world: World, *, approved: bool) -> None:
    """At once: to believe it, or to take it back. Each once, and by its id alone."""
    people = range(1, 31)
    world.connect(*people)
    office = world.office()
    office.weather.troubles.append(Trouble(REVOKED))
    told_of(world, office, people)
    world.settle(office, within=5.0)
    office.weather.troubles.clear()
    decide = approve_verdicts if approved else reject_verdicts
    believed = verdicts(world)

    assert not decide(world.store, "verdicts-refused")
    assert decide(world.store, "verdicts-broken-grant")
    assert not decide(world.store, "verdicts-broken-grant")
    world.settle(office)
    assert circuit(world) is None
    assert verdicts(world) == (believed if approved else 0)
    assert world.states()[ItemState.IN_SYNC] == (30 - believed if approved else 30)


def test_a_newer_permission_is_not_undone(world: World) -> None:
    """Who connected again meanwhile has an active grant already."""
    people = range(1, 31)
    world.connect(*people)
    office = world.office()
    office.weather.troubles.append(Trouble(REVOKED))
    told_of(world, office, people)
    world.settle(office, within=5.0)
    broken = [one for one in world.store.grants.all() if one.state is GrantState.BROKEN]
    world.connect(*[person for person in people if person_id(person) == broken[0].person])
    reject_verdicts(world.store, "verdicts-broken-grant")

    grant = world.store.grants.active(broken[0].person)
    assert grant is not None
    assert grant.access_token != broken[0].access_token
    assert OrcidId(grant.orcid) == broken[0].orcid
