"""`held`, `approve` and `reject`: what was stopped until an operator looks, and their word on it."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import click

from state.store import Store
from worker.cli.context import ROWS, Context, NotKnownError, json_option, print_json, print_table, say, say_more
from worker.intake import remapping
from worker.intake.flood import FLOOD_HOLD, approve_flood
from worker.note_names import FIRST_SEND
from worker.permission.held import approve_consent, reject_consent
from worker.permission.moves import approve_move, reject_move
from worker.permission.outcomes import LINES, Outcome
from worker.recording.removal_holds import rejected_removals
from worker.recording.removal_words import approve_removals, reject_removals
from worker.recording.verdicts import VERDICTS, approve_verdicts, reject_verdicts
from worker.reports.held import held_rows, with_items
from worker.reports.status import whole_status

FIRST = "first-send"
CONSENT = "consent-"
COUNTED = frozenset({"removals", "adopted"})
"""Holds of which it is told how many removals they were about."""

Decide = Callable[[Store, str], int]
"""What comes of it is how many removals it is about, or whether anything is held so."""
_APPROVE: Mapping[str, Decide] = {
    "move": approve_move,
    "removals": approve_removals,
    "adopted": approve_removals,
    "verdicts": approve_verdicts,
}
_REJECT: Mapping[str, Decide] = {
    "move": reject_move,
    "removals": reject_removals,
    "adopted": reject_removals,
}
"""By what their ids begin with. The others are holds of updates."""


@click.group()
def held() -> None:
    """What waits for your word: removals, updates, what many people were answered alike, doubtful consents."""


@held.command("list")
@json_option
@click.pass_obj
def list_(context: Context, as_json: bool) -> int:
    """List what is held, and why; and how many rejected removals stay. With --json holds of removals name their items.

    \b
    Examples:
      orcid-sync held list
      orcid-sync held list --json
    """
    with context.store() as store:
        rows, rejected = held_rows(store), rejected_removals(store)
        if as_json:
            print_json({"held": (with_items(store, row) for row in rows), "rejected": rejected})
            return 0
    _print_rows(("id", "source", "cause", "removals", "updates", "reason"), rows)
    say(f"{len(rows)} held")
    if rejected:
        say(f"{rejected} removals were rejected, and stay until their sources speak again")
    return 0


@held.command("show")
@click.argument("hold", metavar="ID")
@json_option
@click.pass_obj
def show(context: Context, hold: str, as_json: bool) -> int:
    """Show the items that a hold is about: whose each is, where it stands, and which source record it comes from.

    Of many the first are shown; --json has all.

    \b
    Examples:
      orcid-sync held show removals-6b1c0f4e-130
      orcid-sync held show adopted-77aa01c3 --json
    """
    with context.store() as store:
        row = next((with_items(store, row) for row in held_rows(store) if row["id"] == hold), None)
        if row is not None and as_json:
            print_json(row)
            return 0
        items = [] if row is None else [*islice(row.get("items", ()), ROWS)]
    if row is None:
        raise NotKnownError(_unknown(hold))
    say(f"{hold}: {row['reason']}")
    if items:
        columns = ("person", "section", "put_code", "source", "entity", "subject", "part", "what")
        _print_rows(columns, [item | {"source": row["source"]} for item in items])
        say_more(row["removals"])
    elif row["updates"]:
        say("`orcid-sync plan` shows what it would send once it is approved")
    return 0


def _print_rows(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    print_table("", columns, [["" if row[name] is None else row[name] for name in columns] for row in rows])


@click.command()
@click.argument("holds", nargs=-1, required=True, metavar="ID…")
@click.pass_obj
def approve(context: Context, holds: tuple[str, ...]) -> int:
    """Let go what is held; or first-send: allow a new state to write records of ORCID's production.

    Of removals it lets go exactly those that were listed under the id, also those that were rejected by it. Many go
    in portions: what is cut off stays held, and the same command goes on.

    \b
    Examples:
      orcid-sync approve removals-6b1c0f4e-130
      orcid-sync approve mapping-1f3a9c2e
      orcid-sync approve move-5d0b7a31 consent-2c91d3aa
      orcid-sync approve first-send
      orcid-sync approve flood
    """
    with context.bound_store() as store:
        for hold in holds:
            if hold == FIRST:
                _first_send(context, store)
            elif hold == FLOOD_HOLD:
                say(approve_flood(store))
            else:
                say(_settled(hold, _approved(store, hold)))
    return 0


def _approved(store: Store, hold: str) -> str | None:
    """What came of it, in one line; None when nothing is held so."""
    if hold.startswith(CONSENT):
        return _consented(approve_consent, store, hold)
    kind = hold.partition("-")[0]
    number = _APPROVE.get(kind, remapping.approve)(store, hold)
    return _told("approved", hold, f"{number} removals let go" if kind in COUNTED else "") if number else None


def _told(word: str, hold: str, more: str) -> str:
    return f"{word}: {hold}: {more}" if more else f"{word}: {hold}"


def _consented(decide: Callable[[Store, str, float], Outcome], store: Store, hold: str) -> str | None:
    try:
        outcome = decide(store, hold, store.now())
    except LookupError:
        return None
    done = {Outcome.GRANTED: "approved", Outcome.DECLINED: "rejected"}.get(outcome)
    return f"{hold}: {LINES[outcome]}" if done is None else f"{done}: {hold}"


def _settled(hold: str, told: str | None) -> str:
    if told is None:
        raise NotKnownError(_unknown(hold))
    return told


def _unknown(hold: str) -> str:
    return f"nothing is held as {hold}: `orcid-sync held list` shows what is"


def _first_send(context: Context, store: Store) -> None:
    if not context.settings.is_production:
        say("nothing to approve: this is not ORCID's production")
        return
    items = whole_status(store)["items"]
    store.notes.put(FIRST_SEND, repr(store.now()))
    store.agenda.everybody_changed()
    say(f"approved: {items['pending'] + items['waiting']} items may be sent from now on")


@click.command()
@click.argument("holds", nargs=-1, required=True, metavar="ID…")
@click.pass_obj
def reject(context: Context, holds: tuple[str, ...]) -> int:
    """Leave what is held as it stands on the records: updates and removals until their source speaks again.

    What stands on a former record stays there for good. A consent is declined, and its token revoked.

    \b
    Examples:
      orcid-sync reject removals-6b1c0f4e-130
      orcid-sync reject mapping-1f3a9c2e
      orcid-sync reject consent-2c91d3aa
    """
    with context.bound_store() as store:
        for hold in holds:
            say(_settled(hold, _rejected(store, hold)))
    return 0


def _rejected(store: Store, hold: str) -> str | None:
    if hold.startswith(CONSENT):
        return _consented(reject_consent, store, hold)
    if hold.startswith(VERDICTS):
        people = reject_verdicts(store, hold)
        return None if people is None else f"rejected: {hold}: taken back for {people} people"
    kind = hold.partition("-")[0]
    number = _REJECT.get(kind, remapping.reject)(store, hold)
    return _told("rejected", hold, f"{number} removals left" if kind in COUNTED else "") if number else None
