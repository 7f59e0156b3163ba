"""The words of v2.1 where they are not those of v3.0 (API_FACTS section 5.9; ORCID's v2.1 schemas)."""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORK_TYPES_2_1: Final = _words(
    """
    artistic-performance book-chapter book-review book conference-abstract conference-paper conference-poster
    data-set dictionary-entry disclosure dissertation edited-book encyclopedia-entry invention journal-article
    journal-issue lecture-speech license magazine-article manual newsletter-article newspaper-article
    online-resource other patent registered-copyright report research-technique research-tool spin-off-company
    standards-and-policy supervised-student-publication technical-standard test translation trademark website
    working-paper
    """
)
"""Work types; what only v3.0 has is read back as `other`."""

RENAMED_WORK_TYPES: Final = {"dissertation-thesis": "dissertation"}
"""v3.0's word and v2.1's for the same type."""

RELATIONSHIPS_2_1: Final = frozenset({"self", "part-of"})
"""Relationships of an external-id; identifiers with another one are not shown."""
