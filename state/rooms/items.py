"""Items: wanted items, and what is published of them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import ItemState, PersonFacts, Published, Wanted


class Items(Protocol):
    """Wanted items, and what is published of them."""

    def of_record(self, key: SourceKey) -> Sequence[Wanted]:
        """The wanted items that a source record stands for, withdrawn ones included."""
        ...

    def records_of(self, person: str) -> Sequence[SourceKey]:
        """The source records of the person's wanted and published items, intents and departures, in order."""
        ...

    def people_of(self, record: SourceKey) -> Sequence[str]:
        """Whose wanted or published items, or open intents, are of this source record, in order."""
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
        `published` and `intents` are of every iD; `former` are as state/formers.py says.
        """
        ...

    def persons(self) -> Sequence[str]:
        """Everyone with a wanted or published item, or a grant."""
        ...

    def counts(self) -> Mapping[ItemState, int]:
        """How many wanted items are in each state.

        Added to them is what stands on records that people with a grant on another one moved away from, wanted or
        not: by its move `held` (rejected ones, too), `pending` when approved, or `stranded`. Before a move is noted,
        it is `held` when a grant there could still remove it, else `stranded`. A record that neither a grant nor a
        move tells of is left out: nothing is published where we had no grant.
        """
        ...

    def people_in(self, states: Collection[ItemState]) -> Mapping[ItemState, int]:
        """How many people have an item that `counts` counts there, for each of these states, zero included."""
        ...

    def reasons(self, limit: int) -> Sequence[tuple[ItemState, str, int]]:
        """State, reason and number of the items that have a reason, the most frequent first."""
        ...

    def holds(self) -> Sequence[tuple[str, str, int]]:
        """Each hold that items are under, its reason, and how many of its items stand otherwise than they are wanted.

        In order. An item that is neither held nor on a record, or is withdrawn, doesn't count.
        """
        ...

    def change_hold(
        self, hold: str, to: str, reason: str, *, after: str = "", limit: int | None = None
    ) -> Sequence[str]:
        """Puts all items of a hold under another one ("": none), or gives the reason; returns their people, in order.

        What is so already is passed by. At most `limit` people are changed, those that come first behind `after`.
        """
        ...

    def publish(self, published: Published, document: str | None = None) -> None:
        """Writes a published item by (iD, section, put-code), with the document that ORCID accepted.

        Without a document, the one that is there stays as long as the digest does, and when that becomes unknown.
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

    def published(self, *, left_out: bool = False) -> Iterator[Published]:
        """Everything published, by iD, or only that of which API v2.1 left something out.

        Read as it is asked for; what was read may be changed meanwhile.
        """
        ...

    def relisting(self, since: float, sections: Collection[Section], now: float) -> tuple[int, int]:
        """How many of these sections of connected people's records were not listed since then, and how many were.

        Only those in which something is wanted, of who has an active grant that serves by `now` and is not suspended.
        """
        ...

    def forget_listings(self, before: float) -> None:
        """Forgets of all sections that were not listed since then that they ever were listed, or filled by us."""
        ...

    def tombstones(self, person: str) -> Sequence[Published]:
        """What the researcher removed of the person's, on every iD, in order."""
        ...

    def know_section(
        self,
        orcid: OrcidId,
        section: Section,
        *,
        listed_at: float | None = None,
        filled_at: float | None = None,
        full_until: float | None = None,
        strangers: str | None = None,
    ) -> None:
        """Notes that a section was listed, filled by us (the first time counts), is full until then, has strangers."""
        ...
