"""The simulation on the command line: many seeds with progress, or one with its story.

python -m tests.simulation --seeds 20000
python -m tests.simulation 217 --story
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.simulation.run import Lived, Summary, hunt, live, live_all, quiet

CHUNK = 25


def _say(text: object, end: str = "\n") -> None:
    sys.stdout.write(f"{text}{end}")
    sys.stdout.flush()


def main() -> int:
    """Exit code 1 when a seed failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("seed", nargs="?", type=int, help="one seed, to be told of alone")
    parser.add_argument("--story", action="store_true", help="all that happened in it")
    parser.add_argument("--digest", action="store_true", help="the digest of all that happened in it, and no more")
    parser.add_argument("--seeds", type=int, default=2000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--until-found", metavar="FAULT", help="stop at the first with a fault that this pattern is in")
    asked = parser.parse_args()
    if asked.seed is not None:
        return _one(asked.seed, story=asked.story, digest=asked.digest)
    if asked.until_found is not None:
        return _until_found(range(asked.first, asked.first + asked.seeds), asked.until_found)
    return _many(asked.first, asked.seeds, asked.jobs)


def _one(seed: int, *, story: bool, digest: bool) -> int:
    with quiet():
        lived = live(seed)
    if digest:
        _say(lived.digest)
        return 0
    if story or lived.faults:
        _say("\n".join(lived.story))
    _say(lived if lived.faults else f"seed {seed}: as it must be ({lived.events} events)")
    return 1 if lived.faults else 0


def _until_found(seeds: range, fault: str) -> int:
    """Exit code 0 when a seed has such a fault, 1 when none has, 3 when the code itself failed in one before that."""
    found = hunt(seeds, re.compile(fault))
    if found is None:
        _say(f"none of {len(seeds)} seeds found it")
        return 1
    lived, told = found
    _say(f"{lived.seed} {told}")
    if lived.broke:
        _say(lived)
    return 3 if lived.broke else 0


def _many(first: int, number: int, jobs: int) -> int:
    summary, began = Summary(), time.monotonic()
    chunks = [range(start, min(start + CHUNK, first + number)) for start in range(first, first + number, CHUNK)]
    with ProcessPoolExecutor(jobs) as pool:
        for done in as_completed([pool.submit(live_all, chunk) for chunk in chunks]):
            for lived in _merged(summary, done.result()):
                _say(f"\r{lived}")
            if sys.stdout.isatty():
                _say(f"\r{summary.seeds} of {number} seeds, {time.monotonic() - began:.0f} s", end="")
    _say("\r" + "\n".join(summary.lines()))
    _say(f"{time.monotonic() - began:.1f} s")
    return 1 if summary.failed else 0


def _merged(summary: Summary, part: Summary) -> Iterator[Lived]:
    summary.seeds += part.seeds
    summary.events += part.events
    summary.counts += part.counts
    summary.failed += part.failed
    yield from part.failed


if __name__ == "__main__":
    sys.exit(main())
