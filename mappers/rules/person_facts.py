"""ORCID's rules for the items of the person sections (API_FACTS.md 5.1, 5.7). Fields are named within the one fact."""

from mappers.documents import Address, Keyword, OtherName, PersonExternalId, ResearcherUrl
from mappers.rules.parts import Refusals, one_of, required, text, web_address
from mappers.vocabularies.countries import COUNTRIES

MAX_CONTENT = 255
"""How many characters a name or a keyword may have, and the type and the value of an identifier."""


def person_fact(document: OtherName | Keyword | ResearcherUrl | Address | PersonExternalId) -> Refusals:
    """The rules of the document's section."""
    match document:
        case OtherName() | Keyword():
            yield from required("", document.content, MAX_CONTENT, 9020)
        case ResearcherUrl():
            yield from text("name", document.name, 350)
            yield from _url(document.url)
        case Address():
            yield from required("", document.country, None, 9020)
            yield from one_of("", document.country, COUNTRIES, "a country code", 9047)
        case PersonExternalId():
            for field, value in (("type", document.type), ("value", document.value)):
                yield from required(field, value, None, 9047)
                yield from text(field, value, MAX_CONTENT, 9020)
            yield from _url(document.url)


def _url(url: str) -> Refusals:
    yield from required("url", url, None, 9020)
    yield from web_address("url", url, 9020)
