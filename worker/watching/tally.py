"""The tally: what this process did so far, for summaries and metrics."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from mappers.events.messages import LogId

SECONDS_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""How long calls take at ORCID: a read some 0.1 s, a write 0.5, a full bulk 20; 30 is where we give up."""


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
class Tally:
    """Counts since the start. `last_change_at` is when a call last changed a record, None when none did.

    `replies` counts by (method, section, status, error code); `lag` is what waits in each log, as last seen, and
    `source_down` whether something keeps messages from coming (None: none are read here). `spans` counts the spans of
    traces as sent or lost.
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

    @property
    def all_events(self) -> int:
        """Events taken, dead letters included."""
        return sum(self.events.values())
