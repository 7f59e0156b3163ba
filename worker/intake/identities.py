"""Identities: what people are called, and who of them are one, as events say it."""

from dataclasses import replace

from mappers.events.people_in_data import MERGED
from mappers.events.record_event import RecordEvent
from state.facts import SourceRecord
from state.kept import kept_data
from state.store import Store
from worker.people.merging import merge_people

PERSON = "hr.person"


def identified(store: Store, event: RecordEvent, before: SourceRecord | None) -> frozenset[str]:
    """Notes, in the caller's transaction, what an accepted event says of who people are; returns whom it concerns.

    `before` is what the source record said before. What was merged stays so, whatever becomes of the record.
    """
    if event.record.entity == PERSON:
        _name(store, event, before)
    if event.record.entity != MERGED or event.data is None:
        return frozenset()
    merged = merge_people(store, event.data["from"], event.data["into"])
    return frozenset() if merged is None else frozenset({merged.into})


def remark(event: RecordEvent) -> str:
    """What the story of a source record says beside the event."""
    ends_a_merge = event.removed and event.record.entity == MERGED
    return "what was merged stays one: a merge is not taken back" if ends_a_merge else ""


def _name(store: Store, event: RecordEvent, before: SourceRecord | None) -> None:
    """The institution's name of a person, of use beside the one that ORCID gives; it goes with the record."""
    named = event.data if event.data is not None else {}
    if before is not None and before.data:
        said = kept_data(before.data)
        if said.get("name") and said["person"]["id"] != named.get("person", {}).get("id"):
            _call(store, said["person"]["id"], "")
    if "person" in named:
        _call(store, named["person"]["id"], (named.get("name") or "").strip())


def _call(store: Store, person: str, name: str) -> None:
    known = store.people.person(store.people.canonical(person))
    if known.name != name:
        store.people.put(replace(known, name=name))
