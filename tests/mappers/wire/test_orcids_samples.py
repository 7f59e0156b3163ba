"""ORCID's own samples: every one that a client writes is understood, and written back as a message that says the same.

Compared are elements and texts: not put-code and visibility, nor white space around texts, nor what is null or empty.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from mappers.documents import Document, Work, digest
from mappers.forms import Form, Format, Version
from mappers.rules import check
from mappers.sections import Section
from mappers.wire.bodies import message_name
from mappers.wire.reading import read_group, read_json, read_listing
from mappers.wire.v2_1 import narrowed
from mappers.wire.writing import write, write_group, write_works
from mappers.wire.xml import error_of_xml, read_xml
from tests.orcid_files import NAMESPACE, needs_orcids_files, sample, sample_json, sample_names, schema_errors

pytestmark = needs_orcids_files

SECTIONS = {message_name(section): section for section in Section}
WRITE = [
    pytest.param(version, name, id=f"{version}-{name.removeprefix('write/')}")
    for version in Version
    for ending in ("xml", "json")
    for name in sample_names(version, "write", ending)
    if "group-id" not in name
]
"""All of them: there is none that cannot be written back."""
READ_ITEMS = [
    pytest.param(version, name, id=f"{version}-{name.removeprefix('read/')}")
    for version in Version
    for name in sample_names(version, "read", "xml")
    if any(name.startswith((f"read/{kind}-{version[1:]}", f"read/{kind}-full")) for kind in SECTIONS)
]
READ_LISTS = {section: f"read/{section.list_path}" for section in Section} | {Section.ADDRESS: "read/addresses"}
IGNORED = frozenset({"put-code", "visibility", "external-id-normalized", "external-id-normalized-error"})


def kind_of(name: str) -> str:
    """What a sample is of, by its file's name: a section's item, or a bulk."""
    stem = name.rpartition("/")[2]
    if stem.startswith("bulk-work"):
        return "bulk"
    return max((kind for kind in SECTIONS if stem.startswith(kind)), key=len)


def of_xml(element: etree._Element) -> Any:
    """What an element says: name, attributes of content, and text or children."""
    attributes = {str(key): value for key, value in element.attrib.items() if str(key).endswith("-code")}
    attributes.pop("put-code", None)
    inner = [of_xml(child) for child in element if isinstance(child.tag, str)]
    return element.tag, attributes, inner or " ".join((element.text or "").split())


def of_json(value: Any) -> Any:
    """What a message says, with texts plain or wrapped."""
    match value:
        case {"value": inner, **others} if not others:
            return of_json(inner)
        case dict():
            parts = {key: of_json(part) for key, part in value.items() if key not in IGNORED}
            return {key: part for key, part in parts.items() if part not in (None, {}, [])}
        case list():
            return [of_json(one) for one in value]
        case str():
            return " ".join(value.split())
        case _:
            return value


def of(body: bytes) -> Any:
    """What a message of either format says."""
    return of_xml(etree.fromstring(body)) if body.lstrip().startswith(b"<") else of_json(json.loads(body))


def documents(version: Version, name: str) -> Iterator[Document]:
    """The documents in a sample: one, or a bulk's."""
    kind, body = kind_of(name), sample(version, name)
    if name.endswith(".json"):
        found = json.loads(body)
        items = [slot["work"] for slot in found["bulk"]] if kind == "bulk" else [found]
        yield from (read_json(SECTIONS.get(kind, Section.WORK), item).document for item in items)
    elif kind == "bulk":
        yield from (read_xml(Section.WORK, version, etree.tostring(one)).document for one in etree.fromstring(body))
    else:
        yield read_xml(SECTIONS[kind], version, body).document


def written(found: list[Document], form: Form, *, bulk: bool) -> bytes:
    """The documents in this form."""
    if bulk:
        return write_works([(one, None) for one in found if isinstance(one, Work)], form)
    return write(found[0], form)


@pytest.mark.parametrize(("version", "name"), WRITE)
def test_what_clients_write_is_written_back(version: Version, name: str) -> None:
    """The same message in its own format, one that ORCID's schema takes in XML, and the same document again."""
    own = Form(version, Format.JSON if name.endswith(".json") else Format.XML)
    bulk = kind_of(name) == "bulk"

    found = list(documents(version, name))

    assert of(written(found, own, bulk=bulk)) == of(sample(version, name))
    assert schema_errors(version, written(found, Form(version, Format.XML), bulk=bulk)) == []
    assert [check(one) for one in found] == [None] * len(found)


