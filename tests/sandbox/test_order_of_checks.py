"""What fires first when several things are wrong with one request (API_FACTS sections 0, 1.1 and 7.5)."""

import json

import httpx
import pytest

from tests.sandbox.people import JSON, Person, a_person, a_work, an_employment, error_of, fresh_orcid
from worker.sandbox.control_client import SandboxControl


def test_no_token_is_403_whatever_the_body(person: Person) -> None:
    """Authorization is looked at before the body, and its error is JSON with two keys."""
    response = person.http.post(f"/v3.0/{person.orcid}/work", content=b"{", headers={"content-type": JSON})
    assert response.status_code == 403
    assert response.json() == {
        "error": "forbidden",
        "error_description": "Forbidden: The server understood the request but refuses to authorize it.",
    }


def test_an_unknown_token_is_401_and_echoed(person: Person) -> None:
    """ORCID's reply repeats the token, so whoever logs it must scrub it; it is JSON whatever was accepted."""
    response = person.ask("GET", "/works", authorization="Bearer not-a-token", accept="application/xml")
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/json;charset=UTF-8"
    assert response.json() == {"error": "invalid_token", "error_description": "Invalid access token: not-a-token"}


def test_an_expired_token_is_401(http: httpx.Client, control: SandboxControl) -> None:
    """A token whose time is over answers invalid_token."""
    person = a_person(http, control)
    control.expire(person.orcid)
    response = person.post("work", a_work())
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")


def test_a_refresh_token_is_no_access_token(http: httpx.Client, control: SandboxControl) -> None:
    """The API takes access tokens alone."""
    orcid = fresh_orcid()
    person = Person(orcid, control.grant(orcid)["refresh_token"], http, control)
    assert person.get("works").status_code == 401


@pytest.mark.parametrize(
    ("method", "status"),
    [
        pytest.param("GET", 401, id="a read is refused"),
        pytest.param("POST", 401, id="a create is refused"),
        pytest.param("PUT", 401, id="an update is refused"),
        pytest.param("DELETE", 204, id="a delete is accepted, so that a client can clean up"),
    ],
)
def test_a_token_that_the_researcher_revoked(person: Person, method: str, status: int) -> None:
    """After the researcher's revocation only DELETE works."""
    put_code = person.has_added("work", a_work())
    person.control.revoke_as_researcher(person.orcid)
    path = "/work" if method == "POST" else f"/work/{put_code}"
    document = {**a_work(), "put-code": put_code} if method in {"POST", "PUT"} else None
    assert person.ask(method, path, document).status_code == status


def test_a_public_client_is_403(http: httpx.Client, control: SandboxControl) -> None:
    """A public-API client has no business at the member API."""
    control.create_client("APP-PUBLICCLIENT0001", public=True)
    person = a_person(http, control, client_id="APP-PUBLICCLIENT0001")
    response = person.get("works")
    assert (response.status_code, response.json()["error"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("0000-0002-1825-0097", id="which does not exist"),
        pytest.param("no-orcid", id="which is no iD at all"),
    ],
)
def test_a_token_for_another_record_is_401(person: Person, other: str) -> None:
    """A token is for one iD, and that is checked before the record is looked for."""
    response = person.ask("POST", "/work", a_work(), orcid=other)
    assert error_of(response) == (401, 9017)
    assert response.json()["developer-message"] == (
        "401 Unauthorized: The client application is not authorized for this ORCID record."
        " Full validation error: Access token is for a different record"
    )


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        pytest.param("/work", b"", (400, 9047), id="an empty body"),
        pytest.param("/work", b"{", (400, 9001), id="a body that is no JSON"),
        pytest.param("/work", b"\xff", (400, 9001), id="a body that is no UTF-8"),
        pytest.param("/work", b"[" * 100_000, (400, 9001), id="a body too deep to read"),
        pytest.param("/work", b"[]", (400, 9047), id="a body of the wrong shape"),
        pytest.param("/work", json.dumps(a_work()).encode(), (404, 9016), id="a good body"),
    ],
)
def test_the_body_comes_before_the_record(person: Person, path: str, body: bytes, expected: tuple[int, int]) -> None:
    """A bad body is told even for a record that is missing."""
    person.control.set_state(person.orcid, "missing")
    headers = {"authorization": f"Bearer {person.token}", "content-type": JSON, "accept": JSON}
    response = person.http.post(f"/v3.0/{person.orcid}{path}", content=body, headers=headers)
    assert error_of(response) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param("locked", (409, 9018), id="a locked record comes before the scope"),
        pytest.param("normal", (403, 9038), id="the scope comes before the put-code"),
    ],
)
def test_record_then_scope_then_put_code(
    http: httpx.Client, control: SandboxControl, state: str, expected: tuple[int, int]
) -> None:
    """A PUT with too small a scope and a wrong put-code, on a record in some state."""
    person = a_person(http, control, scopes=["/read-limited"])
    control.set_state(person.orcid, state)
    assert error_of(person.ask("PUT", "/work/1", {**a_work(), "put-code": 2})) == expected


