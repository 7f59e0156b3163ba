"""POSTs in doubt where ORCID takes the same item twice: API v2.1's affiliations, and addresses."""

from typing import Any

import pytest

from mappers.forms import Form, Format, Version
from tests.benchmarks.institution import person_id
from tests.events import affiliation, person
from tests.turning.weather import CUT, TIMEOUT, AnyCall, Trouble, answered, by, method_of
from tests.turning.worlds import CALL_SECONDS, PACE, World
from worker.planning.policy import Policy
from worker.ports import Reply
from worker.turning.pace import Pace

SETTLE = 10.0
LATEST = 2 * CALL_SECONDS
IN_DOUBT = [
    pytest.param(TIMEOUT, LATEST, id="timeout"),
    pytest.param(answered(502, b"<html>"), LATEST, id="proxy-502"),
    pytest.param(CUT, SETTLE, id="cut"),
    pytest.param(answered(500, b'{"error-code": 9008}'), SETTLE, id="orcids-own-500"),
]
EMPLOYMENT = affiliation(person_id(1), "APPT-1")
COUNTRY = person(person_id(1), "E1", keywords=[], other_names=[], websites=[], identifiers=[])


def an_office(world: World, version: Version, name: str = "one") -> Any:
    """A process that writes in this version."""
    pace = Pace(PACE.rate, PACE.burst, CALL_SECONDS, PACE.retry_base, PACE.retry_max, Form(version, Format.XML))
    return world.office(name, pace=pace, policy=Policy(settle_seconds=SETTLE, version=version))


def items(world: World) -> int:
    """How many items stand on the record."""
    with world.sandbox.lock:
        record = world.sandbox.records[world.orcid(1)]
        return sum(len(record.items(section)) for section in ("employment", "address"))


@pytest.mark.parametrize(("reply", "patience"), IN_DOUBT)
@pytest.mark.parametrize("carried_out", ["never", "now"])
@pytest.mark.parametrize("event", [EMPLOYMENT, COUNTRY], ids=["employment", "address"])
def test_it_is_never_doubled(
    world: World, reply: Reply, patience: float, carried_out: str, event: dict[str, Any]
) -> None:
    """Two lists, a settle time apart and both after the POST can no longer be carried out, decide."""
    world.connect(1)
    office = an_office(world, Version.V2_1)
    office.weather.troubles.append(Trouble(reply, by("POST"), times=1, carried_out=carried_out))
    world.tell(event)
    world.settle(office)
    calls = [(made.method, made.at) for made in office.weather.calls]
    posts = [at for method, at in calls if method == "POST"]
    lists = [at for method, at in calls if method == "GET" and at > posts[0]]

    assert items(world) == 1
    assert list(world.states()) == ["in_sync"]
    assert len(posts) == (2 if carried_out == "never" else 1)
    assert len(lists) == (2 if carried_out == "never" else 1)
    assert lists[0] - posts[0] >= patience
    if carried_out == "never":
        assert lists[1] - lists[0] >= SETTLE


def test_a_post_that_comes_late_is_seen_by_the_list(world: World) -> None:
    """It reaches ORCID after the timeout, when nobody has asked yet."""
    world.connect(1)
    office = an_office(world, Version.V2_1)
    office.weather.troubles.append(Trouble(TIMEOUT, by("POST"), times=1, carried_out="later"))
    world.tell(EMPLOYMENT)
    world.settle(office, within=LATEST - 1.0)
    office.weather.carry_out_late()
    world.settle(office)

    assert (items(world), office.weather.count("POST")) == (1, 1)


def test_a_replica_that_lags_for_less_than_the_settle_time_doubles_nothing(world: World) -> None:
    """The first list does not show it yet; the second does."""
    world.connect(1)
    office = an_office(world, Version.V2_1)
    stale = answered(200, b'{"employment-summary": []}')
    posted: list[AnyCall] = []

    def after_the_post(call: AnyCall) -> bool:
        posted.extend([call] if method_of(call) == "POST" else [])
        return bool(posted) and method_of(call) == "GET"

    office.weather.troubles += [
        Trouble(stale, after_the_post, times=1),
        Trouble(CUT, by("POST"), times=1, carried_out="now"),
    ]
    world.tell(EMPLOYMENT)
    world.settle(office)

    assert (items(world), office.weather.count("POST")) == (1, 1)


def test_two_equal_jobs_in_doubt_are_two(world: World) -> None:
    """The one that was carried out is found, the other is sent."""
    world.connect(1)
    office = an_office(world, Version.V2_1)
    office.weather.troubles += [
        Trouble(CUT, by("POST"), times=1, carried_out="now"),
        Trouble(CUT, by("POST"), times=1),
    ]
    world.tell(EMPLOYMENT, affiliation(person_id(1), "APPT-2"))
    world.settle(office)

    assert items(world) == 2
    assert world.states() == {"in_sync": 2}


@pytest.mark.parametrize("carried_out", ["never", "now"])
def test_a_switch_of_version_meanwhile_doubles_nothing_either(world: World, carried_out: str) -> None:
    """What was sent on v2.1 carried no identifier that v3.0 could refuse the second by."""
    world.connect(1)
    before = an_office(world, Version.V2_1)
    before.weather.troubles.append(Trouble(CUT, by("POST"), times=1, carried_out=carried_out))
    world.tell(EMPLOYMENT)
    world.settle(before, within=SETTLE - 1.0)
    after = an_office(world, Version.V3_0, "two")
    world.settle(after)

    assert items(world) == 1
    assert list(world.states()) == ["in_sync"]


def test_what_a_list_found_is_known_to_lack_what_v2_1_left_out(world: World) -> None:
    """As if its reply had come: a rewrite under v3.0 sends it."""
    world.connect(1)
    office = an_office(world, Version.V2_1)
    office.weather.troubles.append(Trouble(CUT, by("POST"), times=1, carried_out="now"))
    world.tell(EMPLOYMENT)
    world.settle(office)

    assert [one.left_out for one in world.store.items.published()] == ["external-ids, url"]
