"""Version 2.1 in JSON, and what its schema demands beyond v3.0's (API_FACTS sections 5.1 and 6.2)."""

import json
from typing import Any

import pytest

from tests.sandbox.form_documents import JSON_2_1, XML_2_1, shape_of
from tests.sandbox.people import an_employment, an_organization, identifier, identifiers
from worker.sandbox.errors import OrcidError
from worker.sandbox.forms.bodies import Kind, parse_bulk, parse_item, write
from worker.sandbox.forms.xml_roots import ROOTS
from worker.sandbox.messages import JsonObject

OLD_WORK: JsonObject = {
    "title": {"title": {"value": "Moa"}},
    "type": "JOURNAL_ARTICLE",
    "external-ids": {"external-id": [identifier("doi", "10.1/a", "SELF")]},
}
OLD_FUNDING: JsonObject = {
    "type": "SALARY_AWARD",
    "title": {"title": {"value": "Moa"}},
    "external-ids": {"external-id": [identifier("grant_number", "1", "SELF")]},
    "organization": an_organization(),
}


def read(section: str, document: object) -> JsonObject:
    """What v2.1's JSON says."""
    return parse_item(JSON_2_1, section, shape_of(section), json.dumps(document).encode())


def shown(section: str, content: JsonObject, kind: Kind = Kind.ITEM) -> Any:
    """Content of v3.0 as v2.1 answers it in JSON."""
    return json.loads(write(JSON_2_1, section, kind, content))


def test_words_are_names() -> None:
    """Upper case with underscores becomes the word of v3.0, in lists and attributes too."""
    attributes = {"contributor-sequence": "FIRST", "contributor-role": "CHAIR_OR_TRANSLATOR"}
    work = read(
        "work",
        OLD_WORK
        | {
            "type": "DISSERTATION",
            "visibility": "REGISTERED_ONLY",
            "citation": {"citation-type": "FORMATTED_APA", "citation-value": "x"},
            "contributors": {"contributor": {"contributor-attributes": attributes}},
            "country": {"value": "NZ"},
        },
    )
    assert (work["type"], work["visibility"]) == ("dissertation-thesis", "registered-only")
    assert work["citation"]["citation-type"] == "formatted-apa"
    role = work["contributors"]["contributor"][0]["contributor-attributes"]["contributor-role"]
    assert (role, work["country"]) == ("chair-or-translator", {"value": "NZ"})
    assert work["external-ids"]["external-id"][0]["external-id-relationship"] == "self"


@pytest.mark.parametrize(
    ("section", "document"),
    [
        pytest.param("work", OLD_WORK | {"type": "journal-article"}, id="a word in lower case"),
        pytest.param("work", OLD_WORK | {"type": "PREPRINT"}, id="a type of v3.0"),
        pytest.param("work", OLD_WORK | {"type": "DISSERTATION_THESIS"}, id="v3.0's name of the thesis"),
        pytest.param("work", OLD_WORK | {"colour": 1}, id="an unknown key"),
        pytest.param("work", OLD_WORK | {"type": 7}, id="a word that is a number"),
        pytest.param("work", OLD_WORK | {"title": None}, id="no title"),
        pytest.param("work", [OLD_WORK], id="a list"),
        pytest.param(
            "work", OLD_WORK | {"external-ids": identifiers(identifier("doi", "x", "VERSION_OF"))}, id="version-of"
        ),
        pytest.param(
            "work", OLD_WORK | {"external-ids": identifiers(identifier("doi", "x", "FUNDED_BY"))}, id="funded-by"
        ),
        pytest.param(
            "work",
            OLD_WORK
            | {"external-ids": identifiers({**identifier("doi", "x", "SELF"), "external-id-normalized": None})},
            id="a normalised value sent back",
        ),
        pytest.param("employment", an_employment(url={"value": "http://x"}), id="an affiliation's url"),
        pytest.param("employment", an_employment(external_ids=identifiers()), id="an affiliation's identifiers"),
        pytest.param(
            "employment", an_employment(organization=an_organization(address={"country": "US"})), id="no city"
        ),
        pytest.param(
            "employment", an_employment(organization=an_organization(address={"city": "Boston"})), id="no country"
        ),
        pytest.param("funding", OLD_FUNDING | {"amount": {"value": "1", "currency-code": "BYN"}}, id="a new currency"),
        pytest.param("researcher-urls", {"url": {"value": "http://x"}}, id="a url without a name"),
    ],
)
def test_what_v2_1_does_not_take(section: str, document: object) -> None:
    """All of it is 9047."""
    with pytest.raises(OrcidError) as caught:
        read(section, document)
    assert (caught.value.row.code, caught.value.status) == (9047, 400)


def test_what_v2_1_takes() -> None:
    """A disambiguated organization is optional, a journal title may be empty, a single object stands for a list."""
    named = {"name": "Moa", "address": {"city": "Boston", "country": "US"}}
    assert read("employment", {"organization": named})["organization"]["disambiguated-organization"] is None
    assert read("work", OLD_WORK | {"journal-title": ""})["journal-title"] is None
    alone = read("work", OLD_WORK | {"external-ids": {"external-id": identifier("doi", "x", "SELF")}})
    assert len(alone["external-ids"]["external-id"]) == 1
    assert read("researcher-urls", {"url-name": "n", "url": "http://x"})["url"] == {"value": "http://x"}


