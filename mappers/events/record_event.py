"""A record event: the new whole of a source record, or its removal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mappers.events.messages import Place
from mappers.wanted import SourceKey


@dataclass(frozen=True, slots=True)
class RecordEvent:
    """What a source says of one of its records, checked for its shape (CONTRACT.md section 4).

    `time` and `sequence` are canonical: each sorts as text. `data` holds what section 4 names and the event sets, as
    plain JSON for the store; None for a removal. `digest` is over the content of `data`, empty for a removal.
    `traceparent` is the trace that it belongs to (W3C Trace Context), if it says one.
    """

    record: SourceKey
    type: str
    id: str
    place: Place
    removed: bool
    time: str | None
    sequence: str | None
    data: Mapping[str, Any] | None
    digest: str
    traceparent: str = ""
