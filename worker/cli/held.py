"""`held`, `approve` and `reject`: what was stopped until an operator looks, and their word on it."""

import time
from collections.abc import Callable

import click

from state.store import Store
from worker.cli.context import Context, NotKnownError, json_option, print_json, print_table, say
from worker.intake import remapping
from worker.note_names import FIRST_SEND
from worker.permission.held import approve_consent, reject_consent
from worker.permission.moves import approve_move, reject_move
from worker.permission.outcomes import LINES, Outcome
from worker.reports.held import held_rows
from worker.reports.status import whole_status

FIRST = "first-send"
MOVE = "move-"
CONSENT = "consent-"


@click.group()
def held() -> None:
    """What waits for your word: updates, removals on former records, doubtful consents."""


@held.command("list")
@json_option
@click.pass_obj
def list_(context: Context, as_json: bool) -> int:
    """List what is held, and why.

    \b
    Example:
      orcid-sync held list
    """
    with context.store() as store:
        rows = held_rows(store)
    if as_json:
        print_json({"held": rows})
    else:
        columns = ("id", "cause", "removals", "updates", "reason")
        print_table("", columns, [[row[name] for name in columns] for row in rows])
        say(f"{len(rows)} held")
    return 0


@click.command()
@click.argument("holds", nargs=-1, required=True, metavar="ID…")
@click.pass_obj
def approve(context: Context, holds: tuple[str, ...]) -> int:
    """Let go what is held; or first-send: allow a new state to write records of ORCID's production.

    \b
    Examples:
      orcid-sync approve mapping-1f3a9c2e
      orcid-sync approve move-5d0b7a31 consent-2c91d3aa
      orcid-sync approve first-send
    """
    with context.bound_store() as store:
        for hold in holds:
            if hold == FIRST:
                _first_send(context, store)
            else:
                say(_settled(hold, _approved(store, hold)))
    return 0


def _approved(store: Store, hold: str) -> str | None:
    """What came of it, in one line; None when nothing is held so."""
    if hold.startswith(CONSENT):
        return _consented(approve_consent, store, hold)
    approve = approve_move if hold.startswith(MOVE) else remapping.approve
    return f"approved: {hold}" if approve(store, hold) else None


def _consented(decide: Callable[[Store, str, float], Outcome], store: Store, hold: str) -> str | None:
    try:
        outcome = decide(store, hold, store.now())
    except LookupError:
        return None
    done = {Outcome.GRANTED: "approved", Outcome.DECLINED: "rejected"}.get(outcome)
    return f"{hold}: {LINES[outcome]}" if done is None else f"{done}: {hold}"


def _settled(hold: str, told: str | None) -> str:
    if told is None:
        raise NotKnownError(f"nothing is held as {hold}: `orcid-sync held list` shows what is")
    return told


def _first_send(context: Context, store: Store) -> None:
    if not context.settings.is_production:
        say("nothing to approve: this is not ORCID's production")
        return
    items = whole_status(store)["items"]
    store.notes.put(FIRST_SEND, repr(time.time()))
    for person in store.items.persons():
        store.agenda.changed(person, 0.0, 0.0)
    say(f"approved: {items['pending'] + items['waiting']} items may be sent from now on")


@click.command()
@click.argument("holds", nargs=-1, required=True, metavar="ID…")
@click.pass_obj
def reject(context: Context, holds: tuple[str, ...]) -> int:
    """Leave what is held as it stands on the records: updates until their source speaks again.

    What stands on a former record stays there for good. A consent is declined, and its token revoked.

    \b
    Examples:
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
    reject = reject_move if hold.startswith(MOVE) else remapping.reject
    return f"rejected: {hold}" if reject(store, hold) else None
