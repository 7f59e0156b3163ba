"""Departures, in memory."""

from mappers.wanted import SourceKey
from state.facts import Departure
from state.memory.state import Handle


class MemoryDepartures:
    """Who left, by the source record that said so."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def leave(self, departure: Departure) -> None:
        """The newest word of a source record counts."""
        with self._handle.writing as tables:
            tables.departures.put(departure.record, departure)

    def come_back(self, record: SourceKey) -> str | None:
        """Whose it was."""
        with self._handle.writing as tables:
            departure = tables.departures.get(record)
            tables.departures.drop(record)
            return None if departure is None else departure.person
