"""Provisional verdicts: what undoes them, and what confirms them (ARCHITECTURE.md section 7, the verdict breaker)."""

import json
from dataclasses import replace
from typing import Any

import structlog

from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import Standing
from state.permission_facts import GrantState
from state.store import Store
from state.verdict_facts import ProvisionalVerdict, VerdictKind
from worker.calling.circuit import Cause, Circuit, read_circuit
from worker.note_names import CIRCUIT
from worker.recording.grants import grant_on

VERDICTS = "verdicts-"
"""How the ids begin by which an operator decides about verdicts of a kind."""
WINDOW_SECONDS = 600.0
"""Verdicts of so long ago count; and for so long they may be taken back that were confirmed."""

log = structlog.get_logger()


def held_verdicts(store: Store) -> tuple[str, str, int] | None:
    """Id, reason and number of people of the verdicts that hold all sending back; None when none do."""
    circuit = _open_for_verdicts(store)
    if circuit is None or circuit.kind is None:
        return None
    people = {one.person for one in store.verdicts.of_kind(circuit.kind) if one.confirmed_at is None}
    return hold_of(circuit.kind), circuit.why, len(people)


def hold_of(kind: VerdictKind) -> str:
    """The id by which an operator decides."""
    return f"{VERDICTS}{kind.value.replace('_', '-')}"


def approve_verdicts(store: Store, hold: str) -> bool:
    """Lets the verdicts stand, and sending go on; false when nothing is held by this id."""
    with store.transaction():
        circuit = _open_for_verdicts(store)
        if circuit is None or circuit.kind is None or hold_of(circuit.kind) != hold:
            return False
        confirm_kind(store, circuit.kind, "by an operator")
        return True


def reject_verdicts(store: Store, hold: str) -> int | None:
    """Takes the verdicts back, and lets sending go on; of how many people, None when nothing is held by this id.

    Those are taken back as well that were confirmed, by whomever, in the last WINDOW_SECONDS: also when they hold
    nothing any more.
    """
    kind = next((one for one in VerdictKind if hold_of(one) == hold), None)
    if kind is None:
        return None
    with store.transaction():
        circuit = _open_for_verdicts(store)
        held = circuit is not None and circuit.kind is kind
        since = store.now() - WINDOW_SECONDS
        known = store.verdicts.of_kind(kind)
        undone = [one for one in known if (held if one.confirmed_at is None else one.confirmed_at >= since)]
        if not held and not undone:
            return None
        for one in undone:
            undo_verdict(store, one)
        if held:
            store.notes.put(CIRCUIT, None)
        _log(kind, "taken back", "by an operator")
        return len({one.person for one in undone})


def _open_for_verdicts(store: Store) -> Circuit | None:
    circuit = read_circuit(store.notes.get(CIRCUIT))
    return circuit if circuit is not None and circuit.cause is Cause.VERDICTS else None


def confirm_kind(store: Store, kind: VerdictKind, how: str) -> None:
    """The verdicts of a kind stand, and sending goes on. In the caller's transaction."""
    store.verdicts.confirm(kind, store.now())
    store.notes.put(CIRCUIT, None)
    _log(kind, "stand", how)


def undo_kind(store: Store, kind: VerdictKind, how: str) -> None:
    """All verdicts of a kind are taken back, and sending goes on. In the caller's transaction."""
    undone = [one for one in store.verdicts.of_kind(kind) if one.confirmed_at is None]
    for one in undone:
        undo_verdict(store, one)
    store.notes.put(CIRCUIT, None)
    _log(kind, "taken back", how)


def _log(kind: VerdictKind, verdicts: str, how: str) -> None:
    log.warning("sending_resumed", cause=Cause.VERDICTS.value, kind=kind.value, verdicts=verdicts, how=how)


def undo_verdict(store: Store, verdict: ProvisionalVerdict) -> None:
    """What was believed is believed no longer, unless something newer is known; the person is looked at again."""
    store.verdicts.drop(verdict)
    what = json.loads(verdict.what) if verdict.what else {}
    match verdict.kind:
        case VerdictKind.BROKEN_GRANT | VerdictKind.SMALL_SCOPE:
            _restore_grant(store, verdict, frozenset(what.get("scopes", ())))
        case VerdictKind.SUSPENDED:
            store.grants.lift(verdict.orcid)
        case VerdictKind.TOMBSTONE | VerdictKind.NOT_OURS:
            _restore_item(store, verdict, what)
        case VerdictKind.REFUSED:
            _restore_document(store, verdict, what)
    store.agenda.changed(verdict.person, 0.0, 0.0)


def _restore_grant(store: Store, verdict: ProvisionalVerdict, scopes: frozenset[str]) -> None:
    grant = grant_on(store, verdict.person, verdict.orcid)
    if grant is None or grant.access_token is None:
        return
    if grant.state is GrantState.BROKEN and store.grants.active(verdict.person) is None:
        store.grants.mark(grant.person, grant.orcid, GrantState.ACTIVE, "")
    elif grant.state is GrantState.ACTIVE and scopes:
        store.grants.put(replace(grant, scopes=grant.scopes | scopes, reason=""))


def _restore_item(store: Store, verdict: ProvisionalVerdict, what: dict[str, Any]) -> None:
    stands = store.items.published_as(verdict.orcid, Section(what["section"]), what["put_code"])
    if stands is not None and stands.standing in (Standing.REMOVED, Standing.FOREIGN):
        store.items.publish(replace(stands, standing=Standing.LIVE, digest=""))


def _restore_document(store: Store, verdict: ProvisionalVerdict, what: dict[str, Any]) -> None:
    record = SourceKey(what["source"], what["entity"], what["subject"])
    key = ItemKey(verdict.person, Section(what["section"]), record, what["part"])
    wanted = next((one for one in store.items.of_record(record) if one.key == key), None)
    if wanted is not None and wanted.refused_digest == what["digest"]:
        store.items.refuse(key, "", "")
