"""A university at work: what its systems say, drawn from a seed, and what each record is to hold because of it.

What is to stand is worked out here, as the events are made; nothing of it comes from the product.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.benchmarks.institution import affiliation_event, person_id, work_event
from tests.events import Event, funding, person, removal
from worker.sandbox.control_client import ItemOnRecord

REPOSITORY, CRIS = "/repository", "/cris"

MAPPING = f'[sources."{REPOSITORY}"]\nprecedence = 10\n\n[sources."{CRIS}"]\nprecedence = 5\n'
"""Which of two systems that know one publication says how it is called."""

KEYWORDS = ("kelp", "moa", "turbulence", "shelf seas", "moorings")


@dataclass(slots=True)
class Publication:
    """What the systems say of one publication by now; `titles` by system, None where it was withdrawn."""

    number: int
    authors: tuple[int, ...]
    titles: dict[str, str | None] = field(default_factory=dict)
    removed_by: set[int] = field(default_factory=set)

    @property
    def doi(self) -> str:
        """By which all systems know it."""
        return f"10.5555/soak.{self.number}"

    @property
    def title(self) -> str | None:
        """What it is called, by the system that comes first; None when all have withdrawn it."""
        return self.titles.get(REPOSITORY) or self.titles.get(CRIS)

    def said(self) -> str:
        """How it looks on a record."""
        return f"work {self.title} {self.doi}"


class University:
    """Its people are numbers; `say` is what happens next."""

    def __init__(self, random: Random, people: range) -> None:
        self.people = people
        self._random = random
        self._sequence = 0
        self._titles: dict[int, str] = {}
        self._keywords: dict[int, tuple[str, ...]] = {}
        self._grants: dict[int, dict[str, str]] = {number: {} for number in people}
        self._publications: list[Publication] = []
        self._past: list[Event] = []

    def begin(self, *, publications: int = 2, described: bool = True) -> list[Event]:
        """Everybody with a job, some publications, and some keywords unless that would be too many calls."""
        hired = [self._appoint(one) for one in self.people]
        told = [self._describe(one) for one in self.people] if described else []
        self._past = [*hired, *told, *(self._publish((one,)) for one in self.people for _ in range(publications))]
        return self._past

    def say(self) -> Event:
        """The next event; now and then one that was said before."""
        ways: dict[Callable[[], Event | None], int] = {
            lambda: self._appoint(self._someone()): 15,
            lambda: self._describe(self._someone()): 8,
            lambda: self._fund(self._someone()): 8,
            lambda: self._publish(self._authors()): 15,
            self._retitle: 30,
            self._change_authors: 6,
            self._withdraw: 8,
            self._tell_of_it_too: 8,
            lambda: self._random.choice(self._past): 8,
        }
        event = None
        while event is None:
            (way,) = self._random.choices(list(ways), weights=list(ways.values()))
            event = way()
        self._past.append(event)
        return event

    def wanted(self, one: int) -> Counter[str]:
        """What is to stand on the person's record, each as often."""
        works = [
            work.said() for work in self._publications if work.title and one in set(work.authors) - work.removed_by
        ]
        described = (
            ["address US", *(f"keyword {word}" for word in self._keywords[one])] if one in self._keywords else []
        )
        fundings = [f"funding {title}" for title in self._grants[one].values()]
        return Counter([f"employment {self._titles[one]}", *described, *fundings, *works])

    def removable(self) -> list[tuple[int, Publication]]:
        """Publications that stand on the record of their one author, said by one system."""
        return [
            (work.authors[0], work)
            for work in self._publications
            if work.title and len(work.authors) == len(work.titles) == 1 and not work.removed_by
        ]

    def _someone(self) -> int:
        return self._random.choice(self.people)

    def _authors(self) -> tuple[int, ...]:
        return tuple(self._random.sample(self.people, self._random.choice([1, 1, 1, 2])))

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence

    def _appoint(self, one: int) -> Event:
        sequence = self._next()
        self._titles[one] = f"Lecturer {sequence}"
        return affiliation_event(one, sequence=sequence, title=self._titles[one])

    def _describe(self, one: int) -> Event:
        self._keywords[one] = tuple(self._random.sample(KEYWORDS, self._random.randint(1, 3)))
        nothing: dict[str, Any] = {"other_names": [], "websites": [], "identifiers": []}
        told = person(person_id(one), f"P{one}", keywords=[*self._keywords[one]], **nothing)
        return self._numbered(told)

    def _fund(self, one: int) -> Event:
        subject = f"F{one}-{self._random.randint(1, 2)}"
        told = funding(person_id(one), subject, subject)
        sequence = self._next()
        if subject in self._grants[one] and self._random.random() < 0.3:
            del self._grants[one][subject]
            return removal(told, sequence=sequence)
        self._grants[one][subject] = f"Grant {sequence}"
        told["data"]["title"] = f"Grant {sequence}"
        return told | {"sequence": str(sequence), "id": f"{subject}-{sequence}"}

    def _publish(self, authors: tuple[int, ...]) -> Event:
        work = Publication(len(self._publications), authors)
        self._publications.append(work)
        return self._tell(work, REPOSITORY)

    def _retitle(self) -> Event:
        work = self._random.choice(self._publications)
        return self._tell(work, self._random.choice([*work.titles]))

    def _change_authors(self) -> Event | None:
        work = self._random.choice(self._publications)
        if len(work.titles) > 1 or work.removed_by:
            return None
        work.authors = self._authors()
        return self._tell(work, REPOSITORY)

    def _withdraw(self) -> Event | None:
        work = self._random.choice(self._publications)
        system = self._random.choice([*work.titles])
        if work.removed_by or work.titles[system] is None:
            return None
        work.titles[system] = None
        return removal(self._event(work, system, ""), sequence=self._next())

    def _tell_of_it_too(self) -> Event | None:
        work = self._random.choice(self._publications)
        return None if work.removed_by else self._tell(work, CRIS)

    def _tell(self, work: Publication, system: str) -> Event:
        sequence = self._next()
        title = work.titles[system] = f"On kelp {work.number}, part {sequence}"
        return self._event(work, system, title) | {"sequence": str(sequence), "id": f"{system}-{sequence}"}

    def _event(self, work: Publication, system: str, title: str) -> Event:
        told = work_event(0, work.number, title=title)
        told["data"]["identifiers"] = [{"type": "doi", "value": work.doi}]
        told["data"]["contributors"] = [
            {"person": {"id": person_id(one)}, "name": f"Person {one}", "role": "author"} for one in work.authors
        ]
        return told | {"source": system}

    def _numbered(self, told: Event) -> Event:
        sequence = self._next()
        return told | {"sequence": str(sequence), "id": f"{told['subject']}-{sequence}"}


def seen(item: ItemOnRecord) -> str:
    """How an item looks on a record."""
    document = item.document
    match item.section:
        case "work":
            [doi] = [
                one["external-id-value"]
                for one in document["external-ids"]["external-id"]
                if one["external-id-type"] == "doi"
            ]
            return f"work {document['title']['title']['value']} {doi}"
        case "employment":
            return f"employment {document['role-title']}"
        case "funding":
            return f"funding {document['title']['title']['value']}"
        case "address":
            return f"address {document['country']['value']}"
        case "keywords":
            return f"keyword {document['content']}"
        case other:
            return f"{other} {document}"
