"""`state`: the store as a whole."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from worker.cli.context import SENDING, Context, NotKnownError, json_option, print_json, print_table, say

if TYPE_CHECKING:
    from state.moving.copying import Copied, Watch
    from worker.people.restoring import Carried
    from worker.settings.settings import Settings

STDOUT = Path("-")
URL, PASSWORD = "ORCID_SYNC_STATE_URL", "ORCID_SYNC_STATE_PASSWORD"


@click.group()
def state() -> None:
    """The state as a whole."""


@state.command()
@click.pass_obj
def rebind(context: Context) -> int:
    """Bind the state to the API, authorization server and client of the settings.

    Put-codes and permissions of one ORCID mean nothing to another: do this only when the same records are reached
    under another address, or by a client that took over the old one's items.

    \b
    Example:
      ORCID_SYNC_API_URL=https://api.orcid.org orcid-sync state rebind
    """
    from worker.wiring import binding_of

    context.needs = SENDING
    wanted = binding_of(context.settings)
    with context.store() as store, store.transaction():
        store.notes.put("binding", None)
        store.notes.bind(wanted)
    say(f"bound to {wanted.api_url}, {wanted.auth_url}, {wanted.client_id}")
    return 0


@state.command()
@click.argument("old", metavar="FROM")
@click.argument("new", metavar="TO")
@click.option("--from-password-file", metavar="FILE", help="Holds the password of the database FROM.")
@click.option("--to-password-file", metavar="FILE", help="Holds the password of the database TO.")
@json_option
@click.pass_obj
def copy(
    context: Context, old: str, new: str, from_password_file: str | None, to_password_file: str | None, as_json: bool
) -> int:
    """Move the state from one store to an empty other one, checked row by row. Stop the daemon first.

    FROM and TO are URLs as in ORCID_SYNC_STATE_URL, of either kind. The vault keys stay the same. Everything goes
    over: what stands on records, permissions, positions in Kafka, calls without an outcome. Then FROM is shut for
    good: a process that still runs on it, or is started on it by mistake, ends with one line and sends nothing.

    Until TO is whole FROM stays as it is: interrupted, killed or failed, give the same command again, or go on with
    FROM. The way back is the same command, from TO to a new place. To try it first, copy a backup.

    A database's password is taken from the file that its option names, else from ORCID_SYNC_STATE_PASSWORD, or a
    file that ORCID_SYNC_STATE_PASSWORD_FILE names, unless its URL has one.

    \b
    Example:
      orcid-sync state copy sqlite:////var/lib/orcid-sync/state.db postgresql://orcid_sync@db.example.edu/orcid_sync
    """
    from contextlib import closing

    from state.moving.handover import content, hand_over
    from worker.wiring import open_any_store

    there = _settings_at(context, "FROM", old, from_password_file)
    here = _settings_at(context, "TO", new, to_password_file)
    if there.sqlite_path is not None and not there.sqlite_path.exists():
        raise NotKnownError(f"FROM: there is no state at {there.sqlite_path}")
    if there.state_url.reveal() == here.state_url.reveal():
        raise click.UsageError("FROM and TO are the same")
    try:
        with (
            closing(open_any_store(there)) as source,
            closing(open_any_store(here)) as target,
            _progress(2 * sum(content(source).values()), shown=not as_json) as watch,
        ):
            names = source.engine.name, target.engine.name
            copied = hand_over(source, target, watch)
    except KeyboardInterrupt:
        raise NotKnownError("interrupted: give the same command again, or go on with FROM") from None
    _tell(*names, copied, as_json=as_json)
    return 0


def _settings_at(context: Context, name: str, url: str, password_file: str | None) -> "Settings":
    """The same settings with the state at this URL, and its password in that file.

    Raises SettingsFaults that say FROM or TO, and UsageError for a file that is of no use.
    """
    from urllib.parse import urlsplit

    from worker.settings.settings import SettingsFaults

    if url.startswith("sqlite:///") and url != "sqlite:///":
        url = f"sqlite:///{Path(url.removeprefix('sqlite:///')).resolve()}"
    given = {key: value for key, value in context.environ.items() if key not in {URL, f"{URL}_FILE"}}
    option, needs_none = f"--{name.lower()}-password-file", url.startswith("sqlite:") or urlsplit(url).password
    if password_file is not None and needs_none:
        raise click.UsageError(f"{option}: {name} is a file, or has its password in the URL: leave the option away")
    if password_file is not None or needs_none:  # the password that is set is the other one's
        given = {key: value for key, value in given.items() if key not in {PASSWORD, f"{PASSWORD}_FILE"}}
        given |= {PASSWORD: ""} if password_file is None else {f"{PASSWORD}_FILE": password_file}
    try:
        return replace(context, environ={**given, URL: url}).settings
    except SettingsFaults as error:
        told = (fault.replace(URL, name) for fault in error.faults)
        if password_file is not None:
            told = (fault.replace(f"{PASSWORD}_FILE", option).replace(PASSWORD, option) for fault in told)
        raise SettingsFaults(told) from None


def _tell(old: str, new: str, copied: "tuple[Copied, ...]", *, as_json: bool) -> None:
    rows = sum(one.rows for one in copied)
    if as_json:
        tables = {one.table: {"rows": one.rows, "sha256": one.digest} for one in copied}
        print_json({"from": old, "to": new, "rows": rows, "tables": tables})
        return
    if not copied:
        say(f"{new} was whole already: an earlier run had copied and compared everything")
    else:
        print_table(
            "", ("table", "rows", "SHA-256"), [(one.table, one.rows, one.digest[:16]) for one in copied if one.rows]
        )
        say(f"{rows} rows, each the same in {old} and {new}")
    say(f"{old} is shut: set {URL} to the new place for every process, and start them")


@state.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--force", is_flag=True, help="Also when FILE is there: it is written over.")
@json_option
@click.pass_obj
def backup(context: Context, file: Path, force: bool, as_json: bool) -> int:
    """Copy the state into FILE, as it is at this moment, while others go on with their work.

    FILE is a SQLite file, whatever the state is on. Tokens in it are encrypted as in the state: keep
    ORCID_SYNC_VAULT_KEYS, and keep them elsewhere. Names and items are not. Who is forgotten later is still in it:
    delete old backups.

    With - it goes to standard output, and no copy stays here. Meanwhile there is one: in TMPDIR where that is set,
    else beside a state that is a file.

    \b
    Examples:
      orcid-sync state backup /backup/orcid-sync-2026-03-01.db
      kubectl exec orcid-sync-0 -- orcid-sync state backup - > orcid-sync-2026-03-01.db
    """
    if file == STDOUT:
        return _back_up_to_stdout(context, as_json=as_json)
    if file.exists() and not force:
        raise NotKnownError(f"{file} is there already: --force writes over it")
    _back_up(context, file, shown=not as_json)
    if as_json:
        print_json({"file": str(file), "bytes": file.stat().st_size})
    else:
        say(f"{file}: {file.stat().st_size} bytes, to be read by its owner alone")
    return 0


def _back_up(context: Context, file: Path, *, shown: bool) -> None:
    from contextlib import closing

    from state.moving.backup import back_up
    from state.moving.handover import content
    from worker.wiring import open_any_store

    with closing(open_any_store(context.settings)) as store:
        rows = 0 if context.settings.sqlite_path else sum(content(store).values())
        with _progress(2 * rows, shown=bool(rows) and shown) as watch:
            back_up(store, file, watch)


def _back_up_to_stdout(context: Context, *, as_json: bool) -> int:
    """By way of a file, since SQLite can't write to a pipe; it is gone before the first byte is."""
    from shutil import copyfileobj
    from tempfile import TemporaryDirectory

    from worker.interrupts import ended_by_signals

    if as_json:
        raise click.UsageError("--json: standard output is the backup")
    if sys.stdout.isatty():
        raise click.UsageError("-: standard output is a terminal: send it into a file or a pipe")
    beside = context.settings.sqlite_path
    place = None if beside is None or os.environ.get("TMPDIR") else beside.parent
    with ended_by_signals():
        try:
            with TemporaryDirectory(prefix=".orcid-sync-backup-", dir=place) as folder:
                copy = Path(folder) / "backup.db"
                _back_up(context, copy, shown=False)
                written = copy.open("rb")
        except OSError as error:
            raise NotKnownError(f"no copy can be made before it goes out: {error}") from None
        with written:
            copyfileobj(written, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            click.echo(f"{written.tell()} bytes", err=True)
    return 0


@state.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--force", is_flag=True, help="Also while a process seems to be sending.")
@json_option
@click.pass_obj
def restore(context: Context, file: Path, force: bool, as_json: bool) -> int:
    """Put a backup in place of the state's content. Stop the daemon first.

    Who was forgotten since and who turned out to be one is carried over to it, and permissions stay as they are
    now. Sections of ORCID records are listed before anything is added to them, so that nothing stands there twice.

    \b
    Example:
      orcid-sync state restore /backup/orcid-sync-2026-03-01.db
    """
    carried = _restore(context, file, force=force)
    if as_json:
        print_json({"file": str(file), "erased": carried.erased, "revoked": carried.revoked})
    else:
        say(
            f"restored from {file}; erased from it: {carried.erased} people; permissions ended in it: {carried.revoked}"
        )
        say("replay the logs since then, or let `orcid-sync run` read on: nothing is added twice")
    return 0


def _restore(context: Context, file: Path, *, force: bool) -> "Carried":
    from contextlib import closing

    from state.moving.backup import copied, leases_held, replace_content
    from worker.people.restoring import carry_over
    from worker.wiring import bind, open_store

    context.needs = SENDING
    with closing(open_store(context.settings)) as store:
        bind(store, context.settings)
        if leases_held(store) and not force:
            raise NotKnownError("a process is sending: stop it first; --force when there is none any more")
        with copied(file, store) as copy:
            ours, theirs = store.notes.get("binding"), copy.notes.get("binding")
            if theirs not in (None, ours):
                raise NotKnownError(f"{file} belongs to another API, authorization server or client than this state")
            with store.transaction():
                store.engine.upkeep.linger()
                with copy.transaction():
                    carried = carry_over(store, copy)
                replace_content(store, copy)
        store.rekey()  # a backup may be older than its newest key
    return carried


@contextmanager
def _progress(rows: int, *, shown: bool) -> Iterator["Watch"]:
    """A progress bar when stdout is a terminal; `rows` are all that are copied, and compared."""
    from state.moving.copying import Step, unwatched

    if not (shown and sys.stdout.isatty()):
        yield unwatched
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        whole = bar.add_task("", total=rows)
        ended: dict[tuple[str, str], int] = {}

        def watch(step: Step) -> None:
            ended[step.doing, step.table] = step.rows
            bar.update(whole, description=f"{step.doing} {step.table}", completed=sum(ended.values()))

        yield watch
