"""Erasing: what is kept of a person, under any of their ids, goes; what others share stays, without them.

It goes portion by portion, for whoever writes keeps all others from writing: what has to go is looked for outside of
any transaction, and a portion is a transaction of some hundred statements. They can be begun again after any of them:
what is kept under the person goes last, by which it is known what was about them, and the mark of an erased source
record is kept together with its end, so that no event brings it back meanwhile.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from mappers.events.messages import Message
from mappers.events.named_people import people_named, says, without_named
from mappers.events.packed_messages import pack_message, unpack_message
from mappers.events.people_in_data import people_in, without_people
from mappers.parsing import data_digest
from mappers.wanted import SourceKey
from state.facts import DeadLetter, Scheme, SourceRecord
from state.kept import kept_data
from state.store import Store
from worker.people.job_results import erase_from_job, is_about
from worker.people.knowing import names_of, pages_speaking_of

SOMEBODY = "somebody who was forgotten"
RECORDS = 25
"""Source records in a portion, with a dozen statements each."""
LETTERS = 20
"""Dead letters that are looked through at once; most are small, some of a megabyte."""

Portion = Callable[[], None]


def portions(store: Store, person: str) -> Iterator[Portion | None]:
    """What has to be carried out before `erase_rest`, each within a transaction, before the next is asked for.

    None where it was but looked for what has to go. To be asked for outside of transactions, if nobody is to wait.
    """
    names = names_of(store, person)
    about = {key for name in names for key in store.items.records_of(name)}
    for few in _some_of(sorted(about)):
        yield partial(_erase_from_records, store, few, names, about)
    for page in pages_speaking_of(store, names):
        yield None
        for few in _some_of([record.key for record in page]):
            yield partial(_erase_from_records, store, few, names, about)
    for number, letter in enumerate(store.letters.all()):
        if speaks_of(letter, names):
            yield partial(_erase_from_letter, store, letter.id, names)
        elif not number % LETTERS:
            yield None
    for job in store.jobs.all():
        yield partial(erase_from_job, store, job, names) if is_about(store, job, names) else None


def erase_rest(store: Store, person: str) -> None:
    """Erases what is kept under the person, in the caller's transaction; the marks stay by which they are blocked."""
    (name, *_) = names_of(store, person)
    store.blocks.complete(name, {})
    store.people.erase(name)


def erase_person(store: Store, person: str) -> None:
    """Erases the person in the caller's transaction, and keeps the marks by which they stay blocked.

    What speaks of nobody else goes: source records with their events, dead letters. Out of the others the person is
    taken, and they are kept exactly as the same events leave them from now on, so that a replay changes nothing.
    """
    for portion in portions(store, person):
        if portion is not None:
            portion()
    erase_rest(store, person)


def _some_of(keys: Sequence[SourceKey]) -> Iterator[Sequence[SourceKey]]:
    return (keys[start : start + RECORDS] for start in range(0, len(keys), RECORDS))


def order_text(scheme: Scheme, version: str) -> str:
    """The order of an event as it is kept of an erased record: it compares within one scheme."""
    return version if scheme is Scheme.RESET else f"{scheme.value} {version}"


def _erase_from_records(
    store: Store, keys: Iterable[SourceKey], names: Sequence[str], about: Collection[SourceKey]
) -> None:
    """Of source records that are erased with the person, the order of their last events is kept."""
    erased = {}
    for key in keys:
        record = store.records.record(key)
        if _erase_from(store, key, record, names, was_about=key in about):
            before = store.blocks.erased(key) or ""  # of one that this was begun with
            erased[key] = before if record is None else order_text(record.scheme, record.version)
    if erased:
        store.blocks.keep_marks(names[0], erased)


def _erase_from(
    store: Store, key: SourceKey, record: SourceRecord | None, names: Collection[str], *, was_about: bool
) -> bool:
    """Takes the person out of a source record; true when the record went altogether.

    One that names nobody of ours stays, unless it was about the person before: it but holds a text like an id.
    """
    others = set(store.items.people_of(key)) - set(names)
    data = kept_data(record.data) if record is not None and record.data else None
    left = None if data is None else without_people(key.entity, data, names.__contains__)
    if record is not None and left is not None and left is not data:
        text = json.dumps(left, ensure_ascii=False, separators=(",", ":"))
        store.records.rewrite(replace(record, data=text, digest=data_digest(left)))
        return False
    if left is not None and (people_in(key.entity, left) or not was_about):
        return False
    if others:  # what stands on their records has yet to be removed, under the version that said so
        if record is not None and data is not None and left is None:
            store.records.rewrite(replace(record, removed=True, data="", digest=""))
        return False
    store.people.erase_record(key)
    return True


def speaks_of(letter: DeadLetter, names: Collection[str]) -> bool:
    """Whether a dead letter names the person, in its bytes or in what is told of it."""
    if letter.envelope and any(says(unpack_message(letter.envelope), name) for name in names):
        return True
    return _is_called_so(letter, names) or _unnamed(letter.message, names) != letter.message


def _is_called_so(letter: DeadLetter, names: Collection[str]) -> bool:
    return letter.subject in names and letter.entity.startswith("hr.person")


def _erase_from_letter(store: Store, id_: str, names: Collection[str]) -> None:
    letter = store.letters.letter(id_)
    if letter is None or not speaks_of(letter, names):
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
