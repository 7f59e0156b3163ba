"""What a client sees of a record (API_FACTS sections 1.5 and 6)."""

import httpx
import pytest

from tests.sandbox.people import Person, a_person, a_work, an_employment, error_of, identifier, identifiers
from worker.sandbox.control_client import SandboxControl


@pytest.mark.parametrize(
    ("visibility", "scopes", "own", "expected"),
    [
        pytest.param("private", ["/activities/update"], True, 200, id="own items are always seen"),
        pytest.param("public", ["/activities/update"], False, 200, id="public ones too"),
        pytest.param("limited", ["/activities/update"], False, (403, 9038), id="limited ones need a scope"),
        pytest.param("limited", ["/read-limited"], False, 200, id="read-limited is enough"),
        pytest.param("limited", ["/orcid-works/read-limited"], False, 200, id="and so is that of works"),
        pytest.param("private", ["/read-limited"], False, (403, 9013), id="private ones of others never"),
    ],
)
def test_who_sees_what(
    http: httpx.Client,
    control: SandboxControl,
    visibility: str,
    scopes: list[str],
    own: bool,  # noqa: FBT001  # a column of the table
    expected: int | tuple[int, int],
) -> None:
    """A single item is refused, a list leaves it out."""
    person = a_person(http, control, scopes=scopes)
    client_id = "APP-0RCIDSYNCSANDBOX" if own else None
    put_code = control.add_item(person.orcid, "work", a_work(), client_id=client_id, visibility=visibility)
    response = person.get(f"work/{put_code}")
    outcome = error_of(response) if response.status_code >= 400 else response.status_code
    assert outcome == expected
    assert len(person.get("works").json()["group"]) == (expected == 200)


def test_lists_of_an_empty_record(person: Person) -> None:
    """A list without items has no date."""
    assert person.get("works").json() == {"last-modified-date": None, "group": [], "path": f"/{person.orcid}/works"}
    assert person.get("employments").json() == {
        "last-modified-date": None,
        "affiliation-group": [],
        "path": f"/{person.orcid}/employments",
    }


def test_works_are_grouped_by_what_they_share(person: Person) -> None:
    """Two works that share a normalised `self` or `version-of` are one group, whoever their sources are."""
    control, orcid = person.control, person.orcid
    person.has_added("work", a_work("10.1/A"))
    control.add_item(orcid, "work", a_work("https://doi.org/10.1/a"))
    person.has_added("work", a_work("10.1/b"))
    control.add_item(orcid, "work", a_work(external_ids=identifiers(identifier("doi", "10.1/b", "part-of"))))
    listed = person.get("works").json()
    assert [len(group["work-summary"]) for group in listed["group"]] == [2, 1, 1]
    shared = listed["group"][0]["external-ids"]["external-id"]
    assert {shown["external-id-normalized"]["value"] for shown in shared} == {"10.1/a"}


def test_a_work_can_join_two_groups(person: Person) -> None:
    """A third work that shares an identifier with each of two makes them one group."""
    person.has_added("work", a_work("10.1/a"))
    person.has_added("work", a_work("10.1/b"))
    both = identifiers(identifier("doi", "10.1/a"), identifier("doi", "10.1/b"))
    person.control.add_item(person.orcid, "work", a_work(external_ids=both))
    assert [len(group["work-summary"]) for group in person.get("works").json()["group"]] == [3]


def test_a_works_summary_is_short(person: Person) -> None:
    """No contributors, citation and description; display-index is a string."""
    put_code = person.has_added("work", a_work(short_description="long"))
    summary = person.get(f"work/summary/{put_code}").json()
    assert list(summary) == [
        "put-code", "created-date", "last-modified-date", "source", "title", "external-ids", "url", "type",
        "publication-date", "journal-title", "visibility", "path", "display-index",
    ]  # fmt: skip
    assert summary["display-index"] == "1"
    assert person.get("works").json()["group"][0]["work-summary"] == [summary]


def test_an_affiliations_summary(person: Person) -> None:
    """Everything is in it; identifiers are null when none were sent."""
    put_code = person.has_added("employment", an_employment())
    summary = person.get(f"employment/summary/{put_code}").json()
    assert list(summary) == [
        "created-date", "last-modified-date", "source", "put-code", "department-name", "role-title", "start-date",
        "end-date", "organization", "url", "external-ids", "display-index", "visibility", "path",
    ]  # fmt: skip
    assert summary["external-ids"] is None


def test_the_source_of_a_researchers_own_item(person: Person) -> None:
    """`source-orcid` is set instead of the client."""
    person.control.create_record(person.orcid, name="Sofia Garcia")
    put_code = person.control.add_item(person.orcid, "work", a_work())
    source = person.get(f"work/{put_code}").json()["source"]
    assert source["source-orcid"] == {
        "uri": f"https://orcid.org/{person.orcid}",
        "path": person.orcid,
        "host": "orcid.org",
    }
    assert (source["source-client-id"], source["source-name"]) == (None, {"value": "Sofia Garcia"})


def test_an_item_of_another_section_is_not_found(person: Person) -> None:
    """A work's put-code is no employment, and an employment's no education to read."""
    work = person.has_added("work", a_work())
    employment = person.has_added("employment", an_employment())
    for path in (f"employment/{work}", f"work/{employment}", f"education/{employment}", "work/summary/1"):
        assert error_of(person.get(path)) == (404, 9016)
