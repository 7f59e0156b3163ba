"""What becomes of a batch of messages: counts, dead letters, positions."""

from collections import Counter
from dataclasses import dataclass, field

from mappers.events.messages import LogId, Place
from state.facts import DeadLetter


@dataclass
class Taken:
    """What became of a batch: events by (type, result), dead letters met, next offsets by log."""

    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    letters: list[tuple[Place, DeadLetter]] = field(default_factory=list)
    positions: dict[LogId, int] = field(default_factory=dict)
    skipped: int = 0

    def results(self) -> dict[str, int]:
        """How many events came to which result."""
        counts: Counter[str] = Counter()
        for (_, result), number in self.events.items():
            counts[result] += number
        return dict(counts)

    @property
    def total(self) -> int:
        """How many events were taken, dead letters included."""
        return sum(self.events.values())