@pytest.mark.parametrize(("version", "name"), WRITE)
def test_what_clients_write_on_v2_1_is_whole_there(version: Version, name: str) -> None:
    """A document that came from v2.1 loses nothing by going back to it."""
    if version is Version.V2_1:
        assert [narrowed(one).document for one in documents(version, name)] == list(documents(version, name))


@pytest.mark.parametrize("version", [pytest.param(version, id=version.value) for version in Version])
def test_group_id_records_are_written_back(version: Version) -> None:
    """In XML and in JSON: without put-code and dates, which are ORCID's to give."""
    number = version.removeprefix("v")
    root = etree.fromstring(sample(version, f"other/group-id-{number}/group-id-{number}.xml"))
    fields = {
        etree.QName(one).localname: one.text for one in root if str(one.tag).startswith(f"{{{NAMESPACE}group-id}}")
    }
    record = read_group(fields)
    assert record is not None

    body = write_group(record, Form(version, Format.XML))

    assert schema_errors(version, body) == []
    assert {etree.QName(one).localname: one.text for one in etree.fromstring(body)} == fields
    assert read_group(json.loads(write_group(record, Form(version, Format.JSON)))) == record


def test_the_group_id_sample_in_json_is_written_back() -> None:
    """Its keys are ours."""
    body = sample_json("v3.0", "write/peer-review-group-id.json")
    record = read_group(body)
    assert record is not None

    assert json.loads(write_group(record, Form())) == body


@pytest.mark.parametrize(("version", "name"), READ_ITEMS)
def test_what_orcid_answers_is_read(version: Version, name: str) -> None:
    """With put-code and source, and what else it adds; what is read can be written and read again."""
    section = SECTIONS[kind_of(name)]

    found = read_xml(section, version, sample(version, name))

    assert found.put_code is not None
    document = narrowed(found.document).document if version is Version.V2_1 else found.document
    assert document is not None
    again = read_xml(section, version, write(document, Form(version, Format.XML)))
    assert digest(again.document) == digest(document)


def tree(element: etree._Element) -> Any:
    """A list of ORCID's XML as its JSON has it."""
    found: dict[str, Any] = {key: int(value) for key, value in element.attrib.items() if key == "put-code"}
    if len(element) == 0:
        return (element.text or "").strip() or None
    for child in element.iterchildren(tag=etree.Element):
        found.setdefault(etree.QName(child).localname, []).append(tree(child))
    if etree.QName(element).localname == "affiliation-group":
        found["summaries"] = [{key: one} for key in found if key.endswith("-summary") for one in found[key]]
    return {key: part[0] if key != "put-code" and len(part) == 1 else part for key, part in found.items()}


@pytest.mark.parametrize(
    ("version", "section"),
    [
        pytest.param(version, section, id=f"{version}-{section}")
        for version in Version
        for section in Section
        if section.is_in(version)
    ],
)
def test_what_orcid_lists_is_read(version: Version, section: Section) -> None:
    """Grouped or flat; whole where the list tells all."""
    body = sample(version, f"{READ_LISTS[section]}-{version[1:]}.xml")
    body = body.replace(b"funding:summary", b"funding:funding-summary")  # the samples' own mistakes
    body = body.replace(b"peer-review:summary", b"peer-review:peer-review-summary")

    found = read_listing(section, tree(etree.fromstring(body)))

    assert found
    assert all(one.title for one in found)
    assert all((one.document is not None) == section.lists_whole_items for one in found)


def test_orcids_full_record_is_read() -> None:
    """Every list in ORCID's sample of a whole record in JSON."""
    record = sample_json("v3.0", "read/record-full-3.0.json")
    lists = record["activities-summary"] | record["person"] | {"address": record["person"]["addresses"]}

    listed = {section: read_listing(section, lists[section.list_path]) for section in Section}

    assert all(listed.values())
    assert all(one.put_code and one.title for found in listed.values() for one in found)
    assert all(one.document for section, found in listed.items() for one in found if section.lists_whole_items)


@pytest.mark.parametrize("version", [pytest.param(version, id=version.value) for version in Version])
def test_orcids_error_is_read(version: Version) -> None:
    """Codes and message of the sample."""
    found = error_of_xml(sample(version, f"read/error-{version[1:]}.xml"))

    assert found == (0, 0, "error:developer-message")
