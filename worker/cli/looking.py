"""`plan`, `status` and `explain`: what an operator looks at before, during and after."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import click

from state.store import Store
from worker.cli.braking import tell_brakes
from worker.cli.context import Context, NotKnownError, json_option, print_json, print_table, say
from worker.recording.recovering import recovery_of
from worker.reports.plans import PlannedPerson, planned
from worker.reports.status import alike_reasons, person_status, whole_status
from worker.reports.story import tell

person_option = click.option("--person", metavar="ID", help="Only this person.")


@click.command()
@person_option
@json_option
@click.pass_obj
def plan(context: Context, person: str | None, as_json: bool) -> int:
    """Show the calls that would be made now, with their reasons and a diff. Sends nothing.

    \b
    Example:
      orcid-sync plan --person E1024
    """
    from worker.policies import make_policy, read_mapping

    with context.bound_store() as store:
        policy = make_policy(context.settings, read_mapping(context.settings), store)
        person = person and store.people.canonical(person)
        if person and person_status(store, person) is None:
            raise NotKnownError(f"nobody called {person} is known: no event or permission named them")
        persons = [person] if person else store.items.persons()
        plans = planned(store, policy, persons, store.now())
        if as_json:
            print_json({"plans": [one.as_json() for one in plans]})
        else:
            _show_plans(plans)
            tell_brakes(store.brakes.all())
    return 0


def _show_plans(plans: Iterable[PlannedPerson]) -> None:
    calls, people = 0, set[str]()
    for one in plans:
        people.add(one.person)
        calls += len({item.call for item in one.items})
        say(f"{one.person} {one.orcid}", bold=True)
        for item in one.items:
            named = item.item.record if item.item else ""
            under = f" put-code {item.put_code}" if item.put_code else ""
            say(f"  {' '.join(filter(None, (item.step, item.section)))}{under} {named}".rstrip() + f": {item.reason}")
            for line in item.diff:
                say(f"      {line}", fg="red" if line.startswith("-") else "green")
    say(
        f"{calls} calls for {len(people)} people"
        if calls
        else "nothing to send now; `orcid-sync status` tells what waits"
    )


@click.command()
@person_option
@json_option
@click.pass_obj
def status(context: Context, person: str | None, as_json: bool) -> int:
    """Show counts by state, or each item of a person.

    \b
    Example:
      orcid-sync status --person E1024 --json
    """
    with context.store() as store:
        whole, brakes = whole_status(store) | {"recovery": _recovery(context, store)}, store.brakes.all()
        reasons, more = ([], 0) if as_json or person else alike_reasons(store)
        one = person_status(store, store.people.canonical(person)) if person else None
    if person and one is None:
        raise NotKnownError(f"nobody called {person} is known: no event or permission named them")
    if as_json:
        print_json(whole | (one or {}))
    elif one is not None:
        _show_person(one)
    else:
        print_table("Items", ("state", "number"), [(k.replace("_", " "), v) for k, v in whole["items"].items() if v])
        print_table("People", ("", "number"), [(k.replace("_", " "), v) for k, v in whole["persons"].items()])
        rows = [(number, state.value.replace("_", " "), reason) for state, reason, number in reasons]
        print_table("Why", ("items", "state", "reason"), rows)
        if more:
            say(f"{more} more reason{'s' if more > 1 else ''}: `orcid-sync status --person ID` tells a person's")
        say(f"dead letters: {whole['dead_letters']}   gaps: {whole['gaps']}")
        jobs = [f"{number} {state}" for state, number in whole["jobs"].items() if number]
        if jobs:
            say(f"jobs, of those that ended the last day's: {', '.join(jobs)}")
        tell_brakes(brakes)
        if whole["recovery"]:
            say(f"recovery since {whole['recovery']['since']}: {whole['recovery']['left']} sections left to be listed")
        if whole["sending_stopped"]:
            say(f"sending is stopped: {whole['sending_stopped']['why']}")
        if whole["reading_stopped"]:
            say(whole["reading_stopped"])
    return 0


def _recovery(context: Context, store: Store) -> dict[str, Any] | None:
    """How far the recovery of a state that was lost or restored has come; None when there is none."""
    from worker.policies import make_policy, read_mapping

    found = recovery_of(store, make_policy(context.settings, read_mapping(context.settings), store), store.now())
    if found is None:
        return None
    since = datetime.fromtimestamp(found.since, UTC).isoformat(timespec="seconds")
    return {"since": since, "left": found.left, "done": found.done}


def _show_person(one: dict[str, Any]) -> None:
    person = one["person"]
    say(f"{person['id']}  {person['orcid'] or 'no iD'}  {person['name'] or ''}  permission: {person['permission']}")
    for line in (person["permission_reason"], person["suspended"]):
        if line:
            say(f"  {line}")
    print_table(
        "",
        ("section", "source record", "state", "put-code", "on", "reason"),
        [
            (
                r["section"],
                f"{r['source']} {r['subject']} {r['part']}",
                r["state"],
                r["put_code"],
                _on(r, person),
                r["reason"],
            )
            for r in one["list"]
        ],
    )


def _on(row: dict[str, Any], person: dict[str, Any]) -> str:
    """The iD that an item stands on, when it is another one than the person's."""
    return "" if row["put_code"] is None or row["orcid"] == person["orcid"] else row["orcid"]


@click.command()
@click.argument("source")
@click.argument("subject")
@click.option("--entity", metavar="E", help="Only this kind of record, e.g. hr.affiliation.")
@json_option
@click.pass_obj
def explain(context: Context, source: str, subject: str, entity: str | None, as_json: bool) -> int:
    """Tell the story of one source record: events, mapping, decisions, calls, replies, what it waits for.

    \b
    Example:
      orcid-sync explain /hr APPT-1
    """
    with context.store() as store:
        story = tell(store, source, subject, entity)
    if story.is_empty:
        raise NotKnownError(f"no event ever named {source} {subject}")
    told = story.as_json()
    if as_json:
        print_json(told)
        return 0
    for record in told["records"]:
        state = "removed" if record["removed"] else "stands"
        say(f"{record['entity']} {state}, version {record['version']} (by {record['ordered_by']})", bold=True)
    _show("Events", told["events"], ("at", "type", "result", "place", "id", "detail"))
    _show("Dead letters", told["dead_letters"], ("at", "place", "rule", "why", "id"))
    _show("Items", told["items"], ("person", "section", "part", "state", "reason"))
    _show(
        "Calls",
        told["calls"],
        ("at", "person", "method", "section", "put_code", "status", "error_code", "verdict", "detail"),
    )
    return 0


def _show(title: str, rows: list[dict[str, Any]], columns: tuple[str, ...]) -> None:
    if rows:
        print_table(
            title, [name.replace("_", " ") for name in columns], [[row[name] for name in columns] for row in rows]
        )
