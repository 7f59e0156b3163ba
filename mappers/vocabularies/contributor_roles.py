"""Contributor roles that ORCID v3.0 knows: its own, of works and of fundings, and CRediT's (API_FACTS.md 5.9)."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from mappers.vocabularies.terms import words

_CREDIT = "http://credit.niso.org/contributor-roles/{}/"
_CREDIT_TERMS = words(
    """
    conceptualization data-curation formal-analysis funding-acquisition investigation methodology
    project-administration resources software supervision validation visualization writing-original-draft
    writing-review-editing
    """
)
CREDIT_ROLES = frozenset(_CREDIT.format(term) for term in _CREDIT_TERMS)

WORK_ROLES = CREDIT_ROLES | words(
    """
    author assignee editor chair-or-translator co-investigator co-inventor graduate-student other-inventor
    principal-investigator postdoctoral-researcher support-staff
    """
)
FUNDING_ROLES = CREDIT_ROLES | words("lead co-lead supported-by other-contribution")

_BY_CREDIT_TERM = {term: _CREDIT.format(term) for term in _CREDIT_TERMS}
_CREDIT_URL = re.compile(r"https?://credit\.niso\.org/contributor-roles/([a-z-]+)/?", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"[^a-z]+")


def contributor_role(term: str, known: AbstractSet[str], extra: Mapping[str, str]) -> str:
    """ORCID's name of a role, one of `known`: the mapping file's word for it first, if it is one of those.

    CRediT's roles also by their label (`Data curation`) or as https; a term nobody knows comes back as it is.
    """
    text = term.strip()
    if (mapped := extra.get(text.lower())) in known:
        return str(mapped)
    found = _CREDIT_URL.fullmatch(text)
    name = _BETWEEN_WORDS.sub("-", (found[1] if found else text).lower()).strip("-")
    return name if name in known else _BY_CREDIT_TERM.get(name, text)
