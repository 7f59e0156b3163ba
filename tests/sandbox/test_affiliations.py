"""ORCID's rules for affiliations, in the order they fire (API_FACTS section 5.4)."""

import pytest

from tests.sandbox.people import (
    ROR,
    JsonObject,
    Person,
    a_date,
    an_employment,
    an_organization,
    error_of,
    identifier,
    identifiers,
)
from worker.sandbox.sections.drafts import Organizations

NOWHERE: JsonObject = {"city": None, "region": None, "country": None}
KINDS = ["employment", "education", "qualification", "invited-position", "distinction", "membership", "service"]


def known_as(source: str, name: str) -> JsonObject:
    """An organization with this identifier."""
    return an_organization(
        disambiguated_organization={
            "disambiguated-organization-identifier": name,
            "disambiguation-source": source,
        }
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_taken(person: Person, kind: str) -> None:
    """The seven kinds have one shape, and each its own address, list and summary."""
    put_code = person.has_added(kind, an_employment())
    assert person.get(f"{kind}/{put_code}").json()["path"] == f"/{person.orcid}/{kind}/{put_code}"
    group = person.get(f"{kind}s").json()["affiliation-group"][0]
    assert group["summaries"][0][f"{kind}-summary"]["put-code"] == put_code
    assert person.get(f"{kind}/summary/{put_code}").json()["put-code"] == put_code


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="an organization alone"),
        pytest.param({"end_date": a_date("2024")}, id="an end without a start"),
        pytest.param({"start_date": a_date("2024-05-01"), "end_date": a_date("2024-05-01")}, id="one day"),
        pytest.param({"start_date": a_date("2024-05"), "end_date": a_date("2024")}, id="an end less exact"),
        pytest.param({"external_ids": identifiers(identifier("anything", "x"))}, id="an identifier of any type"),
        pytest.param({"external_ids": identifiers(identifier("uri", "x", None))}, id="no relationship"),
        pytest.param({"organization": known_as("GRID", "grid.455335.1")}, id="a grid id"),
        pytest.param({"organization": known_as("RINGGOLD", "1438")}, id="a ringgold id"),
        pytest.param({"organization": known_as("FUNDREF", "http://dx.doi.org/10.13039/100000001")}, id="a fundref id"),
        pytest.param({"organization": known_as("LEI", "5493001KJTIIGC8Y1R12")}, id="an lei"),
    ],
)
def test_employments_that_are_taken(person: Person, changes: JsonObject) -> None:
    """201."""
    person.has_added("employment", an_employment(**changes))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"department_name": ""}, 9047, id="an empty department"),
        pytest.param({"role_title": "x" * 4001}, 9047, id="a role too long"),
        pytest.param({"title": "x"}, 9047, id="an unknown key"),
        pytest.param({"organization": an_organization(address=None)}, 9047, id="no address"),
        pytest.param({"organization": an_organization(name=None)}, 9047, id="no name"),
        pytest.param({"organization": an_organization(name=" ")}, 9047, id="a blank name"),
        pytest.param(
            {"organization": an_organization(address={"city": "", "country": "US"})}, 9047, id="an empty city"
        ),
        pytest.param(
            {"organization": an_organization(address={"city": "Boston", "country": "USA"})},
            9047,
            id="an unknown country",
        ),
        pytest.param(
            {"organization": an_organization(disambiguated_organization={"disambiguation-source": "ROR"})},
            9047,
            id="half an identifier",
        ),
        pytest.param({"start_date": {"month": "02"}}, 9047, id="a month without year"),
        pytest.param({"put-code": 1, "organization": None}, 9024, id="a put-code, first of all"),
        pytest.param({"organization": None}, 9046, id="no organization"),
        pytest.param({"organization": an_organization(disambiguated_organization=None)}, 9045, id="no identifier"),
        pytest.param({"organization": known_as("ROR", "")}, 9045, id="an empty identifier"),
        pytest.param({"organization": known_as("ISNI", "0000")}, 9045, id="an unknown registry"),
        pytest.param({"organization": known_as("ROR", "05gvnxz63")}, 9045, id="a ror without its address"),
        pytest.param({"organization": an_organization(address=NOWHERE)}, 9060, id="neither city nor country"),
        pytest.param({"organization": an_organization(address={"country": "US"})}, 9060, id="no city"),
        pytest.param({"organization": an_organization(address={"city": "Boston"})}, 9060, id="no country"),
        pytest.param({"start_date": a_date("2024-5")}, 9049, id="a month of one digit"),
        pytest.param({"end_date": a_date("2023-02-29")}, 9049, id="an end that does not exist"),
        pytest.param({"start_date": a_date("2025"), "end_date": a_date("2024-12")}, 9055, id="an end before its start"),
    ],
)
def test_employments_that_are_refused(person: Person, changes: JsonObject, code: int) -> None:
    """400 with the rule's code."""
    assert error_of(person.post("employment", an_employment(**changes))) == (400, code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"organization": an_organization(address=NOWHERE)}, None, id="no place is fine"),
        pytest.param(
            {
                "organization": an_organization(disambiguated_organization=None),
                "external_ids": identifiers(identifier("uri", "x")),
            },
            None,
            id="an identifier of the item will do",
        ),
        pytest.param({"organization": None}, 9046, id="no organization"),
        pytest.param(
            {"organization": an_organization(disambiguated_organization=None)}, 9062, id="no identifier at all"
        ),
        pytest.param({"organization": known_as("ROR", "x")}, 9045, id="an unknown organization"),
        pytest.param({"organization": an_organization(address={"city": "Boston"})}, 9061, id="a city without country"),
        pytest.param({"organization": an_organization(address={"region": "MA"})}, 9061, id="a region without country"),
    ],
)
def test_the_five_other_kinds_have_looser_rules(person: Person, changes: JsonObject, code: int | None) -> None:
    """A membership needs an organization identifier or an external-id, and no place."""
    response = person.post("membership", an_employment(**changes))
    if code is None:
        assert response.status_code == 201
    else:
        assert error_of(response) == (400, code)


