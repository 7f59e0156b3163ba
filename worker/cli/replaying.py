"""`replay`, `sync` and `remap`: work that ends."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from math import isfinite

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from state.facts import ItemState
from state.store import Store
from worker.cli.braking import tell_brakes
from worker.cli.context import SENDING, Context, json_option, print_json, print_table, say
from worker.interrupts import Interrupts
from worker.ports import EventSource
from worker.replaying import How, Ran, Watch, bounded_source, remap_all
from worker.replaying import replay as run_replay
from worker.reports.summary import KINDS, LEFT
from worker.settings.settings import Settings
from worker.sources.nothing import NothingSource
from worker.wiring import Worker

UNSETTLED = LEFT


def _finite(_: click.Context, __: click.Parameter, value: float) -> float:
    if not isfinite(value):
        raise click.BadParameter("is not a number of seconds")
    return value


wait_option = click.option(
    "--wait",
    type=click.FloatRange(min=0, max=1e9),
    callback=_finite,
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Wait for retries; end at the latest this long after the last call that changed something.",
)


probes_option = click.option(
    "--probes", is_flag=True, help="Serve /healthz and /readyz meanwhile, at ORCID_SYNC_WEB_BIND: for Kubernetes."
)


def what_options(command: Callable[..., int]) -> Callable[..., int]:
    """What is replayed, and how: the arguments of `replay`, and of a job that does the same."""
    for option in reversed(
        (
            click.argument("logs", nargs=-1, metavar="LOG…"),
            wait_option,
            click.option("--no-send", is_flag=True, help="Take the events in, and send nothing."),
            click.option(
                "--complete",
                multiple=True,
                metavar="SOURCE[/ENTITY]",
                help="The logs are all that this source has: its records that are not in them are withdrawn.",
            ),
            click.option("--from-kafka", is_flag=True, help="Replay the topics instead of logs."),
            click.option(
                "--since", metavar="ISO-TIME", help="With --from-kafka: from this time on, e.g. 2026-03-01T00:00:00Z."
            ),
        )
    ):
        command = option(command)
    return command


@click.command()
@what_options
@probes_option
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
    probes: bool,
    as_json: bool,
) -> int:
    """Feed event logs (JSON lines; .gz, .zst; - for stdin), then reconcile until nothing is due.

    Replaying an unchanged log makes no call. Exit code 3 when something is left that needs a look.

    \b
    Examples:
      orcid-sync replay 2026-01.jsonl.gz 2026-02.jsonl
      zcat events.gz | orcid-sync replay --no-send -
      orcid-sync replay --complete /hr/hr.affiliation all-jobs.jsonl
    """
    at = check_what(logs, since, complete, from_kafka=from_kafka)
    context.needs = SENDING
    with (
        context.store() as store,
        bounded_source(context.settings, logs, at, complete=bool(complete), wait=wait) as source,
    ):
        how = How(wait, send=not no_send, complete=complete)
        return _run(context.settings, store, source, how, as_json=as_json, probes=probes)


@click.command()
@wait_option
@click.option("--rewrite", is_flag=True, help="Also send what differs only in form since an upgrade.")
@json_option
@click.pass_obj
def sync(context: Context, wait: float, rewrite: bool, as_json: bool) -> int:
    """Reconcile what is due, without reading events, and exit.

    \b
    Example:
      orcid-sync sync --wait 60
    """
    context.needs = SENDING
    with context.store() as store:
        return _run(context.settings, store, NothingSource(), How(wait, rewrite=rewrite), as_json=as_json)


@click.command()
@json_option
@click.pass_obj
def remap(context: Context, as_json: bool) -> int:
    """Map all source records again from the state, after a change of the mapping file. Sends nothing.

    \b
    Example:
      orcid-sync remap && orcid-sync plan
    """
    from worker.intake.intake import Tempo
    from worker.wiring import wired

    context.needs = SENDING
    with context.store() as store, Interrupts().listening() as interrupts:
        with (
            wired(context.settings, store, NothingSource(), tempo=Tempo(0.0, 0.0)) as worker,
            _progress(interrupts, shown=not as_json) as watch,
        ):
            mapped = remap_all(worker, watch)
            worker.desk.look_through(worker.clock.now(), interrupts)
        pending = store.items.counts()[ItemState.PENDING]
    if as_json:
        print_json({"mapped": mapped, "pending": pending})
    else:
        say(f"{mapped} source records mapped again, {pending} items to send: `orcid-sync plan` shows them")
    return 0


def check_what(logs: Sequence[str], since: str | None, complete: Sequence[str], *, from_kafka: bool) -> float | None:
    """What `since` says, in seconds since 1970; raises UsageError for what does not go together."""
    if bool(logs) == from_kafka:
        raise click.UsageError("give event logs, or --from-kafka")
    if since and not from_kafka:
        raise click.UsageError("--since goes with --from-kafka")
    if complete and from_kafka:
        raise click.UsageError("--complete goes with event logs: a topic may have lost what it once had")
    if since is None:
        return None
    try:
        at = datetime.fromisoformat(since)
    except ValueError:
        raise click.UsageError(f"--since: {since!r} is not an ISO time such as 2026-03-01T00:00:00Z") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _run(
    settings: Settings, store: Store, source: EventSource, how: How, *, as_json: bool, probes: bool = False
) -> int:
    from worker.serving import probing

    with (
        Interrupts().listening() as interrupts,
        probing(settings, store, interrupts, wanted=probes),
        _progress(interrupts, shown=not as_json) as watch,
    ):
        ran = run_replay(settings, store, source, how, watch)
    return report(ran, sent=how.send, as_json=as_json)


def report(ran: Ran, *, sent: bool, as_json: bool) -> int:
    """Prints the summary; returns the exit code that goes with it."""
    troubles = ran.summary.troubles(sent=sent)
    if as_json:
        print_json(ran.summary.as_json())
    else:
        summary = ran.summary
        calls = ", ".join(f"{summary.calls[kind]} {kind}" for kind in KINDS if summary.calls.get(kind)) or "none"
        items = [(state.value.replace("_", " "), number) for state, number in summary.items.items() if number]
        say(
            f"{summary.events} events in {summary.seconds:.1f} s, {summary.dead_letters} dead letters; calls: {calls};"
            f" messages in inboxes: {summary.inbox_messages}"
        )
        print_table("", ("items", "number"), items)
        tell_brakes(summary.paused)
        if troubles:
            for state, reason, number in summary.reasons:
                say(f"  {number} {state.value.replace('_', ' ')}: {reason}")
            more = "`orcid-sync status`, `orcid-sync held list` and `orcid-sync dead-letters list` tell more"
            say(f"left: {', '.join(troubles)}. {more}.")
    if ran.interrupted:
        raise KeyboardInterrupt
    return ran.summary.exit_code(sent=sent)


@contextmanager
def _progress(interrupts: Interrupts, *, shown: bool) -> Iterator[Watch]:
    """A progress bar on long work when stdout is a terminal."""
    if not (shown and sys.stdout.isatty()):
        yield Watch(interrupted=interrupts)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        intake = bar.add_task("mapping")

        def mapped(records: int) -> None:
            bar.update(intake, description=f"mapping anew: {records} source records")

        def taken_in(events: int) -> None:
            bar.update(intake, description=f"reading events: {events}")

        def sent(worker: Worker) -> None:
            calls = sum(worker.tally.calls.values())
            bar.update(intake, description=f"sending: {calls} calls, {worker.people_left()} people left")

        yield Watch(taken_in, sent, interrupts, mapped=mapped)
