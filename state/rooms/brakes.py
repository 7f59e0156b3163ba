"""Brakes: what operators paused, for all processes on the store."""

from collections.abc import Sequence
from typing import Protocol

from state.brake_facts import Brake


class Brakes(Protocol):
    """What operators paused, for all processes on the store."""

    def put(self, brake: Brake) -> bool:
        """Pauses what it names; false when that is paused already, since the time that stays."""
        ...

    def release(self, brake: Brake) -> bool:
        """Takes off the brake that names the same; false when there is none."""
        ...

    def all(self) -> Sequence[Brake]:
        """Every brake, that of everything first, then by person, source and section."""
        ...

    def of_person(self, person: str) -> Sequence[Brake]:
        """Those that may keep something of the person's back, in the same order."""
        ...

    def concerned(self, brake: Brake) -> Sequence[str]:
        """The people of whom it keeps something back, or may, in order."""
        ...
