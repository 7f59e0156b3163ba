"""Versions: what orders the events of one source record (ARCHITECTURE.md section 5)."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from mappers.events.faults import BadEvent, Fault, Rule
from mappers.events.record_event import RecordEvent
from mappers.times import epoch

Scheme = Literal["sequence", "time"]
"""What orders a source's events. Versions compare within one scheme only."""

AHEAD = 300.0
"""How many seconds an event's time may be ahead of our clock, where time orders: more would block later events."""

MAX_DIGITS = 100
"""How many characters a sequence given as text may have, leading zeros included."""

_SEQUENCE = re.compile(r"0*(\d{1,30})(?:\.(\d{1,30}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Version:
    """A place in the order of a source record's events. Within one scheme `key` compares as text, by code point."""

    scheme: Scheme
    key: str


@dataclass(frozen=True, slots=True)
class ByArrival:
    """The event counts as newer than all that arrived before it."""


@dataclass(frozen=True, slots=True)
class TakesCurrent:
    """A removal without a version: it takes the one that its source record has now."""


Order = Version | ByArrival | TakesCurrent


def order(event: RecordEvent, scheme: Scheme | None, *, live: bool, now: float) -> Order | BadEvent:
    """What orders the event, given its source's scheme (None: not fixed yet; the event's own then fixes it).

    | event has      | scheme           | live                     | replayed file |
    | -------------- | ---------------- | ------------------------ | ------------- |
    | the scheme's   | sequence or time | Version                  | Version       |
    | a sequence     | none             | Version by sequence      | the same      |
    | only a time    | none             | Version by time          | the same      |
    | only the other | sequence or time | no-order                 | no-order      |
    | neither        | none             | ByArrival; TakesCurrent  | no-order      |
    | neither        | sequence or time | no-order; TakesCurrent   | no-order      |

    Where two stand, the second is for a removal. By time, more than five minutes ahead is `time-ahead`.
    """
    given = {"sequence": event.sequence, "time": event.time}
    chosen: Scheme = scheme or ("sequence" if event.sequence is not None else "time")
    key = given[chosen]
    if key is not None:
        return _in_time(event, now) if chosen == "time" else Version(chosen, key)
    if not any(given.values()) and live and event.removed:
        return TakesCurrent()
    if not any(given.values()) and live and scheme is None:
        return ByArrival()
    return _no_order(event, scheme)


def canonical_sequence(value: Any) -> str:
    """A sequence as text that sorts as the numbers do: 17, "17" and 17.0 are one. Raises ValueError naming the rule.

    The whole part is preceded by its length in two digits; zeros that close the fraction are left out.
    """
    found = _SEQUENCE.fullmatch(_plain(value))
    if found is None:
        raise ValueError("is not a sequence (a number from 0 up, at most 30 digits before the point and 30 after it)")
    whole, fraction = found[1].lstrip("0") or "0", (found[2] or "").rstrip("0")
    return f"{len(whole):02d}{whole}.{fraction}" if fraction else f"{len(whole):02d}{whole}"


def _plain(value: Any) -> str:
    match value:
        case bool():
            return ""
        case str():
            return value if len(value) <= MAX_DIGITS else ""
        case int():
            return str(value) if value < 10**30 else ""
        case Decimal() if -30 <= value.adjusted() <= 30:
            return format(abs(value) if value.is_zero() else value, "f")
        case Decimal() if value.is_zero():
            return "0"
        case _:
            return ""


def _in_time(event: RecordEvent, now: float) -> Version | BadEvent:
    time = event.time or ""
    at = epoch(time)
    if at <= now + AHEAD:
        return Version("time", time)
    text = f"is more than {AHEAD:.0f} s ahead of our clock, and time orders {event.record.source}"
    return replace(_fault(event, Fault(Rule.TIME_AHEAD, "time", time, text)), again_at=at - AHEAD)


def _no_order(event: RecordEvent, scheme: Scheme | None) -> BadEvent:
    if scheme is None:
        return _fault(
            event, Fault(Rule.NO_ORDER, "sequence", None, "is missing, and so is time: nothing orders this event")
        )
    text = f"is missing: {scheme} orders the events of {event.record.source}"
    return _fault(event, Fault(Rule.NO_ORDER, scheme, None, text))


def _fault(event: RecordEvent, fault: Fault) -> BadEvent:
    return fault.about(
        event.place, {"type": event.type, "source": event.record.source, "subject": event.record.subject}
    )
