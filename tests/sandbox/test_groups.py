"""Group-id records and the peer reviews that belong to them (API_FACTS sections 1.2, 2.2 and 4.2)."""

from collections.abc import Callable

import httpx
import pytest

from tests.sandbox.people import (
    JOURNAL,
    JSON,
    JsonObject,
    Person,
    a_group,
    a_peer_review,
    error_of,
    fresh_orcid,
    put_code_of,
)
from worker.sandbox.control_client import ControlError, SandboxControl

UPDATE = "/group-id-record/update"
Ask = Callable[..., httpx.Response]


def asking(person: Person, *scopes: str, client_id: str | None = None) -> Ask:
    """Calls to the groups with a client's own token."""
    token = person.control.grant(None, scopes=[*scopes], client_id=client_id)["access_token"]
    headers = {"authorization": f"Bearer {token}", "accept": JSON}

    def ask(method: str, path: str = "", document: object = None) -> httpx.Response:
        return person.http.request(method, f"/v3.0/group-id-record{path}", json=document, headers=headers)

    return ask


@pytest.fixture
def ask(own_person: Person) -> Ask:
    """Calls to the groups of a fresh stand-in."""
    return asking(own_person, UPDATE)


def test_a_group_lives_from_post_to_delete(ask: Ask) -> None:
    """POST, GET, PUT, DELETE, and then it is gone, which is 400 here."""
    response = ask("POST", document=a_group())
    put_code = put_code_of(response)
    assert response.headers["location"].endswith(f"/v3.0/group-id-record/{put_code}")
    shown = ask("GET", f"/{put_code}").json()
    assert shown["group-id"] == "orcid-generated:moa"
    assert shown["source"]["source-client-id"]["path"] == "APP-0RCIDSYNCSANDBOX"
    changed = {**a_group(name="Moa\x07 News"), "put-code": put_code}
    assert ask("PUT", f"/{put_code}", changed).json()["name"] == "Moa News"
    assert ask("DELETE", f"/{put_code}").status_code == 204
    for method in ("GET", "DELETE"):
        assert error_of(ask(method, f"/{put_code}")) == (400, 9026)
    assert error_of(ask("PUT", f"/{put_code}", changed)) == (400, 9026)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(a_group("orcid-generated:there"), (409, 9025), id="a group that exists"),
        pytest.param(a_group(" ORCID-generated:THERE "), (400, 9047), id="blanks around the group-id"),
        pytest.param(a_group("orcid-generated:THERE"), (409, 9025), id="the same in another case"),
        pytest.param(a_group("moa"), (400, 9047), id="no prefix"),
        pytest.param(a_group("publons:a"), (400, 9047), id="a value too short"),
        pytest.param(a_group(name=None), (400, 9047), id="no name"),
        pytest.param(a_group(name="x" * 1001), (400, 9047), id="a name too long"),
        pytest.param(a_group(description=None), (400, 9047), id="no description"),
        pytest.param(a_group(type="book"), (400, 9047), id="an unknown type"),
        pytest.param(a_group() | {"visibility": "public"}, (400, 9047), id="a key that groups do not have"),
        pytest.param(a_group() | {"put-code": 1}, (400, 9024), id="a put-code"),
        pytest.param(a_group(JOURNAL), (409, 9025), id="a journal, which ORCID makes itself"),
        pytest.param(a_group("issn:1741-4858"), (400, 9053), id="a journal that does not exist"),
    ],
)
def test_groups_that_are_refused(
    own_control: SandboxControl, ask: Ask, document: JsonObject, expected: tuple[int, int]
) -> None:
    """One row per rule."""
    own_control.add_group(a_group("orcid-generated:there"))
    assert error_of(ask("POST", document=document)) == expected


def test_a_post_of_a_journal_makes_orcids_own_group(own_control: SandboxControl, ask: Ask) -> None:
    """The answer is 409, and the group is there, in its normal form."""
    assert error_of(ask("POST", document=a_group("issn:17414857"))) == (409, 9025)
    (group,) = own_control.groups()
    assert (group.document["group-id"], group.document["type"], group.source) == (JOURNAL, "journal", None)


