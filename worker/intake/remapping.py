"""Mapping again: what a new mapping file, or new code, makes of the source records that the store kept.

What then is wanted otherwise has no new event behind it: it comes under a hold, which is counted when all is mapped.
"""

import json
from collections import Counter

import structlog
from pydantic import ValidationError

from mappers.mapping import map_record
from mappers.mapping_file import MappingFile
from state.facts import SourceRecord
from state.store import Store
from worker.intake.wants import UNCOUNTED, want

log = structlog.get_logger()

REJECTED = "rejected"
"""The hold of what an operator rejected: it stays as it stands until its source speaks again."""


def map_again(
    store: Store, mapping: MappingFile, revision: str, limit: int, *, rewriting: bool
) -> tuple[int, frozenset[str]]:
    """Maps at most `limit` records that were mapped under another revision, in the caller's transaction.

    Returns how many, and the people concerned. `rewriting` also sends what differs only in form.
    """
    records = store.records.outdated(revision, limit)
    hold = f"{'form' if rewriting else 'mapping'}-{file_digest(revision)[:8]}"
    concerned: set[str] = set()
    for record in records:
        form_only = file_digest(record.revision) == file_digest(revision) and not rewriting
        concerned |= _remap(store, mapping, record, form_only=form_only, hold=hold)
        store.records.mapped(record.key, revision)
    return len(records), frozenset(concerned)


def settle_holds(store: Store, limit: int) -> frozenset[str]:
    """Counts the updates of each new hold: up to `limit` they are free to go, more are held until an operator decides.

    In the caller's transaction; returns the people concerned. What is added to a hold is counted with it.
    """
    updates: Counter[str] = Counter()
    uncounted: set[str] = set()
    for hold, reason, number in store.items.holds():
        updates[hold] += number
        if reason == UNCOUNTED:
            uncounted.add(hold)
    concerned: set[str] = set()
    for hold in uncounted:
        if updates[hold] <= limit:
            concerned |= {*store.items.change_hold(hold, "", "")}
            continue
        reason = (
            f"{updates[hold]} updates have no new event behind them, more than {limit}"
            f" (ORCID_SYNC_MAX_REWRITES): `orcid-sync approve {hold}`"
        )
        log.warning("updates_held", hold=hold, updates=updates[hold], limit=limit)
        concerned |= {*store.items.change_hold(hold, hold, reason)}
    return frozenset(concerned)


def approve(store: Store, hold: str) -> bool:
    """Lets go what a hold stops, and puts its people on the agenda; false when there is no such hold."""
    return _decide(store, hold, "", "")


def reject(store: Store, hold: str) -> bool:
    """Leaves what a hold stops as it stands until its source speaks again; false when there is no such hold."""
    return _decide(store, hold, REJECTED, "rejected: it stays as it stands until its source speaks again")


def _decide(store: Store, hold: str, to: str, reason: str) -> bool:
    with store.transaction():
        persons = store.items.change_hold(hold, to, reason) if hold != REJECTED else ()
        for person in persons:
            store.agenda.changed(person, 0.0, 0.0)
    return bool(persons)


def file_digest(revision: str) -> str:
    """The mapping file's part of a mapping revision."""
    return revision.partition(":")[2]


def _remap(store: Store, mapping: MappingFile, record: SourceRecord, *, form_only: bool, hold: str) -> frozenset[str]:
    """One record; data that an older version took and this one would not leaves its items as they are."""
    try:
        items = () if record.removed else map_record(record.key, json.loads(record.data), mapping)
    except (ValidationError, LookupError) as error:
        log.warning("record_not_remapped", record=str(record.key), why=type(error).__name__)
        return frozenset()
    return want(store, record.key, items, form_only=form_only, hold=hold)
