"""Person events (`hr.person`): one source record, and an item for each fact it tells about the person."""

from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from typing import Annotated

from pydantic import Field

from mappers.documents import Address, Document, Keyword, OtherName, PersonExternalId, ResearcherUrl
from mappers.drafts import Draft
from mappers.events.data import MAX_LIST, Part, Person, Text, squeezed, trimmed
from mappers.events.envelopes import MAX_NAME_BYTES
from mappers.mapping_file import MappingFile
from mappers.sections import Section
from mappers.vocabularies.countries import country_code

MAX_PART = 255
"""How many characters of what ORCID compares stand in an item's key; of a longer text, its beginning and a digest.

It has no more bytes than a name either (`MAX_NAME_BYTES`).
"""


class WebsiteData(Part):
    """A web address of the person."""

    name: Text | None = None
    url: Text | None = None


class PersonIdentifierData(Part):
    """An identifier of the person, such as in another registry. Its type is free text."""

    type: Text | None = None
    value: Text | None = None
    url: Text | None = None


class PersonData(Part):
    """The data of `hr.person.changed`. `name` is the institution's, and stays with us."""

    person: Person
    name: Text | None = None
    other_names: Annotated[list[Text], Field(max_length=MAX_LIST)] | None = None
    keywords: Annotated[list[Text], Field(max_length=MAX_LIST)] | None = None
    websites: Annotated[list[WebsiteData], Field(max_length=MAX_LIST)] | None = None
    country: Text | None = None
    identifiers: Annotated[list[PersonIdentifierData], Field(max_length=MAX_LIST)] | None = None


Found = tuple[Section, str, str, Callable[[], Document]]
"""Section, the event's field, what ORCID compares, and how the document is made."""


def draft_person(data: PersonData, mapping: MappingFile) -> tuple[Draft, ...]:
    """A draft for each fact: one that ORCID would not take stops no other. Several may have one key (mapping.py).

    `part` is what ORCID compares: the content, the url, the identity; of an address nothing, so that another country is
    an update. A fact that lacks its part is known by its place in the event.
    """
    return tuple(
        Draft(section=section, persons=(data.person.id,), build=build, part=part, field=field)
        for section, field, part, build in _facts(data, mapping)
    )


def _facts(data: PersonData, mapping: MappingFile) -> Iterator[Found]:
    for place, name in enumerate(data.other_names or ()):
        if content := squeezed(name):
            yield Section.OTHER_NAMES, f"other_names[{place}]", _part(content), partial(OtherName, content=content)
    for place, keyword in enumerate(data.keywords or ()):
        if content := squeezed(keyword):
            yield Section.KEYWORDS, f"keywords[{place}]", _part(content), partial(Keyword, content=content)
    for place, website in enumerate(data.websites or ()):
        yield from _website(f"websites[{place}]", website)
    if country := trimmed(data.country):
        code = country_code(country, mapping.countries)
        yield Section.ADDRESS, "country", "", partial(Address, country=code)
    for place, identifier in enumerate(data.identifiers or ()):
        yield from _identifier(f"identifiers[{place}]", identifier)


def _website(field: str, data: WebsiteData) -> Iterator[Found]:
    name, url = squeezed(data.name), trimmed(data.url)
    if name or url:
        part = _part(url) if url else field
        yield Section.RESEARCHER_URLS, field, part, partial(ResearcherUrl, url=url or "", name=name)


def _identifier(field: str, data: PersonIdentifierData) -> Iterator[Found]:
    kind, value, url = squeezed(data.type), trimmed(data.value), trimmed(data.url)
    if kind or value or url:
        document = PersonExternalId(type=kind or "", value=value or "", url=url or "")
        part = _part(document.identity) if kind and value else field
        yield Section.EXTERNAL_IDENTIFIERS, field, part, lambda: document


def _part(compared: str) -> str:
    whole = compared.encode()
    if len(compared) <= MAX_PART and len(whole) <= MAX_NAME_BYTES:
        return compared
    beginning = compared[: MAX_PART - 33].encode()[: MAX_NAME_BYTES - 35].decode(errors="ignore")
    return f"{beginning}…{sha256(whole).hexdigest()[:32]}"
