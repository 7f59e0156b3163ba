"""`permission`: what researchers allowed us."""

from pathlib import Path
from time import time

import click

from mappers.events.faults import BadEvent
from mappers.events.messages import Place
from mappers.events.permissions import parse_grant
from state.store import Store
from worker.cli.context import Context, print_json, print_table, say
from worker.intake.permissions import GrantRefused, Permissions, Taken, grant_of
from worker.reports.story import when


@click.group()
def permission() -> None:
    """What researchers allowed us."""


@permission.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.pass_obj
def import_(context: Context, file: Path, as_json: bool) -> int:
    """Import grants: ORCID's token responses with a person_id, one JSON object a line.

    \b
    Example:
      orcid-sync permission import tokens.jsonl
    """
    counts = {taken.value: 0 for taken in Taken}
    faults: list[str] = []
    with context.bound_store() as store, click.open_file(str(file), "rb") as lines, store.transaction():
        for number, line in enumerate(lines, start=1):
            if line.strip():
                _import_line(store, line, Place(file.name, number), counts, faults)
    if as_json:
        print_json({**counts, "refused": len(faults), "faults": faults})
    else:
        say(", ".join(f"{number} {name}" for name, number in counts.items()) + f", {len(faults)} refused")
        for fault in faults:
            say(f"  {fault}", fg="red")
    return 1 if faults else 0


def _import_line(store: Store, line: bytes, place: Place, counts: dict[str, int], faults: list[str]) -> None:
    grant = parse_grant(line, place, time())
    if isinstance(grant, BadEvent):
        faults.append(f"{place}: {grant.message}")
        return
    try:
        counts[Permissions(store).grant(grant_of(grant)).value] += 1
    except GrantRefused as error:
        faults.append(f"{place}: {error}")


@permission.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.pass_obj
def list_(context: Context, as_json: bool) -> int:
    """List what we may do; tokens are never shown.

    \b
    Example:
      orcid-sync permission list
    """
    with context.store() as store:
        rows = [
            {
                "person": one.person,
                "orcid": one.orcid,
                "name": one.name,
                "state": one.state.value,
                "reason": one.reason,
                "scopes": sorted(one.scopes),
                "granted_at": when(one.granted_at),
                "expires_at": when(one.expires_at),
            }
            for one in store.grants.all()
        ]
    if as_json:
        print_json({"permissions": rows})
        return 0
    columns = ("person", "orcid", "name", "state", "reason", "granted_at", "expires_at")
    headers = [name.replace("_", " ") for name in columns]
    print_table("", [*headers, "scopes"], [[*(row[name] for name in columns), " ".join(row["scopes"])] for row in rows])
    return 0
