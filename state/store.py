"""The store's interface, by room. One contract suite (tests/state) runs over every store.

Each method is one short transaction of its own, or part of the enclosing `transaction()`. A store is used by one
thread; `twin()` opens another on the same state. Every store raises StoreError and nothing of its engine.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, Self

from mappers.events.messages import LogId
from mappers.groups import GroupIdRecord
from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import (
    Acceptance,
    Binding,
    DeadLetter,
    Departure,
    Due,
    EventNote,
    GapNote,
    Grant,
    GrantState,
    Group,
    GroupState,
    Intent,
    IntentStory,
    ItemState,
    Outcome,
    PersonFacts,
    Published,
    Scheme,
    SourceRecord,
    Suspension,
    Wanted,
)


class StoreError(Exception):
    """The store cannot be used: one line that says why and what to do."""


class Logs(Protocol):
    """How far each log was read, and what it no longer had."""

    def position(self, log: LogId) -> int | None:
        """The next offset to read, or None when the log was never read."""
        ...

    def advance(self, log: LogId, next_offset: int) -> None:
        """Moves the position, forward only."""
        ...

    def begin_again(self, log: LogId) -> None:
        """Forgets the position of a log that was cut below it, so that what it holds now is read."""
        ...

    def positions(self) -> Mapping[LogId, int]:
        """All positions."""
        ...

    def add_gap(self, log: LogId, first: int, last: int, reason: str) -> None:
        """Notes a gap, once."""
        ...

    def gaps(self) -> Sequence[GapNote]:
        """Gaps not closed by an operator, oldest first."""
        ...

    def close_gap(self, gap: int) -> bool:
        """Closes a gap; false when there is no such open one."""
        ...


class Records(Protocol):
    """Source records with their versions, and the events that spoke of them."""

    def fix_scheme(self, source: str, scheme: Scheme) -> Scheme:
        """Fixes what orders a source's events unless it is fixed; returns what is."""
        ...

    def scheme(self, source: str) -> Scheme | None:
        """What orders a source's events, or None when none was seen."""
        ...

    def accept(self, record: SourceRecord) -> Acceptance:
        """Compares with the version we have and writes, in one statement.

        Within one scheme the greater of (version, removed, digest) wins; another scheme than the record's wins.
        """
        ...

    def record(self, key: SourceKey) -> SourceRecord | None:
        """The source record as last accepted."""
        ...

    def named(self, source: str, subject: str) -> Sequence[SourceRecord]:
        """The source records of any entity with this source and subject."""
        ...

    def outdated(self, revision: str, limit: int) -> Sequence[SourceRecord]:
        """At most `limit` records mapped under another revision."""
        ...

    def mapped(self, key: SourceKey, revision: str) -> None:
        """Notes under which mapping revision a record is mapped now."""
        ...

    def note_event(self, note: EventNote) -> None:
        """Adds an event to its record's story; one that is there with the same id and result stays as it was."""
        ...

    def events(self, source: str, subject: str) -> Sequence[EventNote]:
        """The events about a subject, oldest first."""
        ...

    def forget_history(self, before: float) -> int:
        """Drops events and closed intents noted before then; returns how many."""
        ...


class Letters(Protocol):
    """Dead letters."""

    def bury(self, letter: DeadLetter) -> bool:
        """Keeps a dead letter; one with the same id stays (a discarded one discarded). True when it is open now."""
        ...

    def open(self) -> Sequence[DeadLetter]:
        """The open ones, oldest first."""
        ...

    def letter(self, id_prefix: str) -> DeadLetter | None:
        """The one whose id begins so, of any state; None when none or several do."""
        ...

    def naming(self, source: str, subject: str) -> Sequence[DeadLetter]:
        """Open ones that name the source and subject."""
        ...

    def settle(self, letter: str, state: str) -> None:
        """Marks one `retried` or `discarded`."""
        ...

    def count(self) -> int:
        """How many are open."""
        ...


class Grants(Protocol):
    """What people allowed us, and records that take no writes."""

    def put(self, grant: Grant) -> None:
        """Writes a grant by (person, iD); when it is active, the person's other active one becomes `replaced`."""
        ...

    def active(self, person: str) -> Grant | None:
        """The person's active grant."""
        ...

    def current(self, person: str) -> Grant | None:
        """The person's active grant, else the newest broken one: it may still serve removals."""
        ...

    def of_person(self, person: str) -> Sequence[Grant]:
        """Every grant of the person, newest first."""
        ...

    def of_orcid(self, orcid: OrcidId) -> Sequence[Grant]:
        """Every grant on the iD, newest first."""
        ...

    def all(self) -> Sequence[Grant]:
        """Every grant, by person."""
        ...

    def counts(self) -> Mapping[GrantState, int]:
        """How many grants are in each state."""
        ...

    def mark(self, person: str, orcid: OrcidId, state: GrantState, reason: str) -> None:
        """Sets a grant's state and the reason."""
        ...

    def suspend(self, suspension: Suspension) -> None:
        """Notes that a record takes no writes."""
        ...

    def lift(self, orcid: OrcidId) -> None:
        """Takes a suspension away."""
        ...

    def lift_for(self, person: str) -> None:
        """Takes the suspensions of the person's records away, so that they are looked at again."""
        ...