def test_only_the_maker_changes_a_group(own_control: SandboxControl, ask: Ask) -> None:
    """403/9010 for another client's group and for ORCID's own."""
    for client_id in ("APP-ANOTHERCLIENT001", None):
        theirs = own_control.add_group(a_group(f"publons:{client_id}"), client_id=client_id)
        body = {**a_group("publons:new"), "put-code": theirs.put_code}
        assert error_of(ask("PUT", f"/{theirs.put_code}", body)) == (403, 9010)
        assert error_of(ask("DELETE", f"/{theirs.put_code}")) == (403, 9010)
    assert len(own_control.groups()) == 2


def test_put_codes_of_groups(own_control: SandboxControl, ask: Ask) -> None:
    """9019 for another in the body, 9034 for no number, 9025 for the group-id of another group."""
    own_control.add_group(a_group("publons:theirs"))
    put_code = put_code_of(ask("POST", document=a_group()))
    assert error_of(ask("PUT", f"/{put_code}", {**a_group(), "put-code": 1})) == (400, 9019)
    assert error_of(ask("PUT", f"/{put_code}", a_group())) == (400, 9019)
    assert error_of(ask("GET", "/x")) == (400, 9034)
    assert error_of(ask("PUT", f"/{put_code}", {**a_group("publons:THEIRS"), "put-code": put_code})) == (409, 9025)


def test_a_group_in_use_cannot_be_deleted(own_person: Person, ask: Ask) -> None:
    """409/9040 while any peer review belongs to it."""
    put_code = put_code_of(ask("POST", document=a_group()))
    review = own_person.has_added("peer-review", a_peer_review(review_group_id="orcid-generated:MOA"))
    assert error_of(ask("DELETE", f"/{put_code}")) == (409, 9040)
    own_person.delete("peer-review", review)
    assert ask("DELETE", f"/{put_code}").status_code == 204


def test_groups_are_listed_in_pages(ask: Ask) -> None:
    """`total` counts what is on the page, not what there is."""
    for number in range(3):
        ask("POST", document=a_group(f"publons:group-{number}"))
    page = ask("GET", "?page-size=2&page=1").json()
    assert (page["total"], page["page"], page["page-size"]) == (2, 1, 2)
    assert [group["group-id"] for group in page["group-id-record"]] == ["publons:group-0", "publons:group-1"]
    assert ask("GET", "?page-size=2&page=2").json()["total"] == 1
    assert ask("GET").json()["page-size"] == 100
    assert error_of(ask("GET", "?page=x")) == (404, 9001)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("group-id=orcid-generated:MOA", "orcid-generated:moa", id="by its group-id"),
        pytest.param("name=Moa%20Letters", "orcid-generated:moa", id="by its name"),
        pytest.param("group-id=publons:nothing", None, id="a group-id of none"),
        pytest.param("name=Nothing", None, id="a name of none"),
        pytest.param("group-id=issn:17414857", JOURNAL, id="a journal, made on the way"),
    ],
)
def test_one_group_is_found(ask: Ask, query: str, found: str | None) -> None:
    """One record; without a match one whose fields are all null, and still 200."""
    ask("POST", document=a_group())
    response = ask("GET", f"?{query}")
    assert response.status_code == 200
    assert response.json()["group-id"] == found
    assert found is not None or set(response.json().values()) == {None}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ""), ("PUT", "/1"), ("DELETE", "/1"), ("GET", "/1"), ("GET", "")],
)
def test_groups_need_their_scope(own_person: Person, method: str, path: str) -> None:
    """403/9038 with another 2-legged scope, with only the reading one for a write, and with a researcher's token."""
    body = {**a_group(), "put-code": 1} if method == "PUT" else a_group()
    assert error_of(asking(own_person, "/read-public")(method, path, body)) == (403, 9038)
    reading = asking(own_person, "/group-id-record/read")(method, path, body)
    assert method == "GET" or error_of(reading) == (403, 9038)
    assert method != "GET" or reading.status_code in {200, 400}
    headers = {"authorization": f"Bearer {own_person.token}", "accept": JSON}
    asked = own_person.http.request(method, f"/v3.0/group-id-record{path}", json=body, headers=headers)
    assert error_of(asked) == (403, 9038)


