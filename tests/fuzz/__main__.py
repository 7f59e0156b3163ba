"""A long run of both: `python -m tests.fuzz [EVENTS] [REPLIES] [SEED]`. Prints what was found; ends at an exception."""

import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from random import Random

from tests.fuzz import events, replies
from tests.fuzz.trials import trials

CHUNK = 5_000


def run(name: str, trial: Callable[[Random], str], count: int, seed: int) -> None:
    """All of them, over the cores of the machine."""
    began = time.monotonic()
    chunks = [(trial, seed, first, min(CHUNK, count - first)) for first in range(0, count, CHUNK)]
    found: Counter[str] = Counter()
    with multiprocessing.Pool(os.cpu_count()) as pool:
        for one in pool.starmap(trials, chunks, chunksize=1):
            found += one
    seconds = time.monotonic() - began
    said = [f"{found.total()} malformed {name} of seed {seed} in {seconds:.0f} s, no exception:"]
    said += [f"  {number:8} {what}" for what, number in found.most_common()]
    sys.stdout.write("\n".join(said) + "\n")


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]] + [1_000_000, 100_000, 1][len(sys.argv) - 1 :]
    run("events", events.trial, numbers[0], numbers[2])
    run("replies", replies.trial, numbers[1], numbers[2])
