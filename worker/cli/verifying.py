"""`verify` and `adopt`: what stands on the records at ORCID, against what we know of it."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from state.store import Store
from worker.cli.context import ROWS, Context, json_option, print_json, print_table, say, say_more
from worker.cli.replaying import UNSETTLED, probes_option, wait_option
from worker.interrupts import Interrupts

if TYPE_CHECKING:
    from worker.verifying.checking import Checked
    from worker.verifying.verifying import Verified, Watch

person_option = click.option("--person", metavar="ID", help="Only this person.")


@click.command()
@person_option
@click.option("--repair", is_flag=True, help="Set right what differs, and respect what the researcher removed.")
@click.option("--drift-only", is_flag=True, help="Exit code 3 for records alone: not for what waits or is held.")
@wait_option
@probes_option
@json_option
@click.pass_obj
def verify(
    context: Context, person: str | None, repair: bool, drift_only: bool, wait: float, probes: bool, as_json: bool
) -> int:
    """Compare live records with what we published there: two requests a person, within the request budget.

    Told are items that are gone, that say something else, that stand there twice, and items of our client that we
    know nothing of. Nothing is written without --repair: then what is gone counts as removed by the researcher once
    a second look confirms it, what differs is written again, and unknown items that are wanted are adopted. Unknown
    items are never removed. Exit code 3 when anything differs, or could not be looked at, and when items wait, are
    refused or held; with --drift-only not for these last, nor for whom we may not look at: a permission
    that has ended is no drift. When ORCID refuses too many at once, it fails all the same: that is hardly them.

    \b
    Examples:
      orcid-sync verify
      orcid-sync verify --person E1024 --repair
      orcid-sync verify --drift-only --json
    """
    from worker.serving import probing
    from worker.verifying.checking import Asked, check

    with (
        context.bound_store() as store,
        Interrupts().listening() as interrupts,
        probing(context.settings, store, interrupts, wanted=probes),
        _progress(interrupts, shown=not as_json) as watch,
    ):
        checked = check(context.settings, store, Asked(person, repair, wait), watch)
    if as_json:
        print_json(checked.told)
    else:
        _show(checked.told, checked.verified, checked.left, repair=repair)
    if interrupts():
        raise KeyboardInterrupt
    return _drift_code(checked) if drift_only else checked.exit_code


def _drift_code(checked: "Checked") -> int:
    """UNSETTLED when a record differs or could not be read, whatever became of the items that are not on it yet.

    Whom we may not look at, for an ended permission say, is told, and may stay so for ever. When ORCID says so of too
    many who had permitted it, as far as we knew, it is `refused` to believe that.
    """
    told = checked.told
    failed = not all(row["closed"] for row in told["skipped"])
    return UNSETTLED if checked.drift or failed or told["unread"] or told["refused"] else 0


def _show(told: dict[str, Any], verified: "Verified", left: Sequence[str], *, repair: bool) -> None:
    from worker.reports.verified import counted

    rows = told["differences"]
    columns = ("person", "orcid", "section", "put_code", "source", "subject", "kind", "detail")
    _table("Differences", rows, (*columns, "outcome") if repair else columns)
    _table("Not looked at", told["skipped"], ("person", "orcid", "reason"))
    say(f"{told['people']} records read: {counted(row['kind'] for row in rows) or 'all as we published it'}")
    if repair and rows:
        say(f"came of it: {counted(row['outcome'] for row in rows)}")
    elif rows:
        say("`orcid-sync verify --repair` sets it right; what is unknown, `orcid-sync adopt` may take over")
    _show_rest(verified, left)


def _show_rest(verified: "Verified", left: Sequence[str]) -> None:
    if verified.refused:
        say(verified.refused)
    if verified.unread:
        say(f"not looked at: {verified.unread} people; run it again")
    if left:
        say(f"left: {', '.join(left)}. `orcid-sync status` tells more.")


@click.command()
@person_option
@click.option("--own", is_flag=True, help="Count all that was adopted as made by us: what nothing wants is removed.")
@json_option
@click.pass_obj
def adopt(context: Context, person: str | None, own: bool, as_json: bool) -> int:
    """Take over items of our client that stand on records and that we know nothing of, without adding them again.

    What carries one of our identifiers is adopted, that of a withdrawn record too, and what says just what is wanted.
    Nothing is sent but reading. Adopted items are updated as our own, and removed only with --own or after an
    approval, since another system may use our client: the limits of removals hold all the same.

    \b
    Examples:
      orcid-sync replay --no-send all.jsonl && orcid-sync adopt && orcid-sync sync
      orcid-sync adopt --person E1024 --own
    """
    from worker.verifying.checking import left_of, people_of
    from worker.verifying.verifying import adopt as take

    with context.bound_store() as store, Interrupts().listening() as interrupts:
        people = people_of(store, person)
        with _progress(interrupts, shown=not as_json) as watch:
            verified = take(context.settings, store, people, watch, own=own)
        _look_through(context, store, interrupts)
        left = left_of(store, people if person else None)
        told = _taken(store, verified)
    if as_json:
        print_json(told)
    else:
        _table("Adopted", told["adopted"], ("person", "orcid", "section", "put_code", "source", "subject", "state"))
        _table("Not looked at", told["skipped"], ("person", "orcid", "reason"))
        owned = f", {told['owned']} count as made by us now" if own else ""
        say(f"{told['people']} records read: {len(told['adopted'])} items adopted{owned}, {told['unknown']} left alone")
        _show_rest(verified, left)
    if interrupts():
        raise KeyboardInterrupt
    return UNSETTLED if left or told["skipped"] or told["unread"] else 0


def _taken(store: Store, verified: "Verified") -> dict[str, Any]:
    """The one object that `adopt --json` prints."""
    from worker.reports.verified import item_row, outcome
    from worker.verifying.checking import not_read

    rows = []
    for seen in verified.mended:
        for one in seen.adopted:
            row = {"person": seen.person, "orcid": seen.orcid, **item_row(one.item, one.section, one.put_code)}
            rows.append({**row, "state": outcome(store, seen.person, row)})
    return {
        "people": len(verified.read),
        "adopted": rows,
        "owned": sum(seen.owned for seen in verified.mended),
        "unknown": sum(len(seen.differences) for seen in verified.mended),
        **not_read(verified),
        "calls": {"GET": verified.calls},
    }


def _look_through(context: Context, store: Store, interrupts: Interrupts) -> None:
    """Notes how far the adopted items have come; sends nothing."""
    from worker.intake.intake import Tempo
    from worker.sources.nothing import NothingSource
    from worker.wiring import wired

    with wired(context.settings, store, NothingSource(), tempo=Tempo(0.0, 0.0)) as worker:
        worker.desk.look_through(worker.clock.now(), interrupts)


def _table(title: str, rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> None:
    if rows:
        print_table(
            title,
            [name.replace("_", " ") for name in columns],
            [[row[name] for name in columns] for row in rows[:ROWS]],
        )
    say_more(len(rows))


@contextmanager
def _progress(interrupts: Interrupts, *, shown: bool) -> Iterator["Watch"]:
    """A progress bar when stdout is a terminal."""
    from worker.verifying.verifying import Watch

    if not (shown and sys.stdout.isatty()):
        yield Watch(interrupted=interrupts)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        work = bar.add_task("reading", total=None)

        def progress(what: str, done: int, number: int) -> None:
            bar.update(work, description=what, completed=done, total=number)

        yield Watch(progress, interrupts)
