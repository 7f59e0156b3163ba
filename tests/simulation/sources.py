"""Sources: what two institutional systems tell of a few people, in every family, drawn from the seed."""

import json
from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import Any

from mappers.events.messages import Message
from mappers.wanted import SourceKey
from tests.events import Event, affiliation, funding, peer_review, person, publication, removal, research_resource
from tests.simulation.topic import Topic

FAMILIES = ("affiliation", "publication", "funding", "peer review", "research resource", "person")
SOURCES = ("/a", "/b")
GROUPS = ({"id": "orcid-generated:kelp", "name": "Kelp", "type": "journal"}, {"id": "issn:2049-3630"})


@dataclass(frozen=True, slots=True)
class Told:
    """One event that a source produced. `number` is its place among all."""

    number: int
    event: Event
    message: Message

    @property
    def key(self) -> str:
        """What the topic is keyed by: the source record."""
        return key_of(self.event)


def key_of(event: Event) -> str:
    """The source record of an event, as one text."""
    return f"{event['source']} {event['type'].rpartition('.')[0]} {event['subject']}"


class Sources:
    """Tells of the people; remembers all that was told. `arrival`: the source whose events have no version."""

    def __init__(self, random: Random, people: list[str], topic: Topic) -> None:
        self._random = random
        self._people = people
        self._topic = topic
        self.families = random.sample(FAMILIES, random.choice([1, 1, 1, 1, 2, 2, 2, 2, 3, len(FAMILIES)]))
        self.arrival = "/b" if random.random() < 0.25 else ""
        self.told: list[Told] = []
        self.bad: list[Message] = []
        self.counts: Counter[str] = Counter()
        self._sequence = 0
        self._late: list[Event] = []

    def tell(self, number: int) -> list[str]:
        """So many events, some of them out of order, twice, or unreadable; returns what was told, in short."""
        story = []
        for _ in range(number):
            event = self._next_event()
            if self._random.random() < 0.06 and event["source"] != self.arrival:
                self._late.append(event)
                continue
            story.append(self._produce(event))
            if self._late and self._random.random() < 0.4:
                self.counts["out of order"] += 1
                story.append(self._produce(self._late.pop(0)) + " (late)")
            if self._random.random() < 0.05:
                story.append(self._repeat())
        if self._random.random() < 0.08:
            story.append(self._garbage())
        return [one for one in story if one]

    def touch(self, record: SourceKey) -> str:
        """The record's source tells of it once more, with another title where it has one."""
        named = f"{record.source} {record.entity} {record.subject}"
        last = next((one.event for one in reversed(self.told) if key_of(one.event) == named), None)
        if last is None or not last["data"]:
            return ""
        self._sequence += 1
        title = {name: f"Again {self._sequence}" for name in ("title", "role_title") if name in last["data"]}
        event = last | {"id": f"{record.source}-{self._sequence}", "data": last["data"] | title}
        if "sequence" in last:
            event["sequence"] = str(self._sequence)
        return self._produce(event)

    def finish(self) -> list[str]:
        """What was held back is told after all."""
        late, self._late = self._late, []
        self.counts["out of order"] += len(late)
        return [self._produce(event) + " (late)" for event in late]

    def produce(self, event: Event) -> Told:
        """Appends an event to the topic."""
        message = self._topic.produce(key_of(event), json.dumps(event, sort_keys=True).encode())
        told = Told(len(self.told), event, message)
        self.told.append(told)
        return told

    def _produce(self, event: Event) -> str:
        self.produce(event)
        return f"{event['source']} {event['subject']} {event['type']} {event.get('sequence', '-')}: {_short(event)}"

    def _repeat(self) -> str:
        before = [one for one in self.told if one.event["source"] in SOURCES and one.event["source"] != self.arrival]
        if not before:
            return ""
        self.counts["told twice"] += 1
        return self._produce(self._random.choice(before[-12:]).event) + " (again)"

    def _garbage(self) -> str:
        value = self._random.choice(
            [b"{", b"\xff\xfe", b'{"specversion":"1.0","type":"weather.changed","source":"/a"}']
        )
        self.counts["unreadable"] += 1
        self.bad.append(self._topic.produce(str(len(self.bad)), value))
        return f"unreadable: {value!r}"

    def _next_event(self) -> Event:
        source = self._random.choice(SOURCES)
        told = self._changed(self._random.choice(self.families)) | {"source": source}
        self._sequence += 1
        if self._random.random() < 0.2:
            told = removal(told, sequence=self._sequence)
        told = told | {"sequence": str(self._sequence), "id": f"{source}-{self._sequence}"}
        if source == self.arrival:
            del told["sequence"], told["time"]
        return told

    def _changed(self, family: str) -> Event:
        random = self._random
        one, about = random.choice("12"), random.randrange(len(self._people))
        who = self._people[about]
        title = random.choice(["Kelp", "Moa"])
        match family:
            case "affiliation":
                kind = random.choice(["employment", "employment", "education", "service"])
                event = affiliation(who, f"A{about}{one}", kind=kind, role_title=title)
                if random.random() < 0.5:
                    event["data"]["start_date"] = random.choice(["2019-09-01", "2020"])
                return event
            case "publication":
                kind = random.choice(["journal-article", "journal-article", "preprint"])
                dois = self._identifiers("doi", "10.1/a", "10.1/b", "10.1/C")
                event = publication(who, f"W{random.choice('123')}", "", title=title, identifiers=dois, type=kind)
                named = event["data"]["contributors"][0]
                event["data"]["contributors"] = [named | {"person": {"id": each}} for each in self._several()]
                return event
            case "funding":
                numbers = self._identifiers("grant_number", "1", "2", "3a")
                event = funding(who, f"F{one}", "", title=title, identifiers=numbers)
                event["data"]["holders"] = [{"person": {"id": each}, "role": "lead"} for each in self._several()]
                return event
            case "peer review":
                reviews = self._identifiers("other-id", "r1", "r2")
                role = random.choice(["reviewer", "editor"])
                group = random.choice(GROUPS)
                return peer_review(who, f"R{about}{one}", "", identifiers=reviews, group=group, role=role)
            case "research resource":
                event = research_resource(who, f"S{one}", "p1")
                proposals = self._identifiers("proposal-id", "p1", "p2", "p3")
                said: dict[str, Any] = event["data"]["proposal"] | {"title": title}
                event["data"]["proposal"] = said | ({"identifiers": proposals} if proposals else {})
                event["data"]["holders"] = [{"person": {"id": each}} for each in self._several()]
                return event
            case _:
                return self._about_a_person(who, f"E{about}")

    def _several(self) -> list[str]:
        return self._random.sample(self._people, self._random.choice([1, 2, 2, len(self._people)]))

    def _identifiers(self, kind: str, *values: str) -> list[dict[str, str]]:
        return [{"type": kind, "value": value} for value in self._some(*values)]

    def _some(self, *values: str) -> list[str]:
        return [value for value in values if self._random.random() < 0.5]

    def _about_a_person(self, who: str, subject: str) -> Event:
        random = self._random
        pages = self._some("https://a.example.org/", "https://b.example.org/")
        profiles = [f"https://l.example.org/{number}" for number in "12"]
        return person(
            who,
            subject,
            keywords=self._some("kelp", "moa", "Kelp"),
            other_names=self._some("S. Garcia", "Sofia G."),
            websites=[{"name": random.choice(["Group", "Lab"]), "url": page} for page in pages],
            country=random.choice(["US", "IE", None]),
            identifiers=[
                {"type": "Loop", "value": value, "url": random.choice(profiles)} for value in self._some("1", "2")
            ],
        )


def _short(event: Event) -> str:
    data = event["data"]
    if event["type"].endswith("removed"):
        return "-"
    ids = data.get("identifiers", data.get("proposal", {}).get("identifiers", ()))
    people = [
        one["person"]["id"]
        for one in [data, *data.get("contributors", ()), *data.get("holders", ())]
        if "person" in one
    ]
    kind = data.get("kind") or data.get("type") or data.get("role") or ""
    named = data.get("title") or data.get("role_title") or data.get("proposal", {}).get("title") or ""
    if event["type"].startswith("hr.person"):
        named = f"{data['keywords']} {data['other_names']} {[one['url'] for one in data['websites']]} {data['country']}"
    return f"{kind} {named} {[one['value'] for one in ids]} of {', '.join(people)}"
