"""Lists, summaries and overviews of a record, with ORCID's nesting (API_FACTS sections 1.2, 1.5 and 6)."""

from typing import Any

import pytest

from tests.sandbox.people import (
    JOURNAL,
    SMALLEST,
    Person,
    a_funding,
    a_peer_review,
    a_proposal,
    a_research_resource,
    a_work,
    error_of,
    identifier,
    identifiers,
)
from worker.sandbox.sections.table import SECTIONS

NATURE = "issn:0028-0836"
OF_THE_PERSON = [name for name, section in SECTIONS.items() if not section.is_activity]
ACTIVITIES = [name for name, section in SECTIONS.items() if section.is_activity]


@pytest.mark.parametrize("section", OF_THE_PERSON)
def test_lists_of_the_person_have_full_items(person: Person, section: str) -> None:
    """Each item in the list is what a GET of it gives."""
    put_code = person.has_added(section, SMALLEST[section])
    listed = person.get(section).json()
    item = person.get(f"{section}/{put_code}").json()
    assert listed == {
        "last-modified-date": item["last-modified-date"],
        SECTIONS[section].element: [item],
        "path": f"/{person.orcid}/{section}",
    }
    assert error_of(person.get(f"{section}/summary/{put_code}")) == (404, 9001)


@pytest.mark.parametrize("section", SECTIONS)
def test_empty_lists(person: Person, section: str) -> None:
    """A section without items is a list without date and groups."""
    plural = SECTIONS[section].plural
    listed = person.get(plural).json()
    assert listed.pop("last-modified-date") is None
    assert listed.pop("path") == f"/{person.orcid}/{plural}"
    assert list(listed.values()) == [[]]


@pytest.mark.parametrize("section", ACTIVITIES)
def test_summaries_are_what_lists_have(person: Person, section: str) -> None:
    """The summary of an activity alone is the one in its list."""
    put_code = person.has_added(section, SMALLEST[section])
    summary = person.get(f"{section}/summary/{put_code}").json()
    assert (summary["put-code"], summary["display-index"]) == (put_code, "1")
    assert summary in _summaries(person.get(SECTIONS[section].plural).json())


def _summaries(value: Any) -> list[Any]:
    """Every object with a put-code in a JSON value."""
    match value:
        case dict() if "put-code" in value:
            return [value]
        case dict():
            return [found for part in value.values() for found in _summaries(part)]
        case list():
            return [found for part in value for found in _summaries(part)]
        case _:
            return []


def test_fundings_are_grouped_without_normalising(person: Person) -> None:
    """The same number is one group, the same DOI written otherwise is two; nothing is normalised in replies."""
    person.control.add_item(person.orcid, "funding", a_funding("1"))
    person.has_added("funding", a_funding("1"))
    person.has_added("funding", a_funding(external_ids=identifiers(identifier("doi", "10.1/a"))))
    person.has_added("funding", a_funding(external_ids=identifiers(identifier("doi", "10.1/A"))))
    groups = person.get("fundings").json()["group"]
    assert [len(group["funding-summary"]) for group in groups] == [2, 1, 1]
    (shown,) = groups[0]["external-ids"]["external-id"]
    assert (shown["external-id-normalized"], shown["external-id-normalized-error"]) == (None, None)


def test_peer_reviews_are_grouped_twice(person: Person) -> None:
    """By the group they belong to, and in it by what identifies them."""
    person.has_added("peer-review", a_peer_review("r-1"))
    person.has_added("peer-review", a_peer_review("r-2", review_group_id=NATURE))
    person.has_added("peer-review", a_peer_review("r-3"))
    person.control.add_item(person.orcid, "peer-review", a_peer_review("R-1"), client_id="APP-ANOTHERCLIENT001")
    groups = person.get("peer-reviews").json()["group"]
    named = [group["external-ids"]["external-id"][0] for group in groups]
    assert [(name["external-id-type"], name["external-id-value"]) for name in named] == [
        ("peer-review", JOURNAL),
        ("peer-review", NATURE),
    ]
    inner = groups[0]["peer-review-group"]
    assert [len(group["peer-review-summary"]) for group in inner] == [2, 1]
    first = inner[0]["peer-review-summary"][0]
    assert first["external-ids"]["external-id"][0]["external-id-normalized"] == {"value": "r-1", "transient": True}
    assert first["completion-date"]["year"] == {"value": "2024"}
    assert "review-identifiers" not in first


def test_research_resources_are_grouped_by_their_proposals(person: Person) -> None:
    """Summaries have the proposal and not the items."""
    person.has_added("research-resource", a_research_resource("p-1"))
    other = a_research_resource(proposal=a_proposal("P-1"))
    person.control.add_item(person.orcid, "research-resource", other)
    (group,) = person.get("research-resources").json()["group"]
    assert len(group["research-resource-summary"]) == 2
    assert "resource-item" not in group["research-resource-summary"][0]


def test_overviews_have_every_list(person: Person) -> None:
    """Activities and person are their lists, record is both, at its own address and at the bare iD."""
    for section, document in SMALLEST.items():
        person.has_added(section, document)
    record, activities, about = (person.get(word).json() for word in ("record", "activities", "person"))
    assert record["activities-summary"] == activities
    assert record["person"] == about
    assert person.ask("GET", "").json() == record
    for name in ACTIVITIES:
        plural = SECTIONS[name].plural
        assert activities[plural] == person.get(plural).json()
    for name in OF_THE_PERSON:
        word = "addresses" if name == "address" else name
        assert about[word] == person.get(name).json()
    latest = max(item.last_modified for item in person.control.record(person.orcid).items)
    dates = [whole["last-modified-date"]["value"] for whole in (activities, about)]
    assert max(dates) == latest


def test_personal_details(person: Person) -> None:
    """Name, other names and biography."""
    person.control.create_record(person.orcid, name="Sofia Maria Garcia")
    person.has_added("other-names", {"content": "S. Garcia"})
    details = person.get("personal-details").json()
    assert details["name"]["given-names"] == {"value": "Sofia Maria"}
    assert details["name"]["family-name"] == {"value": "Garcia"}
    assert details["other-names"] == person.get("other-names").json()
    assert list(details) == ["last-modified-date", "name", "other-names", "biography", "path"]


def test_overviews_hide_what_lists_hide(person: Person) -> None:
    """Private items of others are nowhere."""
    person.control.add_item(person.orcid, "work", a_work(), visibility="private")
    assert person.get("record").json()["activities-summary"]["works"]["group"] == []


def test_overviews_of_records_that_are_not_there(person: Person) -> None:
    """The record's state counts for them too."""
    person.control.set_state(person.orcid, "locked")
    for word in ("/record", "", "/activities", "/person", "/personal-details"):
        assert error_of(person.ask("GET", word)) == (409, 9018)
