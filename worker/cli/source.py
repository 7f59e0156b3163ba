"""`source`: what is done about a source as a whole."""

import click

from worker.cli.context import Context, NotKnownError, json_option, print_json, say


@click.group()
def source() -> None:
    """What is done about a source as a whole."""


@source.command("reset-order")
@click.argument("source", metavar="SOURCE")
@json_option
@click.pass_obj
def reset_order(context: Context, source: str, as_json: bool) -> int:
    """Forget what orders the events of a source, after its migration: its sequence began anew, or it sends none now.

    The next event of each record that stands counts, whatever its version; so feed no log from before the migration
    any more. What was removed stays removed until a newer word of the source: one of a higher version than before, or
    of a time after this reset.

    \b
    Example:
      orcid-sync source reset-order /hr
    """
    from worker.intake.ordering import reset_order as forget_order

    with context.store() as store:
        records = forget_order(store, source)
    if records is None:
        raise NotKnownError(f"no event of a source {source} was ever taken")
    if as_json:
        print_json({"source": source, "records": records})
    else:
        say(
            f"{source}: forgot what orders {records} records: the next event of each counts, whatever its version;"
            " but one that was removed stays removed until a newer word"
        )
    return 0
