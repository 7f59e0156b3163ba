"""What counts as a duplicate (API_FACTS section 4): 409/9021 with the put-code of the item that is there."""

import pytest

from tests.sandbox.people import JsonObject, Person, a_person, a_work, an_employment, error_of, identifier, identifiers
from worker.sandbox.sections.identifiers import normalise


def has(*several: JsonObject) -> JsonObject:
    """A document's identifiers."""
    return {"external_ids": identifiers(identifier("doi", "10.1/own"), *several)}


@pytest.mark.parametrize(
    ("there", "new", "conflict"),
    [
        pytest.param(("doi", "10.1/A", "self"), ("doi", "10.1/A", "self"), True, id="the same"),
        pytest.param(("doi", "10.1/A", "self"), ("doi", "https://doi.org/10.1/a", "self"), True, id="normalised"),
        pytest.param(("doi", "10.1/A", "self"), ("doi", "10.1/B", "self"), False, id="another value"),
        pytest.param(("doi", "10.1/A", "self"), ("uri", "10.1/A", "self"), False, id="another type"),
        pytest.param(("doi", "junk", "self"), ("doi", "junk", "self"), True, id="raw values when none is normal"),
        pytest.param(("doi", "junk", "self"), ("doi", "JUNK", "self"), False, id="raw values keep their case"),
        pytest.param(("source-work-id", "AB", "self"), ("source-work-id", "ab", "self"), True, id="types without case"),
        pytest.param(("ark", "ark:/1/AB", "self"), ("ark", "ark:/1/ab", "self"), False, id="types with case"),
        pytest.param(("doi", "10.1/A", "version-of"), ("doi", "10.1/A", "version-of"), False, id="versions"),
        pytest.param(("doi", "10.1/A", "part-of"), ("doi", "10.1/A", "part-of"), False, id="parts"),
        pytest.param(("doi", "10.1/A", "self"), ("doi", "10.1/A", "part-of"), False, id="self and part"),
        pytest.param(("doi", "10.1/A", "version-of"), ("doi", "10.1/A", "self"), False, id="version and self"),
    ],
)
def test_two_works(person: Person, there: tuple[str, str, str], new: tuple[str, str, str], *, conflict: bool) -> None:
    """Only `self` identifiers of the same type and normalised value conflict; titles and dates never do."""
    anchor = identifier("other-id", "anchor")
    first = person.has_added("work", a_work(external_ids=identifiers(anchor, identifier(*there))))
    other = identifiers(identifier("other-id", "another"), identifier(*new))
    response = person.post("work", a_work(external_ids=other))
    if not conflict:
        assert response.status_code == 201
        return
    assert error_of(response) == (409, 9021)
    assert response.json()["developer-message"] == (
        "409 Conflict: You have already added this activity (matched by external identifiers), please see element with"
        f" put-code {first}. If you are trying to edit the item, please use PUT instead of POST."
    )
    assert response.json()["user-message"].endswith("please contact My Client for assistance.")


def test_the_first_of_several_duplicates_is_named(person: Person) -> None:
    """A work that matches two is told the older one."""
    first = person.has_added("work", a_work("10.1/a"))
    person.has_added("work", a_work("10.1/b"))
    both = identifiers(identifier("doi", "10.1/b"), identifier("doi", "10.1/a"))
    assert f"put-code {first}." in person.post("work", a_work(external_ids=both)).text


@pytest.mark.parametrize(
    "client_id",
    [pytest.param(None, id="the researcher's own"), pytest.param("APP-ANOTHERCLIENT001", id="another client's")],
)
def test_items_of_other_sources_never_conflict(person: Person, client_id: str | None) -> None:
    """They are grouped with ours instead."""
    person.control.add_item(person.orcid, "work", a_work(), client_id=client_id)
    person.has_added("work", a_work())
    assert len(person.get("works").json()["group"]) == 1


def test_a_change_of_obo_makes_another_source(person: Person) -> None:
    """A client that writes on the user's behalf is another source: its old works are no duplicates (section 2.3)."""
    client_id = "APP-OBOCLIENT0000001"
    before = a_person(person.http, person.control, client_id=client_id)
    put_code = before.has_added("work", a_work())
    before.control.create_client(client_id, user_obo=True)
    assert before.post("work", a_work()).status_code == 201
    assert error_of(before.delete("work", put_code)) == (403, 9010)


