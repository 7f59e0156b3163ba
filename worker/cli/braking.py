"""`pause` and `resume`: a durable brake for all replicas."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

import click

from mappers.sections import Section
from state.brake_facts import Brake
from state.store import Store
from worker.cli.context import Context, NotKnownError, json_option, plain, print_json, say
from worker.reports.story import when

person_option = click.option("--person", metavar="ID", help="Only what is sent for this person.")
source_option = click.option("--source", metavar="S", help="Only what this source wants, e.g. /hr.")
section_option = click.option("--section", type=click.Choice([one.value for one in Section]), help="Only this section.")


@click.command()
@person_option
@source_option
@section_option
@json_option
@click.pass_obj
def pause(context: Context, person: str | None, source: str | None, section: str | None, as_json: bool) -> int:
    """Send nothing until `resume`, in every process on this state; or nothing of one person, source or section.

    Events are taken in all the while. A call that is under way is carried out to its end.

    \b
    Examples:
      orcid-sync pause
      orcid-sync pause --source /hr
    """
    with context.store() as store:
        _refuse_unseen(person, source)
        brake = _brake(store, person, source, section)
        changed, people = _change(store, brake, lambda: store.brakes.put(brake))
        _warn_of_stranger(store, brake.source)
        _tell(store, brake, as_json, changed, people, "paused" if changed else "paused already")
    return 0


@click.command()
@person_option
@source_option
@section_option
@json_option
@click.pass_obj
def resume(context: Context, person: str | None, source: str | None, section: str | None, as_json: bool) -> int:
    """Take off the brake that `pause` with the same option put on. Others stay.

    \b
    Examples:
      orcid-sync resume
      orcid-sync resume --source /hr
    """
    with context.store() as store:
        brake = _brake(store, person, source, section)
        changed, people = _change(store, brake, lambda: store.brakes.release(brake))
        _tell(store, brake, as_json, changed, people, "resumed" if changed else "not paused")
    return 0


def _brake(store: Store, person: str | None, source: str | None, section: str | None) -> Brake:
    if sum(one is not None for one in (person, source, section)) > 1 or "" in (person, source):
        raise click.UsageError("give at most one of --person, --source and --section")
    if person is not None:
        from worker.people.knowing import is_known

        person = store.people.canonical(person)
        if not is_known(store, person):
            raise NotKnownError(f"nobody called {person} is known: no event or permission named them")
    return Brake(person or "", source or "", section or "", store.now())


def _refuse_unseen(*names: str | None) -> None:
    """No id has characters that can't be seen; a name with them could not be given back to a shell, or be read."""
    for name in names:
        if name is not None and not name.isprintable():
            raise click.UsageError(f"no person or source is called {name!a}: it has control characters")


def _warn_of_stranger(store: Store, source: str) -> None:
    """A source that is to come may be paused before; one that was mistyped stops nothing."""
    known = store.records.sources() if source else ()
    if not source or source in known:
        return
    near = get_close_matches(source, known, cutoff=0.5)
    like = f"; known are, most like it: {', '.join(near)}" if near else ""
    click.echo(plain(f"nothing of a source {source} is known: no event of it was ever taken{like}"), err=True)


def _change(store: Store, brake: Brake, change: Callable[[], bool]) -> tuple[bool, int]:
    """Whether anything changed, and how many people it concerns: they are looked at anew."""
    with store.transaction():
        changed, people = change(), store.brakes.concerned(brake)
        for one in people if changed else ():
            store.agenda.changed(one, 0.0, 0.0)
    return changed, len(people)


def _tell(store: Store, brake: Brake, as_json: bool, changed: bool, people: int, done: str) -> None:
    brakes = store.brakes.all()
    if as_json:
        print_json({"changed": changed, "people": people, "paused": [_row(one) for one in brakes]})
        return
    say(f"{done}: {brake.name} ({people} people)")
    tell_brakes(brakes)


def tell_brakes(brakes: Iterable[Brake]) -> None:
    """A line for each thing that is paused, with the command that ends it."""
    for one in brakes:
        say(f"paused since {when(one.at)} UTC: {one.name} (`{one.ends_with}`)")


def _row(brake: Brake) -> dict[str, Any]:
    return {
        "person": brake.person or None,
        "source": brake.source or None,
        "section": brake.section or None,
        "since": when(brake.at),
    }
