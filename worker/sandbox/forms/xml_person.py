"""The person in XML: items, lists and the page about the person (API_FACTS section 6.3; person-*.xsd)."""

from typing import Final

from worker.sandbox.forms.xml_common import COUNTRY, CREATED, ITEM_ATTRIBUTES, LAST_MODIFIED, PATH, VISIBILITY, Common
from worker.sandbox.forms.xml_grammar import FLAG, TEXT, VALUE, Element, Group, Scalar, Value

_ROOTS: Final = {
    "other-names": ("other-name", "other-names"),
    "researcher-urls": ("researcher-url", "researcher-urls"),
    "address": ("address", "addresses"),
    "keywords": ("keyword", "keywords"),
    "external-identifiers": ("external-identifier", "external-identifiers"),
}
"""By section, the element of an item and that of the list; their namespace is called as the item."""

_SHOWN: Final[dict[str, Scalar]] = {"visibility": VISIBILITY, "path": TEXT}


def person_items(common: Common) -> dict[str, Element]:
    """Each section's item."""
    url_name = Element("researcher-url", "url-name", TEXT, required=not common.newer)
    own: dict[str, tuple[Element, ...]] = {
        "other-names": (Element("other-name", "content", TEXT, required=True),),
        "researcher-urls": (url_name, Element("researcher-url", "url", VALUE, required=True)),
        "address": (Element("address", "country", Value(COUNTRY), required=True),),
        "keywords": (Element("keyword", "content", TEXT, required=True),),
        "external-identifiers": common.identifier,
    }
    return {section: Element(name, name, common.item(*own[section])) for section, (name, _) in _ROOTS.items()}


def person_lists(common: Common) -> dict[str, Element]:
    """Each section's list, in the order of the person page."""
    lists = {}
    for section, item in person_items(common).items():
        members = Element(item.space, item.name, item.content, many=True)
        lists[section] = Element(item.space, _ROOTS[section][1], Group((LAST_MODIFIED, members), PATH))
    return lists


def person_page(common: Common) -> Element:
    """The whole page."""
    lists = person_lists(common)
    children = (
        LAST_MODIFIED,
        _name("person"),
        lists["other-names"],
        _biography("person"),
        lists["researcher-urls"],
        _emails(common),
        lists["address"],
        lists["keywords"],
        lists["external-identifiers"],
    )
    return Element("person", "person", Group(children, PATH))


def personal_details(common: Common) -> Element:
    """Name, other names and biography."""
    space = "personal-details"
    children = (LAST_MODIFIED, _name(space), person_lists(common)["other-names"], _biography(space))
    return Element(space, space, Group(children, PATH))


def _name(space: str) -> Element:
    names = ("given-names", "family-name", "credit-name")
    children = (CREATED, LAST_MODIFIED, *(Element("personal-details", name, VALUE) for name in names))
    return Element(space, "name", Group(children, _SHOWN, json_only=frozenset({"source"})))


def _biography(space: str) -> Element:
    children = (CREATED, LAST_MODIFIED, Element("personal-details", "content", TEXT))
    return Element(space, "biography", Group(children, _SHOWN))


def _emails(common: Common) -> Element:
    attributes: dict[str, Scalar] = {**ITEM_ATTRIBUTES, "verified": FLAG, "primary": FLAG}
    email = Group((*common.head, Element("email", "email", TEXT)), attributes)
    return Element("email", "emails", Group((LAST_MODIFIED, Element("email", "email", email, many=True)), PATH))