def test_an_update_may_keep_its_own_identifiers(person: Person) -> None:
    """PUT skips the item itself."""
    put_code = person.has_added("work", a_work())
    assert person.put("work", put_code, a_work(type="book")).status_code == 200


def test_an_update_may_not_take_anothers_identifier(person: Person) -> None:
    """PUT conflicts with the other own works."""
    person.has_added("work", a_work("10.1/a"))
    put_code = person.has_added("work", a_work("10.1/b"))
    assert error_of(person.put("work", put_code, a_work("10.1/a"))) == (409, 9021)


def test_a_freed_identifier_can_be_used_again(person: Person) -> None:
    """After an update or a delete the identifier belongs to nobody."""
    put_code = person.has_added("work", a_work("10.1/a"))
    person.put("work", put_code, a_work("10.1/b"))
    second = person.has_added("work", a_work("10.1/a"))
    person.delete("work", second)
    person.has_added("work", a_work("10.1/a"))


def test_affiliations_without_identifiers_pile_up(person: Person) -> None:
    """A repeated POST makes a second employment."""
    person.has_added("employment", an_employment())
    person.has_added("employment", an_employment())
    assert len(person.items("employment")) == 2


@pytest.mark.parametrize(
    ("relationship", "status"),
    [pytest.param("self", 409, id="self"), pytest.param(None, 409, id="none"), pytest.param("part-of", 201, id="part")],
)
def test_affiliations_with_the_same_identifier(person: Person, relationship: str | None, status: int) -> None:
    """`self` conflicts with `self`, and no relationship with none."""
    same = an_employment(external_ids=identifiers(identifier("source-work-id", "appt-1", relationship)))
    person.has_added("employment", same)
    assert person.post("employment", same).status_code == status


def test_affiliations_of_another_kind_are_not_compared(person: Person) -> None:
    """An education may share its identifier with an employment."""
    same = an_employment(external_ids=identifiers(identifier("source-work-id", "appt-1")))
    person.has_added("employment", same)
    person.has_added("education", same)


def test_the_duplicate_comes_before_the_source_of_a_work(person: Person) -> None:
    """A PUT of another's work with our other work's identifier is 9021, not 9010 (section 0, step 11)."""
    person.has_added("work", a_work("10.1/a"))
    put_code = person.control.add_item(person.orcid, "work", a_work("10.1/b"))
    assert error_of(person.put("work", put_code, a_work("10.1/a"))) == (409, 9021)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        pytest.param("doi", "https://doi.org/10.1/ABC", "10.1/abc", id="doi in an address"),
        pytest.param("doi", "doi:10.1000.10/A&amp;B", "10.1000.10/a", id="doi up to an ampersand"),
        pytest.param("doi", "xyz", "", id="no doi"),
        pytest.param("arxiv", "https://arxiv.org/abs/2001.12345v2", "arXiv:2001.12345v2", id="arxiv"),
        pytest.param("arxiv", "arXiv:math/0601001", "arXiv:math/0601001", id="old arxiv"),
        pytest.param("isbn", "978-0-306-40615-7", "9780306406157", id="isbn with 13 digits"),
        pytest.param("isbn", "0-8044-2957-x", "080442957X", id="isbn with an X"),
        pytest.param("isbn", "12345", "", id="too short an isbn"),
        pytest.param("issn", "2049-363x", "2049-363X", id="issn"),
        pytest.param("issn", "2049363X", "2049-363X", id="issn without dash"),
        pytest.param("pmid", "pmid: 25770", "25770", id="pmid"),
        pytest.param("pmc", "PMC3868008", "3868008", id="pmc"),
        pytest.param("bibcode", "1974AJ.....79..819H", "1974AJ.....79..819H", id="bibcode"),
        pytest.param("rrid", "RRID:AB_2298772", "RRID:AB_2298772", id="rrid"),
        pytest.param("uri", "example.org/A", "http://example.org/A", id="uri without scheme"),
        pytest.param("uri", "HTTPS://example.org/A", "HTTPS://example.org/A", id="uri with one"),
        pytest.param("source-work-id", "MiXed", "mixed", id="others are lower-cased"),
        pytest.param("ark", "ark:/12/MiXed", "ark:/12/MiXed", id="case-sensitive ones are not"),
    ],
)
def test_normalised_values(kind: str, value: str, expected: str) -> None:
    """The table of section 4.1; nothing found is an empty text."""
    assert normalise(kind, value) == expected
