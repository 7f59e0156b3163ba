"""Spans as plain data, and the ids by which processes that never meet find the same trace.

Between an event and its call lie a store and perhaps weeks. So the ids are made from what the store keeps of the event
anyway: its record, its own id, and the traceparent that it brought.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from mappers.wanted import SourceKey


@dataclass(frozen=True, slots=True)
class Ref:
    """A span of a trace, to point at. `sampled` is what its maker said of it; None: whoever sends spans decides."""

    trace: int
    span: int
    sampled: bool | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The trace that an event belongs to: its own span there, and whoever made the event, if it said so."""

    event: Ref
    maker: Ref | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Something that took from `began` to `ended` (seconds since 1970). Without a `parent` it begins its trace.

    Without a `ref` nothing can follow it, and it gets an id by chance; without parent and ref it is a trace of its own.
    `failed` says in a word what went wrong, empty when nothing did.
    """

    name: str
    began: float
    ended: float
    attributes: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    ref: Ref | None = None
    parent: Ref | None = None
    links: tuple[Ref, ...] = ()
    failed: str = ""
    outward: bool = False
    inward: bool = False


class Sink(Protocol):
    """Where spans go."""

    def emit(self, span: Span) -> None:
        """Takes a span; never waits and never raises."""
        ...

    def lose(self, number: int) -> None:
        """Counts spans that could not even be made."""
        ...

    def close(self) -> None:
        """Sends what is left, for some seconds at the most."""
        ...


def origin_of(key: SourceKey, event_id: str, traceparent: str) -> Origin:
    """The trace of an event: the one it brought, else one of its own; and its span there, the same in every process."""
    told = f"{key.source}\0{key.entity}\0{key.subject}\0{event_id}"
    digest = sha256(told.encode("utf-8", "surrogatepass")).digest()
    span = int.from_bytes(digest[16:24]) or 1
    if not traceparent:
        return Origin(Ref(int.from_bytes(digest[:16]) or 1, span))
    _, trace, maker, flags = traceparent.split("-")
    sampled = bool(int(flags, 16) & 1)
    return Origin(Ref(int(trace, 16), span, sampled), Ref(int(trace, 16), int(maker, 16), sampled))
