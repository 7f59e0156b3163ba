"""Rules that several kinds of documents share: of texts, terms, web addresses, organizations, identifiers, titles."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from mappers.dates import FuzzyDate
from mappers.documents import Contributor, ExternalId, Organization, TranslatedTitle
from mappers.events.faults import escaped
from mappers.vocabularies.countries import COUNTRIES
from mappers.vocabularies.identifier_types import IDENTIFIER_TYPES
from mappers.vocabularies.languages import LANGUAGES
from mappers.vocabularies.organization_ids import SOURCES
from mappers.wanted import Refusal

MAX_URL = 2000
"""How many characters a web address may have."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML can't carry. ORCID takes them in JSON, and leaves them out when it writes XML."""
_WEB_ADDRESS = re.compile(
    r"(?:https?|ftp)://(?:[^\s/?#%\[\]@]+@)?(?:\[[0-9a-f:.]+\]|[^\s/?#%\[\]@:]+)(?::[0-9]{1,5})?"
    r"(?:/(?:[^\s%?#\[\]]|%[0-9a-f]{2})*)?(?:\?(?:[^\s%#]|%[0-9a-f]{2})*)?(?:#(?:[^\s%#]|%[0-9a-f]{2})*)?",
    re.IGNORECASE,
)
"""A URI with a scheme and a host."""
_URI = re.compile(
    r"(?:[^%#?\[\]]|%[0-9a-f]{2}|(?<=[/@])\[[0-9a-f:.]+\])*"
    r"(?:\?(?:[^%#]|%[0-9a-f]{2})*)?(?:#(?:[^%#]|%[0-9a-f]{2})*)?",
    re.IGNORECASE,
)
"""What ORCID's schema checker (Xerces) takes for a URI: a relative one and blanks, too, and brackets in a query."""

Refusals = Iterator[Refusal]


def refusal(field: str, value: str, rule: str, code: int | None) -> Refusal:
    """The refusal of a field's value, with ORCID's code for it; None for a rule of ours, which ORCID does not have."""
    return Refusal(field, escaped(value), f"{rule} (ORCID {code})" if code else rule)


def required(field: str, value: str | None, limit: int | None, code: int) -> Refusals:
    """A text that has to be there; `code` is ORCID's for one that is not."""
    if value is None or not value.strip():
        yield refusal(field, "", "is missing", code)
    yield from text(field, value, limit)


def text(field: str, value: str | None, limit: int | None, code: int | None = 9047) -> Refusals:
    """A text that is not blank, not too long (`code`), and made of characters that both formats can carry."""
    if value is None:
        return
    if not value.strip():
        yield refusal(field, "", "is blank", 9047)
    if limit is not None and (length := _length(value)) > limit:
        yield refusal(field, value, f"has {length} characters, more than {limit}", code)
    if found := _NOT_XML.search(value):
        yield refusal(field, value, f"holds a character that XML can't carry, U+{ord(found[0]):04X}", None)


def _length(value: str) -> int:
    """As Java counts, and so ORCID: a character beyond U+FFFF is two."""
    return len(value.encode("utf-16-le", "surrogatepass")) // 2


def one_of(field: str, value: str | None, known: AbstractSet[str], what: str, code: int) -> Refusals:
    """A term of a vocabulary, if there is one."""
    if value is not None and value not in known:
        yield refusal(field, value, f"is not {what} that ORCID knows", code)


def term(field: str, value: str, known: AbstractSet[str], what: str, *, missing: int, unknown: int) -> Refusals:
    """A term of a vocabulary that has to be there; ORCID's codes for one that is not, and for one it doesn't know."""
    yield from required(field, value, None, missing)
    yield from one_of(field, value, known, what, unknown)


def web_address(field: str, value: str | None, code: int | None = None) -> Refusals:
    """A web address, if there is one; `code` is ORCID's for one that is too long, which it minds of people alone.

    That it leads somewhere, by its scheme and host, is a rule of ours.
    """
    yield from text(field, value, MAX_URL, code)
    if value is not None and not _WEB_ADDRESS.fullmatch(value):
        rule = "is not a web address (http://… or https://…)"
        yield refusal(field, value, rule, None if _URI.fullmatch(value) else 9047)


def translated_title(field: str, title: TranslatedTitle | None) -> Refusals:
    """Text and language, both or neither (API_FACTS.md 5.2)."""
    if title is None:
        return
    yield from required(f"{field}.value", title.value, 1000, 9020)
    yield from term(f"{field}.language", title.language, LANGUAGES, "a language code", missing=9037, unknown=9037)


def organization_texts(field: str, organization: Organization) -> Refusals:
    """What every organization has to keep, wherever it stands (API_FACTS.md 5.1)."""
    yield from required(f"{field}.name", organization.name, 4000, 9046)
    yield from text(f"{field}.city", organization.city, 4000)
    yield from text(f"{field}.region", organization.region, 4000)
    yield from one_of(f"{field}.country", organization.country, COUNTRIES, "a country code", 9047)
    yield from text(f"{field}.identifier", organization.identifier, 500)
    source = organization.identifier_source
    if source is not None and source not in SOURCES:
        yield refusal(f"{field}.identifier_source", source, f"is not one of {', '.join(sorted(SOURCES))}", 9045)
    elif organization.identifier and not source:
        yield refusal(f"{field}.identifier_source", "", "is missing: an identifier needs its list", 9045)


def is_identified(field: str, organization: Organization, whose: str) -> Refusals:
    """An organization that ORCID has to find in its lists."""
    if not (organization.identifier and organization.identifier_source):
        yield refusal(f"{field}.ror", "", f"is missing: {whose} needs a ROR id, or another", 9045)


def start_before_end(field: str, start: FuzzyDate | None, end: FuzzyDate | None) -> Refusals:
    """No end without a start (API_FACTS.md 5.3, 5.6): ORCID does not ask which of the two comes first."""
    if end is not None and start is None:
        yield refusal(field, "", f"is missing: an end needs a start, and there is an end, {end}", 9050)


def external_ids(field: str, identifiers: tuple[ExternalId, ...]) -> Refusals:
    """Identifiers of a known type, each with its value."""
    for place, one in enumerate(identifiers):
        yield from external_id(f"{field}[{place}]", one)


def external_id(field: str, one: ExternalId) -> Refusals:
    """An identifier of a known type, with its value."""
    yield from term(f"{field}.type", one.type, IDENTIFIER_TYPES, "an identifier type", missing=9023, unknown=9023)
    yield from required(f"{field}.value", one.value, None, 9023)
    yield from web_address(f"{field}.url", one.url)


def contributors(field: str, people: tuple[Contributor, ...], roles: AbstractSet[str]) -> Refusals:
    """Contributors with a name that fits, in a role that ORCID knows."""
    for place, one in enumerate(people):
        yield from text(f"{field}[{place}].name", one.name, 150)
        yield from one_of(f"{field}[{place}].role", one.role, roles, "a contributor role", 9058)
