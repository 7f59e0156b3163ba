"""Running: one seed or many, told so that a failing one can be run again alone."""

import gc
import logging
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from tests.simulation.judge import Judge
from tests.simulation.life import EVENTS, Life
from tests.simulation.stage import PEOPLE

MEMORY = Path("/dev/shm")  # noqa: S108 - a fresh folder is made in it
"""A file system in memory: what ends here is a process, never the machine."""


@dataclass
class Lived:
    """What came of one seed. `digest` is over all that happened."""

    seed: int
    faults: list[str]
    story: list[str]
    counts: Counter[str]
    digest: str
    events: int
    broke: bool = False
    """The code raised an error: nothing was judged."""

    def __str__(self) -> str:
        told = "\n".join(f"  {fault}" for fault in self.faults[:5])
        return f"seed {self.seed}:\n{told}\n  again: make simulate SEED={self.seed}"


@dataclass
class Summary:
    """What came of many."""

    seeds: int = 0
    events: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failed: list[Lived] = field(default_factory=list)

    def add(self, one: Lived) -> None:
        """Counts one in."""
        self.seeds += 1
        self.events += one.events
        self.counts += one.counts
        if one.faults:
            self.failed.append(one)

    def lines(self) -> Iterator[str]:
        """How many seeds and events, and how often each kind of fault happened, in columns."""
        yield f"{self.seeds} seeds, {self.events} events, {len(self.failed)} failed"
        yield from (f"  {number:>8}  {name}" for name, number in sorted(self.counts.items()))


def on_sqlite(seed: int) -> bool:
    """Whether a seed's store is on SQLite: every tenth."""
    return seed % 10 == 9


def live(seed: int, *, in_memory: bool = False) -> Lived:
    """Lives one seed and judges it. Whatever goes wrong in it is among its faults."""
    with _folder(None if in_memory else seed) as folder:
        life, broke = Life(seed, folder), False
        try:
            life.live()
            faults = list(Judge(life).faults())
        except Exception as error:  # noqa: BLE001 - an error of the product is what is looked for
            faults, broke = [f"{type(error).__name__}: {error}", *_traced(error)], True
        finally:
            life.close()
    if len(life.sources.told) < EVENTS or len(life.people) < PEOPLE or sum(life.counts.values()) < 2:
        faults.append("it is too small: fewer events, people or faults than there must be")
    return Lived(seed, faults, life.story, life.counts, life.digest, len(life.sources.told), broke)


def hunt(seeds: Iterable[int], fault: re.Pattern[str]) -> tuple[Lived, str] | None:
    """The first seed in which the judge finds a fault that says so, and that fault; other faults are passed by.

    The first in which the code itself fails ends the hunt, too: its `broke` is set, and nothing was judged.
    """
    with quiet():
        for lived in map(live, seeds):
            found = next((one for one in lived.faults if lived.broke or fault.search(one)), None)
            if found is not None:
                return lived, found
    return None


def live_all(seeds: Iterable[int]) -> Summary:
    """Lives many, without their logs."""
    summary = Summary()
    with quiet():
        for seed in seeds:
            summary.add(live(seed))
    return summary


@contextmanager
def quiet() -> Iterator[None]:
    """What the product logs is tested elsewhere. Garbage is looked for rarely: a life makes little, and is short."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    often = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000)
    try:
        yield
    finally:
        gc.set_threshold(*often)
        gc.unfreeze()
        structlog.reset_defaults()


@contextmanager
def _folder(seed: int | None) -> Iterator[Path | None]:
    if seed is None or not on_sqlite(seed):
        yield None
        return
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    with TemporaryDirectory(dir=where, prefix="orcid-sync-simulation-") as name:
        yield Path(name)


def _traced(error: BaseException) -> list[str]:
    found, trace = [], error.__traceback__
    while trace is not None:
        found.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return [" > ".join(found[-8:])]
