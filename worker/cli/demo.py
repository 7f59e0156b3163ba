"""`demo`: what `make demo` runs."""

from collections.abc import Callable
from typing import Any

import click

from worker.cli.context import Context, print_json, print_table, say
from worker.demo.play import PEOPLE, Stage, stage
from worker.interrupts import Interrupts
from worker.replaying import Ran, Watch
from worker.reports.status import person_status
from worker.reports.summary import KINDS
from worker.sandbox.control_client import ItemOnRecord


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.pass_obj
def demo(context: Context, as_json: bool) -> int:
    """See it work: a local ORCID, three people's permissions, real-looking events; leaves nothing behind.

    \b
    Example:
      orcid-sync demo
    """
    from worker.watching.logs import configure_logs

    del context  # the demo has settings of its own
    configure_logs("console", "error")
    with Interrupts().listening() as interrupts, stage() as on:
        told = _play(on, Watch(interrupted=interrupts), _silent if as_json else _show)
    if as_json:
        print_json(told)
    else:
        say("")
        say("Done; nothing was left running. Next: README.md, how to point it at ORCID's sandbox.", bold=True)
    return 0


Show = Callable[[str, Any], None]


def _play(on: Stage, watch: Watch, show: Show) -> dict[str, Any]:
    """The acts, each shown when it is over; returns all of them as data."""
    told: dict[str, Any] = {}

    def tell(name: str, title: str, value: Any) -> None:
        told[name] = value
        show(title, value)

    on.connect()
    first = on.play("events.jsonl", watch)
    tell("first", "A log of events comes in, and goes out as items", _summary(first))
    tell("records", "", [_record(on, person) for person in PEOPLE])
    tell("waiting", "Somebody who has not given permission yet", person_status(on.store, "E8192"))
    tell("second", "The same log once more", _summary(on.play("events.jsonl", watch)))
    tell("change", "HR changes a role title (Mikkel Larsen)", _summary(on.play("change.jsonl", watch)))
    tell("removal", "HR removes an appointment (Sofia Garcia)", _summary(on.play("removal.jsonl", watch)))
    tell("after", "", [_record(on, person) for person in ("E4096", "E1024")])
    return told


def _summary(ran: Ran) -> dict[str, Any]:
    return ran.summary.as_json()


def _record(on: Stage, person: str) -> dict[str, Any]:
    """What stands on a record, and what its researcher was told."""
    orcid, name = PEOPLE[person]
    return {
        "person": person,
        "orcid": orcid,
        "name": name,
        "items": [
            {"section": item.section, "put_code": item.put_code, "title": _title(item)}
            for item in on.record(orcid).items
        ],
        "inbox_messages": len(on.inbox(orcid)),
    }


def _title(item: ItemOnRecord) -> str:
    document = item.document
    if "title" in document:
        return str(document["title"]["title"]["value"])
    return f"{document.get('role-title', '')}, {document['organization']['name']}"


def _silent(title: str, value: Any) -> None:
    """For --json: stdout holds the object alone."""


def _show(title: str, value: Any) -> None:
    if title:
        say("")
        say(title, bold=True, fg="cyan")
    if isinstance(value, list):
        for record in value:
            _show_record(record)
    elif "calls" in value:
        _show_summary(value)
    else:
        say(f"  {value['person']['id']}: permission {value['person']['permission']}")
        rows = [(row["section"], row["subject"], row["state"], row["reason"]) for row in value["list"]]
        print_table("", ("section", "source record", "state", "reason"), rows)


def _show_summary(value: dict[str, Any]) -> None:
    calls = ", ".join(f"{value['calls'][kind]} {kind}" for kind in KINDS if value["calls"][kind])
    found = value["items"].items()
    items = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in found if number)
    say(f"  {value['events']} events, {value['persons']} people known, {value['dead_letters']} dead letters")
    say(f"  calls: {calls or 0}   messages in inboxes: {value['inbox_messages']}   items: {items}")


def _show_record(value: dict[str, Any]) -> None:
    told = f"messages in the inbox: {value['inbox_messages']}"
    rows = [(item["put_code"], item["section"], item["title"]) for item in value["items"]]
    title = f"  {value['name']} ({value['person']}), {value['orcid']}; {told}"
    print_table(title, ("put-code", "section", "what"), rows)