def test_the_put_code_comes_before_the_item_and_its_rules(person: Person) -> None:
    """9019 is told for an item that does not exist and a body that breaks a rule."""
    broken = {**a_work(external_ids=None), "put-code": 2}
    assert error_of(person.ask("PUT", "/work/1", broken)) == (400, 9019)


def test_the_item_comes_before_the_rules(person: Person) -> None:
    """9016 is told although the work has no identifier."""
    assert error_of(person.put("work", 1, a_work(external_ids=None))) == (404, 9016)


@pytest.mark.parametrize(
    ("scopes", "section", "document", "status"),
    [
        pytest.param(["/activities/update"], "work", a_work(), 201, id="activities update covers works"),
        pytest.param(["/orcid-works/create"], "work", a_work(), 201, id="works create"),
        pytest.param(["/orcid-works/update"], "work", a_work(), 201, id="works update creates too"),
        pytest.param(["/affiliations/update"], "work", a_work(), 403, id="affiliations do not cover works"),
        pytest.param(["/affiliations/create"], "employment", an_employment(), 201, id="affiliations create"),
        pytest.param(["/person/update"], "employment", an_employment(), 403, id="person covers no activity"),
        pytest.param(["/read-limited"], "employment", an_employment(), 403, id="reading is not writing"),
    ],
)
def test_scopes_to_create(
    http: httpx.Client,
    control: SandboxControl,
    scopes: list[str],
    section: str,
    document: dict[str, object],
    status: int,
) -> None:
    """Each section has its scopes (section 1.2)."""
    assert a_person(http, control, scopes=scopes).post(section, document).status_code == status


def test_a_create_scope_does_not_update(http: httpx.Client, control: SandboxControl) -> None:
    """PUT and DELETE need the update scope; the 403 says 409 in its text."""
    person = a_person(http, control, scopes=["/orcid-works/create"])
    put_code = person.has_added("work", a_work())
    assert error_of(person.put("work", put_code, a_work(type="book"))) == (403, 9038)
    response = person.delete("work", put_code)
    assert error_of(response) == (403, 9038)
    assert response.json()["developer-message"].startswith("409 Conflict:")


def test_a_clients_own_token_writes_nothing(http: httpx.Client, control: SandboxControl, person: Person) -> None:
    """A 2-legged token passes for every record and fails on scope."""
    token = control.grant(None, scopes=["/read-public"])["access_token"]
    machine = Person(person.orcid, token, http, control)
    assert error_of(machine.post("work", a_work())) == (403, 9038)
    assert machine.get("works").status_code == 200
    assert error_of(machine.ask("GET", "/works", orcid="0000-0002-1825-0097")) == (404, 9016)


def test_a_locked_client_is_409(http: httpx.Client, control: SandboxControl) -> None:
    """9057 stops everything that the client does."""
    control.create_client("APP-LOCKEDCLIENT0001", locked=True)
    person = a_person(http, control, client_id="APP-LOCKEDCLIENT0001")
    assert error_of(person.post("work", a_work())) == (409, 9057)


def test_the_token_may_stand_in_the_query(person: Person) -> None:
    """ORCID accepts `access_token` as a parameter."""
    response = person.http.get(f"/v3.0/{person.orcid}/works?access_token={person.token}", headers={"accept": JSON})
    assert response.status_code == 200
