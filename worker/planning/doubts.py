"""Doubts: what ends them, where a POST got no clear answer."""

from mappers.forms import Version
from state.facts import Intent, Method


def is_found_by_lists(intent: Intent, version: Version) -> bool:
    """Whether a POST in doubt must not be repeated, since ORCID would not refuse the second one: lists tell instead.

    So in a section that ORCID does not deduplicate, and of an item that was sent without an identity of its own.
    """
    if intent.method is not Method.POST:
        return False
    return not (intent.item.section.is_deduplicated(version) and intent.self_ids)
