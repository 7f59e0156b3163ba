"""Section facts: of all that is known of a person, what planning one section of the granted iD reads."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha256
from operator import attrgetter

from mappers.documents import Document
from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import Intent, Method, PersonFacts, Published, SectionKnowledge, Wanted
from worker.planning import slots, steps
from worker.planning.exclusions import Excluded, as_withdrawn


@dataclass(frozen=True, slots=True)
class SectionFacts:
    """What is wanted in a section, what stands there, and what is in doubt there, each also by what it is asked for.

    `elsewhere` is what the person's other iDs (may) hold, and which of them; `frozen` and `taken_off` are excluded
    items with the reason.
    """

    section: Section
    wanted: tuple[Wanted, ...]
    published: tuple[Published, ...]
    elsewhere: Mapping[ItemKey, OrcidId]
    intents: tuple[Intent, ...]
    knowledge: SectionKnowledge
    contents: Mapping[str, Document]
    frozen: Mapping[ItemKey, str]
    taken_off: Mapping[ItemKey, str]
    posted: Mapping[ItemKey, Sequence[Intent]]
    """POSTs in doubt."""
    writing: Mapping[int, Sequence[Intent]]
    """PUTs and DELETEs in doubt, by put-code."""
    standing: Mapping[ItemKey, Published]
    """What stands; of several the least put-code."""
    undeletable: Mapping[ItemKey, str]
    """Why ORCID refused to delete an item."""
    refused: Mapping[ItemKey, str]
    """The digests that ORCID refused."""
    own_ids: AbstractSet[str | None]
    """Our opaque ids that are on the record."""
    stopped: AbstractSet[int]
    """The put-codes whose removal the guard, or an operator, does not let go out."""

    @classmethod
    def of(cls, section: Section, facts: PersonFacts, outside: Mapping[ItemKey, Excluded]) -> "SectionFacts":
        """Narrows a person's facts to one section. `outside` are the items that are excluded."""
        orcid = facts.grant.orcid if facts.grant else None
        standing = sorted((one for one in facts.published if one.section is section), key=attrgetter("put_code"))
        here = tuple(one for one in standing if one.orcid == orcid)
        intents = sorted(
            (one for one in facts.intents if one.item.section is section and one.orcid == orcid), key=attrgetter("id")
        )
        wanted = sorted((item for item in facts.wanted if item.key.section is section), key=attrgetter("key"))
        unwanted = {item.key for item in wanted if item.withdrawn}
        taken_off = {key: one.reason for key, one in outside.items() if one.withdraw and key not in unwanted}
        return cls(
            section=section,
            wanted=tuple(as_withdrawn(item) if item.key in taken_off else item for item in wanted),
            published=here,
            elsewhere={
                **{one.item: one.orcid for one in facts.intents if one.orcid != orcid and one.method is Method.POST},
                **{one.item: one.orcid for one in standing if one.orcid != orcid and one.standing not in slots.GONE},
            },
            intents=tuple(intents),
            knowledge=facts.sections.get(section, SectionKnowledge()),
            contents=facts.contents,
            frozen={key: one.reason for key, one in outside.items() if not one.withdraw},
            taken_off=taken_off,
            posted=_by_item(one for one in intents if one.method is Method.POST),
            writing=_by_put_code(intents),
            standing={one.item: one for one in reversed(here) if one.standing not in slots.GONE},
            undeletable={item.key: item.refused_reason for item in wanted if item.refused_digest == steps.DELETION},
            refused={item.key: item.refused_digest for item in wanted if item.refused_digest},
            own_ids=frozenset(one.own_id for one in here),
            stopped=frozenset(
                put_code
                for (at, of, put_code, digest), removal in facts.removals.items()
                if (at, of, digest) == (orcid, section, "") and removal.stopped
            ),
        )


def _by_item(intents: Iterable[Intent]) -> Mapping[ItemKey, Sequence[Intent]]:
    found: dict[ItemKey, list[Intent]] = defaultdict(list)
    for one in intents:
        found[one.item].append(one)
    return found


def _by_put_code(intents: Iterable[Intent]) -> Mapping[int, Sequence[Intent]]:
    found: dict[int, list[Intent]] = defaultdict(list)
    for one in intents:
        if one.put_code is not None:
            found[one.put_code].append(one)
    return found


def wanted_mark(wanted: Iterable[Wanted]) -> str:
    """What is wanted in a section, in short: it changes with every item that comes, goes or says something else."""
    items = sorted((str(item.key), item.revision) for item in wanted)
    return sha256(repr(items).encode()).hexdigest()[:16]
