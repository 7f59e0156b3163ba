"""`forget` and `export`: everything that is held about a person erased, or shown."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from state.store import Store
from worker.cli.context import SENDING, Context, NotKnownError, json_option, print_json, say
from worker.cli.replaying import UNSETTLED, wait_option
from worker.interrupts import Interrupts
from worker.replaying import Watch, reconcile_person


@click.command()
@click.argument("person")
@click.option("--remove-items", is_flag=True, help="First remove from the ORCID record what we put there.")
@click.option("--undo-block", is_flag=True, help="Let a forgotten person be known again; nothing comes back by itself.")
@wait_option
@json_option
@click.pass_obj
def forget(context: Context, person: str, remove_items: bool, undo_block: bool, wait: float, as_json: bool) -> int:
    """Erase everything that is held about a person, for good.

    Their permission is revoked at ORCID, all about them is erased, and events about them are not taken any more; a
    replay or a restored backup does not bring them back. What stands on their ORCID record stays there, unless
    --remove-items is given. What can't be done now (ORCID is down, a record is locked) is gone on with by whoever
    sends next; exit code 3 says that something is left.

    \b
    Examples:
      orcid-sync forget E1024 --remove-items
      orcid-sync forget --undo-block E1024
    """
    if undo_block and remove_items:
        raise click.UsageError("--undo-block goes without --remove-items")
    if undo_block:
        return _undo(context, person, as_json=as_json)
    known, left = _forget(context, person, wait, remove_items=remove_items, shown=not as_json)
    if as_json:
        print_json({"person": person, "state": "under_way" if left else "forgotten", "left": list(left)})
    elif not (known or left):
        say(f"nobody called {person} was known: whatever is said of them from now on is not taken")
    elif not left:
        say(f"{person} is forgotten: nothing is held about them, and nothing will be")
    else:
        say(f"{person} is being forgotten, and nothing new is done for them; before they are erased:", fg="yellow")
        for line in left:
            say(f"  {line}")
    return UNSETTLED if left else 0


def _forget(
    context: Context, person: str, wait: float, *, remove_items: bool, shown: bool
) -> tuple[bool, tuple[str, ...]]:
    """Whether anything was held of the person; what is left to do before they can be erased, nothing when they are."""
    from worker.people.forgetting import begin_forgetting, erase_if_done, hindrances
    from worker.people.knowing import is_known
    from worker.policies import held_back

    with context.bound_store() as store:
        known = is_known(store, person) or store.blocks.blocks_person(person)
        kept_under = begin_forgetting(store, person, remove_items=remove_items, now=store.now())
        if erase_if_done(store, kept_under):
            return known, ()
        with Interrupts().listening() as interrupts, _progress(interrupts, shown=shown) as watch:
            reconcile_person(context.settings, store, kept_under, wait, watch)
        erase_if_done(store, kept_under)
        if store.blocks.forgetting(kept_under) is None:
            return known, ()
        left = hindrances(store, kept_under) or ("another process is at work on their record",)
        secret, held_by = context.settings.client_secret, held_back(context.settings, store, kept_under)
        left = left if secret is not None else (*left, "ORCID_SYNC_CLIENT_SECRET is not set: it revokes tokens")
        return known, (*left, held_by) if held_by else left


def _undo(context: Context, person: str, *, as_json: bool) -> int:
    with context.store() as store, store.transaction():
        known = store.people.canonical(person)
        under_way = store.blocks.forgetting(known) is not None
        if not store.blocks.undo(known):
            raise NotKnownError(f"nobody called {person} is forgotten, or being forgotten")
        if under_way:
            store.agenda.changed(known, 0.0, 0.0)
    if as_json:
        print_json({"person": person, "state": "known"})
    else:
        say(f"{person} may be known again: what events say of them from now on is taken")
    return 0


@contextmanager
def _progress(interrupts: Interrupts, *, shown: bool) -> Iterator[Watch]:
    """That it goes on, when stdout is a terminal."""
    if not (shown and sys.stdout.isatty()):
        yield Watch(interrupted=interrupts)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        bar.add_task("revoking, and removing what was asked for")
        yield Watch(interrupted=interrupts)


@click.command()
@click.argument("person")
@click.pass_obj
def export(context: Context, person: str) -> int:
    """Print everything that is held about a person, as one JSON object. Tokens are never shown.

    \b
    Example:
      orcid-sync export E1024 > E1024.json
    """
    context.needs = SENDING
    with context.store() as store:
        print_json(_exported(store, person))
    return 0


def _exported(store: Store, person: str) -> dict[str, object]:
    from worker.people.exporting import export_person
    from worker.people.knowing import is_known

    if is_known(store, person):
        return export_person(store, person)
    if store.blocks.blocks_person(person):
        return {"person": person, "held": "nothing: they were forgotten; a keyed digest of the id keeps them out"}
    raise NotKnownError(f"nobody called {person} is known: no event or permission named them")
