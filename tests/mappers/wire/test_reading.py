"""ORCID's JSON: written without what is not set, read in either version's spelling, never trusted."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappers.documents import (
    Affiliation,
    Document,
    ExternalId,
    digest,
)
from mappers.forms import Form
from mappers.sections import Section
from mappers.vocabularies.terms import words
from mappers.wire.json_reply import Unreadable
from mappers.wire.reading import ListedItem, read_json, read_listing
from mappers.wire.writing import write
from tests.mappers.builders import employment, work
from tests.orcid_files import needs_orcids_files, sample_json

OWN = "abcdefghijklmnopqrstuvwxyz"
Json = dict[str, Any]


def written(document: Document, **more: Any) -> Json:
    """The message in v3.0's JSON."""
    found: Json = json.loads(write(document, Form(), **more))
    return found


def test_a_work_is_written_without_what_is_not_set() -> None:
    """The smallest work ORCID accepts (API_FACTS.md 6.2)."""
    assert written(work()) == {
        "title": {"title": {"value": "On moas"}},
        "type": "journal-article",
        "external-ids": {
            "external-id": [
                {"external-id-type": "doi", "external-id-value": "10.1234/abc", "external-id-relationship": "self"}
            ]
        },
    }


def test_an_employment_is_written_with_our_own_id() -> None:
    """Our own id is added to what is written, under relationship `self`."""
    assert written(employment(), own_id=OWN, put_code=7) == {
        "put-code": 7,
        "role-title": "Lecturer",
        "start-date": {"year": {"value": "2019"}, "month": {"value": "09"}},
        "organization": {
            "name": "Example University",
            "address": {"city": "Boston", "region": "MA", "country": "US"},
            "disambiguated-organization": {
                "disambiguated-organization-identifier": "https://ror.org/05gvnxz63",
                "disambiguation-source": "ROR",
            },
        },
        "external-ids": {
            "external-id": [
                {"external-id-type": "source-work-id", "external-id-value": OWN, "external-id-relationship": "self"}
            ]
        },
    }


def test_our_own_id_is_written_once() -> None:
    """An event that carries the very same identifier doesn't double it."""
    document = work(external_ids=(ExternalId(type="source-work-id", value=OWN),))

    assert written(document, own_id=OWN) == written(document)


@needs_orcids_files
def test_orcids_sample_lists_are_understood() -> None:
    """Grouped works and affiliations are listed flat, with put-code, client and identities."""
    activities = sample_json("v3.0", "read/record-full-3.0.json")["activities-summary"]

    (listed_work,) = read_listing(Section.WORK, activities["works"])
    (listed_employment,) = read_listing(Section.EMPLOYMENT, activities["employments"])

    assert listed_work == ListedItem(
        section=Section.WORK,
        put_code=178602,
        client_id="APP-OQYKBIN9CXD9U3SH",
        self_ids=frozenset({"doi:work:doi"}),
        kind="journal-article",
        title="Work Title",
    )
    assert (listed_employment.put_code, listed_employment.title) == (9266, "common:name")
    assert len(listed_employment.self_ids) == 2
    assert isinstance(listed_employment.document, Affiliation)
    assert len(listed_employment.document.external_ids) == 2


def test_a_full_reply_is_read() -> None:
    """All keys are there, null if unset; ORCID's own additions are passed over."""
    reply = written(work(), put_code=5) | {
        "created-date": {"value": 1559917017189},
        "source": {"source-orcid": None, "source-client-id": {"path": "APP-1"}},
        "path": "/0000-0001-2345-6789/work/5",
        "url": None,
        "contributors": {"contributor": []},
        "visibility": "public",
        "journal-title": {"value": None},
    }

    found = read_json(Section.WORK, reply)

    assert (found.put_code, found.client_id, found.own_ids) == (5, "APP-1", frozenset())
    assert digest(found.document) == digest(work())


def test_texts_may_be_plain_or_wrapped() -> None:
    """ORCID wraps some texts and not others; either is understood."""
    reply = {"title": {"title": "On moas"}, "type": {"value": "journal-article"}, "url": "https://example.org"}

    found = read_json(Section.WORK, reply).document

    assert found == work(url="https://example.org", external_ids=())


def test_the_version_2_spelling_is_understood() -> None:
    """Enumerations in capitals, as v2.1 writes them in JSON, are the same terms."""
    reply = written(work())
    reply["type"] = "JOURNAL_ARTICLE"
    reply["external-ids"]["external-id"][0]["external-id-relationship"] = "SELF"

    assert read_json(Section.WORK, reply).document == work()


