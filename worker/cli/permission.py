"""`permission`: what researchers allowed us."""

from datetime import UTC, datetime
from typing import Any

import click

from state.store import Store
from worker.cli.asking import ask
from worker.cli.context import Context, json_option, print_json, print_table
from worker.cli.permission_exchange import exchange
from worker.cli.permission_import import import_
from worker.cli.permission_links import invite, link
from worker.cli.permission_revoke import revoke
from worker.cli.vault_keys import drop_unreadable, rekey


@click.group()
def permission() -> None:
    """What researchers allowed us."""


for command in (ask, invite, link, exchange, import_, revoke, rekey, drop_unreadable):
    permission.add_command(command)


@permission.command("list")
@json_option
@click.pass_obj
def list_(context: Context, as_json: bool) -> int:
    """List what we may do, what ended, who said no, and who was asked; tokens are never shown.

    \b
    Example:
      orcid-sync permission list
    """
    with context.store() as store:
        told = {"permissions": _permissions(store), "denials": _denials(store), "requests": _requests(store)}
    if as_json:
        print_json(told)
        return 0
    for title, rows in told.items():
        if rows or title == "permissions":
            columns = list(rows[0]) if rows else ["person", "orcid", "state"]
            print_table(title, [name.replace("_", " ") for name in columns], [_cells(row) for row in rows])
    return 0


def _permissions(store: Store) -> list[dict[str, Any]]:
    return [
        {
            "person": one.person,
            "orcid": one.orcid,
            "name": one.name,
            "state": one.state.value,
            "reason": one.reason,
            "granted_at": iso(one.granted_at),
            "expires_at": iso(one.expires_at),
            "scopes": sorted(one.scopes),
        }
        for one in store.grants.all()
    ]


def _denials(store: Store) -> list[dict[str, Any]]:
    return [
        {"person": one.person, "denied_at": iso(one.denied_at)} for one in store.grants.permissions() if one.denied_at
    ]


def _requests(store: Store) -> list[dict[str, Any]]:
    """Everybody's newest request in their inbox at ORCID."""
    return [
        {
            "person": one.person,
            "orcid": one.orcid,
            "asked_at": iso(one.asked_at),
            "read_at": iso(one.read_at),
            "acted_at": iso(one.acted_at),
            "archived_at": iso(one.archived_at),
        }
        for one in store.asks.all()
    ]


def _cells(row: dict[str, Any]) -> list[str]:
    return [" ".join(value) if isinstance(value, list) else str(value or "") for value in row.values()]


def iso(at: float | None) -> str | None:
    """A time in UTC, to the second, as our events have it: 2026-03-01T09:00:00Z; None for none."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None
