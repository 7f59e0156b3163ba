"""Every document in every form: valid by ORCID's schemas, and the same document when it is read back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.documents import Activity, Document, Work, digest, self_ids
from mappers.forms import Form, Format, Version
from mappers.groups import GroupIdRecord
from mappers.rules import check
from mappers.sections import Section
from mappers.wire.bodies import message_name
from mappers.wire.json_reply import Unreadable
from mappers.wire.reading import FullItem, read_group, read_json
from mappers.wire.v2_1 import narrowed
from mappers.wire.writing import write, write_group, write_works
from mappers.wire.xml import error_of_xml, read_xml
from tests.mappers.documents_of import DOCUMENTS, DOCUMENTS_OF, GROUPS, WORKS
from tests.orcid_files import NAMESPACE, needs_orcids_files, schema_errors

OWN = "abcdefghijklmnopqrstuvwxyz"
FORMS = [Form(version, format_) for version in Version for format_ in Format]
XML = [form for form in FORMS if form.format is Format.XML]
SECTIONS = [pytest.param(section, id=section.value) for section in Section]
by_section = pytest.mark.parametrize("section", SECTIONS)
by_version = pytest.mark.parametrize("version", [pytest.param(version, id=version.value) for version in Version])


def carried(document: Document, version: Version) -> Document | None:
    """What of the document the version carries."""
    return document if version is Version.V3_0 else narrowed(document).document


def read(form: Form, section: Section, written: bytes, own_id: str | None = None) -> FullItem:
    """A message read in the form in which it was written."""
    own_ids = [own_id] if own_id else []
    if form.format is Format.XML:
        return read_xml(section, form.version, written, own_ids)
    return read_json(section, json.loads(written), own_ids)


@given(document=DOCUMENTS)
def test_the_documents_of_these_tests_keep_the_rules(document: Document) -> None:
    """What is proved here is proved of what is sent."""
    assert check(document) is None


@needs_orcids_files
@by_section
@by_version
@given(data=st.data())
def test_xml_is_valid_by_orcids_schema(version: Version, section: Section, data: st.DataObject) -> None:
    """Whatever a document holds, its elements, order and namespaces are ORCID's."""
    document = data.draw(DOCUMENTS_OF[section])
    form = Form(version, Format.XML)
    if carried(document, version) is None:
        return

    written = write(document, form, own_id=OWN, put_code=data.draw(st.none() | st.just(7)), visibility="limited")

    assert schema_errors(version, written) == []


@given(document=DOCUMENTS, form=st.sampled_from(FORMS), own=st.none() | st.just(OWN))
def test_what_was_written_reads_back_the_same(document: Document, form: Form, own: str | None) -> None:
    """In all four forms, with and without our own id, a put-code and a visibility."""
    expected = carried(document, form.version)
    if expected is None:
        return

    found = read(form, document.section, write(document, form, own_id=own, put_code=7, visibility="public"), own)

    has_place = isinstance(document, Activity) and not (
        form.version is Version.V2_1 and document.section.is_affiliation
    )
    assert found.document == expected
    assert digest(found.document) == digest(expected)
    assert self_ids(found.document) == self_ids(expected)
    assert (found.put_code, found.client_id) == (7, None)
    assert found.own_ids == ({own} if own and has_place else set())


@given(document=DOCUMENTS, version=st.sampled_from(Version))
def test_json_read_and_written_as_xml_is_the_same_xml(document: Document, version: Version) -> None:
    """Format is no part of a document, to the byte."""
    if carried(document, version) is None:
        return
    json_form, xml_form = Form(version, Format.JSON), Form(version, Format.XML)

    found = read(json_form, document.section, write(document, json_form))

    assert write(found.document, xml_form) == write(document, xml_form)


@needs_orcids_files
@given(works=st.lists(st.tuples(WORKS, st.none() | st.just(OWN)), min_size=1, max_size=4), form=st.sampled_from(XML))
def test_bulks_are_valid_by_orcids_schema(works: list[tuple[Work, str | None]], form: Form) -> None:
    """Up to a hundred works travel in one message."""
    works = [(work, own) for work, own in works if carried(work, form.version)]
    if works:
        assert schema_errors(form.version, write_works(works, form, visibility="private")) == []


@given(works=st.lists(st.tuples(WORKS, st.none() | st.just(OWN)), max_size=4))
def test_a_bulk_holds_each_work_as_it_is_written_alone(works: list[tuple[Work, str | None]]) -> None:
    """In the order in which they were given: answers are matched by it."""
    slots = json.loads(write_works(works, Form(), visibility="public"))["bulk"]

    alone = [json.loads(write(work, Form(), own_id=own, visibility="public")) for work, own in works]
    assert slots == [{"work": one} for one in alone]


@needs_orcids_files
@given(record=GROUPS, form=st.sampled_from(XML))
def test_group_id_records_are_valid_by_orcids_schema(record: GroupIdRecord, form: Form) -> None:
    """Their description is required: without one the name stands in."""
    assert schema_errors(form.version, write_group(record, form)) == []


@given(record=GROUPS, version=st.sampled_from(Version))
def test_group_id_records_read_back_the_same(record: GroupIdRecord, version: Version) -> None:
    """Their type is spelled alike in both versions."""
    found = read_group(json.loads(write_group(record, Form(version, Format.JSON))))

    assert found == GroupIdRecord(record.id, record.name, record.type, record.description or record.name)


@pytest.mark.parametrize("body", [pytest.param(None, id="null"), pytest.param({"name": None}, id="all-null")])
def test_an_empty_group_id_record_is_none(body: Any) -> None:
    """ORCID answers so when there is none (API_FACTS.md 1.2)."""
    assert read_group(body) is None


def test_an_incomplete_group_is_not_written() -> None:
    """ORCID would refuse it."""
    with pytest.raises(ValueError, match="orcid-generated:x has no name and type"):
        write_group(GroupIdRecord("orcid-generated:x", name="X"), Form())


ELEMENTS = st.recursive(
    st.sampled_from(["", " ", "x", "2020", "self"]),
    lambda inner: st.lists(
        st.builds(
            "<{0} {1}>{2}</{0}>".format,
            st.sampled_from(
                ["o:title", "c:title", "o:type", "c:external-ids", "c:external-id", "c:start-date", "c:year"]
            )
            | st.sampled_from(["c:organization", "c:name", "o:country", "o:content", "o:resource-items", "o:proposal"])
            | st.sampled_from(
                ["o:resource-item", "o:contributors", "o:contributor", "c:source", "o:hosts", "o:amount"]
            ),
            st.sampled_from(["", "put-code='x'", "put-code='7'", "value='x'", "title='x'"]),
            inner,
        ),
        max_size=3,
    ).map("".join),
    max_leaves=8,
)


@given(section=st.sampled_from(Section), version=st.sampled_from(Version), inner=ELEMENTS)
def test_no_message_breaks_the_reading_of_xml(section: Section, version: Version, inner: str) -> None:
    """Whatever stands in a reply, it is an item or Unreadable; and never an error of ORCID's."""
    name = message_name(section)
    spaces = f'xmlns:o="{NAMESPACE}{name}" xmlns:c="{NAMESPACE}common"'
    body = f"<o:{name} {spaces}>{inner}</o:{name}>".encode()

    try:
        assert read_xml(section, version, body).document.section is section
    except Unreadable as error:
        assert str(error)  # noqa: PT017
    assert error_of_xml(body) is None
