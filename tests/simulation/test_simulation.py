"""Random lives of the whole: whatever happens on the way, every record ends as it is wanted, each item exactly once.

Each seed is one life, the same at every run and in every process. A failing one is printed with the command that lives
it again alone.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tests.simulation.faults import FAULTS
from tests.simulation.figures import PROPERTY, SEEDS, missing, simulated
from tests.simulation.run import live, live_all, on_sqlite, quiet

CHUNK = 50
BESIDE = frozenset(
    {
        "crash between two port calls",
        "event out of order",
        "event told twice",
        "event unreadable",
        "frozen past its lease, and went on",
        "permission revoked with us",
        "rebalance",
        "record locked",
        "researcher connects another iD",
        "researcher deletes an item of ours",
        "researcher edits a foreign item",
        "researcher edits visibility",
        "researcher grants again",
        "researcher revokes at ORCID",
        "restart",
        "somebody else adds the same item",
        "stale owner applies late",
        "store lost",
    }
)
"""What happens beside what happens to calls."""
KINDS = BESIDE | {fault.name for fault in FAULTS}

Tell = Callable[[str, object], None]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("chunk", range(SEEDS // CHUNK))
def test_whatever_happens_every_record_ends_as_it_is_wanted(chunk: int, record_property: Tell) -> None:
    """Fifty seeds; every tenth has its store on SQLite.

    What they met is summed up at the end of the session, which fails when a kind of fault is missing in all of them.
    """
    summary = live_all(range(chunk * CHUNK, (chunk + 1) * CHUNK))
    counts = dict.fromkeys(KINDS, 0) | summary.counts
    record_property(PROPERTY, counts | {"seeds": summary.seeds, "events": summary.events})

    assert not summary.failed, "\n".join(map(str, summary.failed))
    assert counts.keys() == KINDS


@pytest.mark.parametrize(
    ("seeds", "missed"),
    [pytest.param(SEEDS, ["503"], id="of a whole session"), pytest.param(CHUNK, [], id="of a part of it")],
)
def test_a_kind_of_fault_that_is_never_met_is_told(seeds: int, missed: list[str]) -> None:
    """Only where so many seeds were lived that each has to be."""
    told = [(PROPERTY, {"503": 0, "429": 3, "seeds": seeds, "events": 9})]
    report = SimpleNamespace(when="call", user_properties=told, start=1.0, stop=61.0)

    assert missing({"passed": [report]}) == missed
    assert next(simulated({"passed": [report]})).startswith(f"simulated: {seeds} seeds, 9 events, 60 s")


@pytest.mark.parametrize("seed", [3, 9])
def test_a_seed_is_lived_again_exactly_in_another_process(seed: int) -> None:
    """Down to the last call, whatever Python makes of the order of its sets there."""
    command = [sys.executable, "-m", "tests.simulation", str(seed), "--digest"]
    digests = {
        subprocess.run(
            command, env=os.environ | {"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
    with quiet():
        digests.add(live(seed).digest)

    assert len(digests) == 1
    assert len(digests.pop()) == 16


def test_the_same_seed_is_the_same_life_on_both_stores() -> None:
    """The store in memory behaves as SQLite does, to the letter."""
    with quiet():
        for seed in (9, 19, 29):
            assert on_sqlite(seed)
            assert live(seed).digest == live(seed, in_memory=True).digest
