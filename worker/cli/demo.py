"""`demo`: what `make demo` runs."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import click

from mappers.forms import Form
from mappers.sections import Section
from worker.cli.context import Context, json_option, print_json, print_table, say
from worker.demo.play import FORMS, PEOPLE, Stage, stage
from worker.interrupts import Interrupts
from worker.replaying import Ran, Watch
from worker.reports.status import person_status
from worker.reports.summary import KINDS
from worker.sandbox.control_client import ItemOnRecord


@click.command()
@json_option
@click.pass_obj
def demo(context: Context, as_json: bool) -> int:
    """See it work: a local ORCID, three people's permissions, events for every section; leaves nothing behind.

    \b
    Example:
      orcid-sync demo
    """
    from worker.watching.logs import configure_logs

    del context  # the demo has settings of its own
    configure_logs("console", "error")
    with Interrupts().listening() as interrupts:
        watch, show = Watch(interrupted=interrupts), _silent if as_json else _show
        with stage(FORMS[0]) as on:
            told = _play(on, watch, show)
            told["switching"] = [_switched(on, form, watch) for form in (*FORMS[1:], FORMS[0])]
        told["forms"] = [_in_form(form, watch) for form in FORMS]
    if as_json:
        print_json(told)
    else:
        _show_forms(told)
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


def _switched(on: Stage, form: Form, watch: Watch) -> dict[str, Any]:
    """The log once more, over the same state, by a worker that is set to another form."""
    return {"form": str(form), "again": _summary(on.switched(form).play("events.jsonl", watch))}


def _in_form(form: Form, watch: Watch) -> dict[str, Any]:
    """The log over an empty state in this form, once more, and a change; and how far each section's items came."""
    with stage(form) as on:
        on.connect()
        first, again = (_summary(on.play("events.jsonl", watch)) for _ in range(2))
        change = _summary(on.play("change.jsonl", watch))
        sections: dict[str, Counter[str]] = {section.value: Counter() for section in Section}
        for person in PEOPLE:
            for row in (person_status(on.store, person) or {"list": []})["list"]:
                sections[row["section"]][row["state"]] += 1
    return {"form": str(form), "first": first, "again": again, "change": change, "sections": sections}


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
    """The item in a few words: of each section what people know it by."""
    document = item.document
    match item.section:
        case Section.WORK | Section.FUNDING:
            return str(document["title"]["title"]["value"])
        case Section.PEER_REVIEW:
            return f"{document['review-type']} for {document['review-group-id']}"
        case Section.RESEARCH_RESOURCE:
            return str(document["proposal"]["title"]["title"]["value"])
        case Section.OTHER_NAMES | Section.KEYWORDS:
            return str(document["content"])
        case Section.RESEARCHER_URLS:
            return str(document["url"]["value"])
        case Section.ADDRESS:
            return str(document["country"]["value"])
        case Section.EXTERNAL_IDENTIFIERS:
            return f"{document['external-id-type']} {document['external-id-value']}"
        case _:
            return f"{document['role-title']}, {document['organization']['name']}"


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
    found = value["items"].items()
    items = ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in found if number)
    say(f"  {value['events']} events, {value['persons']} people known, {value['dead_letters']} dead letters")
    say(f"  calls: {_calls(value)}   messages in inboxes: {value['inbox_messages']}   items: {items}")


def _show_record(value: dict[str, Any]) -> None:
    told = f"messages in the inbox: {value['inbox_messages']}"
    rows = [(item["put_code"], item["section"], item["title"]) for item in value["items"]]
    title = f"  {value['name']} ({value['person']}), {value['orcid']}; {told}"
    print_table(title, ("put-code", "section", "what"), rows)


def _show_forms(told: dict[str, Any]) -> None:
    """Every section in every form, and what a switch between forms costs."""
    forms = told["forms"]
    say("")
    say("Every section in every form (an empty state each)", bold=True, fg="cyan")
    rows: list[tuple[Any, ...]] = [
        (section.value, *(_counted(form["sections"][section.value]) for form in forms)) for section in Section
    ]
    for title, act in (("calls", "first"), ("the log again", "again"), ("a change", "change")):
        rows.append((title, *(_calls(form[act]) for form in forms)))
    rows.append(("refused", *(form["first"]["items"]["refused"] for form in forms)))
    print_table("", ("section", *(form["form"] for form in forms)), rows)
    say("")
    say("The same state switched from form to form, with the log again", bold=True, fg="cyan")
    for switched in told["switching"]:
        say(f"  to {switched['form']}: calls: {_calls(switched['again'])}")


def _counted(states: dict[str, int]) -> str:
    return ", ".join(f"{number} {state.replace('_', ' ')}" for state, number in sorted(states.items())) or "-"


def _calls(summary: dict[str, Any]) -> str:
    return ", ".join(f"{summary['calls'][kind]} {kind}" for kind in KINDS if summary["calls"][kind]) or "0"
