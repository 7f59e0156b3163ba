"""Currency codes that ORCID v3.0 knows: those of Java 17's currencies, today's and former ones (API_FACTS.md 5.9)."""

from collections.abc import Mapping

import pycountry

from mappers.vocabularies.terms import words

_FORMER = words(
    """
    ADP AFA ANG ATS AYM AZM BEF BGL BGN BYB BYR CSD CUC CYP DEM EEK ESP FIM FRF GHC GRD GWP HRK IEP ITL LTL LUF LVL MGF
    MRO MTL MZM NLG PTE ROL RUR SDD SIT SKK SLL SRG STD TMM TPE TRL USS VEB VEF XFO XFU YUM ZMK ZWD ZWL ZWN ZWR
    """
)
"""Withdrawn from ISO 4217; Java, and the list of v2.1, keep them."""
_TOO_NEW = words("UYW XAD")
"""In ISO 4217, and not in Java 17."""

CURRENCIES = frozenset({currency.alpha_3 for currency in pycountry.currencies} | _FORMER) - _TOO_NEW


def currency_code(term: str, extra: Mapping[str, str]) -> str:
    """A currency's code: the mapping file's word for the term first, else the term itself in upper case if it is one.

    Another term comes back as it is, for the rules to refuse by its name.
    """
    text = term.strip()
    code = extra.get(text.lower()) or text.upper()
    return code if code in CURRENCIES else text
