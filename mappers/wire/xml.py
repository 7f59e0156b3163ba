"""ORCID's XML: messages spelled from their JSON bodies, items and errors read (API_FACTS.md 2.1, 6.3).

An element's name is the JSON key; its order is the body's. What is left to say is its namespace: the section's own,
or the common one, which v3.0 uses for some elements that v2.1 has in the section's.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from lxml import etree

from mappers.forms import Version
from mappers.sections import Section
from mappers.vocabularies.terms import words
from mappers.wire.bodies import message_name
from mappers.wire.body_parts import Json
from mappers.wire.json_reply import Unreadable
from mappers.wire.reading import FullItem, read_json

_NAMESPACE = "http://www.orcid.org/ns/{}"
_COMMON = _NAMESPACE.format("common")
_ATTRIBUTES = ("put-code", "visibility")
"""Keys of a message that stand as attributes of its root."""
_VALUE = "value"
"""The key beside which JSON holds what XML has as attributes of an element with a text."""

_SHARED = words(
    """
    created-date last-modified-date source department-name role-title start-date end-date publication-date organization
    external-ids url contributor-orcid language-code country
    """
)
"""Elements of a section's message that belong to the common namespace."""
_OWN = {
    "address": words("country"),
    "researcher-url": words("url"),
}
"""The exceptions to this, by message, in both versions."""
_OWN_IN_V2_1 = words("department-name role-title organization url")
"""… and in every message of v2.1."""
_OF_COMMON_TYPE = words(
    """
    title subject-name review-identifiers review-completion-date subject-external-identifier convening-organization
    organization external-identifier
    """
)
"""Elements of a section's own namespace whose content is all common."""
_WRAPPED = {"resource-item": "resource-items"}
"""Lists that only XML wraps (API_FACTS.md 6.1)."""

MAX_BYTES = 10_000_000
"""Longer messages are not read."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an element stands: within which message, and whether its content is of the common namespace."""

    namespace: str
    own: frozenset[str]
    in_common: bool

    @classmethod
    def root(cls, name: str, version: Version) -> "_Place":
        own = _OWN.get(name, frozenset()) | (_OWN_IN_V2_1 if version is Version.V2_1 else frozenset())
        return cls(_namespace(name), own, name in _OF_COMMON_TYPE)

    def child(self, name: str) -> tuple[str, "_Place"]:
        """The full name of a child, and the place that its own children stand in."""
        common = self.in_common or (name in _SHARED and name not in self.own)
        tag = f"{{{_COMMON if common else self.namespace}}}{name}"
        return tag, _Place(self.namespace, self.own, common or name in _OF_COMMON_TYPE)


def _namespace(name: str) -> str:
    return _NAMESPACE.format("group-id" if name == "group-id-record" else name)


def write_xml(name: str, body: Json, version: Version) -> bytes:
    """The message `name` from its body; raises ValueError for characters that XML can't carry."""
    if name == "bulk":
        root = _root(name, "work")
        for one in body["bulk"]:
            element = etree.SubElement(root, f"{{{_namespace('work')}}}work")
            _fill_message(element, one["work"], _Place.root("work", version))
    else:
        root = _root(name)
        _fill_message(root, body, _Place.root(name, version))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _root(*names: str) -> etree._Element:
    prefixes = {name: _namespace(name) for name in names} | {"common": _COMMON}
    return etree.Element(f"{{{_namespace(names[0])}}}{names[0]}", nsmap=prefixes)


def _fill_message(root: etree._Element, body: Json, place: _Place) -> None:
    for key in _ATTRIBUTES:
        if key in body:
            root.set(key, str(body[key]))
    _fill(root, {key: value for key, value in body.items() if key not in _ATTRIBUTES}, place)


def _fill(element: etree._Element, value: Any, place: _Place) -> None:
    if not isinstance(value, dict):
        element.text = value
    elif _VALUE in value:
        element.text = value[_VALUE]
        for key, text in value.items():
            if key != _VALUE:
                element.set(key, text)
    else:
        for key, inner in value.items():
            holder = element
            if key in _WRAPPED:
                holder = etree.SubElement(element, place.child(_WRAPPED[key])[0])
            tag, inside = place.child(key)
            for one in inner if isinstance(inner, list) else [inner]:
                _fill(etree.SubElement(holder, tag), one, inside)


def read_xml(section: Section, version: Version, body: bytes, own_ids: Collection[str] = ()) -> FullItem:
    """Reads an item as that version writes it; raises Unreadable, also for an element of another namespace."""
    root, name = _parsed(body), message_name(section)
    if root.tag != f"{{{_namespace(name)}}}{name}":
        raise Unreadable(f"reply: is not a {name}")
    content = _content(root, _Place.root(name, version), name)
    return read_json(section, content if isinstance(content, dict) else None, own_ids)


def _parsed(body: bytes) -> etree._Element:
    """The root element; nothing outside the message is looked at, and one that defines entities is not read."""
    if len(body) > MAX_BYTES:
        raise Unreadable(f"reply: has more than {MAX_BYTES} bytes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unreadable("reply: is not XML") from None
    if root.getroottree().docinfo.doctype:
        raise Unreadable("reply: has a document type, which ORCID's messages don't")
    return root


def _content(element: etree._Element, place: _Place, path: str) -> Any:
    """What JSON holds under the element's name: a text, or an object of the attributes and children."""
    found: Json = {str(key): _attribute(str(key), str(value)) for key, value in element.attrib.items()}
    if len(element) == 0:
        text = element.text
        return found | {_VALUE: text} if found else text
    for child in element:
        name = etree.QName(child).localname
        tag, inside = place.child(name)
        if child.tag != tag:
            raise Unreadable(f"{path}.{name}: is not of this version's namespace")
        if name in _WRAPPED.values():
            wrapped = _content(child, place, f"{path}.{name}")
            found |= wrapped if isinstance(wrapped, dict) else {}
        else:
            _add(found, name, _content(child, inside, f"{path}.{name}"))
    return found


def _add(found: Json, name: str, value: Any) -> None:
    """An element that comes again is a list."""
    if name not in found:
        found[name] = value
    elif isinstance(found[name], list):
        found[name].append(value)
    else:
        found[name] = [found[name], value]


def _attribute(key: str, value: str) -> int | str:
    return int(value) if key == "put-code" and re.fullmatch(r"[0-9]{1,18}", value) else value


class XmlError(NamedTuple):
    """What an error body says (API_FACTS.md 2.1)."""

    response_code: int
    error_code: int
    developer_message: str


def error_of_xml(body: bytes) -> XmlError | None:
    """ORCID's error in a body of XML; None for anything else, such as a proxy's page."""
    try:
        root = _parsed(body)
    except Unreadable:
        return None
    texts = {etree.QName(child).localname: (child.text or "").strip() for child in root}
    codes = [texts.get(key, "") for key in ("response-code", "error-code")]
    if etree.QName(root).localname != "error" or not all(re.fullmatch(r"[0-9]{1,9}", code) for code in codes):
        return None
    return XmlError(int(codes[0]), int(codes[1]), texts.get("developer-message", ""))
