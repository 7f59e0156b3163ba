"""`person`: who of the people are one."""

from dataclasses import asdict

import click

from worker.cli.context import Context, NotKnownError, json_option, print_json, say


@click.group()
def person() -> None:
    """Who of the people are one."""


@person.command()
@click.argument("from_", metavar="FROM")
@click.argument("into")
@json_option
@click.pass_obj
def merge(context: Context, from_: str, into: str, as_json: bool) -> int:
    """Make one person of two: FROM is INTO from now on, also where events still say FROM. Makes no call.

    Permission, published items with their put-codes and everything else move to INTO. Of two permissions the newer
    one stays; what stands on the other record is then held, to be removed there: see `held list`.

    \b
    Example:
      orcid-sync person merge E1024 E2048
    """
    from worker.people.knowing import is_known
    from worker.people.merging import MergeRefused, merge_people

    with context.bound_store() as store:
        if not is_known(store, from_):
            raise NotKnownError(f"nobody called {from_} is known: no event or permission named them")
        try:
            merged = merge_people(store, from_, into)
        except MergeRefused as error:
            raise NotKnownError(str(error)) from None
    if as_json:
        print_json({"from": from_, "into": into, "merged": None if merged is None else asdict(merged)})
    elif merged is None:
        say(f"{from_} and {into} are one already")
    else:
        say(
            f"{merged.person} is {merged.into} from now on: {merged.items} items,"
            f" {merged.published} of them on a record, and {merged.grants} permissions moved"
        )
        for orcid in merged.former:
            say(f"  what stands on {orcid} belongs on the record of the newer permission: see `orcid-sync held list`")
    return 0
