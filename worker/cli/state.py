"""`state`: the store as a whole."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli.context import SENDING, Context, NotKnownError, json_option, print_json, say

if TYPE_CHECKING:
    from worker.people.restoring import Carried


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
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Also when FILE is there: it is written over.")
@json_option
@click.pass_obj
def backup(context: Context, file: Path, force: bool, as_json: bool) -> int:
    """Copy the state into FILE, as it is at this moment, while others go on with their work.

    Tokens in it are encrypted as in the state: keep ORCID_SYNC_VAULT_KEYS, and keep them elsewhere. Names and items
    are not. Who is forgotten later is still in it: delete old backups.

    \b
    Example:
      orcid-sync state backup /backup/orcid-sync-2026-03-01.db
    """
    from contextlib import closing

    from state.sqlite_backup import back_up
    from worker.wiring import open_store

    if file.exists() and not force:
        raise NotKnownError(f"{file} is there already: --force writes over it")
    with closing(open_store(context.settings)) as store:
        back_up(store, file)
    if as_json:
        print_json({"file": str(file), "bytes": file.stat().st_size})
    else:
        say(f"{file}: {file.stat().st_size} bytes, to be read by its owner alone")
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

    from state.sqlite_backup import copied, leases_held, replace_content
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
                with copy.transaction():
                    carried = carry_over(store, copy)
                replace_content(store, copy)
        store.rekey()  # a backup may be older than its newest key
    return carried
