"""XML to JSON in v3.0's names, by the tables: what ORCID's schema check and its parser refuse is refused here.

(API_FACTS sections 3, 5 and 6.3.) Lengths, patterns and required parts are seen later, in the JSON.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from worker.sandbox.errors import OrcidError
from worker.sandbox.forms.xml_grammar import (
    Content,
    Element,
    Flag,
    Group,
    Moment,
    Number,
    Renamed,
    Run,
    Scalar,
    Text,
    Value,
    elements_of,
)
from worker.sandbox.messages import JsonObject

MOST_BYTES: Final = 16 * 1024 * 1024
"""The longest body that is parsed: a bulk of a hundred works with long contributor lists has a tenth of it."""

_LONGEST_REASON: Final = 200
_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_OF_SCHEMA: Final = frozenset({f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"})
_INSTANT: Final = re.compile(r"\s*-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?\s*", re.ASCII)
_INTEGER: Final = re.compile(r"\s*[+-]?\d{1,18}\s*", re.ASCII)
_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}


@dataclass(slots=True)
class Reading:
    """What was found while reading. `code` is the error of a breach of the schema: 9012 in v3.0, 9001 in v2.1.

    `breaches` are those of the schema, `wrong_words` those of ORCID's enums, which no schema of v3.0 knows.
    """

    code: int
    breaches: list[OrcidError] = field(default_factory=list)
    wrong_words: list[OrcidError] = field(default_factory=list)

    def breach(self, at: str, rule: str) -> None:
        """Remember that the document breaks the schema."""
        self.breaches.append(OrcidError(self.code, f"{at}: {rule}"))

    def word(self, text: Text, value: str, at: str) -> str | None:
        """The word when there is such a one, else None."""
        if text.words is None or value in text.words:
            return text.up(value)
        if text.enum is not None:
            self.wrong_words.append(OrcidError(9051, value=value, enum=text.enum))
        else:
            self.breach(at, f"value '{value}' is not one of: {', '.join(sorted(text.words))}")
        return None


def parse_xml(body: bytes) -> etree._Element:
    """The root of a well-formed document; raises 9001 otherwise, and for one that is too long or has a DTD."""
    if len(body) > MOST_BYTES:
        raise OrcidError(9001, f"the body has {len(body)} bytes, the maximum is {MOST_BYTES}")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise OrcidError(9001, f"the body is not well-formed XML: {str(error)[:_LONGEST_REASON]}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise OrcidError(9001, "the body has a document type declaration")
    return root


def read_element(node: etree._Element, element: Element, reading: Reading) -> JsonObject:
    """The JSON of a document's root; what is wrong with it goes into `reading`."""
    value: JsonObject = _read(node, element.content, element.name, reading)
    return value


def _read(node: etree._Element, content: Content, at: str, reading: Reading) -> Any:
    match content:
        case Group():
            return _read_group(node, content, at, reading)
        case Value():
            attributes = _read_attributes(node, content.attributes, at, reading, content.ignored)
            return {"value": _read_scalar(_text_of(node, at, reading), content.text, at, reading), **attributes}
        case Moment():
            _read_attributes(node, {}, at, reading)
            if not _INSTANT.fullmatch(text := _text_of(node, at, reading)):
                reading.breach(at, f"'{text}' is not a valid value for 'dateTime'")
            return None
        case _:
            _read_attributes(node, {}, at, reading)
            return _read_scalar(_text_of(node, at, reading), content, at, reading)


def _read_group(node: etree._Element, group: Group, at: str, reading: Reading) -> JsonObject:
    found: JsonObject = dict(_read_attributes(node, group.attributes, at, reading))
    if "".join(part for part in (node.text, *(child.tail for child in node)) if part).strip():
        reading.breach(at, "text is not allowed here")
    place = 0
    for part in node:
        position = _position(part, group)
        name = etree.QName(part).localname if isinstance(part.tag, str) else "entity"
        if position is None:
            reading.breach(f"{at}.{name}", "element is not expected here: it is unknown")
            continue
        if position < place:
            reading.breach(f"{at}.{name}", "element is not expected here: it stands too late, or twice")
        child = group.children[position]
        place = position if isinstance(child, Run) or child.many else position + 1
        _add(found, part, child, f"{at}.{name}", reading)
    return found


def _position(part: etree._Element, group: Group) -> int | None:
    for position, child in enumerate(group.children):
        if any(option.tag == part.tag for option in elements_of(child)):
            return position
    return None


def _add(found: JsonObject, part: etree._Element, child: Element | Run, at: str, reading: Reading) -> None:
    """Put what an element says where JSON has it."""
    if isinstance(child, Run):
        option = next(option for option in child.options if option.tag == part.tag)
        members = found.setdefault(child.key, [])
        members.append({option.name: _read(part, option.content, f"{at}[{len(members)}]", reading)})
    elif child.many:
        members = found.setdefault(child.name, [])
        members.append(_read(part, child.content, f"{at}[{len(members)}]", reading))
    elif child.unwrapped:
        found.update(_read(part, child.content, at, reading))
    else:
        found[child.name] = _read(part, child.content, at, reading)


def _read_attributes(
    node: etree._Element,
    known: Mapping[str, Scalar],
    at: str,
    reading: Reading,
    ignored: frozenset[str] = frozenset(),
) -> JsonObject:
    found: JsonObject = {}
    for name, text in node.attrib.items():
        if str(name) in known:
            found[str(name)] = _read_scalar(str(text), known[str(name)], f"{at}.{name}", reading)
        elif str(name) not in ignored and str(name) not in _OF_SCHEMA:
            reading.breach(at, f"attribute '{name}' is not allowed")
    return found


def _text_of(node: etree._Element, at: str, reading: Reading) -> str:
    if len(node):
        reading.breach(at, "element is not expected here: only text is")
    return node.text or ""


def _read_scalar(text: str, scalar: Scalar, at: str, reading: Reading) -> Any:
    match scalar:
        case Text():
            return reading.word(scalar, text, at)
        case Number():
            if _INTEGER.fullmatch(text):
                return int(text)
            reading.breach(at, f"'{text}' is not a valid value for 'integer'")
            return None
        case Flag():
            if text.strip() not in _FLAGS:
                reading.breach(at, f"'{text}' is not a valid value for 'boolean'")
            return _FLAGS.get(text.strip())
        case Renamed():
            return text
