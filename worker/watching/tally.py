"""The tally: what this process did so far, for summaries and metrics."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

from mappers.events.messages import LogId

SECONDS_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""How long calls take at ORCID: a read some 0.1 s, a write 0.5, a full bulk 20; 30 is where we give up."""
FORGIVEN_SECONDS = 120.0
"""A daemon writes every 15 s, and a store that hangs refuses within half a minute: who failed no more for so long is
well."""
SHORTEST_FAILING = 1e-3
"""What is told of a row that has just begun: 0 means that there is none."""


@dataclass
class Durations:
    """How often something took how long. `counts[i]` counts what took at most `SECONDS_BOUNDS[i]`; the last, more."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(SECONDS_BOUNDS) + 1))
    total: float = 0.0

    def observe(self, seconds: float) -> None:
        """Counts one."""
        place = sum(bound < seconds for bound in SECONDS_BOUNDS)
        self.counts[place] += 1
        self.total += seconds


@dataclass
class Turns:
    """Whether the loop's turns fail for the store, in a row. `clock` never jumps.

    A store that can be read and not written (a full disk, a standby, somebody's lock) refuses only turns that have
    something to write: one that did nothing ends no row, unless none has failed for FORGIVEN_SECONDS.
    """

    clock: Callable[[], float] = monotonic
    row: tuple[float, float] | None = None
    """When the first one of the row failed, and the last."""

    def failed(self) -> None:
        """The store refused a turn."""
        now = self.clock()
        began = now if self.failing_seconds() == 0.0 or self.row is None else self.row[0]
        self.row = began, now

    def went_well(self, *, idle: bool) -> None:
        """One was not refused; `idle`: it had nothing to do."""
        if not idle:
            self.row = None

    def failing_seconds(self) -> float:
        """Since the first one of the row that goes on; 0.0 while none does. Any thread may ask."""
        row, now = self.row, self.clock()
        return 0.0 if row is None or now - row[1] >= FORGIVEN_SECONDS else max(now - row[0], SHORTEST_FAILING)


@dataclass
class Tally:
    """Counts since the start. `last_change_at` is when a call last changed a record, None when none did.

    `replies` counts by (method, section, status, error code); `lag` is what waits in each log, as last seen, and
    `source_down` whether something keeps messages from coming (None: none are read here). `spans` counts the spans of
    traces as sent or lost. `mapping_anew` is true while nothing is sent for that. `turns` says whether the store
    refuses the loop's work.
    """

    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    dead_letters: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    call_seconds: Durations = field(default_factory=Durations)
    inbox_messages: Counter[str] = field(default_factory=Counter)
    replies: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    lag: Mapping[LogId, int] = field(default_factory=dict)
    last_change_at: float | None = None
    source_down: bool | None = None
    spans: Counter[str] = field(default_factory=Counter)
    mapping_anew: bool = False
    turns: Turns = field(default_factory=Turns)

    @property
    def all_events(self) -> int:
        """Events taken, dead letters included."""
        return sum(self.events.values())
