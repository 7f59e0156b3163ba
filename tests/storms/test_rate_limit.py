"""ORCID's rate limit as requests arrive: 24 a second, a burst of 40; it never has to say 503."""

import pytest

from tests.storms.stage import BURST, RATE, Stage
from worker.sandbox.limits import RateLimit


@pytest.mark.parametrize("desks", [pytest.param(1, id="one-process"), pytest.param(3, id="three-processes")])
def test_the_budget_keeps_orcid_from_refusing_for_rate(desks: int) -> None:
    """However many processes share it, after a quiet minute as well; and nearly all of the rate is used."""
    stage, people = Stage(desks=desks), range(1, 61)
    stage.orcid.limit = RateLimit(stage.clock.now)
    stage.connect(people)
    for sequence in (1, 2):
        for person in people:
            stage.tell(person, range(5), sequence)
        stage.run(stage.clock.now() + 60.0, done=lambda: len(stage.orcid.taken) == 300 * sequence)  # noqa: B023
        stage.clock.advance(60.0)

    assert stage.orcid.refused_for_rate == 0
    assert len(stage.orcid.taken) == 600
    first = [at for at, _ in stage.orcid.calls[:300]]
    assert first[-1] - first[0] <= 1.1 * (300 - BURST) / RATE
