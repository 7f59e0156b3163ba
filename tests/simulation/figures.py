"""The simulation's figures at the end of a session: how long it took, and how often each kind of fault happened.

Over all processes: a test tells what its seeds met as a property of its report.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PROPERTY = "simulated"
"""Under which a test tells what its seeds met, kinds that it did not meet included."""

SEEDS = 2000
"""So many are lived in a whole session; then no kind of fault may be missing."""

Stats = Mapping[str, Sequence[Any]]
"""The reports of a session, by their outcome."""


def simulated(stats: Stats) -> Iterator[str]:
    """The sums of what the reports of a session tell, a line each; nothing when no seed was lived."""
    sums = _sums(stats)
    if not sums["seeds"]:
        return
    reports = list(_reports(stats))
    wall = max(report.stop for report, _ in reports) - min(report.start for report, _ in reports)
    work = sum(report.stop - report.start for report, _ in reports)
    yield (
        f"simulated: {sums.pop('seeds')} seeds, {sums.pop('events')} events, {wall:.0f} s from the first to the last"
        f" ({work:.0f} s of all processes); of each kind of fault:"
    )
    yield from (f"  {number:>7}  {name}" for name, number in sorted(sums.items()))
    for name in missing(stats):
        yield f"FAILED simulation: {name} was not met in any seed"


def missing(stats: Stats) -> list[str]:
    """The kinds of fault that a whole session did not meet."""
    sums = _sums(stats)
    return sorted(name for name, number in sums.items() if not number) if sums["seeds"] >= SEEDS else []


def _sums(stats: Stats) -> Counter[str]:
    sums: Counter[str] = Counter()
    for _, told in _reports(stats):
        sums.update(told)
    return sums


def _reports(stats: Stats) -> Iterator[tuple[Any, Mapping[str, int]]]:
    for report in (one for reports in stats.values() for one in reports):
        for name, told in getattr(report, "user_properties", ()):
            if name == PROPERTY and report.when == "call":
                yield report, told
