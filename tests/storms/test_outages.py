"""Ten minutes without ORCID, in virtual time: who is called how often meanwhile, and how fast all goes out then."""

import os
from random import Random

import pytest

from tests.storms.stage import LANES, QUICK, RATE, Stage
from tests.turning.weather import TIMEOUT, UNSENT, AnyCall, answered
from tests.turning.worlds import CALL_SECONDS
from worker.ports import Reply
from worker.turning.sentry import CALLS_IN_A_ROW, LONGEST_OUTAGE_WAIT

OUTAGE = 600.0
PEOPLE = 150
ITEMS = int(os.environ.get("STORM_ITEMS", "20"))
"""For each person. `make test` has a backlog of 3,000 calls; 70 make more than 10,000 of it."""
MOST_TRIES = 8
"""For one item while every other call fails."""
MOST_CALLS = 3
"""For one person in ten minutes, while so many wait."""

KINDS = [
    pytest.param(answered(503, b"<html>down</html>"), QUICK, ITEMS, 0.0, id="503"),
    pytest.param(UNSENT, QUICK, 4, LONGEST_OUTAGE_WAIT, id="no-connection"),
    pytest.param(TIMEOUT, CALL_SECONDS, 4, LONGEST_OUTAGE_WAIT + CALL_SECONDS, id="no-reply-in-time"),
]


@pytest.mark.parametrize(("reply", "seconds", "items", "unnoticed"), KINDS)
def test_after_an_outage_the_backlog_goes_out_at_the_full_rate(
    reply: Reply, seconds: float, items: int, unnoticed: float
) -> None:
    """Within 1.1 of backlog / rate from the outage's end on; intake went on meanwhile, and hardly anything was sent.

    With few calls to make, what counts is when it is noticed that ORCID is back: at the next probe, which is made when
    the one that hangs is over.
    """
    stage = Stage(seconds=lambda _: seconds if stage.clock.now() < end else QUICK)
    end = stage.clock.now() + OUTAGE
    in_outage(stage, reply, items, end)
    backlog, in_vain = stage.backlog, stage.orcid.calls_by_person()
    stage.run(end + 10 * backlog / RATE, done=lambda: len(stage.orcid.taken) == backlog)

    assert backlog == PEOPLE * items
    assert len(stage.orcid.taken) == backlog
    assert stage.orcid.taken[-1][0] - end <= 1.1 * backlog / RATE + unnoticed
    assert max(in_vain.values()) <= MOST_CALLS
    assert in_vain.total() <= CALLS_IN_A_ROW + LANES + 2 * OUTAGE / LONGEST_OUTAGE_WAIT


def in_outage(stage: Stage, reply: Reply, items: int, end: float) -> None:
    """ORCID is away until then; half of the events come at once, the others in the middle."""

    def weather(_: AnyCall) -> Reply | None:
        return reply if stage.clock.now() < end else None

    stage.orcid.weather = weather
    people, middle = range(1, PEOPLE + 1), stage.clock.now() + OUTAGE / 2
    stage.connect(people)
    for half, until in ((range(items // 2), middle), (range(items // 2, items), end)):
        stage.tell(1, half)
        stage.loops[0].take_in(stage.clock.now())
        stage.spread(people)
        stage.run(until)


@pytest.mark.parametrize("people", [pytest.param(5, id="five-people"), pytest.param(40, id="forty-people")])
def test_in_a_503_storm_hardly_anybody_is_called(people: int) -> None:
    """All are tried in turn, ever more rarely: in ten minutes at most 120 probes, and no more than a few for each."""
    stage = Stage(desks=2)
    stage.orcid.weather = lambda _: answered(503, b"")
    stage.connect(range(1, people + 1))
    for person in range(1, people + 1):
        stage.tell(person, range(3))
    stage.run(stage.clock.now() + OUTAGE)

    calls = stage.orcid.calls_by_person()
    assert len(calls) == people
    assert calls.total() <= 2 * (CALLS_IN_A_ROW + LANES) + 2 * OUTAGE / LONGEST_OUTAGE_WAIT
    assert max(calls.values()) <= 2 + calls.total() / people


def test_in_half_a_storm_everything_gets_through_slower() -> None:
    """Every other call gets 503: nobody is called more than a few times for an item, and in the end all is sent."""
    stage, people, coin = Stage(), range(1, 41), Random(7)
    stage.orcid.weather = lambda _: answered(503, b"") if coin.random() < 0.5 else None
    stage.connect(people)
    for person in people:
        stage.tell(person, range(3))
    stage.run(stage.clock.now() + 3 * OUTAGE, done=lambda: len(stage.orcid.taken) == 3 * len(people))

    assert len(stage.orcid.taken) == 3 * len(people)
    assert max(stage.orcid.calls_by_person().values()) <= 3 * MOST_TRIES
    assert stage.orcid.calls[-1][0] - stage.orcid.calls[0][0] >= 2 * 3 * len(people) / RATE
