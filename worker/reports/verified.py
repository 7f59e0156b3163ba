"""Verified: what comes of looking at live records, as `verify` and `adopt` tell it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import ItemState
from state.store import Store
from worker.reports.summary import UNSETTLED

LEFT_ALONE = "left alone"
"""What becomes of an item of our client that is none of what we want."""
FORGOTTEN = "forgotten"
"""What becomes of an item that nothing wants, and that is not there any more."""
SETTLED = (
    ItemState.IN_SYNC.value,
    ItemState.MERGED.value,
    ItemState.REMOVED_BY_RESEARCHER.value,
    FORGOTTEN,
)
"""What a repair may come to and leave nothing to be done."""


def item_row(key: ItemKey | None, section: Section, put_code: int) -> dict[str, Any]:
    """The columns that name an item on a record, and the wanted item that it serves."""
    record = None if key is None else key.record
    return {
        "section": section.value,
        "put_code": put_code,
        "source": None if record is None else record.source,
        "entity": None if record is None else record.entity,
        "subject": None if record is None else record.subject,
        "part": None if key is None else key.part,
    }


def outcome(store: Store, person: str, row: dict[str, Any]) -> str:
    """How far the item of a row has come by now: its state; or that it is left alone, or forgotten."""
    facts = store.items.facts(person)
    place = (row["section"], row["put_code"])
    served = next((one.item for one in facts.published if (one.section.value, one.put_code) == place), None)
    named = (row["section"], row["source"], row["entity"], row["subject"], row["part"])
    for item in facts.wanted:
        key = item.key
        same = (key.section.value, key.record.source, key.record.entity, key.record.subject, key.part) == named
        if key == served or (served is None and same):
            return item.state.value
    return LEFT_ALONE if row["source"] is None else FORGOTTEN


def unsettled(store: Store, people: Sequence[str]) -> list[str]:
    """What of these people's items somebody has to look at, or to wait for, in words."""
    states = Counter(item.state for person in people for item in store.items.facts(person).wanted)
    return [f"{states[one]} {one.value.replace('_', ' ')}" for one in UNSETTLED if states[one]]


def counted(words: Iterable[str]) -> str:
    """Equal words, with their number: `3 gone, 1 unknown`."""
    return ", ".join(f"{number} {word.replace('_', ' ')}" for word, number in Counter(words).items())
