"""ORCID's rules for works (API_FACTS.md 5.1, 5.2). A word that no enum of its schema knows is 9047, in XML 9051.

Rules that a work can't break here: an identifier, and one that says `self` (9023), for what has none carries our own.
"""

from collections.abc import Callable

from mappers.documents import Relationship, Work
from mappers.rules.parts import (
    Refusals,
    contributors,
    external_id,
    one_of,
    refusal,
    required,
    term,
    text,
    translated_title,
    web_address,
)
from mappers.vocabularies.activity_terms import CITATION_TYPES
from mappers.vocabularies.contributor_roles import WORK_ROLES
from mappers.vocabularies.countries import COUNTRIES
from mappers.vocabularies.identifier_types import FUNDED_BY_TYPES
from mappers.vocabularies.languages import LANGUAGES
from mappers.vocabularies.work_types import WORK_TYPES


def _title(work: Work) -> Refusals:
    yield from required("title", work.title, 1000, 9022)


def _country(work: Work) -> Refusals:
    yield from one_of("country", work.country, COUNTRIES, "a country code", 9047)


def _translated_title(work: Work) -> Refusals:
    yield from translated_title("translated_title", work.translated_title)


def _type(work: Work) -> Refusals:
    yield from term("type", work.type, WORK_TYPES, "a work type", missing=9037, unknown=9047)


def _language(work: Work) -> Refusals:
    yield from one_of("language", work.language_code, LANGUAGES, "a language code", 9037)


def _citation(work: Work) -> Refusals:
    if (citation := work.citation) is not None:
        yield from term("citation.type", citation.type, CITATION_TYPES, "a citation type", missing=9037, unknown=9047)
        yield from required("citation.value", citation.value, None, 9020)


def _identifiers(work: Work) -> Refusals:
    for place, one in enumerate(work.external_ids):
        field = f"identifiers[{place}]"
        yield from external_id(field, one)
        if one.relationship is Relationship.FUNDED_BY and one.type not in FUNDED_BY_TYPES:
            allowed = ", ".join(sorted(FUNDED_BY_TYPES))
            rule = f"is only for {allowed}, not for {one.type}"
            yield refusal(f"{field}.relationship", one.relationship, rule, 9020)


def _contributors(work: Work) -> Refusals:
    yield from contributors("contributors", work.contributors, WORK_ROLES)


def _texts(work: Work) -> Refusals:
    yield from text("subtitle", work.subtitle, 1000)
    yield from text("container_title", work.journal_title, 1000)
    yield from text("abstract", work.short_description, 5000)
    yield from web_address("url", work.url)


WORK_RULES: tuple[Callable[[Work], Refusals], ...] = (
    _title,
    _country,
    _translated_title,
    _type,
    _language,
    _citation,
    _identifiers,
    _contributors,
    _texts,
)
"""In the order in which ORCID asks them."""
