"""Traces: what intake and desk did, told as spans after each turn, outside every transaction.

Nothing here hinders the work: without a sink nothing is kept, a store that fails loses spans and no more.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

import structlog

from mappers.events.messages import Place
from mappers.events.record_event import RecordEvent
from mappers.wanted import ItemKey, SourceKey
from state.facts import EventNote, ItemState, PersonFacts
from state.store import Store, StoreError
from worker.planning import steps
from worker.tracing.spans import Origin, Ref, Sink, Span, origin_of

log = structlog.get_logger()

MOST_KEPT = 20_000
"""Spans' worth of what happened that is kept within one turn; a turn of the loop makes some thousand at the most."""
MOST_CAUSES = 20
"""Earlier events that a call links to: one that came with all of them is told, but not without end."""

_DATE = re.compile(r"\b\d{4}-\d\d(?:-\d\d)?\b(?!-)")
"""When somebody left is told where they are looked up, not to whoever reads traces."""

Attributes = dict[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Mapped:
    """What an event was mapped to: how many items for how many people, and when that began and ended."""

    items: int
    people: int
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class TakenEvent:
    """A message that was taken, and what became of it. `event` is None when it was none of a source record."""

    place: Place
    type: str
    result: str
    began: float
    ended: float
    event: RecordEvent | None = None
    rule: str = ""
    mapped: Mapped | None = None


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A call that was answered, or never will be. `verdicts` are those of its items, in the step's order.

    `sent_at` is by the clock of the store: what came later, it did not carry.
    """

    step: steps.RecordStep
    person: str
    orcid: str
    method: str
    section: str
    sent_at: float
    began: float
    ended: float
    status: int | None
    error_code: int | None
    attempts: int
    verdicts: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Looked:
    facts: PersonFacts
    plan: steps.Plan
    began: float
    ended: float


class Traces:
    """Keeps what happened in a turn until `flush`. Used by the loop's thread alone; off without a sink."""

    def __init__(self, store: Store, sink: Sink | None = None, clock: Callable[[], float] = lambda: 0.0) -> None:
        self._store = store
        self._sink = sink
        self._kept: list[TakenEvent | MadeCall | _Looked] = []
        self._chance = Random()  # noqa: S311 - a span's id is no secret
        self.now = clock
        self.on = sink is not None

    def took(self, events: Iterable[TakenEvent]) -> None:
        """Events were taken, for good."""
        for event in events:
            self._keep(event)

    def looked(self, facts: PersonFacts, plan: steps.Plan, began: float) -> None:
        """A person was planned, since `began`."""
        if self.on:
            self._keep(_Looked(facts, plan, began, self.now()))

    def called(self, call: MadeCall) -> None:
        """A call's reply was recorded, or its absence."""
        self._keep(call)

    def _keep(self, one: TakenEvent | MadeCall | _Looked) -> None:
        if self._sink is None:
            return
        if len(self._kept) < MOST_KEPT:
            self._kept.append(one)
        else:
            self._sink.lose(1)

    def flush(self) -> None:
        """Makes spans of what was kept. Never raises: with the store away they are lost, and counted."""
        if self._sink is None or not self._kept:
            return
        kept, self._kept = self._kept, []
        for place, one in enumerate(kept):
            try:
                for span in self._spans(one):
                    self._sink.emit(span)
            except StoreError:
                self._sink.lose(len(kept) - place)
                return
            except Exception as error:  # noqa: BLE001 - a slip in what is told must not stop what is done
                log.error("trace_failed", error=type(error).__name__, about=type(one).__name__)
                self._sink.lose(1)

    def close(self) -> None:
        """Hands over what is left, and lets it be sent."""
        self.flush()
        if self._sink is not None:
            self._sink.close()

    def _spans(self, one: TakenEvent | MadeCall | _Looked) -> Iterator[Span]:
        match one:
            case TakenEvent():
                yield from _of_event(one)
            case _Looked():
                yield from self._of_look(one)
            case MadeCall():
                yield from self._of_call(one)

    def _of_look(self, look: _Looked) -> Iterator[Span]:
        """A span for each item that a step is about, or that stands otherwise than before."""
        before = {item.key: (item.state, item.reason) for item in look.facts.wanted}
        stand = {one.key: one for one in look.plan.standings}
        planned: dict[ItemKey, tuple[str, str]] = {}
        for step in look.plan.calls:
            if not isinstance(step, steps.OAuthStep):
                planned |= {key: (type(step).__name__, getattr(step, "reason", "")) for key in items_of(step)}
        moved = [one.key for one in look.plan.standings if before.get(one.key) != (one.state, one.reason)]
        for key in dict.fromkeys((*planned, *moved)):
            causes = self._store.records.causes(key.record, look.ended, 1)
            if causes:
                step_name, reason = planned.get(key, ("", ""))
                attributes = _of_item(key) | {"orcid_sync.person": key.person}
                if step_name:
                    attributes |= {"orcid_sync.step": step_name}
                if key in stand:
                    attributes |= {"orcid_sync.state": stand[key].state.value}
                    reason = reason or _tellable(stand[key])
                if reason:
                    attributes |= {"orcid_sync.reason": _DATE.sub("…", reason)[:200]}
                yield Span("plan", look.began, look.ended, attributes, parent=_origin(causes[0]).event)

    def _of_call(self, call: MadeCall) -> Iterator[Span]:
        """The call, under the event of its first item; and what it means for each item, under the item's own event."""
        keys = items_of(call.step)
        events = {key: self._causes(key, call.sent_at) for key in keys}
        origins = {key: _origin(notes[0]) for key, notes in events.items() if notes}
        first = next((origins[key].event for key in keys if key in origins), None)
        own = Ref(first.trace if first else self._number(128), self._number(64), first.sampled if first else None)
        others = [origin.event for origin in origins.values() if origin.event != first]
        earlier = [_origin(note).event for notes in events.values() for note in notes[1:]]
        status: Attributes = {} if call.status is None else {"http.response.status_code": call.status}
        if call.error_code is not None:
            status["orcid_sync.error_code"] = call.error_code
        verdict = call.verdicts[0] if len(set(call.verdicts)) == 1 else "several" if call.verdicts else ""
        yield Span(
            f"{call.method} {call.section}",
            call.began,
            call.ended,
            {
                "http.request.method": call.method,
                "http.request.resend_count": max(0, call.attempts - 1),
                "orcid_sync.section": call.section,
                "orcid_sync.step": type(call.step).__name__,
                "orcid_sync.person": call.person,
                "orcid_sync.orcid": call.orcid,
                "orcid_sync.items": len(keys),
                "orcid_sync.verdict": verdict,
                **status,
            },
            ref=own,
            parent=first,
            links=tuple(dict.fromkeys((*others, *earlier))),
            failed="" if call.status is not None and call.status < 400 else str(call.status or "no reply"),
            outward=True,
        )
        for key, said in zip(keys, call.verdicts, strict=False):
            if key in origins:
                event = origins[key].event
                beside = event.trace != own.trace
                attributes = _of_item(key) | {"orcid_sync.person": key.person, "orcid_sync.verdict": said}
                parent, links = (event, (own,)) if beside else (own, ())
                yield Span("outcome", call.ended, call.ended, attributes, parent=parent, links=links)

    def _causes(self, key: ItemKey, until: float) -> list[EventNote]:
        """The event that a call carries, and those before it that no call carried, the newest first."""
        notes = list(self._store.records.causes(key.record, until, MOST_CAUSES))
        if len(notes) < 2:
            return notes
        sent = [one.intent.opened_at for one in self._store.intents.story(key.record) if one.intent.item == key]
        last = max((at for at in sent if at < notes[0].at), default=0.0)
        return [notes[0], *(note for note in notes[1:] if note.at > last)]

    def _number(self, bits: int) -> int:
        return self._chance.getrandbits(bits) or 1


def items_of(step: steps.RecordStep) -> tuple[ItemKey, ...]:
    """The items that a step is about; none where it finds out about a section, or a group-id record."""
    match step:
        case steps.Add() | steps.Update() | steps.MoveAside():
            return (step.item.key,)
        case steps.AddWorks(adds=adds):
            return tuple(add.item.key for add in adds)
        case steps.Remove(published=published):
            return (published.item,)
        case steps.Repeat(intents=intents):
            return tuple(intent.item for intent in intents)
        case steps.ListSection(expected=expected):
            return tuple(one.item for one in expected)
        case steps.ReadItems(found=found):
            return tuple(one.item for one in found)
        case steps.EnsureGroup():
            return ()


def _of_event(taken: TakenEvent) -> Iterator[Span]:
    said: Attributes = {"orcid_sync.type": taken.type, "orcid_sync.result": taken.result}
    said["orcid_sync.place"] = str(taken.place)
    if taken.rule:
        said["orcid_sync.rule"] = taken.rule
    failed = taken.rule or ("dead letter" if taken.result == "dead_letter" else "")
    event = taken.event
    if event is None:
        yield Span("event", taken.began, taken.ended, said, failed=failed, inward=True)
        return
    said |= _of_record(event.record) | {"orcid_sync.event_id": event.id[:200]}
    origin = origin_of(event.record, event.id, event.traceparent)
    # What applied it is what all else hangs on; when it comes again, it must not come under the same id.
    ref = origin.event if taken.result == "applied" else Ref(origin.event.trace, 0, origin.event.sampled)
    yield Span("event", taken.began, taken.ended, said, ref, origin.maker, failed=failed, inward=True)
    mapped = taken.mapped
    if mapped is not None:
        counts: Mapping[str, int] = {"orcid_sync.items": mapped.items, "orcid_sync.people": mapped.people}
        yield Span("map", mapped.began, mapped.ended, dict(counts), parent=origin.event)


def _origin(note: EventNote) -> Origin:
    return origin_of(note.key, note.event_id, note.trace)


def _of_record(key: SourceKey) -> Attributes:
    return {"orcid_sync.source": key.source, "orcid_sync.entity": key.entity, "orcid_sync.subject": key.subject}


def _of_item(key: ItemKey) -> Attributes:
    return {"orcid_sync.section": key.section.value}


def _tellable(standing: steps.Standing) -> str:
    """Why an item stands as it does; of a refusal only that it is one, for its reason may quote the document."""
    return "" if standing.state is ItemState.REFUSED else standing.reason
