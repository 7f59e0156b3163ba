"""Country codes that ORCID knows: ISO 3166-1 alpha-2, and XK for Kosovo (API_FACTS.md 5.9)."""

from collections.abc import Mapping

import pycountry

COUNTRIES = frozenset({country.alpha_2 for country in pycountry.countries} | {"XK"})


def _codes() -> dict[str, str]:
    """Codes by how countries are named in ISO 3166-1: alpha-2, alpha-3, and the names in English."""
    found = {"xk": "XK", "xkx": "XK", "kosovo": "XK"}
    for country in pycountry.countries:
        names = ("alpha_2", "alpha_3", "name", "common_name", "official_name")
        found |= {getattr(country, name).casefold(): country.alpha_2 for name in names if hasattr(country, name)}
    return found


_CODES = _codes()


def country_code(term: str, extra: Mapping[str, str]) -> str:
    """A country's code: the mapping file's word for the term first, else by its code or name in ISO 3166-1.

    A term that is neither comes back as it is, for the rules to refuse by its name: never guessed.
    """
    text = term.strip()
    return extra.get(text.lower()) or _CODES.get(text.casefold(), text)
