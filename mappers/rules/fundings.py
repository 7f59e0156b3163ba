"""ORCID's rules for fundings (API_FACTS.md 5.1, 5.3). An end before the start is none of them."""

import math
import re
from collections.abc import Callable

from mappers.documents import Funding
from mappers.rules.parts import (
    Refusals,
    contributors,
    external_ids,
    is_identified,
    one_of,
    organization_texts,
    refusal,
    required,
    start_before_end,
    term,
    text,
    translated_title,
    web_address,
)
from mappers.vocabularies.activity_terms import FUNDING_TYPES
from mappers.vocabularies.contributor_roles import FUNDING_ROLES
from mappers.vocabularies.currencies import CURRENCIES

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
"""What Java reads as a number, but for its hexadecimal, suffixed and infinite ones."""


def _title(funding: Funding) -> Refusals:
    yield from required("title", funding.title, 1000, 9022)
    yield from translated_title("translated_title", funding.translated_title)


def _amount(funding: Funding) -> Refusals:
    if (amount := funding.amount) is None:
        return
    yield from required("amount.value", amount.value, None, 9020)
    yield from required("amount.currency", amount.currency, None, 9020)
    yield from one_of("amount.currency", amount.currency, CURRENCIES, "a currency code", 9047)
    if not _NUMBER.fullmatch(amount.value) or not math.isfinite(float(amount.value)):
        yield refusal("amount.value", amount.value, "is not a number (such as 1000 or 1000.50)", 9054)


def _funder(funding: Funding) -> Refusals:
    yield from organization_texts("funder", funding.organization)
    yield from is_identified("funder", funding.organization, "a funder")


def _dates(funding: Funding) -> Refusals:
    yield from start_before_end("start_date", funding.start_date, funding.end_date)


def _identifiers(funding: Funding) -> Refusals:
    yield from external_ids("identifiers", funding.external_ids)


def _holders(funding: Funding) -> Refusals:
    yield from contributors("holders", funding.contributors, FUNDING_ROLES)


def _texts(funding: Funding) -> Refusals:
    yield from term("type", funding.type, FUNDING_TYPES, "a funding type", missing=9047, unknown=9047)
    yield from text("organization_defined_type", funding.organization_defined_type, 255)
    yield from text("description", funding.short_description, 5000)
    yield from web_address("url", funding.url)


FUNDING_RULES: tuple[Callable[[Funding], Refusals], ...] = (
    _title,
    _amount,
    _funder,
    _dates,
    _identifiers,
    _holders,
    _texts,
)
"""In the order in which ORCID asks them."""
