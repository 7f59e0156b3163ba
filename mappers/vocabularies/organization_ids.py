"""Identifiers of organizations, spelled as ORCID keeps them: it looks them up exactly (API_FACTS.md 5.9)."""

import re

SOURCES = frozenset({"RINGGOLD", "GRID", "FUNDREF", "LEI", "ROR"})
"""The lists of organizations that ORCID knows."""

ROR_URL = re.compile(r"https://ror\.org/0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}", re.ASCII)
_ROR = re.compile(
    r"(?:https?://)?(?:www\.)?(?:ror\.org/)?(0[a-hj-km-np-tv-z0-9]{6}[0-9]{2})/?", re.IGNORECASE | re.ASCII
)
_FUNDREF = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(?:10\.13039/)?(\d{6,})", re.IGNORECASE | re.ASCII)


def organization_id(identifier: str, source: str) -> str:
    """The identifier in the form that ORCID keeps for this list; as it is when it hasn't the list's form."""
    text = identifier.strip()
    match source:
        case "ROR" if found := _ROR.fullmatch(text):
            return f"https://ror.org/{found[1].lower()}"
        case "FUNDREF" if found := _FUNDREF.fullmatch(text):
            return f"http://dx.doi.org/10.13039/{found[1]}"
        case "GRID":
            return text.lower()
        case "LEI":
            return text.upper()
        case _:
            return text
