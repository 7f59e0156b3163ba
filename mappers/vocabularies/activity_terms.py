"""ORCID's terms for citations, fundings, peer reviews, their groups and research resources (API_FACTS.md 4.2, 5.9)."""

from mappers.vocabularies.terms import spellings, words
from mappers.vocabularies.work_types import WORK_TYPES

CITATION_TYPES = words(
    """
    formatted-unspecified bibtex formatted-apa formatted-harvard formatted-ieee formatted-mla formatted-vancouver
    formatted-chicago ris
    """
)
FUNDING_TYPES = words("grant contract award salary-award")
REVIEWER_ROLES = words("reviewer editor member chair organizer")
REVIEW_TYPES = words("review evaluation")
SUBJECT_TYPES = WORK_TYPES | FUNDING_TYPES | {"research-resource-proposal"}
GROUP_TYPES = words("publisher institution journal conference newspaper newsletter magazine") | {"peer-review service"}
RESOURCE_TYPES = words("infrastructures collections equipment services")

CITATION_TYPE_SPELLINGS = spellings(CITATION_TYPES)
FUNDING_TYPE_SPELLINGS = spellings(FUNDING_TYPES)
REVIEWER_ROLE_SPELLINGS = spellings(REVIEWER_ROLES)
REVIEW_TYPE_SPELLINGS = spellings(REVIEW_TYPES)
SUBJECT_TYPE_SPELLINGS = spellings(SUBJECT_TYPES - WORK_TYPES)
"""The types of a subject that are none of a work."""
GROUP_TYPE_SPELLINGS = spellings(GROUP_TYPES)
RESOURCE_TYPE_SPELLINGS = spellings(RESOURCE_TYPES)
