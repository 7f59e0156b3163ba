"""States of a record (API_FACTS section 8): the same for reads and writes, but for a merged one."""

import pytest

from tests.sandbox.people import Person, a_person, a_work, error_of


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    ("state", "expected", "text"),
    [
        pytest.param("missing", (404, 9016), "404 Not Found: The resource was not found.", id="missing"),
        pytest.param(
            "locked",
            (409, 9018),
            "409 Conflict: The ORCID record is locked and cannot be edited. ORCID {orcid}"
            " Full validation error: {orcid} is locked",
            id="locked",
        ),
        pytest.param(
            "deactivated",
            (409, 9044),
            "409 Conflict: The ORCID record is deactivated and cannot be edited."
            " Full validation error: {orcid} is deactivated",
            id="deactivated",
        ),
        pytest.param("unclaimed", (409, 9036), "409 Conflict: This record has not been claimed.", id="unclaimed"),
    ],
)
def test_a_record_that_cannot_be_used(
    person: Person, method: str, state: str, expected: tuple[int, int], text: str
) -> None:
    """Each call is refused with the state's code."""
    put_code = person.has_added("work", a_work())
    person.control.set_state(person.orcid, state)
    path = "/work" if method == "POST" else f"/work/{put_code}"
    document = {**a_work(), "put-code": put_code} if method in {"POST", "PUT"} else None
    response = person.ask(method, path, document)
    assert error_of(response) == expected
    assert response.json()["developer-message"].startswith(text.format(orcid=person.orcid))
    person.control.set_state(person.orcid, "normal")
    assert person.ask("DELETE", f"/work/{put_code}").status_code == 204


def test_reading_a_merged_record(person: Person) -> None:
    """301 with a location on the primary iD."""
    primary = a_person(person.http, person.control).orcid
    person.control.set_state(person.orcid, "deprecated", primary=primary)
    response = person.get("works")
    assert error_of(response) == (301, 9007)
    assert response.headers["location"] == f"{person.http.base_url}/v3.0/{primary}/works"
    assert response.json()["developer-message"] == (
        f"301 Moved Permanently: This account is deprecated. Please refer to account: https://orcid.org/{primary}."
        f" ORCID https://orcid.org/{person.orcid}"
    )


def test_writing_a_merged_record(person: Person) -> None:
    """409 with a location; both texts are the user's; the old token does not work on the primary iD."""
    primary = a_person(person.http, person.control).orcid
    person.control.set_state(person.orcid, "deprecated", primary=primary)
    response = person.post("work", a_work())
    assert error_of(response) == (409, 9007)
    assert response.headers["location"].endswith(f"/v3.0/{primary}/work")
    text = f"This account is deprecated. Please refer to account: https://orcid.org/{primary}."
    assert (response.json()["developer-message"], response.json()["user-message"]) == (text, text)
    assert error_of(person.ask("POST", "/work", a_work(), orcid=primary)) == (401, 9017)