class Items(Protocol):
    """Wanted items, and what is published of them."""

    def of_record(self, key: SourceKey) -> Sequence[Wanted]:
        """The wanted items that a source record stands for, withdrawn ones included."""
        ...

    def want(self, wanted: Wanted, document: str | None) -> None:
        """Writes a wanted item with its document (state/facts.py: Wanted), by key."""
        ...

    def document(self, key: ItemKey) -> tuple[int, str] | None:
        """Revision and document of a wanted item, or None when it has no document."""
        ...

    def documents(self, keys: Iterable[ItemKey]) -> Mapping[ItemKey, tuple[int, str]]:
        """The same for several."""
        ...

    def forget(self, key: ItemKey) -> None:
        """Drops a wanted item."""
        ...

    def refuse(self, key: ItemKey, digest: str, reason: str) -> None:
        """Notes that ORCID refused this digest."""
        ...

    def unpark(self, person: str, section: Section, reason: str) -> None:
        """Forgets that ORCID refused the person's items of a section for this very reason."""
        ...

    def set_state(self, key: ItemKey, state: ItemState, reason: str) -> None:
        """Notes how far an item has come."""
        ...

    def facts(self, person: str) -> PersonFacts:
        """All that planning for the person reads, but no `contents`.

        `grant` is the current one, `sections` are of its iD; `groups` are those that the wanted items name, if known.
        """
        ...

    def persons(self) -> Sequence[str]:
        """Everyone with a wanted or published item, or a grant."""
        ...

    def counts(self) -> Mapping[ItemState, int]:
        """How many wanted items are in each state.

        As `stranded` counts what stands on records whose grant was replaced by one on another record, wanted or not.
        """
        ...

    def reasons(self, limit: int) -> Sequence[tuple[ItemState, str, int]]:
        """State, reason and number of the items that have a reason, the most frequent first."""
        ...

    def holds(self) -> Sequence[tuple[str, str, int]]:
        """Each hold that items are under, its reason, and how many of its items stand otherwise than they are wanted.

        In order. An item that is neither held nor on a record, or is withdrawn, doesn't count.
        """
        ...

    def change_hold(self, hold: str, to: str, reason: str) -> Sequence[str]:
        """Puts all items of a hold under another one ("": none), or gives the reason; returns their people."""
        ...

    def publish(self, published: Published, document: str | None = None) -> None:
        """Writes a published item by (iD, section, put-code), with the document that ORCID accepted.

        Without a document, the one that is there stays as long as the digest does.
        """
        ...

    def published_document(self, orcid: OrcidId, section: Section, put_code: int) -> str | None:
        """The document that ORCID accepted last under a put-code, if it is known."""
        ...

    def unpublish(self, orcid: OrcidId, section: Section, put_code: int) -> None:
        """Forgets a published item."""
        ...

    def published_as(self, orcid: OrcidId, section: Section, put_code: int) -> Published | None:
        """What we know under a put-code."""
        ...

    def published(self) -> Iterator[Published]:
        """Everything published, by iD."""
        ...

    def know_section(
        self, orcid: OrcidId, section: Section, *, listed_at: float | None = None, filled_at: float | None = None
    ) -> None:
        """Notes that a section was listed, or filled by us (the first time counts)."""
        ...


class Groups(Protocol):
    """Group-id records that peer reviews need, by key (mappers/groups.py). They belong to our client."""

    def want(self, record: GroupIdRecord) -> None:
        """Keeps what is said of a group: the newest word counts, and what it leaves unsaid stays as it was said before.

        One that was refused is wanted again, so that it is tried again; any other stays in its state.
        """
        ...

    def group(self, key: str) -> Group | None:
        """A group; None when nobody ever wanted it."""
        ...

    def ask(self, key: str, until: float) -> bool:
        """Notes that a call for it is about to be made, which may be carried out until then.

        False, and nothing is noted, when the group is known or nobody wanted it, or while another's call may be under
        way.
        """
        ...

    def settle(self, key: str, state: GroupState, reason: str = "", ripe_at: float = 0.0) -> None:
        """Notes what became of it; no call for it is under way any more.

        Of a refused one `ripe_at` is when it may be asked for again without being named again (0: not by itself).
        """
        ...

    def needed_by(self, key: str) -> Sequence[str]:
        """The people whose wanted peer reviews need the group, withdrawn ones aside."""
        ...


