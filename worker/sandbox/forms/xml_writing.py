"""JSON content to XML, by the tables (API_FACTS sections 6.1 and 6.3)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

from worker.sandbox.forms.xml_grammar import (
    NAMESPACE,
    Element,
    Flag,
    Group,
    Moment,
    Renamed,
    Run,
    Scalar,
    Value,
)
from worker.sandbox.messages import JsonObject

_PREFIXES: Final = (
    "activities address bulk common distinction education email employment error external-identifier funding group-id "
    "history invited-position keyword membership notification other-name peer-review person personal-details "
    "preferences qualification record research-resource researcher-url service work"
)
_NAMESPACES: Final = {prefix: f"{NAMESPACE}{prefix}" for prefix in _PREFIXES.split()}
_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xml(element: Element, content: JsonObject) -> bytes:
    """The document of `content` under this root; all namespaces are declared there, as ORCID does it.

    Null values and keys that the table does not know are left out, and so are characters that XML cannot have
    (API_FACTS section 11).
    """
    root = etree.Element(element.tag, nsmap=_NAMESPACES)
    _fill(root, element, content)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, standalone=True)


def _fill(node: etree._Element, element: Element, content: Any) -> None:
    shape = element.content
    match shape:
        case Group():
            _fill_group(node, shape, content)
        case Value():
            node.text = _text(shape.text, content["value"])
            _set(node, shape.attributes, content)
        case Moment():
            moment = datetime.fromtimestamp(content["value"] / 1000, UTC)
            node.text = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case _:
            node.text = _text(shape, content)


def _fill_group(node: etree._Element, group: Group, content: JsonObject) -> None:
    _set(node, group.attributes, content)
    for child in group.children:
        if isinstance(child, Run):
            _fill_run(node, child, content.get(child.key) or [])
        elif child.unwrapped:
            _fill(etree.SubElement(node, child.tag), child, content)
        else:
            found = content.get(child.name)
            for part in found if child.many and found is not None else [found]:
                if part is not None:
                    _fill(etree.SubElement(node, child.tag), child, part)


def _fill_run(node: etree._Element, run: Run, members: list[JsonObject]) -> None:
    for member in members:
        for option in run.options:
            if option.name in member:
                _fill(etree.SubElement(node, option.tag), option, member[option.name])


def _set(node: etree._Element, attributes: Mapping[str, Scalar], content: JsonObject) -> None:
    for name, scalar in attributes.items():
        if content.get(name) is not None:
            node.set(name, _text(scalar, content[name]))


def _text(scalar: Scalar, value: Any) -> str:
    match scalar:
        case Flag():
            return "true" if value else "false"
        case Renamed():
            return scalar.in_xml.get(value, value)
        case _:
            return _ILLEGAL.sub("", str(value))
