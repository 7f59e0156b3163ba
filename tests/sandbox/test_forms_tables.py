"""Properties of the tables: what they write they read, in every section and both versions."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.form_documents import contents
from worker.sandbox.forms.v2_1 import named_in_2_1, read_2_1, shown_in_2_1
from worker.sandbox.forms.xml_grammar import Element
from worker.sandbox.forms.xml_reading import Reading, parse_xml, read_element
from worker.sandbox.forms.xml_roots import ROOTS
from worker.sandbox.forms.xml_writing import write_xml
from worker.sandbox.versions import V2_1, V3_0

ITEMS = [
    pytest.param(element, id=f"{version} {section}")
    for version, roots in ROOTS.items()
    for section, element in roots.items.items()
]
OLDER = [pytest.param(element, id=section) for section, element in ROOTS[V2_1].items.items()]


def read_back(element: Element, document: bytes) -> Any:
    """What a document says, when nothing in it is wrong."""
    reading = Reading(9012)
    found = read_element(parse_xml(document), element, reading)
    assert (reading.breaches, reading.wrong_words) == ([], [])
    return found


def in_newer_words(content: Any) -> Any:
    """v2.1's word for a thesis becomes v3.0's, as on the way in."""
    return json.loads(json.dumps(content).replace('"dissertation"', '"dissertation-thesis"'))


@pytest.mark.parametrize("element", ITEMS)
@settings(deadline=None, max_examples=10)
@given(data=st.data())
def test_what_is_written_is_read_back(element: Element, data: st.DataObject) -> None:
    """Content to XML and back is the same content; a group without anything in it is an empty element."""
    content = data.draw(contents(element.content))
    assert read_back(element, write_xml(element, content)) == in_newer_words(content)


@pytest.mark.parametrize("element", OLDER)
@settings(deadline=None, max_examples=10)
@given(data=st.data())
def test_v2_1s_names_are_read_back(element: Element, data: st.DataObject) -> None:
    """Content to v2.1's JSON and back is the same content."""
    content = data.draw(contents(element.content))
    assert read_2_1(element, named_in_2_1(element, content)) == in_newer_words(content)


@pytest.mark.parametrize(
    ("newer", "older"),
    [pytest.param(ROOTS[V3_0].items[name], element, id=name) for name, element in ROOTS[V2_1].items.items()],
)
@settings(deadline=None, max_examples=10)
@given(data=st.data())
def test_anything_can_be_shown_in_v2_1(newer: Element, older: Element, data: st.DataObject) -> None:
    """What v3.0 holds becomes what v2.1's own table reads, and showing it twice changes nothing.

    Currencies and the languages of titles are shown as they are: v3.0's table takes any.
    """
    shown = shown_in_2_1(older, data.draw(contents(newer.content)))
    assert shown_in_2_1(older, shown) == shown
    reading = Reading(9001)
    read_element(parse_xml(write_xml(older, shown)), older, reading)
    assert [breach for error in reading.breaches if "-code: " not in (breach := str(error))] == []
