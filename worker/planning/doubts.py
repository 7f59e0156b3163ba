"""Doubts: what ends them, where a POST got no clear answer."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from mappers.forms import Version
from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import Intent, Method, PersonFacts


def is_found_by_lists(intent: Intent, version: Version) -> bool:
    """Whether a POST in doubt must not be repeated, since ORCID would not refuse the second one: lists tell instead.

    So in a section that ORCID does not deduplicate, and of an item that was sent without an identity of its own.
    """
    if intent.method is not Method.POST:
        return False
    return not (intent.item.section.is_deduplicated(version) and intent.self_ids)


@dataclass(frozen=True, slots=True)
class Lists:
    """Of which POSTs in doubt lists tell, and not the same once more."""

    version: Version
    refused: Mapping[ItemKey, str]
    """The digests that ORCID refused."""
    full: AbstractSet[Section]
    """Sections in which it takes no more."""

    @classmethod
    def of(cls, facts: PersonFacts, version: Version, now: float) -> "Lists":
        """By a person's facts."""
        full = {section for section, known in facts.sections.items() if known.full_until > now}
        refused = {item.key: item.refused_digest for item in facts.wanted if item.refused_digest}
        return cls(version, refused, full)

    def tell_alone(self, intent: Intent) -> bool:
        """Whether it must not be repeated, since ORCID would not refuse the second one."""
        return is_found_by_lists(intent, self.version)

    def tell(self, intent: Intent) -> bool:
        """Whether it is not repeated, for that or because ORCID would not take it now: it may have, earlier."""
        if intent.method is not Method.POST:
            return False
        refused = self.refused.get(intent.item) == intent.digest
        return refused or intent.item.section in self.full or self.tell_alone(intent)
