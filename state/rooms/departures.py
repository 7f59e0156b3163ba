"""Departures: who left, by the source record that said so."""

from typing import Protocol

from mappers.wanted import SourceKey
from state.facts import Departure


class Departures(Protocol):
    """Who left, by the source record that said so."""

    def leave(self, departure: Departure) -> None:
        """Notes that somebody left; what its source record said before is replaced."""
        ...

    def come_back(self, record: SourceKey) -> str | None:
        """Takes what this source record said back; returns the person, None when it had said nothing."""
        ...
