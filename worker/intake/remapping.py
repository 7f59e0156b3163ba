"""Mapping again: what a new mapping file, or new code, makes of the source records that the store kept.

What then is wanted otherwise has no new event behind it: it comes under a hold, which is counted when all is mapped.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256

import structlog
from pydantic import ValidationError

from mappers.mapping import map_record
from mappers.mapping_file import MappingFile
from state.facts import ItemState, SourceRecord, Standing, Wanted
from state.kept import kept_data
from state.store import Store
from worker.intake.wants import UNCOUNTED, want
from worker.note_names import VERDICTS
from worker.planning.policy import Policy, policy_mark
from worker.planning.rewriting import rewrites
from worker.planning.takings import takings
from worker.recording.contents import facts_of

log = structlog.get_logger()

REJECTED = "rejected"
"""The hold of what an operator rejected: it stays as it stands until its source speaks again."""
AT_ONCE = 500
"""People whose items a step takes from a hold, or keeps under it: each has some statements and all of their items."""


def map_again(
    store: Store, mapping: MappingFile, records: Iterable[SourceRecord], revision: str, hold: str, *, rewriting: bool
) -> frozenset[str]:
    """Maps records that were mapped under another revision, in the caller's transaction; returns the people concerned.

    What changes comes under `hold`.
    What comes only from a new mapping number of the code differs in form, and calls nobody (ARCHITECTURE.md 5);
    `rewriting` sends that as well.
    """
    concerned: set[str] = set()
    for record in records:
        form_only = file_digest(record.revision) == file_digest(revision) and not rewriting
        concerned |= _remap(store, mapping, record, form_only=form_only, hold=hold)
        store.records.mapped(record.key, revision)
    if concerned:
        _count_again(store)
    return frozenset(concerned)


def hold_of(revision: str, policy: Policy, *, rewriting: bool) -> str:
    """The hold under which comes what a mapping revision and a policy change; of no other file or settings."""
    both = f"{file_digest(revision)} {policy_mark(policy)}"
    return f"{'form' if rewriting else 'mapping'}-{sha256(both.encode()).hexdigest()[:8]}"


def hold_rewrites(store: Store, person: str, policy: Policy, hold: str, *, alone: bool) -> bool:
    """Puts the person's updates without an event under `hold`, in the caller's transaction, to be counted with it.

    So it does with what is not counted yet under another: whoever put it there may have ended, or gone by other
    settings, and two parts of one change would each be few. What no hold has to stop any more leaves its hold, unless
    an operator rejected it; and only where we are `alone`: a daemon that goes by something else may have it held, and
    would send it. Returns whether any did.
    """
    facts = facts_of(store, person, policy)
    if facts.grant is None:  # then what stands on the record is not compared
        return False
    if takings(facts, policy, store.now()).removed:
        store.removals.ask(person)  # what goes by another policy is counted before any of it is sent
    found = rewrites(facts, policy, store.now())
    is_freed = False
    for item in facts.wanted:
        waits = item.hold_reason == UNCOUNTED
        if item.key in found.idle:
            if alone and item.hold not in {"", REJECTED}:
                _write(store, replace(item, hold="", hold_reason="", state=ItemState.IN_SYNC, reason=""))
                is_freed = True
        elif (waits and item.hold != hold) or (item.key in found.unheld and (waits or not item.hold)):
            _put_under(store, item, hold)
    return is_freed


def rewrite_left_out(store: Store, hold: str) -> frozenset[str]:
    """Has what API v2.1 left out written after all, under `hold` to be counted; in the caller's transaction.

    Returns the people concerned.
    """
    concerned: set[str] = set()
    for one in store.items.published(left_out=True):
        if one.standing is not Standing.LIVE or not one.digest:
            continue
        item = next((each for each in store.items.of_record(one.item.record) if each.key == one.item), None)
        if item is not None and item.digest is not None:
            store.items.publish(replace(one, digest=""))
            _put_under(store, item, hold)
            concerned.add(one.person)
    return frozenset(concerned)


def _put_under(store: Store, item: Wanted, hold: str) -> None:
    _write(store, replace(item, hold=hold, hold_reason=UNCOUNTED, state=ItemState.HELD, reason=UNCOUNTED))
    _count_again(store)


def _count_again(store: Store) -> None:
    """What was decided of a hold is not for what comes under it since."""
    store.notes.put(VERDICTS, None)


def _write(store: Store, item: Wanted) -> None:
    kept = store.items.document(item.key)
    store.items.want(item, None if kept is None else kept[1])


def settle_holds(store: Store, limit: int, only: str | None = None) -> tuple[frozenset[str], bool]:
    """Counts the updates of each new hold: up to `limit` they are free to go, more are held until an operator decides.

    In the caller's transaction, for so many people at once; returns the people concerned, and whether all is done.
    Until then what was decided is kept, so that whoever goes on, after an end or beside us, does not count the rest
    for all. What is added to a hold is counted with it, and held with what is held. With `only`, no other hold is
    counted.
    """
    noted = store.notes.get(VERDICTS)
    verdicts, after = json.loads(noted) if noted else (_verdicts(store, limit, only), "")
    concerned: set[str] = set()
    while verdicts:
        (hold, reason), room = verdicts[0], AT_ONCE - len(concerned)
        persons = store.items.change_hold(hold, hold if reason else "", reason, after=after, limit=room)
        concerned.update(persons)
        if len(persons) == room:
            store.notes.put(VERDICTS, json.dumps([verdicts, persons[-1]]))
            return frozenset(concerned), False
        if not after:
            del verdicts[0]
        after = ""  # once more from the beginning: a merged person's items may have come there meanwhile
    if noted:
        store.notes.put(VERDICTS, None)
    return frozenset(concerned), True


def _verdicts(store: Store, limit: int, only: str | None) -> list[tuple[str, str]]:
    """Each hold that is to be counted, and why it stays held; without a reason it does not."""
    updates: Counter[str] = Counter()
    stands: dict[str, str] = {}  # what holds those that were counted: an old daemon may have noted that they are merged
    uncounted: set[str] = set()
    for hold, reason, number in store.items.holds():
        updates[hold] += number
        if reason != UNCOUNTED:
            stands[hold] = reason
        elif only in (None, hold):
            uncounted.add(hold)
    verdicts: list[tuple[str, str]] = []
    for hold in sorted(uncounted):
        if updates[hold] <= limit:
            verdicts.append((hold, stands.get(hold, "")))
            continue
        reason = (
            f"{updates[hold]} updates have no new event behind them, more than {limit}"
            f" (ORCID_SYNC_MAX_REWRITES): `orcid-sync approve {hold}`"
        )
        log.warning("updates_held", hold=hold, updates=updates[hold], limit=limit)
        verdicts.append((hold, reason))
    return verdicts


def approve(store: Store, hold: str) -> bool:
    """Lets go what a hold stops, and puts its people on the agenda; false when there is no such hold.

    In short transactions: what an end cuts off stays under the hold.
    """
    return _decide(store, hold, "", "")


def reject(store: Store, hold: str) -> bool:
    """Leaves what a hold stops as it stands until its source speaks again; false when there is no such hold."""
    return _decide(store, hold, REJECTED, "rejected: it stays as it stands until its source speaks again")


def _decide(store: Store, hold: str, to: str, reason: str) -> bool:
    persons: Sequence[str] = ()
    found, is_over = False, hold == REJECTED
    while not is_over:
        with store.transaction():
            after = persons[-1] if persons else ""
            persons = store.items.change_hold(hold, to, reason, after=after, limit=AT_ONCE)
            for person in persons:
                store.agenda.changed(person, 0.0, 0.0)
        found = found or bool(persons)
        is_over = len(persons) < AT_ONCE
    return found


def file_digest(revision: str) -> str:
    """The mapping file's part of a mapping revision."""
    return revision.partition(":")[2]


def _remap(store: Store, mapping: MappingFile, record: SourceRecord, *, form_only: bool, hold: str) -> frozenset[str]:
    """One record; data that an older version took and this one would not leaves its items as they are."""
    try:
        items = () if record.removed else map_record(record.key, kept_data(record.data), mapping)
    except (ValidationError, LookupError) as error:
        log.warning("record_not_remapped", record=str(record.key), why=type(error).__name__)
        return frozenset()
    return want(store, record.key, items, form_only=form_only, hold=hold)