def test_an_organization_missing_from_orcids_table_is_refused(own_person: Person) -> None:
    """9045 for a well-formed identifier that ORCID does not have."""
    own_person.control.unknown_organizations(ROR)
    assert error_of(own_person.post("employment", an_employment())) == (400, 9045)
    own_person.control.unknown_organizations()
    own_person.has_added("employment", an_employment())


def test_a_table_of_organizations_can_be_given() -> None:
    """Then only what is in it is known, exactly as written."""
    organizations = Organizations(known={"ROR": frozenset({ROR})})
    assert organizations.has("ROR", ROR)
    assert not organizations.has("ROR", "https://ror.org/05qwgg493")
    assert not organizations.has("GRID", "grid.455335.1")


def test_orcid_trims_the_organization(person: Person) -> None:
    """Name and city lose the blanks around them; other texts keep theirs."""
    organization = an_organization(name=" Example University ", address={"city": " Boston ", "country": "US"})
    put_code = person.has_added("employment", an_employment(organization=organization, role_title=" Lecturer "))
    employment = person.get(f"employment/{put_code}").json()
    assert employment["organization"]["name"] == "Example University"
    assert employment["organization"]["address"] == {"city": "Boston", "region": None, "country": "US"}
    assert employment["role-title"] == " Lecturer "


def test_put_and_delete_look_at_the_put_code_alone(person: Person) -> None:
    """An employment updated under education becomes one; deleting it as anything removes it (section 1.2)."""
    put_code = person.has_added("employment", an_employment())
    assert person.put("education", put_code, an_employment()).status_code == 200
    assert [item.section for item in person.control.record(person.orcid).items] == ["education"]
    assert person.delete("service", put_code).status_code == 204
    assert person.delete("work", put_code).status_code == 404


def test_the_source_comes_before_the_rules(person: Person) -> None:
    """An update of another's affiliation is 9010 whatever else is wrong with it."""
    put_code = person.control.add_item(person.orcid, "employment", an_employment())
    assert error_of(person.put("employment", put_code, an_employment(organization=None))) == (403, 9010)