def test_a_clients_own_token_comes_from_the_token_endpoint(own_person: Person) -> None:
    """client_credentials gives the scopes of groups, and drops those of researchers."""
    form = {"client_id": "APP-0RCIDSYNCSANDBOX", "client_secret": "sandbox-secret", "grant_type": "client_credentials"}
    asked = {**form, "scope": f"{UPDATE} /activities/update"}
    granted = own_person.http.post("/oauth/token", data=asked).json()
    assert (granted["scope"], granted["orcid"]) == (UPDATE, None)
    headers = {"authorization": f"Bearer {granted['access_token']}"}
    assert own_person.http.post("/v3.0/group-id-record", json=a_group(), headers=headers).status_code == 201


def test_locked_clients_make_no_groups(own_person: Person) -> None:
    """409/9057 as everywhere."""
    own_person.control.create_client("APP-LOCKEDCLIENT0001", locked=True)
    ask = asking(own_person, UPDATE, client_id="APP-LOCKEDCLIENT0001")
    assert error_of(ask("POST", document=a_group())) == (409, 9057)


def test_a_peer_review_makes_its_journals_group(own_person: Person) -> None:
    """The ISSN is answered in its normal form, and the group is made once."""
    put_code = own_person.has_added("peer-review", a_peer_review(review_group_id="issn:17414857"))
    assert own_person.get(f"peer-review/{put_code}").json()["review-group-id"] == JOURNAL
    own_person.has_added("peer-review", a_peer_review("r-2"))
    assert [group.document["group-id"] for group in own_person.control.groups()] == [JOURNAL]


@pytest.mark.parametrize(
    ("group_id", "status"),
    [
        pytest.param("publons:there", 201, id="a group that is there"),
        pytest.param("PUBLONS:there", 400, id="a prefix in capitals breaks the pattern"),
        pytest.param("publons:THERE", 201, id="the same in another case"),
        pytest.param("publons:not-there", 400, id="one that is not"),
    ],
)
def test_other_groups_must_be_there(own_person: Person, group_id: str, status: int) -> None:
    """Unlike journals they are not made on the way."""
    own_person.control.add_group(a_group("publons:there"))
    assert own_person.post("peer-review", a_peer_review(review_group_id=group_id)).status_code == status


def test_the_portal_may_be_away_or_ignorant(own_person: Person) -> None:
    """400/9053 for what it does not confirm; groups that are there need no portal."""
    own_person.control.issn_portal(unknown=["1741-4857"])
    assert error_of(own_person.post("peer-review", a_peer_review())) == (400, 9053)
    own_person.control.issn_portal(reachable=False)
    assert error_of(own_person.post("peer-review", a_peer_review())) == (400, 9053)
    own_person.control.issn_portal()
    own_person.has_added("peer-review", a_peer_review())
    own_person.control.issn_portal(reachable=False)
    own_person.has_added("peer-review", a_peer_review("r-2"))


def test_an_update_makes_no_journal(own_person: Person) -> None:
    """A PUT to a journal that has no group yet is 9020 in v3.0."""
    put_code = own_person.has_added("peer-review", a_peer_review())
    moved = a_peer_review(review_group_id="issn:0028-0836")
    assert error_of(own_person.put("peer-review", put_code, moved)) == (400, 9020)
    own_person.has_added("peer-review", a_peer_review("r-2", review_group_id="issn:0028-0836"))
    assert own_person.put("peer-review", put_code, moved).status_code == 200


def test_the_duplicate_comes_before_the_group(own_person: Person) -> None:
    """A second review with the same identifier is 9021 even in a group that does not exist."""
    own_person.has_added("peer-review", a_peer_review())
    again = a_peer_review(review_group_id="publons:nothing")
    assert error_of(own_person.post("peer-review", again)) == (409, 9021)


def test_control_refuses_what_makes_no_sense(own_control: SandboxControl) -> None:
    """A group twice, a group of the wrong shape."""
    own_control.add_group(a_group())
    with pytest.raises(ControlError, match="there is a group 'orcid-generated:moa' already"):
        own_control.add_group(a_group())
    with pytest.raises(ControlError, match="type"):
        own_control.add_group(a_group("publons:new", type="x"))


def test_a_fault_may_be_about_groups(own_person: Person, ask: Ask) -> None:
    """By their word in the address; calls to records are not hit."""
    own_person.control.fault("500:section=group-id-record,times=1")
    own_person.has_added("keywords", {"content": fresh_orcid()})
    assert error_of(ask("POST", document=a_group())) == (500, 9008)
    assert ask("POST", document=a_group()).status_code == 201
