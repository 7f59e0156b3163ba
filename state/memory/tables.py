"""The tables of the store in memory, and the rows of those that hold more than facts."""

from collections.abc import Hashable
from dataclasses import dataclass

from mappers.events.messages import LogId
from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.block_marks import Block
from state.brake_facts import Brake, Suppression
from state.budget import Bucket
from state.facts import (
    DeadLetter,
    Departure,
    EventNote,
    GapNote,
    Group,
    Intent,
    IntentStory,
    Published,
    Scheme,
    SectionKnowledge,
    SourceRecord,
    Wanted,
)
from state.job_facts import Job
from state.memory.journal import Journal, Table
from state.permission_facts import Ask, Consent, Forgetting, Grant, KeptToken, KnownPerson, Move, Suspension
from state.removal_facts import Removal, RemovalWindow
from state.verdict_facts import ProvisionalVerdict, VerdictKind


@dataclass(frozen=True, slots=True)
class Kept:
    """A wanted item with its document."""

    wanted: Wanted
    document: str | None


@dataclass(frozen=True, slots=True)
class Stands:
    """A published item with the document that ORCID accepted."""

    published: Published
    document: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """An event's note, numbered in the order they came."""

    number: int
    note: EventNote


@dataclass(frozen=True, slots=True)
class Entry:
    """A person on the agenda: the earlier of `quiet_until` and `retry_at` is due."""

    person: str
    revision: int
    failures: int
    quiet_since: float | None = None
    quiet_until: float | None = None
    retry_at: float | None = None

    @property
    def due_at(self) -> float | None:
        """When the person is due, if at all."""
        if self.quiet_until is None or self.retry_at is None:
            return self.retry_at if self.quiet_until is None else self.quiet_until
        return min(self.quiet_until, self.retry_at)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds an iD, and from when on another may."""

    holder: str
    epoch: int
    free_at: float


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who is looked at before anything is sent."""

    person: str


@dataclass(frozen=True, slots=True)
class KeptJob:
    """A job, who works at it until when, and what it ended with."""

    job: Job
    holder: str = ""
    free_at: float = 0.0
    result: str = ""


class Tables:
    """All tables."""

    def __init__(self, journal: Journal) -> None:
        self.block_keys = Table[int, bytes](journal)
        self.blocks = Table[str, Block](journal)
        self.forgetting = Table[str, Forgetting](journal)
        self.people = Table[str, KnownPerson](journal)
        self.aliases = Table[str, str](journal)
        self.numbers = Table[str, int](journal)
        self.notes = Table[str, str](journal)
        self.positions = Table[LogId, int](journal)
        self.gaps = Table[tuple[LogId, int, int], GapNote](journal)
        self.schemes = Table[str, Scheme](journal)
        self.records = Table[SourceKey, SourceRecord](journal, named=lambda record: _name(record.key))
        self.events = Table[Hashable, Told](journal, named=lambda told: _name(told.note.key))
        self.letters = Table[str, DeadLetter](journal)
        self.grants = Table[tuple[str, OrcidId], Grant](
            journal, person=lambda grant: grant.person, orcid=lambda grant: grant.orcid
        )
        self.suspensions = Table[OrcidId, Suspension](journal)
        self.wanted = Table[ItemKey, Kept](
            journal,
            person=lambda kept: kept.wanted.key.person,
            record=lambda kept: kept.wanted.key.record,
            needs=lambda kept: kept.wanted.group,
        )
        self.published = Table[tuple[OrcidId, Section, int], Stands](
            journal, person=lambda stands: stands.published.person
        )
        self.sections = Table[tuple[OrcidId, Section], SectionKnowledge](journal)
        self.groups = Table[str, Group](journal)
        self.departures = Table[SourceKey, Departure](journal, person=lambda departure: departure.person)
        self.open_intents = Table[int, Intent](
            journal, person=lambda intent: intent.person, record=lambda intent: intent.item.record
        )
        self.closed_intents = Table[int, IntentStory](journal, record=lambda story: story.intent.item.record)
        self.agenda = Table[str, Entry](journal)
        self.leases = Table[OrcidId, Lease](journal)
        self.buckets = Table[None, Bucket](journal)
        self.tokens = Table[str, KeptToken](journal, person=lambda token: token.person)
        self.moves = Table[tuple[str, OrcidId], Move](journal, person=lambda move: move.person)
        self.consents = Table[str, Consent](
            journal, person=lambda consent: consent.person, code=lambda consent: consent.code
        )
        self.asks = Table[tuple[OrcidId, int], Ask](journal, person=lambda ask: ask.person)
        self.asked = Table[str, Asked](journal)
        self.removals = Table[int, Removal](
            journal,
            person=lambda one: one.person,
            source=lambda one: one.item.record.source,
            place=lambda one: one.place,
        )
        self.removal_windows = Table[str, RemovalWindow](journal)
        self.brakes = Table[tuple[str, str, str], Brake](journal)
        self.suppressions = Table[tuple[str, SourceKey], Suppression](journal, person=lambda one: one.person)
        self.jobs = Table[int, KeptJob](journal)
        self.verdicts = Table[tuple[OrcidId, VerdictKind, str], ProvisionalVerdict](
            journal, person=lambda verdict: verdict.person
        )

    def number(self, of: str) -> int:
        """The next number of a kind, from 1."""
        number = (self.numbers.get(of) or 0) + 1
        self.numbers.put(of, number)
        return number


def _name(key: SourceKey) -> tuple[str, str]:
    return key.source, key.subject
