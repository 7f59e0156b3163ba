"""ORCID's rules for documents (API_FACTS.md 5.1, 5.2, 5.4), asked before any call. Fields are named as in the event."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from mappers.contributor_roles import WORK_ROLES
from mappers.countries import COUNTRIES
from mappers.documents import Affiliation, Document, ExternalId, Organization, Relationship, Work
from mappers.faults import escaped
from mappers.identifier_types import FUNDED_BY_TYPES, IDENTIFIER_TYPES
from mappers.languages import LANGUAGES
from mappers.organization_ids import SOURCES
from mappers.sections import Section
from mappers.terms import words
from mappers.wanted import Refusal
from mappers.work_types import WORK_TYPES

CITATION_TYPES = words(
    """
    formatted-unspecified bibtex formatted-apa formatted-harvard formatted-ieee formatted-mla formatted-vancouver
    formatted-chicago ris
    """
)
EMPLOYERS = frozenset({Section.EMPLOYMENT})
"""The kinds of affiliation whose organization ORCID wants fully named."""
MAX_URL = 2000
"""How many characters a web address may have."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML can't carry: ORCID checks JSON as XML, too."""
_WEB_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s/?#%]+(?:[/?#](?:[^\s%]|%[0-9a-f]{2})*)?", re.IGNORECASE)

Refusals = Iterator[Refusal]


def check(document: Document) -> Refusal | None:
    """The first of ORCID's rules that the document breaks, or None."""
    match document:
        case Affiliation():
            return _first(rule(document) for rule in AFFILIATION_RULES)
        case Work():
            return _first(rule(document) for rule in WORK_RULES)


def check_organization(organization: Organization) -> Refusal | None:
    """The first rule that every organization has to keep and this one breaks, or None."""
    return _first([_organization(organization)])


def _first(rules: Iterable[Refusals]) -> Refusal | None:
    return next(chain.from_iterable(rules), None)


def _organization(organization: Organization) -> Refusals:
    yield from _required("organization.name", organization.name, 4000, 9046)
    yield from _text("organization.city", organization.city, 4000)
    yield from _text("organization.region", organization.region, 4000)
    yield from _one_of("organization.country", organization.country, COUNTRIES, "a country code", 9047)
    yield from _text("organization.identifier", organization.identifier, 500)
    source = organization.identifier_source
    if source is not None and source not in SOURCES:
        yield _refusal("organization.identifier_source", source, f"is not one of {', '.join(sorted(SOURCES))}", 9045)


def _affiliation_organization(affiliation: Affiliation) -> Refusals:
    yield from _organization(affiliation.organization)


def _employer_is_identified(affiliation: Affiliation) -> Refusals:
    organization = affiliation.organization
    if affiliation.section in EMPLOYERS and not (organization.identifier and organization.identifier_source):
        yield _refusal(
            "organization.ror", "", "is missing: an employment needs its organization's ROR id, or another", 9045
        )


def _employer_has_a_place(affiliation: Affiliation) -> Refusals:
    for part in ("city", "country"):
        if affiliation.section in EMPLOYERS and not getattr(affiliation.organization, part):
            yield _refusal(f"organization.{part}", "", "is missing: an employment needs its organization's place", 9060)


def _affiliation_texts(affiliation: Affiliation) -> Refusals:
    yield from _text("department", affiliation.department_name, 4000)
    yield from _text("role_title", affiliation.role_title, 4000)
    yield from _web_address("url", affiliation.url)


def _starts_before_it_ends(affiliation: Affiliation) -> Refusals:
    start, end = affiliation.start_date, affiliation.end_date
    if start is not None and end is not None and start.is_after(end):
        yield _refusal("end_date", str(end), f"is before the start_date, {start}", 9055)


def _affiliation_identifiers(affiliation: Affiliation) -> Refusals:
    for place, one in enumerate(affiliation.external_ids):
        yield from _required(f"identifiers[{place}].type", one.type, None, 9047)
        yield from _required(f"identifiers[{place}].value", one.value, None, 9047)
        yield from _web_address(f"identifiers[{place}].url", one.url)


def _work_title(work: Work) -> Refusals:
    yield from _required("title", work.title, 1000, 9022)


def _work_type(work: Work) -> Refusals:
    yield from _one_of("type", work.type, WORK_TYPES, "a work type", 9037)


