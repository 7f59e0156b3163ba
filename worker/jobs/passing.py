"""Passing on: what a job counts is counted by its process as well, for the metrics."""

from collections import Counter
from dataclasses import fields
from typing import Any

from worker.watching.tally import Durations, Tally


class Passing:
    """What a tally counted, as often as it is asked for; whoever counts may go on meanwhile."""

    def __init__(self, of: Tally) -> None:
        self._of = of
        self._passed = Tally()

    def pass_on(self, into: Tally) -> None:
        """Adds what was counted since the last time to another tally, which is the caller's."""
        for name in (one.name for one in fields(Tally) if isinstance(getattr(self._passed, one.name), Counter)):
            counted = Counter[Any](dict(getattr(self._of, name)))
            getattr(into, name).update(counted - getattr(self._passed, name))
            setattr(self._passed, name, counted)
        letters = self._of.dead_letters
        into.dead_letters += letters - self._passed.dead_letters
        self._passed.dead_letters = letters
        self._pass_durations(self._of.call_seconds, into.call_seconds, self._passed.call_seconds)

    @staticmethod
    def _pass_durations(of: Durations, into: Durations, passed: Durations) -> None:
        counts, total = list(of.counts), of.total
        into.counts[:] = [a + b - c for a, b, c in zip(into.counts, counts, passed.counts, strict=True)]
        into.total += total - passed.total
        passed.counts[:], passed.total = counts, total
