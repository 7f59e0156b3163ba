"""Comparing: what stands on a record, as its lists show it, against what we published there. Pure."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from mappers.documents import Document, digest, self_ids
from mappers.forms import Form, Version
from mappers.identifiers import OWN_TYPE, OrcidId, normalised
from mappers.sections import Section
from mappers.wanted import ItemKey
from mappers.wire.json_reply import Unreadable
from mappers.wire.reading import ListedItem, read_summed_up, without_own_ids
from mappers.wire.v2_1 import narrowed
from mappers.wire.writing import write
from state.facts import Intent, Method, PersonFacts, Published, Standing
from worker.planning.slots import GONE
from worker.recording.matching import shows


class Kind(StrEnum):
    """How a record differs from what we published there.

    `unknown`: an item of our client that we did not publish, or know nothing of. `doubled`: of ours, and the same as
    another one. `returned`: it stands, though we took it for removed by the researcher, or for another's.
    """

    GONE = "gone"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    DOUBLED = "doubled"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Difference:
    """One item; `item` is the wanted item that it serves, as far as we know."""

    orcid: OrcidId
    section: Section
    put_code: int
    kind: Kind
    item: ItemKey | None
    detail: str


@dataclass(frozen=True, slots=True)
class Known:
    """What we know of a person's record: before it was read, and after, since others may be writing it meanwhile.

    Only what stayed the same is compared. `document` is what ORCID accepted under a put-code, as far as it is kept.
    """

    before: PersonFacts
    after: PersonFacts
    orcid: OrcidId
    document: Callable[[Published], Document | None] = field(repr=False)

    def published(self, section: Section) -> Mapping[int, Published]:
        """What we know in a section, by put-code."""
        return _published(self.after, self.orcid, section)

    def is_moving(self, section: Section) -> bool:
        """Whether an item may just now be added."""
        return any(one.method is Method.POST and one.item.section is section for one in self._intents())

    def settled(self, section: Section) -> Iterator[Published]:
        """What nobody wrote, or is writing, by put-code."""
        before = _published(self.before, self.orcid, section)
        written = {one.put_code for one in self._intents() if one.item.section is section}
        for put_code, one in sorted(self.published(section).items()):
            if before.get(put_code) == one and put_code not in written:
                yield one

    def _intents(self) -> Iterator[Intent]:
        return (one for facts in (self.before, self.after) for one in facts.intents if one.orcid == self.orcid)


def _published(facts: PersonFacts, orcid: OrcidId, section: Section) -> dict[int, Published]:
    return {one.put_code: one for one in facts.published if one.orcid == orcid and one.section is section}


def untold(known: Known, lists: Mapping[Section, Sequence[ListedItem]], version: Version) -> list[Section]:
    """The sections that ORCID does not tell of, and in which something of ours should stand."""
    silent = [section for section in Section if section.is_in(version) and section not in lists]
    return [one for one in silent if any(each.standing not in GONE for each in known.settled(one))]


def compare(
    known: Known, lists: Mapping[Section, Sequence[ListedItem]], client_id: str, version: Version
) -> list[Difference]:
    """All that differs, by section and put-code."""
    differences: list[Difference] = []
    for section, entries in lists.items():
        ours = [entry for entry in entries if entry.client_id == client_id]
        found = [*_known(known, section, entries, client_id, version), *_strangers(known, section, ours)]
        differences += sorted(found, key=lambda one: one.put_code)
    return differences


def _known(
    known: Known, section: Section, entries: Iterable[ListedItem], client_id: str, version: Version
) -> Iterator[Difference]:
    there = {entry.put_code: entry for entry in entries}
    for one in known.settled(section):
        found = _look(one, there.get(one.put_code), known, client_id, version)
        if found is not None:
            yield Difference(known.orcid, section, one.put_code, found[0], one.item, found[1])


def _look(
    one: Published, entry: ListedItem | None, known: Known, client_id: str, version: Version
) -> tuple[Kind, str] | None:
    """What is otherwise with one that we know; None when nothing is."""
    ours = entry is not None and entry.client_id == client_id
    if one.standing in GONE:
        was = "removed by the researcher" if one.standing is Standing.REMOVED else "another source's"
        return (Kind.RETURNED, f"it counts as {was}, and stands there as ours") if ours else None
    if entry is None:
        return Kind.GONE, "it does not stand there any more"
    if not ours:
        return Kind.DIFFERS, "it belongs to another source now"
    document = known.document(one) if one.digest else None
    if document is None or one.standing is not Standing.LIVE:
        return None
    told = _differs(entry, one, document, version)
    return (Kind.DIFFERS, told) if told else None


def _differs(entry: ListedItem, one: Published, document: Document, version: Version) -> str:
    """In words; empty when the list shows what ORCID accepted, as far as it shows it."""
    if one.section.lists_whole_items:
        same = shows(entry, document, one.own_id, version)
        return "" if same else "it says something else than we wrote"
    parts = [_other_parts(entry, each, one) for each in (document, narrowed(document).document) if each is not None]
    return "" if [] in parts else f"something else than we wrote: {', '.join(parts[0])}"


def _other_parts(entry: ListedItem, document: Document, one: Published) -> list[str]:
    """What a list that sums up shows otherwise than a document has it; what it does not show may be anything."""
    try:
        expected = read_summed_up(one.section, json.loads(write(document, Form())))
    except (Unreadable, ValueError):
        return []
    own = {f"{OWN_TYPE}:{normalised(OWN_TYPE, one.own_id)}"} if one.own_id else set[str]()
    told = (
        ("identifiers", entry.self_ids, self_ids(document) | own),
        ("title", entry.title, expected.title),
        ("type", entry.kind, expected.kind),
    )
    return [name for name, shown, said in told if shown and shown != said]


def _strangers(known: Known, section: Section, ours: Sequence[ListedItem]) -> Iterator[Difference]:
    """Items of our client that we don't know, and those that are one with another."""
    if known.is_moving(section):
        return
    here = known.published(section)
    doubles = _doubles(ours, here)
    for entry in ours:
        one = here.get(entry.put_code)
        if entry.put_code in doubles:
            detail = f"it is the same as put-code {doubles[entry.put_code]}"
            yield Difference(known.orcid, section, entry.put_code, Kind.DOUBLED, one.item if one else None, detail)
        elif one is None:
            said = ", ".join(part for part in (entry.kind, entry.title) if part)
            yield Difference(known.orcid, section, entry.put_code, Kind.UNKNOWN, None, said)