def _work_texts(work: Work) -> Refusals:
    yield from _text("subtitle", work.subtitle, 1000)
    yield from _text("container_title", work.journal_title, 1000)
    yield from _text("abstract", work.short_description, 5000)
    yield from _web_address("url", work.url)


def _work_translated_title(work: Work) -> Refusals:
    if (title := work.translated_title) is None:
        return
    yield from _required("translated_title.value", title.value, 1000, 9020)
    yield from _required("translated_title.language", title.language, None, 9037)
    yield from _one_of("translated_title.language", title.language, LANGUAGES, "a language code", 9037)


def _work_language(work: Work) -> Refusals:
    yield from _one_of("language", work.language_code, LANGUAGES, "a language code", 9037)


def _work_country(work: Work) -> Refusals:
    yield from _one_of("country", work.country, COUNTRIES, "a country code", 9037)


def _work_citation(work: Work) -> Refusals:
    if (citation := work.citation) is None:
        return
    yield from _required("citation.type", citation.type, None, 9037)
    yield from _one_of("citation.type", citation.type, CITATION_TYPES, "a citation type", 9037)
    yield from _required("citation.value", citation.value, None, 9020)


def _work_identifiers(work: Work) -> Refusals:
    for place, one in enumerate(work.external_ids):
        yield from _external_id(f"identifiers[{place}]", one)


def _external_id(field: str, one: ExternalId) -> Refusals:
    yield from _required(f"{field}.type", one.type, None, 9023)
    yield from _one_of(f"{field}.type", one.type, IDENTIFIER_TYPES, "an identifier type", 9023)
    yield from _required(f"{field}.value", one.value, None, 9023)
    yield from _web_address(f"{field}.url", one.url)
    if one.relationship is Relationship.FUNDED_BY and one.type not in FUNDED_BY_TYPES:
        allowed = ", ".join(sorted(FUNDED_BY_TYPES))
        yield _refusal(f"{field}.relationship", one.relationship, f"is only for {allowed}, not for {one.type}", 9020)


def _work_contributors(work: Work) -> Refusals:
    for place, one in enumerate(work.contributors):
        yield from _text(f"contributors[{place}].name", one.name, 150)
        yield from _one_of(f"contributors[{place}].role", one.role, WORK_ROLES, "a contributor role", 9058)


AFFILIATION_RULES: tuple[Callable[[Affiliation], Refusals], ...] = (
    _affiliation_organization,
    _employer_is_identified,
    _employer_has_a_place,
    _affiliation_texts,
    _starts_before_it_ends,
    _affiliation_identifiers,
)
WORK_RULES: tuple[Callable[[Work], Refusals], ...] = (
    _work_title,
    _work_country,
    _work_translated_title,
    _work_type,
    _work_language,
    _work_citation,
    _work_identifiers,
    _work_contributors,
    _work_texts,
)
"""In the order in which ORCID asks them."""


def _refusal(field: str, value: str, rule: str, code: int) -> Refusal:
    return Refusal(field, escaped(value), f"{rule} (ORCID {code})")


def _required(field: str, value: str, limit: int | None, code: int) -> Refusals:
    if not value.strip():
        yield _refusal(field, "", "is missing", code)
    yield from _text(field, value, limit)


def _text(field: str, value: str | None, limit: int | None) -> Refusals:
    """A text that is not blank, not too long, and made of characters that XML can carry."""
    if value is None:
        return
    if not value.strip():
        yield _refusal(field, "", "is blank", 9047)
    if limit is not None and len(value) > limit:
        yield _refusal(field, value, f"has {len(value)} characters, more than {limit}", 9047)
    if found := _NOT_XML.search(value):
        yield _refusal(field, value, f"holds a character that XML can't carry, U+{ord(found[0]):04X}", 9047)


def _one_of(field: str, value: str | None, known: frozenset[str], what: str, code: int) -> Refusals:
    if value is not None and value not in known:
        yield _refusal(field, value, f"is not {what} that ORCID knows", code)


def _web_address(field: str, value: str | None) -> Refusals:
    yield from _text(field, value, MAX_URL)
    if value is not None and not _WEB_ADDRESS.fullmatch(value):
        yield _refusal(field, value, "is not a web address (http://… or https://…)", 9047)
