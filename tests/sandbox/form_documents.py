"""Documents in the forms of a test: small ones written by hand, and any that the tables allow."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import strategies as st

from worker.sandbox.forms.bodies import Form
from worker.sandbox.forms.xml_grammar import Content, Element, Flag, Group, Moment, Number, Run, Scalar, Text, Value
from worker.sandbox.forms.xml_reading import MOST_BYTES
from worker.sandbox.sections.affiliations import AFFILIATION
from worker.sandbox.sections.shapes import Fields
from worker.sandbox.sections.table import SECTIONS
from worker.sandbox.versions import V2_1, V3_0

JSON_3_0, JSON_2_1 = Form(V3_0, is_json=True), Form(V2_1, is_json=True)
XML_3_0, XML_2_1 = Form(V3_0, is_json=False), Form(V2_1, is_json=False)
SPACES = " ".join(
    f'xmlns:{prefix}="http://www.orcid.org/ns/{prefix}"'
    for prefix in ("common", "work", "employment", "bulk", "address")
)
TEXTS = st.sampled_from(["x", " x ", "<b>&amp;</b>", "]]>", "\"'", "a\n\tb\r\n", "\x85", "é\u2028\U0001f4a9", "0"])
"""Texts that are easily damaged on the way; few of them, so that large documents stay quick to draw."""


def shape_of(section: str) -> Fields:
    """The shape of a section's items."""
    return SECTIONS[section].shape if section in SECTIONS else AFFILIATION


def xml(body: str) -> bytes:
    """A document whose root declares ORCID's prefixes: `body` starts with the root's tag."""
    name, _, rest = body.partition(">")
    return f"{name} {SPACES}>{rest}".encode()


def an_identifier(relationship: str = "self", doi: str = "10.1/a") -> str:
    """One external identifier in a list of them."""
    return (
        "<common:external-ids><common:external-id><common:external-id-type>doi</common:external-id-type>"
        f"<common:external-id-value>{doi}</common:external-id-value><common:external-id-relationship>"
        f"{relationship}</common:external-id-relationship></common:external-id></common:external-ids>"
    )


def a_work(
    *,
    kind: str = "journal-article",
    relationship: str = "self",
    doi: str = "10.1/a",
    before: str = "",
    after: str = "",
    root: str = "<work:work>",
) -> bytes:
    """A small work; `before` and `after` stand around its type."""
    return xml(
        f"{root}<work:title><common:title>Moa</common:title></work:title>{before}<work:type>{kind}</work:type>{after}"
        f"{an_identifier(relationship, doi)}</work:work>"
    )


def a_bulk(*works: bytes) -> bytes:
    """Works in one document."""
    return xml(f"<bulk:bulk>{''.join(work.decode() for work in works)}</bulk:bulk>")


def an_employment(space: str) -> bytes:
    """A small employment whose own elements are in a namespace: `common` in v3.0, `employment` in v2.1."""
    address = "<common:address><common:city>Boston</common:city><common:country>US</common:country></common:address>"
    ror = (
        "<common:disambiguated-organization><common:disambiguated-organization-identifier>https://ror.org/05gvnxz63"
        "</common:disambiguated-organization-identifier><common:disambiguation-source>ROR"
        "</common:disambiguation-source></common:disambiguated-organization>"
    )
    return xml(
        f"<employment:employment><{space}:department-name>Moas</{space}:department-name><{space}:organization>"
        f"<common:name>Example University</common:name>{address}{ror}</{space}:organization></employment:employment>"
    )


LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">' + "".join(
    f'<!ENTITY {new} "{f"&{old};" * 8}">' for old, new in zip("bcdefgh", "cdefghi", strict=True)
)
HOSTILE = [
    pytest.param(b"", id="empty"),
    pytest.param(b"<work:work", id="cut off"),
    pytest.param(b"<work:work/>", id="prefix without a namespace"),
    pytest.param(b"\x00\x01\x02", id="not text"),
    pytest.param("<a>\ud800</a>".encode("utf-8", "surrogatepass"), id="a lone surrogate"),
    pytest.param(b'<?xml version="1.0" encoding="moa"?><a/>', id="unknown encoding"),
    pytest.param(b"<!DOCTYPE a><a/>", id="a document type"),
    pytest.param(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>', id="a DTD elsewhere"),
    pytest.param(b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>', id="a file"),
    pytest.param(f"{LAUGHS}]><l>&i;</l>".encode(), id="a billion laughs"),
    pytest.param(f'{LAUGHS}]><l x="&i;"/>'.encode(), id="the same in an attribute"),
    pytest.param(b"<a>" * 100_000, id="very deep"),
    pytest.param(b"<a>" + b" " * MOST_BYTES + b"</a>", id="very long"),
    pytest.param(
        b"<a " + b" ".join(b'a%d="x"' % number for number in range(5)) + b' a1="y"/>', id="an attribute twice"
    ),
]
"""Bodies that are no document, or one that would do harm."""


def contents(content: Content | Scalar) -> st.SearchStrategy[Any]:
    """Any JSON that a table allows, in v3.0's names; moments are left out, because nobody sends them."""
    match content:
        case Group():
            return st.fixed_dictionaries(_parts(content)).map(_without_gaps)
        case Value():
            return st.fixed_dictionaries({"value": contents(content.text), **_each(content.attributes)})
        case Text():
            return TEXTS if content.words is None else st.sampled_from(sorted(content.words))
        case Number():
            return st.integers(1, 10**9)
        case Flag():
            return st.booleans()
        case _:
            return st.none()


def _parts(group: Group) -> dict[str, st.SearchStrategy[Any]]:
    parts = {name: st.none() | part for name, part in _each(group.attributes).items()}
    for child in group.children:
        if isinstance(child, Run):
            parts[child.key] = st.lists(
                st.one_of([_tagged(option) for option in child.options]), min_size=1, max_size=2
            )
        elif child.unwrapped and isinstance(child.content, Group):
            parts |= _parts(child.content)
        elif child.many:
            parts[child.name] = st.lists(contents(child.content), min_size=1, max_size=2)
        elif not isinstance(child.content, Moment):
            parts[child.name] = contents(child.content) if child.required else st.none() | contents(child.content)
    return parts


def _tagged(option: Element) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({option.name: contents(option.content)})


def _each(scalars: Mapping[str, Scalar]) -> dict[str, st.SearchStrategy[Any]]:
    return {name: contents(scalar) for name, scalar in scalars.items()}


def _without_gaps(value: dict[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in value.items() if part is not None}
