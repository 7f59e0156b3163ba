"""The story of one source record: events, mapping, decisions, calls, replies, and what it waits for."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mappers.events.faults import reason_of
from state.facts import DeadLetter, EventNote, IntentStory, Scheme, SourceRecord, Wanted
from state.store import Store


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of the source records of one source and subject."""

    source: str
    subject: str
    records: tuple[SourceRecord, ...]
    events: tuple[EventNote, ...]
    letters: tuple[DeadLetter, ...]
    items: tuple[Wanted, ...]
    intents: tuple[IntentStory, ...]

    @property
    def is_empty(self) -> bool:
        """True when nobody ever spoke of it."""
        return not (self.records or self.events or self.letters)

    def as_json(self) -> dict[str, Any]:
        """The story as one object."""
        return {
            "source": self.source,
            "subject": self.subject,
            "records": [_record(one) for one in self.records],
            "events": [_event(one) for one in self.events],
            "dead_letters": [_letter(one) for one in self.letters],
            "items": [_item(one) for one in self.items],
            "calls": [_call(one) for one in self.intents],
        }


def tell(store: Store, source: str, subject: str, entity: str | None) -> Story:
    """Gathers the story; `entity` narrows it to one kind of record."""
    records = [one for one in store.records.named(source, subject) if entity in (None, one.key.entity)]
    return Story(
        source=source,
        subject=subject,
        records=tuple(records),
        events=tuple(one for one in store.records.events(source, subject) if entity in (None, one.key.entity)),
        letters=tuple(one for one in store.letters.naming(source, subject) if entity in (None, one.entity)),
        items=tuple(item for one in records for item in store.items.of_record(one.key)),
        intents=tuple(story for one in records for story in store.intents.story(one.key)),
    )


def when(at: float | None) -> str:
    """A time for people."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _record(record: SourceRecord) -> dict[str, Any]:
    return {
        "entity": record.key.entity,
        "ordered_by": record.scheme.value,
        "version": _plain_version(record),
        "removed": record.removed,
    }


def _plain_version(record: SourceRecord) -> str:
    """The version as its source wrote it: a sequence is kept with the length of its whole part before it."""
    match record.scheme:
        case Scheme.SEQUENCE:
            return record.version[2:]
        case Scheme.ARRIVAL:
            return record.version.lstrip("0")
        case Scheme.TIME:
            return record.version
        case Scheme.RESET:
            return ""


def _event(note: EventNote) -> dict[str, Any]:
    return {
        "at": when(note.at),
        "id": note.event_id,
        "type": note.type,
        "place": note.place,
        "result": note.result,
        "detail": note.detail,
    }


def _letter(letter: DeadLetter) -> dict[str, Any]:
    return {
        "id": letter.id,
        "at": when(letter.at),
        "place": letter.place,
        "reason": reason_of(letter.rule).value,
        "rule": letter.rule,
        "why": letter.message,
    }


def _item(item: Wanted) -> dict[str, Any]:
    return {
        "person": item.key.person,
        "section": item.key.section.value,
        "part": item.key.part,
        "wanted": not item.withdrawn,
        "state": item.state.value,
        "reason": item.reason,
        "identifiers": sorted(item.self_ids),
    }


def _call(story: IntentStory) -> dict[str, Any]:
    intent, outcome = story.intent, story.outcome
    return {
        "at": when(intent.opened_at),
        "call": intent.call,
        "person": intent.person,
        "orcid": intent.orcid,
        "method": intent.method.value,
        "section": intent.item.section.value,
        "put_code": intent.put_code or (outcome.put_code if outcome else None),
        "attempt": intent.attempt,
        "verdict": outcome.verdict if outcome else "open",
        "status": outcome.status if outcome else None,
        "error_code": outcome.error_code if outcome else None,
        "detail": outcome.detail if outcome else f"no answer yet; may be carried out until {when(intent.ripe_at)}",
    }
