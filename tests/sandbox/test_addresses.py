"""Addresses, versions and media types: what is no call at all (API_FACTS sections 0, 1.1 and 1.2)."""

import pytest

from tests.sandbox.people import JSON, Person, a_work, error_of


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        pytest.param("GET", "/nothing", (404, 9001), id="an unknown section"),
        pytest.param("GET", "/work/1/2/3", (404, 9001), id="an address too long"),
        pytest.param("GET", "/keywords/summary/1", (404, 9001), id="a summary of a keyword"),
        pytest.param("DELETE", "/keywords", (405, 9001), id="a delete of all keywords"),
        pytest.param("POST", "/activities", (405, 9001), id="a write to an overview"),
        pytest.param("GET", "/employments/1,2", (404, 9001), id="a bulk read of affiliations"),
        pytest.param("DELETE", "/work", (405, 9001), id="a delete without put-code"),
        pytest.param("POST", "/employments", (405, 9001), id="a bulk of affiliations"),
        pytest.param("PUT", "/works", (405, 9001), id="a bulk update"),
        pytest.param("POST", "/work/summary/1", (405, 9001), id="a write to a summary"),
        pytest.param("GET", "/work/x", (400, 9034), id="a put-code that is no number"),
        pytest.param("DELETE", "/work/1.5", (400, 9034), id="a put-code that is no whole number"),
    ],
)
def test_addresses_that_lead_nowhere(person: Person, method: str, path: str, expected: tuple[int, int]) -> None:
    """Unknown paths are 404 and wrong methods 405, both with code 9001."""
    assert error_of(person.ask(method, path)) == expected


def test_a_put_code_that_is_no_number_comes_before_the_record(person: Person) -> None:
    """9034 is told even for a locked record."""
    person.control.set_state(person.orcid, "locked")
    assert error_of(person.ask("PUT", "/work/x", {**a_work(), "put-code": 1})) == (400, 9034)


def test_an_address_without_version_is_redirected(person: Person) -> None:
    """302 to v3.0, without asking for a token."""
    response = person.http.get(f"/{person.orcid}/works?x=1")
    assert response.status_code == 302
    assert response.headers["location"] == f"{person.http.base_url}/v3.0/{person.orcid}/works?x=1"


@pytest.mark.parametrize(
    ("version", "newer"),
    [
        pytest.param("v3.0_rc1", "v3.0", id="a release candidate of 3.0"),
        pytest.param("v2.0_rc4", "v2.1", id="a release candidate of 2.0"),
        pytest.param("v1.2", "v3.0", id="the oldest"),
    ],
)
def test_an_old_version_is_redirected_with_an_error(person: Person, version: str, newer: str) -> None:
    """308 with a location and code 9056."""
    response = person.http.get(f"/{version}/{person.orcid}/works", headers={"accept": JSON})
    assert error_of(response) == (308, 9056)
    assert response.headers["location"].endswith(f"/{newer}/{person.orcid}/works")


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        pytest.param(JSON, 201, id="json"),
        pytest.param("application/vnd.orcid+json; charset=utf-8", 201, id="ORCID's own json"),
        pytest.param("application/orcid+json", 201, id="ORCID's shorter json"),
        pytest.param("text/plain", 415, id="plain text"),
        pytest.param("text/xml", 415, id="xml by another name"),
    ],
)
def test_media_types_of_a_body(person: Person, content_type: str, status: int) -> None:
    """A body of another type is 415 with code 9001."""
    response = person.ask("POST", "/work", a_work(), **{"content-type": content_type})
    assert response.status_code == status
    assert status == 201 or error_of(response) == (415, 9001)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        pytest.param(JSON, "application/json;charset=UTF-8", id="json"),
        pytest.param("application/vnd.orcid+json", "application/vnd.orcid+json;charset=UTF-8", id="ORCID's own json"),
        pytest.param("application/json, */*;q=0.1", "application/json;charset=UTF-8", id="the better of two"),
        pytest.param("application/xml", "application/xml;charset=UTF-8", id="xml"),
        pytest.param("application/orcid+xml", "application/orcid+xml;charset=UTF-8", id="ORCID's shorter xml"),
        pytest.param("*/*", "application/vnd.orcid+xml;charset=UTF-8", id="anything is ORCID's own xml"),
    ],
)
def test_the_reply_is_of_the_type_that_is_accepted(person: Person, accept: str, content_type: str) -> None:
    """A list comes back as asked for."""
    assert person.ask("GET", "/works", accept=accept).headers["content-type"] == content_type


@pytest.mark.parametrize(
    "accept",
    [
        pytest.param("application/xml", id="xml"),
        pytest.param("application/json, application/xml", id="xml wins a tie"),
        pytest.param("*/*", id="anything, and no body of a type to go by"),
    ],
)
def test_errors_are_xml_unless_json_is_asked_for(person: Person, accept: str) -> None:
    """A client that names no type gets ORCID's error in XML, with the same fields."""
    response = person.ask("DELETE", "/work/1", accept=accept)
    assert response.status_code == 404
    assert response.headers["content-type"].endswith("xml;charset=UTF-8")
    assert response.text == (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<error xmlns="http://www.orcid.org/ns/error">\n'
        "    <response-code>404</response-code>\n"
        "    <developer-message>404 Not Found: The resource was not found. Full validation error:"
        " No entity found for query</developer-message>\n"
        "    <user-message>The resource was not found.</user-message>\n"
        "    <error-code>9016</error-code>\n"
        "    <more-info>https://members.orcid.org/api/resources/troubleshooting</more-info>\n"
        "</error>\n"
    )


def test_without_an_accept_header_the_bodys_type_counts(person: Person) -> None:
    """A JSON body asks for a JSON reply."""
    assert error_of(person.ask("POST", "/work", a_work(external_ids=None), accept="*/*")) == (400, 9023)


def test_a_reply_that_cannot_be_given_is_406_before_anything_is_done(person: Person) -> None:
    """A bulk whose reply is wanted in another type changes nothing."""
    response = person.ask("POST", "/works", {"bulk": [{"work": a_work()}]}, accept="text/html")
    assert response.status_code == 406
    assert person.items("work") == ()


def test_the_error_body_has_its_keys_in_orcids_order(person: Person) -> None:
    """The body of section 2.1, key by key; numbers are numbers."""
    response = person.get("work/1")
    assert list(response.json().items()) == [
        ("response-code", 404),
        (
            "developer-message",
            "404 Not Found: The resource was not found. Full validation error: No entity found for query",
        ),
        ("user-message", "The resource was not found."),
        ("error-code", 9016),
        ("more-info", "https://members.orcid.org/api/resources/troubleshooting"),
    ]
