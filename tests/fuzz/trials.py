"""Trials: the same hostile trial many times over, each from a seed and a number of its own."""

from collections import Counter
from collections.abc import Callable
from random import Random


def trials(trial: Callable[[Random], str], seed: int, first: int, count: int) -> Counter[str]:
    """What came of so many of them; an exception names the seed and the number that make it again."""
    found: Counter[str] = Counter()
    for number in range(first, first + count):
        try:
            found[trial(Random(f"{seed} {number}"))] += 1
        except Exception as error:
            error.add_note(f"number {number} of seed {seed}: {trial.__module__}.trial(Random('{seed} {number}'))")
            raise
    return found
