"""A form: one of the four ways a document goes over the wire, JSON or XML of v3.0 or v2.1.

Inside, the stand-in has v3.0's JSON only; here it comes from a body and becomes one (API_FACTS sections 5 and 6).
"""

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

from worker.sandbox.errors import OrcidError
from worker.sandbox.forms.v2_1 import missing_in_2_1, named_in_2_1, read_2_1, shown_in_2_1, without_blanks
from worker.sandbox.forms.xml_grammar import Element
from worker.sandbox.forms.xml_reading import Reading, parse_xml, read_element
from worker.sandbox.forms.xml_roots import ROOTS
from worker.sandbox.forms.xml_writing import write_xml
from worker.sandbox.messages import JsonObject, json_bytes
from worker.sandbox.sections.shapes import Breach, Fields, wrong_shape
from worker.sandbox.versions import V2_1, V3_0


class Kind(Enum):
    """What a body holds; with the section's name it says which document it is.

    Aggregates stand alone: their section name is an empty text.
    """

    ITEM = "item"
    SUMMARY = "summary"
    LIST = "list"
    BULK = "bulk"
    ACTIVITIES = "activities"
    PERSON = "person"
    PERSONAL_DETAILS = "personal-details"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Form:
    """JSON or XML of one version."""

    version: str
    is_json: bool

    @property
    def schema_code(self) -> int:
        """The error of a single item that breaks the schema (section 3)."""
        if self.is_json:
            return 9047
        return 9012 if self.version == V3_0 else 9001


def parse_item(form: Form, section: str, shape: Fields, body: bytes) -> JsonObject:
    """The canonical item that a body spells, whatever its form.

    Raises what ORCID answers to a body that is not well-formed (9001), breaks the schema (`form.schema_code`), has a
    word that no enum of v3.0 knows (9047, in XML 9051) or is another document (9006).
    """
    element = ROOTS[form.version].items[section]
    if form.is_json:
        value = parse_json(body)
        if form.version == V2_1:
            value = read_2_1(element, value)
    else:
        reading = Reading(form.schema_code)
        value = read_element(_root(form, element, body), element, reading)
        for error in (*reading.breaches, *reading.wrong_words):
            raise error
    try:
        canonical = shape.read(without_blanks(value) if form.version == V2_1 else value, section)
        check_schema(form.version, section, shape, canonical)
    except OrcidError as error:
        raise _as_schema_error(error, form.schema_code) from None
    return canonical


def parse_bulk(form: Form, shape: Fields, body: bytes) -> list[JsonObject | OrcidError]:
    """The canonical works of a bulk, in v2.1 with the error of a slot that breaks the schema (section 1.4).

    v3.0's schema is not looked at. A word that no enum knows refuses the whole bulk, but for v2.1's XML.
    """
    return [_bulk_work(form, shape, value) for value in _bulk_values(form, body)]


def write(form: Form, section: str, kind: Kind, content: JsonObject) -> bytes:
    """The bytes of a reply whose content is in v3.0's names, with every key present."""
    if form == Form(V3_0, is_json=True):
        return json_bytes(content)
    element = _element(form.version, section, kind)
    if form.version == V3_0:
        return write_xml(element, content)
    shown = shown_in_2_1(element, content)
    return json_bytes(named_in_2_1(element, shown)) if form.is_json else write_xml(element, shown)


def parse_json(body: bytes) -> Any:
    """The value of a JSON body; 9047 for an empty one, 9001 for one that is not well-formed."""
    if not body.strip():
        raise OrcidError(9047, "Couldn't read object, data seems to be empty or invalid")
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise OrcidError(9001, "the body is not well-formed JSON") from None


def check_schema(version: str, section: str, shape: Fields, canonical: JsonObject) -> None:
    """9047 for the first thing in a canonical item that breaks the schema of a version."""
    found: list[Breach] = []
    if version == V2_1:
        found.extend(missing_in_2_1(ROOTS[version].items[section], canonical))
    shape.check(canonical, section, found)
    if found:
        raise wrong_shape(found[0].at, found[0].rule)


def _element(version: str, section: str, kind: Kind) -> Element:
    roots = ROOTS[version]
    match kind:
        case Kind.ITEM:
            return roots.items[section]
        case Kind.SUMMARY:
            return roots.summaries[section]
        case Kind.LIST:
            return roots.lists[section]
        case Kind.BULK:
            return roots.bulk
        case Kind.ACTIVITIES:
            return roots.activities
        case Kind.PERSON:
            return roots.person
        case Kind.PERSONAL_DETAILS:
            return roots.personal_details
        case Kind.RECORD:
            return roots.record


def _root(form: Form, element: Element, body: bytes) -> Any:
    """The root of a document that is the wanted one; another of ORCID's is 9006, as for a bulk sent to `work`."""
    root = parse_xml(body)
    if root.tag == element.tag:
        return root
    if root.tag in ROOTS[form.version].tags:
        raise OrcidError(9006, "argument type mismatch")
    raise OrcidError(form.schema_code, f"Cannot find the declaration of element {root.tag!r}")


def _bulk_values(form: Form, body: bytes) -> list[Any]:
    """What stands in the slots: a value in v3.0's names, or an error."""
    bulk = ROOTS[form.version].bulk
    if form.is_json:
        value = parse_json(body)
        if form.version == V2_1:
            value = read_2_1(bulk, value)
        return _slots(value)
    work = ROOTS[form.version].items["work"]
    values: list[Any] = []
    for node in _root(form, bulk, body):
        reading = Reading(9001)
        value = read_element(node, work, reading)
        if node.tag != work.tag:
            raise OrcidError(form.schema_code, f"bulk: element {node.tag!r} is not expected here")
        if reading.wrong_words:
            raise reading.wrong_words[0]
        values.append(reading.breaches[0] if reading.breaches and form.version == V2_1 else value)
    return values


def _slots(value: Any) -> list[Any]:
    """The works of a bulk in JSON; 9047 when it has another shape."""
    if not isinstance(value, dict) or value.keys() - {"bulk"}:
        raise wrong_shape("bulk", "an object with the key 'bulk' is expected")
    slots = value.get("bulk")
    works = []
    for place, slot in enumerate(slots if isinstance(slots, list) else [] if slots is None else [slots]):
        if not isinstance(slot, dict) or slot.keys() != {"work"} or slot["work"] is None:
            raise wrong_shape(f"bulk[{place}]", "an object with the key 'work' is expected")
        works.append(slot["work"])
    return works


def _bulk_work(form: Form, shape: Fields, value: Any) -> JsonObject | OrcidError:
    if isinstance(value, OrcidError):
        return value
    if form.version == V3_0:
        return shape.read(value, "work")
    canonical = shape.read(without_blanks(value), "work")
    try:
        check_schema(form.version, "work", shape, canonical)
    except OrcidError as error:
        return _as_schema_error(error, 9001)
    return canonical


def _as_schema_error(error: OrcidError, code: int) -> OrcidError:
    """What the shape calls 9047, by the code that this form has for it."""
    return OrcidError(code, error.detail) if error.row.code == 9047 else error
