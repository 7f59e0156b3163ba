"""Handing a state over to another store: at every moment at most one of the two can be worked with.

1. In a transaction of the old store all its tables are shut: triggers refuse every change, in whatever process and
   version. They count for others once the transaction ends; until then nobody else can write either.
2. In a transaction of the new one everything is copied and compared, and it is marked as not finished: who opens it
   then is refused.
3. The new one's transaction ends, then the old one's, then the mark is taken off.

A process that dies before the second of these leaves the old store as it was, and nothing, or what can't be used, in
the new one. If it dies between the last two, neither can be used. The same command, given again, sets either right.

Nothing is left out. Positions are those of the log that was read last, so that the group's committed offsets are never
ahead of them. Calls without an outcome are in doubt in the new store as they would be in the old one after a crash.
Leases go on to count their epochs, and the budget has what is left of it. No call is under way: no lease is held.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from math import ceil
from typing import Any
from uuid import uuid4

from state.moving.copying import Copied, Watch, compare_all, copy_all, count_rows, unwatched
from state.moving.tables import Table, tables_of
from state.sql.sealed import VAULT_CHECK
from state.sql.store import SqlStore
from state.store import HandedOverError, Store, StoreError

HANDED_OVER = "handed-over"
"""The note of a store that was handed over: where to, when, and in which handover."""
ARRIVING = "arriving"
"""The note of a store that something comes to, and is not finished: where from, and in which handover."""

SKEW_SECONDS = 60.0
"""How far the clocks of two stores may be apart: what waits for a time waits that much longer or shorter."""

AnyStore = SqlStore[Any]


def refuse_handed_over(store: Store, name: str = "") -> None:
    """Raises HandedOverError for a store that was handed over, StoreError for one that a handover did not end in.

    To be asked at the start, and now and then by who runs on: both may happen meanwhile.
    """
    left, arriving = _note(store, HANDED_OVER), _note(store, ARRIVING)
    which = f"the state {name}".rstrip()
    if left is not None:
        raise HandedOverError(f"{which} {_told(left)}")
    if arriving is not None:
        raise StoreError(
            f"{which} is not whole: `orcid-sync state copy` from {arriving['from']} into it did not end;"
            " give the same command again"
        )


def hand_over(source: AnyStore, target: AnyStore, watch: Watch = unwatched) -> tuple[Copied, ...]:
    """Copies everything into an empty store and shuts the source for good; what was copied, by table.

    That is nothing when an earlier run had come so far that only its mark was to be taken off. Raises StoreError,
    with the source as it was and the target empty, or not to be used.
    """
    left, arriving = _note(source, HANDED_OVER), _note(target, ARRIVING)
    if left is not None:
        if arriving is None or arriving["handover"] != left["handover"]:
            raise HandedOverError(f"the state {source.engine.name} {_told(left)}")
        target.notes.put(ARRIVING, None)
        return ()
    refuse_handed_over(source, source.engine.name)
    _refuse_unlike(source, target)
    _refuse_used(source, target)
    handover, tables = uuid4().hex, tables_of()
    with source.transaction():
        source.engine.upkeep.linger()
        _shut(source, target, handover, tables)
        _refuse_senders(source)
        with target.transaction():
            target.engine.upkeep.linger()
            _refuse_used(source, target)
            but = {"notes": frozenset({(HANDED_OVER,)})}
            copy_all(source.engine, target.engine, tables, watch, but)
            copied = compare_all(source.engine, target.engine, tables, watch, but)
            target.notes.put(ARRIVING, json.dumps({"from": source.engine.name, "handover": handover}))
    target.notes.put(ARRIVING, None)
    return copied


def content(store: AnyStore) -> Mapping[str, int]:
    """What a store holds: rows by table, where there are any; without what every new store has."""
    counted = count_rows(store.engine, tables_of())
    new = {"notes": int(store.notes.get(VAULT_CHECK) is not None), "budget": 1}
    return {table: rows for table, rows in counted.items() if rows > new.get(table, 0)}


def _note(store: Store, name: str) -> dict[str, str] | None:
    text = store.notes.get(name)
    if text is None:
        return None
    found: dict[str, str] = json.loads(text)
    return found


def _told(left: Mapping[str, str]) -> str:
    return f"was moved to {left['to']} on {left['at']}: set ORCID_SYNC_STATE_URL to that"


def _shut(source: AnyStore, target: AnyStore, handover: str, tables: tuple[Table, ...]) -> None:
    at = datetime.fromtimestamp(source.now(), UTC).isoformat(" ", "seconds")
    left = {"to": target.engine.name, "at": at, "handover": handover}
    source.notes.put(HANDED_OVER, json.dumps(left))
    source.engine.upkeep.shut([table.name for table in tables], _told(left))


def _refuse_senders(source: AnyStore) -> None:
    """Raises StoreError while a call may be under way, of a process that runs, or was killed a moment ago."""
    rows = source.engine.run("SELECT max(free_at) AS until FROM leases")
    seconds = (rows[0]["until"] or 0.0) - source.now()
    if seconds > 0:
        raise StoreError(
            f"a process is sending from {source.engine.name}: stop it first; if it was killed, wait {ceil(seconds)} s"
        )


def _refuse_unlike(source: AnyStore, target: AnyStore) -> None:
    """Raises StoreError when there is nothing to hand over, or times would not mean the same in the target."""
    if not content(source):
        raise StoreError(f"the state {source.engine.name} holds nothing: give the one that was worked with")
    apart = abs(source.now() - target.now())
    if apart > SKEW_SECONDS:
        raise StoreError(
            f"the clock of {target.engine.name} is {apart:.0f} s from that of {source.engine.name}: set them right"
        )


def _refuse_used(source: AnyStore, target: AnyStore) -> None:
    """Raises StoreError unless the target is empty, or an earlier run of the same handover did not end in it."""
    arriving = _note(target, ARRIVING)
    if arriving is not None and arriving["from"] == source.engine.name:
        return
    held = content(target)
    if held:
        told = ", ".join(f"{rows} {table}" for table, rows in sorted(held.items()))
        raise StoreError(f"the state {target.engine.name} is not empty ({told}): give one that nothing was done with")
