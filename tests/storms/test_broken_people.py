"""People whose records are broken, in virtual time: the others hardly notice."""

from functools import cache
from random import Random
from statistics import median

import pytest

from tests.storms.stage import LANES, QUICK, Stage
from tests.turning.weather import TIMEOUT, AnyCall, answered, orcid_of
from tests.turning.worlds import CALL_SECONDS
from worker.note_names import CIRCUIT
from worker.ports import Reply

BROKEN = range(1, 21)
HEALTHY = range(21, 121)
LASTING = 180.0
LONGEST_AFTER = 3.0


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        pytest.param(TIMEOUT, CALL_SECONDS, id="calls-hang"),
        pytest.param(answered(500, b'{"error-code": 9008}'), QUICK, id="500"),
    ],
)
@pytest.mark.parametrize("changes", [pytest.param(0.25, id="few-changes"), pytest.param(1.0, id="many-changes")])
def test_broken_people_do_not_slow_the_others(reply: Reply, seconds: float, changes: float) -> None:
    """With 20 of them, with something to send at all times, the median wait of the others is at most 1.2 times.

    Nobody waits much longer than one call may last: so long all lanes may be with broken people whom nobody knows yet.
    """
    beside = waits(changes, reply, seconds)

    assert len(beside) == len(alone(changes)) == int(changes * LASTING)
    assert median(beside) <= 1.2 * median(alone(changes))
    assert max(beside) <= seconds + LONGEST_AFTER


def test_calls_that_hang_stop_nobody_while_others_are_answered() -> None:
    """However many of them end at once."""
    broken = {Stage.orcid_of(person) for person in BROKEN[: LANES - 1]}
    stage = Stage(seconds=lambda call: CALL_SECONDS if orcid_of(call) in broken else QUICK)
    stage.orcid.weather = lambda call: TIMEOUT if orcid_of(call) in broken else None
    stage.connect((*BROKEN[: LANES - 1], *HEALTHY))
    for person in BROKEN[: LANES - 1]:
        stage.tell(person, [0])
    began, opened = stage.clock.now(), []
    for number, person in enumerate(HEALTHY):
        stage.run(began + number)
        stage.tell(person, [number])
        opened.append(stage.store.notes.get(CIRCUIT))

    assert not any(opened)


@cache
def alone(changes: float) -> list[float]:
    """How long the others wait without any that are broken."""
    return waits(changes, None, QUICK)


def waits(changes: float, reply: Reply | None, seconds: float) -> list[float]:
    """How long each change of a healthy person took from its event till ORCID had it, at so many changes a second.

    Broken people get the reply, after so many seconds; they are told of first, and again each minute.
    """
    broken = {Stage.orcid_of(person) for person in BROKEN} if reply is not None else set[str]()
    stage, chance = Stage(seconds=lambda call: seconds if orcid_of(call) in broken else QUICK), Random(3)
    stage.connect((*BROKEN, *HEALTHY))

    def weather(call: AnyCall) -> Reply | None:
        return reply if orcid_of(call) in broken else None

    stage.orcid.weather = weather
    began, told = stage.clock.now(), list[tuple[float, str]]()
    for number in range(int(changes * LASTING)):
        if number % int(changes * 60) == 0 and broken:
            for person in BROKEN:
                stage.tell(person, [number])
        stage.run(began + number / changes + chance.random() / changes)
        person = chance.choice(HEALTHY)
        stage.tell(person, [number])
        told.append((stage.clock.now(), Stage.orcid_of(person)))
    stage.run(stage.clock.now() + 60.0)
    return [_wait(stage, at, orcid) for at, orcid in told]


def _wait(stage: Stage, told_at: float, orcid: str) -> float:
    """Till the end of the first call for this iD that ORCID took since then."""
    return next((at + QUICK - told_at for at, taken in stage.orcid.taken if taken == orcid and at >= told_at), LASTING)
