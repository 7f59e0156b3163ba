"""`gap`: events that a log no longer had when we came to read them."""

import click

from worker.cli.context import Context, NotKnownError, json_option, print_json, print_table, say
from worker.reports.story import when


@click.group()
def gap() -> None:
    """Events that a log no longer had when we came to read them."""


@gap.command("list")
@json_option
@click.pass_obj
def list_(context: Context, as_json: bool) -> int:
    """List open gaps.

    \b
    Example:
      orcid-sync gap list
    """
    with context.store() as store:
        gaps = store.logs.gaps()
    if as_json:
        rows = [
            {"id": g.id, "log": str(g.log), "first": g.first, "last": g.last, "reason": g.reason, "at": when(g.at)}
            for g in gaps
        ]
        print_json({"gaps": rows})
    else:
        print_table(
            "",
            ("id", "log", "first", "last", "at", "reason"),
            [(g.id, g.log, g.first, g.last, when(g.at), g.reason) for g in gaps],
        )
    return 0


@gap.command()
@click.argument("number", metavar="ID", type=int)
@click.pass_obj
def close(context: Context, number: int) -> int:
    """Close a gap: what was missed was fed otherwise, or is not missed.

    \b
    Example:
      orcid-sync gap close 1
    """
    with context.store() as store:
        closed = store.logs.close_gap(number)
    if not closed:
        raise NotKnownError(f"there is no open gap {number}")
    say(f"closed gap {number}")
    return 0