class Departures(Protocol):
    """Who left, by the source record that said so."""

    def leave(self, departure: Departure) -> None:
        """Notes that somebody left; what its source record said before is replaced."""
        ...

    def come_back(self, record: SourceKey) -> str | None:
        """Takes what this source record said back; returns the person, None when it had said nothing."""
        ...


class Intents(Protocol):
    """Writes about to be made, and what became of them."""

    def open(self, intents: Sequence[Intent]) -> Sequence[Intent]:
        """Writes intents of one call; returns them with their `id`s and common `call`."""
        ...

    def intent(self, intent: int) -> Intent | None:
        """An intent that is still open."""
        ...

    def open_of(self, person: str) -> Sequence[Intent]:
        """The person's open intents, oldest first."""
        ...

    def wait(self, intent: int, ripe_at: float, detail: str) -> None:
        """Leaves an open intent in doubt until then."""
        ...

    def close(self, intent: int, outcome: Outcome) -> bool:
        """Closes an intent with its outcome; false when it is not open any more."""
        ...

    def story(self, key: SourceKey) -> Sequence[IntentStory]:
        """The intents of a source record's items, oldest first, without documents."""
        ...

    def open_count(self) -> int:
        """How many are open."""
        ...


class Agenda(Protocol):
    """Who is due to be looked at, and when."""

    def changed(self, person: str, quiet: float, quiet_max: float) -> None:
        """Something new is wanted: due `quiet` seconds from now, at most `quiet_max` after the first such change."""
        ...

    def retry(self, person: str, at: float | None, revision: int, failures: int) -> None:
        """After a look: due again at `at` (None: not by itself).

        A change that came since `revision` stays due as well.
        """
        ...

    def due(self, now: float, limit: int, skip: Iterable[str] = ()) -> Sequence[Due]:
        """Those due by now, the longest due first, without those to skip."""
        ...

    def revision(self, person: str) -> int:
        """Grows with every `changed`; 0 for somebody who never was on the agenda."""
        ...

    def next_at(self) -> float | None:
        """When somebody is due next (may be past); None when nobody is."""
        ...

    def all_due(self) -> int:
        """How many are on the agenda."""
        ...


class Turns(Protocol):
    """Leases of iDs and the request budget, by the store's own clock."""

    def acquire(self, orcid: OrcidId, holder: str, seconds: float) -> int | None:
        """Takes the iD's lease and returns its epoch; None while another holds it.

        A lease lasts `seconds`; it can be taken over only after twice that long without renewal.
        """
        ...

    def renew(self, orcid: OrcidId, epoch: int, seconds: float) -> bool:
        """Prolongs a lease; false when it was taken over."""
        ...

    def release(self, orcid: OrcidId, epoch: int) -> None:
        """Gives the lease back."""
        ...

    def epoch(self, orcid: OrcidId) -> int:
        """The epoch of the newest lease; 0 when there never was one."""
        ...

    def spend(self, requests: int, rate: float, burst: float) -> float:
        """Takes requests from the budget and returns 0.0; or takes nothing and returns the seconds to wait."""
        ...

    def owe(self, requests: int) -> None:
        """Debits requests already made, below zero if need be."""
        ...

    def slow_down(self, until: float) -> None:
        """Nobody spends before then."""
        ...

    def used_ratio(self, burst: float) -> float:
        """The share of the burst that is spent now, 0 to 1."""
        ...


class Notes(Protocol):
    """Small things by name, and the binding."""

    def get(self, name: str) -> str | None:
        """The note, or None."""
        ...

    def put(self, name: str, text: str | None) -> None:
        """Writes a note; None drops it."""
        ...

    def bind(self, binding: Binding) -> Binding:
        """Binds a store at first use; returns what it is bound to."""
        ...


class Store(Protocol):
    """All rooms, under one transaction."""

    logs: Logs
    records: Records
    letters: Letters
    grants: Grants
    items: Items
    groups: Groups
    departures: Departures
    intents: Intents
    agenda: Agenda
    turns: Turns
    notes: Notes

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, visible to others at its end; a transaction within one is a savepoint of it."""
        ...

    def now(self) -> float:
        """The store's clock: seconds since 1970."""
        ...

    def twin(self) -> Self:
        """Another store on the same state, for another thread."""
        ...

    def close(self) -> None:
        """Closes it; open transactions are rolled back."""
        ...
