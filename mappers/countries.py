"""Country codes that ORCID knows: ISO 3166-1 alpha-2, and XK for Kosovo (API_FACTS.md 5.9)."""

from collections.abc import Mapping

import pycountry

COUNTRIES = frozenset({country.alpha_2 for country in pycountry.countries} | {"XK"})


def country_code(term: str, extra: Mapping[str, str]) -> str:
    """A country's code in upper case: the mapping file's word for the term first, else the term itself."""
    return extra.get(term.strip().lower(), term.strip().upper())
