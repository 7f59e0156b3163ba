"""Contributor roles of a work that ORCID v3.0 knows: its own and CRediT's (API_FACTS.md 5.9)."""

import re
from collections.abc import Mapping

from mappers.terms import words

_CREDIT = "http://credit.niso.org/contributor-roles/{}/"
_CREDIT_TERMS = words(
    """
    conceptualization data-curation formal-analysis funding-acquisition investigation methodology
    project-administration resources software supervision validation visualization writing-original-draft
    writing-review-editing
    """
)
_OWN = words(
    """
    author assignee editor chair-or-translator co-investigator co-inventor graduate-student other-inventor
    principal-investigator postdoctoral-researcher support-staff
    """
)

WORK_ROLES = _OWN | frozenset(_CREDIT.format(term) for term in _CREDIT_TERMS)

_BY_TERM = {term: term for term in _OWN} | {term: _CREDIT.format(term) for term in _CREDIT_TERMS}
_CREDIT_URL = re.compile(r"https?://credit\.niso\.org/contributor-roles/([a-z-]+)/?", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"[^a-z]+")


def contributor_role(term: str, extra: Mapping[str, str]) -> str:
    """ORCID's name of a role, CRediT's also by its label (`Data curation`) or as https; else the term as it is."""
    text = term.strip()
    if (mapped := extra.get(text.lower())) is not None:
        return mapped
    found = _CREDIT_URL.fullmatch(text)
    words = _BETWEEN_WORDS.sub("-", (found[1] if found else text).lower()).strip("-")
    return _BY_TERM.get(words, text)
