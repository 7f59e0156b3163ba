"""Merged: a person may be merged into another while a call is under way; its outcome belongs to the other then."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from state.store import Store
from worker.recording.sent import Sent


def canonical_sent(store: Store, sent: Sent) -> Sent:
    """What was sent, as if it had been sent for whom the person was merged into meanwhile."""
    person = sent.sender.person
    into = store.people.canonical(person)
    if into == person:
        return sent
    renamed: Sent = _renamed(sent, person, into)
    return renamed


def _renamed(value: Any, person: str, into: str) -> Any:
    """The frozen facts in which every field called `person` that names the one names the other."""
    if isinstance(value, tuple):
        return tuple(_renamed(one, person, into) for one in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    found = {one.name: getattr(value, one.name) for one in fields(value) if one.init}
    changed = {
        name: into if name == "person" and one == person else _renamed(one, person, into) for name, one in found.items()
    }
    return replace(value, **changed)
