"""What ORCID's documents share, as its schemas common-3.0 and common-2.1 order it (API_FACTS sections 5.1 and 6.3)."""

from typing import Final

from worker.sandbox.forms.v2_1_words import RELATIONSHIPS_2_1
from worker.sandbox.forms.xml_grammar import FLAG, MOMENT, NUMBER, TEXT, VALUE, Element, Group, Scalar, Text, Value
from worker.sandbox.sections.vocabulary import (
    COUNTRIES,
    CURRENCIES,
    CURRENCIES_2_1,
    LANGUAGE_CODES,
    RELATIONSHIPS,
    VISIBILITIES,
)
from worker.sandbox.versions import V3_0

ENUMS: Final = "org.orcid.jaxb.model.common."
"""The package of the enums that 9051 names."""

VISIBILITY: Final = Text(VISIBILITIES, named=True)
COUNTRY: Final = Text(COUNTRIES, f"{ENUMS}Iso3166Country")
PATH: Final[dict[str, Scalar]] = {"path": TEXT}
ITEM_ATTRIBUTES: Final[dict[str, Scalar]] = {
    "put-code": NUMBER,
    "visibility": VISIBILITY,
    "display-index": TEXT,
    "path": TEXT,
}
LAST_MODIFIED: Final = Element("common", "last-modified-date", MOMENT)
CREATED: Final = Element("common", "created-date", MOMENT)
IDENTITY: Final = Group(
    (Element("common", "uri", TEXT), Element("common", "path", TEXT), Element("common", "host", TEXT))
)
_DATE: Final = Group(
    (
        Element("common", "year", VALUE, required=True),
        Element("common", "month", VALUE),
        Element("common", "day", VALUE),
    )
)


class Common:
    """The shared elements of one version."""

    def __init__(self, version: str) -> None:
        """Build them for `v3.0` or `v2.1`."""
        self.newer = version == V3_0
        self.source = self._source()
        self.head = (CREATED, LAST_MODIFIED, self.source)
        self.identifier = self._identifier()
        self.identifiers = Group((Element("common", "external-id", Group(self.identifier), many=True),))
        language = TEXT if self.newer else Text(LANGUAGE_CODES)
        self.language = Element("common", "language-code", language)
        self.currency = Text(CURRENCIES, "java.util.Currency") if self.newer else Text(CURRENCIES_2_1)
        self.title = Element("common", "title", VALUE, required=True)
        self.subtitle = Element("common", "subtitle", VALUE)
        self.translated = Element("common", "translated-title", Value(attributes={"language-code": language}))

    def item(self, *children: Element) -> Group:
        """An item's content: what every item starts with, then its own elements."""
        return Group((*self.head, *children), ITEM_ATTRIBUTES)

    def date(self, space: str, name: str, *, required: bool = False) -> Element:
        """A fuzzy date."""
        return Element(space, name, _DATE, required=required)

    def external_ids(self, space: str = "common", name: str = "external-ids", *, required: bool = False) -> Element:
        """A list of external identifiers."""
        return Element(space, name, self.identifiers, required=required)

    def url(self, space: str) -> Element:
        """The item's address, in v2.1 in its own namespace."""
        return Element("common" if self.newer else space, "url", VALUE)

    def organization(self, space: str, name: str = "organization", *, required: bool = True) -> Element:
        """An organization in a namespace; v2.1 wants a city and a country."""
        older = not self.newer
        address = Group(
            (
                Element("common", "city", TEXT, required=older),
                Element("common", "region", TEXT),
                Element("common", "country", COUNTRY, required=older),
            )
        )
        disambiguated = Group(
            (
                Element("common", "disambiguated-organization-identifier", TEXT, required=True),
                Element("common", "disambiguation-source", TEXT, required=True),
            )
        )
        content = Group(
            (
                Element("common", "name", TEXT, required=True),
                Element("common", "address", address, required=True),
                Element("common", "disambiguated-organization", disambiguated),
            )
        )
        return Element(space, name, content, required=required)

    def contributors(self, space: str, *attributes: Element) -> Element:
        """The contributors in a section's namespace; `attributes` are what is in their contributor-attributes."""
        contributor = Group(
            (
                Element("common", "contributor-orcid", IDENTITY),
                Element(space, "credit-name", VALUE),
                Element(space, "contributor-email", VALUE),
                Element(space, "contributor-attributes", Group(attributes)),
            )
        )
        return Element(space, "contributors", Group((Element(space, "contributor", contributor, many=True),)))

    def _source(self) -> Element:
        children = (
            Element("common", "source-orcid", IDENTITY),
            Element("common", "source-client-id", IDENTITY),
            Element("common", "source-name", VALUE),
        )
        origins = (
            Element("common", "assertion-origin-orcid", IDENTITY),
            Element("common", "assertion-origin-client-id", IDENTITY),
            Element("common", "assertion-origin-name", VALUE),
        )
        return Element("common", "source", Group((*children, *origins) if self.newer else children))

    def _identifier(self) -> tuple[Element, ...]:
        relationship = Text(
            RELATIONSHIPS if self.newer else RELATIONSHIPS_2_1,
            f"{ENUMS}Relationship" if self.newer else None,
            named=True,
        )
        error = Group(
            (Element("common", "error-code", TEXT), Element("common", "error-message", TEXT)), {"transient": FLAG}
        )
        normalised = (
            Element("common", "external-id-normalized", Value(attributes={"transient": FLAG})),
            Element("common", "external-id-normalized-error", error),
        )
        return (
            Element("common", "external-id-type", TEXT, required=True),
            Element("common", "external-id-value", TEXT, required=True),
            *(normalised if self.newer else ()),
            Element("common", "external-id-url", VALUE),
            Element("common", "external-id-relationship", relationship),
        )
