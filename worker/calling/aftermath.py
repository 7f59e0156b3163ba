"""What a recorded outcome means for the rest of a slice, as data."""

from dataclasses import dataclass

from worker.planning import steps


@dataclass(frozen=True, slots=True)
class GoOn:
    """The next step. `failed`: the put-code of a step not accepted; what comes `after` it is left out this time."""

    failed: int | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """These steps first, then the next."""

    calls: tuple[steps.RecordStep, ...]


@dataclass(frozen=True, slots=True)
class Replan:
    """What is known of this record changed: leave the other steps and plan again."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Leave this record alone: until then, or (None) for as long as the growing back-off says."""

    until: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Halt:
    """Send nothing more for anybody: something is wrong with us."""

    why: str


Aftermath = GoOn | Follow | Replan | Rest | Halt