def test_what_is_read_may_be_sent_back() -> None:
    """A reply of v2.1 is a body of v2.1, read-only fields included."""
    stored = {**dict.fromkeys(shape_of("work").shapes), **read("work", OLD_WORK)}
    reply = shown("work", stored | {"put-code": 7, "visibility": "public", "created-date": {"value": 1}, "path": "/x"})
    assert (reply["type"], reply["visibility"], reply["created-date"]) == ("JOURNAL_ARTICLE", "PUBLIC", {"value": 1})
    assert read("work", reply) == stored | {"put-code": 7, "visibility": "public"}


@pytest.mark.parametrize(
    ("newer", "older"),
    [("dissertation-thesis", "DISSERTATION"), ("preprint", "OTHER"), ("book", "BOOK"), ("undefined", "OTHER")],
)
def test_types_that_only_v3_0_has(newer: str, older: str) -> None:
    """They are read back as `other`, the thesis by its old name (API_FACTS section 5.9)."""
    assert shown("work", {"type": newer}) == {"type": older}
    assert shown("peer-review", {"subject-type": newer}) == {"subject-type": older}


def test_what_v2_1_does_not_show() -> None:
    """No normalised values, assertion origins and CRediT roles; identifiers with a new relationship are left out."""
    credit = "http://credit.niso.org/contributor-roles/software/"
    newer = {**identifier("doi", "x", "version-of"), "external-id-normalized": {"value": "x", "transient": True}}
    older = {**newer, "external-id-relationship": "self"}
    content = {
        "source": {"source-orcid": None, "source-name": {"value": "n"}, "assertion-origin-name": None},
        "external-ids": identifiers(newer, older),
        "contributors": {"contributor": [{"contributor-attributes": {"contributor-role": credit}}]},
    }
    assert shown("work", content) == {
        "source": {"source-orcid": None, "source-name": {"value": "n"}},
        "external-ids": identifiers(identifier("doi", "x", "SELF")),
        "contributors": {"contributor": [{"contributor-attributes": {"contributor-role": None}}]},
    }
    assert shown("employment", an_employment(url=None, external_ids=None, visibility="limited")) == {
        **an_employment(), "visibility": "LIMITED"
    }  # fmt: skip


def test_lists_are_flat() -> None:
    """Affiliations have no groups, peer reviews one level of them; an empty list has its key."""
    moment = {"value": 7}
    member = {"employment-summary": {"put-code": 1, "url": None}}
    group = {"last-modified-date": moment, "external-ids": identifiers(), "summaries": [member]}
    employments = {"last-modified-date": moment, "affiliation-group": [group, group], "path": "/x/employments"}
    flat = {"last-modified-date": moment, "employment-summary": [{"put-code": 1}] * 2, "path": "/x/employments"}
    assert shown("employment", employments, Kind.LIST) == flat
    empty: JsonObject = {"last-modified-date": None, "affiliation-group": [], "path": "/x/educations"}
    assert shown("education", empty, Kind.LIST)["education-summary"] == []
    inner = {"last-modified-date": moment, "external-ids": identifiers(), "peer-review-summary": [{"put-code": 1}]}
    outer = {"last-modified-date": moment, "external-ids": identifiers(), "peer-review-group": [inner, inner]}
    reviews = {"last-modified-date": moment, "group": [outer], "path": "/x/peer-reviews"}
    group = {"last-modified-date": moment, "external-ids": identifiers(), "peer-review-summary": [{"put-code": 1}] * 2}
    assert shown("peer-review", reviews, Kind.LIST) == reviews | {"group": [group]}
    activities = {"employments": employments, "services": {"affiliation-group": []}, "path": "/x/activities"}
    assert shown("", activities, Kind.ACTIVITIES) == {"employments": flat, "path": "/x/activities"}


def test_bulks() -> None:
    """A word that no enum knows refuses all; a breach of the schema is that slot's 9001."""

    def slots(*works: JsonObject) -> list[object]:
        body = json.dumps({"bulk": [{"work": work} for work in works]}).encode()
        found = parse_bulk(JSON_2_1, shape_of("work"), body)
        return [slot.row.code if isinstance(slot, OrcidError) else slot["type"] for slot in found]

    assert slots(OLD_WORK, OLD_WORK | {"title": None}, OLD_WORK | {"short-description": "x" * 5001}) == [
        "journal-article", 9001, 9001
    ]  # fmt: skip
    with pytest.raises(OrcidError) as caught:
        slots(OLD_WORK, OLD_WORK | {"type": "preprint"})
    assert caught.value.row.code == 9047


def test_v2_1_has_fewer_sections() -> None:
    """Two kinds of affiliation, no research resources (API_FACTS section 1.2)."""
    assert {"employment", "education"} == ROOTS["v2.1"].items.keys() & {
        "distinction", "education", "employment", "invited-position", "membership", "qualification", "service",
        "research-resource",
    }  # fmt: skip
    assert b"<employment:department-name>" in write(XML_2_1, "employment", Kind.ITEM, {"department-name": "Moas"})
