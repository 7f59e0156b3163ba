"""`suppress`, `unsuppress` and `resend`: an operator's word on one source record of one person."""

from collections.abc import Callable
from functools import reduce
from typing import Any, TypeVar

import click

from mappers.wanted import SourceKey
from state.brake_facts import Suppression
from state.store import Store
from worker.cli.context import Context, NotKnownError, json_option, print_json, say

F = TypeVar("F", bound=Callable[..., Any])

entity_option = click.option("--entity", metavar="E", help="Which kind of record, e.g. hr.affiliation, if several are.")
_NAMED = (click.argument("person"), click.argument("source"), click.argument("subject"), entity_option)


def of_one_record(command: F) -> F:
    """A command about PERSON SOURCE SUBJECT, and of `--entity` where several records go by these."""
    return reduce(lambda made, option: option(made), reversed(_NAMED), command)


@click.command()
@of_one_record
@click.option("--remove", is_flag=True, help="Also take off the record what stands there; without it, that stays.")
@json_option
@click.pass_obj
def suppress(
    context: Context, person: str, source: str, subject: str, entity: str | None, remove: bool, as_json: bool
) -> int:
    """Never send this source record to this person's ORCID record, whatever events say. What stands there stays.

    With --entity also before any event named it.

    \b
    Examples:
      orcid-sync suppress E1024 /repository 10.1000/182
      orcid-sync suppress E1024 /hr APPT-1 --remove
    """
    with context.store() as store, store.transaction():
        who, record = _record(store, person, source, subject, entity, new=True)
        store.suppressions.put(Suppression(who, record, remove, store.now()))
        store.removals.ask(who)
        store.agenda.changed(who, 0.0, 0.0)
    stands = "what stands of it is taken off" if remove else "what stands of it stays"
    return _told(as_json, who, record, f"never sent from now on; {stands}", withdraw=remove)


@click.command()
@of_one_record
@json_option
@click.pass_obj
def unsuppress(context: Context, person: str, source: str, subject: str, entity: str | None, as_json: bool) -> int:
    """Take `suppress` back: the item is sent again as its source wants it.

    \b
    Example:
      orcid-sync unsuppress E1024 /repository 10.1000/182
    """
    with context.store() as store, store.transaction():
        who = _person(store, person)
        found = [one.record for one in store.suppressions.of_person(who)]
        record = _only([one for one in found if _fits(one, source, subject, entity)])
        if record is None:
            raise NotKnownError(f"nothing of {source} {subject} is suppressed for {who}")
        store.suppressions.drop(who, record)
        store.agenda.changed(who, 0.0, 0.0)
    return _told(as_json, who, record, "sent again, as its source wants it")


@click.command()
@of_one_record
@json_option
@click.pass_obj
def resend(context: Context, person: str, source: str, subject: str, entity: str | None, as_json: bool) -> int:
    """Send once again what the researcher removed, or ORCID refused. Ask first who removed it: it was their decision.

    \b
    Example:
      orcid-sync resend E1024 /repository 10.1000/182
    """
    from worker.recording.resending import resend as send_again

    with context.store() as store, store.transaction():
        who, record = _record(store, person, source, subject, entity)
        items = send_again(store, who, record)
    if not items:
        raise NotKnownError(f"nothing of {source} {subject} was removed by {who}, or refused by ORCID")
    return _told(as_json, who, record, f"{items} item{'s' if items > 1 else ''} to be sent once again", items=items)


def _person(store: Store, person: str) -> str:
    from worker.people.knowing import is_known

    person = store.people.canonical(person)
    if not is_known(store, person):
        raise NotKnownError(f"nobody called {person} is known: no event or permission named them")
    return person


def _record(
    store: Store, person: str, source: str, subject: str, entity: str | None, *, new: bool = False
) -> tuple[str, SourceKey]:
    """The person, and the one record that is meant; with `new`, one that no event named yet, if its entity is given."""
    from mappers.families.registry import FAMILIES

    who = _person(store, person)
    facts = store.items.facts(who)
    spoken = {item.key.record for item in facts.wanted} | {one.item.record for one in facts.published}
    record = _only(sorted(one for one in spoken if _fits(one, source, subject, entity)))
    if record is not None:
        return who, record
    if new and entity is not None and entity not in FAMILIES:
        raise click.UsageError(f"--entity: {entity} is none of {', '.join(sorted(FAMILIES))}")
    if new and entity is not None:
        return who, SourceKey(source, entity, subject)
    hint = "; --entity suppresses it before it comes" if new else ""
    raise NotKnownError(f"no item of {who} comes from {source} {subject}{hint}")


def _fits(record: SourceKey, source: str, subject: str, entity: str | None) -> bool:
    return (record.source, record.subject) == (source, subject) and entity in {None, record.entity}


def _only(found: list[SourceKey]) -> SourceKey | None:
    if len(found) > 1:
        entities = ", ".join(sorted(one.entity for one in found))
        raise click.UsageError(f"{found[0].source} {found[0].subject} is several records: give --entity ({entities})")
    return found[0] if found else None


def _told(as_json: bool, person: str, record: SourceKey, done: str, **more: Any) -> int:
    if as_json:
        key = {"source": record.source, "entity": record.entity, "subject": record.subject}
        print_json({"person": person, **key, **more})
    else:
        say(f"{person}, {record.entity} {record.subject} of {record.source}: {done}")
    return 0
