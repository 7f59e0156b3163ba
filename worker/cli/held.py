"""`held`, `approve` and `reject`: what a safety limit stopped, and the operator's word on it."""

import time
from typing import Any

import click

from state.store import Store
from worker.cli.context import Context, NotKnownError, print_json, print_table, say
from worker.intake import remapping
from worker.note_names import FIRST_SEND
from worker.reports.status import whole_status

FIRST = "first-send"


@click.group()
def held() -> None:
    """Steps stopped by a safety limit."""


@held.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.pass_obj
def list_(context: Context, as_json: bool) -> int:
    """List what is held, and why.

    \b
    Example:
      orcid-sync held list
    """
    with context.store() as store:
        rows = _rows(store)
    if as_json:
        print_json({"held": rows})
    else:
        columns = ("id", "cause", "updates", "reason")
        print_table("", columns, [[row[name] for name in columns] for row in rows])
        say(f"{len(rows)} held")
    return 0


def _rows(store: Store) -> list[dict[str, Any]]:
    """As CONTRACT.md section 2 has them. Updates are counted over all sources, and remove nothing."""
    return [
        {"id": hold, "source": None, "cause": "rewrites", "removals": 0, "updates": updates, "reason": reason}
        for hold, reason, updates in store.items.holds()
        if hold != remapping.REJECTED
    ]


@click.command()
@click.argument("holds", nargs=-1, required=True, metavar="ID…")
@click.pass_obj
def approve(context: Context, holds: tuple[str, ...]) -> int:
    """Let go what is held; or first-send: allow a new state to write records of ORCID's production.

    \b
    Examples:
      orcid-sync approve mapping-1f3a9c2e
      orcid-sync approve first-send
    """
    with context.bound_store() as store:
        for hold in holds:
            if hold == FIRST:
                _first_send(context, store)
            elif not remapping.approve(store, hold):
                raise NotKnownError(f"nothing is held as {hold}: `orcid-sync held list` shows what is")
            else:
                say(f"approved: {hold}")
    return 0


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
    """Leave what is held as it stands on the records, until its source speaks again.

    \b
    Example:
      orcid-sync reject mapping-1f3a9c2e
    """
    with context.bound_store() as store:
        for hold in holds:
            if not remapping.reject(store, hold):
                raise NotKnownError(f"nothing is held as {hold}: `orcid-sync held list` shows what is")
            say(f"rejected: {hold}")
    return 0