def test_only_our_own_ids_are_taken_out() -> None:
    """A source-work-id of another is content."""
    other = ExternalId(type="source-work-id", value="another")
    item = written(work(external_ids=(other,)), own_id=OWN)

    found = read_json(Section.WORK, item, own_ids=[OWN.upper(), "never-sent"])

    assert found.document == work(external_ids=(other,))
    assert found.own_ids == frozenset({OWN})


def test_our_own_id_is_seen_in_a_list() -> None:
    """It is among the identities by which an item is known again."""
    summary = written(employment(), own_id=OWN, put_code=3)
    body = {"affiliation-group": [{"summaries": [{"employment-summary": summary}]}]}

    (found,) = read_listing(Section.EMPLOYMENT, body)

    assert found.self_ids == frozenset({f"source-work-id:{OWN}"})
    assert (found.put_code, found.client_id, found.kind) == (3, None, "Lecturer")


def test_an_empty_section_lists_nothing() -> None:
    """Null groups are no groups."""
    assert read_listing(Section.WORK, {"group": None}) == ()
    assert read_listing(Section.EMPLOYMENT, {}) == ()


@pytest.mark.parametrize(
    ("section", "item", "told"),
    [
        pytest.param(Section.WORK, [], "reply: is not an object", id="list"),
        pytest.param(Section.WORK, {"title": []}, "title: is not an object", id="title-list"),
        pytest.param(Section.WORK, {"title": {"title": {"value": 5}}}, "title.title: is not a text", id="number"),
        pytest.param(Section.WORK, {"title": {"title": "x"}}, "type: is missing", id="no-type"),
        pytest.param(Section.KEYWORDS, {"content": "\ud800"}, "content: is not a text", id="half-a-character"),
        pytest.param(Section.PEER_REVIEW, {"reviewer-role": "chair"}, "review-type: is missing", id="no-review-type"),
        pytest.param(
            Section.WORK,
            written(work()) | {"external-ids": {"external-id": [{"external-id-relationship": "cites"}]}},
            r"external-ids.external-id\[0\].external-id-relationship: is none of",
            id="relationship",
        ),
        pytest.param(
            Section.WORK,
            written(work()) | {"contributors": {"contributor": [{"contributor-orcid": {"path": "0000"}}]}},
            "contributor-orcid: is not an ORCID iD",
            id="orcid-id",
        ),
        pytest.param(Section.EMPLOYMENT, {}, "organization: is missing", id="no-organization"),
        pytest.param(
            Section.WORK, written(work()) | {"put-code": "5"}, "put-code: is not a whole number", id="put-code-text"
        ),
        pytest.param(
            Section.WORK,
            written(work()) | {"publication-date": {"year": {"value": "0"}}},
            "publication-date: is not a date",
            id="date",
        ),
        pytest.param(
            Section.WORK, written(work()) | {"external-ids": {"external-id": "x"}}, "is not a list", id="ids-text"
        ),
    ],
)
def test_an_unreadable_item_is_told(section: Section, item: Any, told: str) -> None:
    """One line names what could not be read."""
    with pytest.raises(Unreadable, match=told):
        read_json(section, item)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(None, "", id="null-is-empty"),
        pytest.param("x", "reply: is not an object", id="text"),
        pytest.param({"group": "x"}, "group: is not a list", id="group-text"),
        pytest.param({"group": [{"work-summary": [{}]}]}, "put-code: is not a whole number", id="no-put-code"),
    ],
)
def test_an_unreadable_list_is_told(body: Any, told: str) -> None:
    """One line names what could not be read; null is an empty list."""
    if not told:
        assert read_listing(Section.WORK, body) == ()
        return
    with pytest.raises(Unreadable, match=told):
        read_listing(Section.WORK, body)


KEYS = words(
    """
    title value type external-ids external-id external-id-type external-id-value put-code group organization name
    content work-summary affiliation-group summaries employment-summary start-date year contributors contributor source
    amount contributor-orcid path proposal hosts resource-item keyword country address review-completion-date
    review-identifiers peer-review-group peer-review-summary convening-organization subject-name
    subject-external-identifier url
    """
)
REPLIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(KEYS)), inner, max_size=4),
    max_leaves=12,
)


@given(section=st.sampled_from(Section), reply=REPLIES)
def test_no_reply_breaks_the_reading(section: Section, reply: Any) -> None:
    """Whatever stands in a reply, it is an item, a list or Unreadable."""
    for read in (read_json, read_listing):
        try:
            read(section, reply)
        except Unreadable as error:
            assert str(error)  # noqa: PT017