def _doubles(ours: Iterable[ListedItem], here: Mapping[int, Published]) -> dict[int, int]:
    """Which put-codes are the same item as another one, which stays: one that we know, or else the first.

    By an identity; or, of two that carry none and of which we know at most one, by all that they say.
    """
    found: dict[int, int] = {}
    stays: dict[str, int] = {}
    for entry in sorted(ours, key=lambda one: (one.put_code not in here, one.put_code)):
        first = next((stays[one] for one in sorted(entry.self_ids) if one in stays), None)
        if first is None and entry.put_code not in here and not entry.self_ids:
            first = next((stays[one] for one in _contents(entry) if one in stays), None)
        if first is not None:
            found[entry.put_code] = first
        for one in (*entry.self_ids, *_contents(entry)):
            stays.setdefault(one, entry.put_code)
    return found


def _contents(entry: ListedItem) -> tuple[str, ...]:
    if entry.document is None or entry.self_ids:
        return ()
    return (f"content {digest(without_own_ids(entry.document, ())[0])}",)


def by_kind(differences: Iterable[Difference]) -> Mapping[Kind, int]:
    """How many of each kind, in the order of the kinds."""
    counted: dict[Kind, int] = defaultdict(int)
    for one in differences:
        counted[one.kind] += 1
    return {kind: counted[kind] for kind in Kind if kind in counted}
