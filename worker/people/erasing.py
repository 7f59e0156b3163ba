"""Erasing: what is kept of a person, under any of their ids, goes; what others share stays, without them.

Every function runs inside the caller's transaction.
"""

import json
import re
from collections.abc import Collection
from dataclasses import replace

from mappers.events.messages import Message
from mappers.events.named_people import people_named, says, without_named
from mappers.events.packed_messages import pack_message, unpack_message
from mappers.events.people_in_data import people_in, without_people
from mappers.parsing import data_digest
from mappers.wanted import SourceKey
from state.facts import DeadLetter, Scheme, SourceRecord
from state.kept import kept_data
from state.store import Store
from worker.people.job_results import erase_from_jobs
from worker.people.knowing import names_of, records_about

SOMEBODY = "somebody who was forgotten"


def erase_person(store: Store, person: str) -> int:
    """Erases the person, and keeps the marks by which they stay blocked; returns how many source records went.

    What speaks of nobody else goes: source records with their events, dead letters. Out of the others the person is
    taken, and they are kept exactly as the same events leave them from now on, so that a replay changes nothing.
    """
    names = names_of(store, person)
    erased = {
        key: "" if record is None else order_text(record.scheme, record.version)
        for key, record in records_about(store, person).items()
        if _erase_from(store, key, record, names)
    }
    for letter in store.letters.all():
        _erase_from_letter(store, letter, names)
    erase_from_jobs(store, names)
    store.blocks.complete(names[0], erased)
    store.people.erase(names[0])
    return len(erased)


def order_text(scheme: Scheme, version: str) -> str:
    """The order of an event as it is kept of an erased record: it compares within one scheme."""
    return version if scheme is Scheme.RESET else f"{scheme.value} {version}"


def _erase_from(store: Store, key: SourceKey, record: SourceRecord | None, names: Collection[str]) -> bool:
    """Takes the person out of a source record; true when the record went altogether."""
    others = set(store.items.people_of(key)) - set(names)
    data = kept_data(record.data) if record is not None and record.data else None
    left = None if data is None else without_people(key.entity, data, names.__contains__)
    if record is not None and left is not None and left is not data:
        text = json.dumps(left, ensure_ascii=False, separators=(",", ":"))
        store.records.rewrite(replace(record, data=text, digest=data_digest(left)))
        return False
    if left is not None and (people_in(key.entity, left) or not _was_about(store, key, names)):
        return False
    if others:  # what stands on their records has yet to be removed, under the version that said so
        if record is not None and data is not None and left is None:
            store.records.rewrite(replace(record, removed=True, data="", digest=""))
        return False
    store.people.erase_record(key)
    return True


def _was_about(store: Store, key: SourceKey, names: Collection[str]) -> bool:
    """Whether a record that names nobody of ours was about the person before; else it but holds a text like an id."""
    return any(key in store.items.records_of(name) for name in names)


def speaks_of(letter: DeadLetter, names: Collection[str]) -> bool:
    """Whether a dead letter names the person, in its bytes or in what is told of it."""
    if letter.envelope and any(says(unpack_message(letter.envelope), name) for name in names):
        return True
    return _is_called_so(letter, names) or _unnamed(letter.message, names) != letter.message


def _is_called_so(letter: DeadLetter, names: Collection[str]) -> bool:
    return letter.subject in names and letter.entity.startswith("hr.person")


def _erase_from_letter(store: Store, letter: DeadLetter, names: Collection[str]) -> None:
    if not speaks_of(letter, names):
        return
    message = _without(unpack_message(letter.envelope), names) if letter.envelope else None
    if _is_called_so(letter, names) or (letter.envelope and message is None):
        store.letters.erase(letter.id)
        return
    envelope = b"" if message is None else pack_message(message)
    store.letters.rewrite(replace(letter, envelope=envelope, message=_unnamed(letter.message, names)))


def _without(message: Message, names: Collection[str]) -> Message | None:
    """The message with the person taken out; None when it names nobody else, or the id stands elsewhere in it."""
    if not any(says(message, name) for name in names):
        return message
    if not people_named(message) - set(names):
        return None
    left = without_named(message, frozenset(names))
    return None if any(says(left, name) for name in names) else left


def _unnamed(text: str, names: Collection[str]) -> str:
    """The text without the ids, where they stand as words."""
    for name in names:
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", SOMEBODY, text)
    return text
