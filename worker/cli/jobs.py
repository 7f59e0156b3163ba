"""`job`: work that is left to the daemon, since only it has the state, or that shall be done beside its own."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from state.job_facts import ENDED, Job, JobState
from state.store import Store
from worker.cli.context import Context, NotKnownError, json_option, print_json, print_table, say
from worker.cli.replaying import check_what, wait_option, what_options
from worker.cli.verifying import person_option
from worker.reports.story import when

if TYPE_CHECKING:
    from worker.jobs.orders import Order

SHOWN = 50
"""How many a list for people has, the newest; --json has all."""


@click.group()
def job() -> None:
    """Work that is left to the daemon: `run` takes one job after the other, beside its own work."""


@job.group()
def add() -> None:
    """Queue a job; whichever `run` on this state is free takes it."""


@add.command()
@what_options
@json_option
@click.pass_obj
def replay(
    context: Context,
    logs: tuple[str, ...],
    wait: float,
    no_send: bool,
    complete: tuple[str, ...],
    from_kafka: bool,
    since: str | None,
    as_json: bool,
) -> int:
    """Replay event logs, or the topics, as `replay` does. Logs are read where the daemon runs, by their whole path.

    The daemon sends beside it all the while, after its own quiet time: --no-send keeps but the job from sending. Calls
    that the daemon makes of what was replayed are not in the job's result.

    \b
    Examples:
      orcid-sync job add replay /var/lib/orcid-sync/2026-01.jsonl.gz
      orcid-sync job add replay --from-kafka --since 2026-03-01T00:00:00Z
    """
    from worker.jobs.orders import ReplayOrder

    at = check_what(logs, since, complete, from_kafka=from_kafka)
    if "-" in logs:
        raise click.UsageError("a job reads no standard input: give files that the daemon can read")
    paths = tuple(str(Path(log).absolute()) for log in logs)
    with context.store() as store:
        number = _add(store, ReplayOrder(paths, at, complete, send=not no_send, wait=wait))
    absent = [path for path in paths if not Path(path).is_file()]
    if as_json:
        print_json({"id": number, "not_here": absent})
        return 0
    for path in absent:
        say(f"{path} is not here: see that it is there when and where the daemon reads it")
    return _told(number)


@add.command()
@person_option
@click.option("--repair", is_flag=True, help="Set right what differs, and respect what the researcher removed.")
@wait_option
@json_option
@click.pass_obj
def verify(context: Context, person: str | None, repair: bool, wait: float, as_json: bool) -> int:
    """Compare live records with what we published, as `verify` does.

    \b
    Examples:
      orcid-sync job add verify
      orcid-sync job add verify --person E1024 --repair
    """
    from worker.jobs.orders import VerifyOrder
    from worker.verifying.checking import people_of

    with context.store() as store:
        whom = people_of(store, person)[0] if person else ""
        number = _add(store, VerifyOrder(repair, wait), whom)
    if as_json:
        print_json({"id": number})
        return 0
    return _told(number)


def _add(store: Store, order: "Order", person: str = "") -> int:
    from worker.jobs.orders import kind_of, packed

    return store.jobs.add(kind_of(order), packed(order), person)


def _told(number: int) -> int:
    say(f"job {number} is queued: `orcid-sync job show {number}` tells how far it is")
    return 0


@job.command("list")
@json_option
@click.pass_obj
def list_(context: Context, as_json: bool) -> int:
    """List jobs, oldest first, each with how far it is.

    \b
    Example:
      orcid-sync job list
    """
    with context.store() as store:
        rows = [_row(one) for one in store.jobs.all()]
    if as_json:
        print_json({"jobs": rows})
        return 0
    columns = ("id", "job", "state", "added_at", "ended_at", "exit_code", "progress")
    print_table(
        "", [one.replace("_", " ") for one in columns], [[row[one] for one in columns] for row in rows[-SHOWN:]]
    )
    if len(rows) > SHOWN:
        say(f"{len(rows) - SHOWN} older ones are not shown: --json lists them all")
    return 0


@job.command()
@click.argument("number", metavar="ID", type=int)
@json_option
@click.pass_obj
def show(context: Context, number: int, as_json: bool) -> int:
    """Show one, with what came of it: the object that its own command prints with --json, and its exit code.

    \b
    Example:
      orcid-sync job show 7
    """
    with context.store() as store:
        found, result = _known(store.jobs.job(number), number), store.jobs.result(number)
    row = _row(found) | {"result": json.loads(result) if result else None}
    if as_json:
        print_json(row)
        return 0
    for name, value in row.items():
        if value not in (None, ""):
            say(f"{name.replace('_', ' '):12} {json.dumps(value, ensure_ascii=False) if name == 'result' else value}")
    return 0


@job.command()
@click.argument("number", metavar="ID", type=int)
@json_option
@click.pass_obj
def cancel(context: Context, number: int, as_json: bool) -> int:
    """Take a job out of the queue, or have the daemon stop it. What it did stays done, as after Ctrl-C.

    \b
    Example:
      orcid-sync job cancel 7
    """
    with context.store() as store:
        before = _known(store.jobs.cancel(number), number)
        after = _known(store.jobs.job(number), number)
    if as_json:
        print_json(_row(after))
    elif before.state in ENDED:
        say(f"job {number} is over: {before.state.value}")
    elif after.state is JobState.CANCELLED:
        say(f"job {number} is cancelled")
    else:
        say(f"job {number} is told to stop: `orcid-sync job show {number}` tells when it has")
    return 0


def _known(found: Job | None, number: int) -> Job:
    if found is None:
        raise NotKnownError(f"there is no job {number}")
    return found


def _row(one: Job) -> dict[str, Any]:
    from worker.jobs.orders import words_of

    words = words_of(one.kind, one.order)
    return {
        "id": one.id,
        "job": f"{words} --person {one.person}" if one.person else words,
        "state": one.state.value,
        "cancel_asked": one.cancel_asked,
        "added_at": when(one.added_at),
        "began_at": _at(one.began_at),
        "ended_at": _at(one.ended_at),
        "attempts": one.attempts,
        "progress": one.progress,
        "exit_code": one.exit_code,
        "failure": one.failure,
    }


def _at(time: float | None) -> str | None:
    return None if time is None else when(time)
