"""Permission notifications (API_FACTS section 10): a client asks by ORCID's inbox, the researcher reads and acts."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.orcid_files import needs_orcids_files, sample, schema_errors
from tests.sandbox.people import fresh_orcid, identifier
from worker.sandbox.control_client import ControlError, SandboxControl
from worker.sandbox.messages import JsonObject

JSON, XML = "application/vnd.orcid+json", "application/vnd.orcid+xml"
OTHER = "APP-ANOTHERCLIENT001"
DATES = ("created-date", "sent-date", "read-date", "actioned-date", "archived-date")
PATH = "/oauth/authorize?client_id=APP-X&response_type=code"


def a_notification(**changes: object) -> JsonObject:
    """The smallest notification that ORCID takes; keys of `changes` are written with `_` for `-`."""
    whole = {
        "notification-type": "permission",
        "authorization-url": {"path": PATH},
        "notification-subject": "Your works",
        "notification-intro": "May we add them?",
        "items": {"item": [{"item-type": "work", "item-name": "Moa", "external-id": identifier("doi", "10.1/a")}]},
    }
    return whole | {key.replace("_", "-"): value for key, value in changes.items()}


def an_item(**changes: object) -> JsonObject:
    """The container with one item."""
    item = {"item-type": "work", "item-name": "Moa"}
    return {"item": [item | {key.replace("_", "-"): value for key, value in changes.items()}]}


@dataclass
class Inbox:
    """A client before a researcher's inbox."""

    http: httpx.Client
    control: SandboxControl
    orcid: str
    token: str
    version: str = "v3.0"

    def call(self, method: str, path: str = "", kind: str = JSON, **more: Any) -> httpx.Response:
        """A call of the notifications' address."""
        headers = {"authorization": f"Bearer {self.token}", "accept": kind, "content-type": kind}
        address = f"/{self.version}/{self.orcid}/notification-permission{path}"
        return self.http.request(method, address, headers=headers, **more)

    def post(self, **changes: object) -> httpx.Response:
        """Post a notification."""
        return self.call("POST", json=a_notification(**changes))

    def posted(self, **changes: object) -> int:
        """Post one that is taken; its put-code."""
        answer = self.post(**changes)
        assert (answer.status_code, answer.content) == (201, b""), answer.text
        return int(answer.headers["location"].rpartition("/")[2])

    def as_client(self, client_id: str) -> "Inbox":
        """The same inbox before another client."""
        return Inbox(self.http, self.control, self.orcid, a_token(self.control, client_id), self.version)


def a_token(control: SandboxControl, client_id: str | None = None, scope: str = "/premium-notification") -> str:
    """A client's own token."""
    return str(control.grant(None, scopes=[scope], client_id=client_id)["access_token"])


def code_of(answer: httpx.Response) -> tuple[int, int]:
    """Status and error code."""
    return answer.status_code, answer.json()["error-code"]


@pytest.fixture(params=["v3.0", "v2.1"])
def inbox(request: pytest.FixtureRequest, http: httpx.Client, control: SandboxControl) -> Inbox:
    """Somebody's empty inbox, in both versions; v2.1 has its words in upper case."""
    orcid = fresh_orcid()
    control.create_record(orcid)
    return Inbox(http, control, orcid, a_token(control), request.param)


@pytest.fixture
def newer(http: httpx.Client, control: SandboxControl) -> Inbox:
    """Somebody's empty inbox in v3.0."""
    orcid = fresh_orcid()
    control.create_record(orcid)
    return Inbox(http, control, orcid, a_token(control))


def test_it_is_in_the_inbox(newer: Inbox) -> None:
    """201 with the address and no body; a GET tells what was sent, when, and by whom."""
    answer = newer.post()
    assert (answer.status_code, answer.content) == (201, b"")
    address = f"{newer.http.base_url}/v3.0/{newer.orcid}/notification-permission/"
    assert answer.headers["location"].startswith(address)
    put_code = int(answer.headers["location"].removeprefix(address))
    shown = newer.call("GET", f"/{put_code}").json()
    assert {key: shown[key] for key in DATES[1:]} == dict.fromkeys(DATES[1:])
    assert shown["created-date"]["value"] > 0
    assert (shown["put-code"], shown["notification-type"]) == (put_code, "permission")
    assert shown["authorization-url"] == {"uri": f"https://orcid.org{PATH}", "path": PATH, "host": "orcid.org"}
    assert shown["source"]["source-client-id"]["path"] == "APP-0RCIDSYNCSANDBOX"
    assert shown["items"]["item"][0]["item-name"] == "Moa"
    (seen,) = newer.control.notifications(newer.orcid)
    assert (seen.put_code, seen.client_id, seen.subject) == (put_code, "APP-0RCIDSYNCSANDBOX", "Your works")
    assert (seen.items, seen.authorization_url, seen.read) == ((("work", "Moa"),), PATH, None)
    assert newer.control.inbox(newer.orcid) == []


def test_v2_1_has_its_own_words(inbox: Inbox) -> None:
    """In JSON its enums are in upper case, both ways."""
    if inbox.version == "v3.0":
        inbox.posted()
        return
    assert code_of(inbox.post()) == (400, 9047)
    put_code = inbox.posted(notification_type="PERMISSION", items=an_item(item_type="WORK"))
    assert inbox.call("GET", f"/{put_code}").json()["items"]["item"][0]["item-type"] == "WORK"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"put_code": 1}, (400, 9006), id="a put-code"),
        pytest.param({"authorization_url": {"path": "oauth"}}, (400, 9020), id="a path without a slash"),
        pytest.param({"authorization_url": {"path": "//example.org"}}, (400, 9020), id="a path that is a host"),
        pytest.param({"authorization_url": {"uri": "nowhere"}}, (400, 9020), id="no address"),
        pytest.param({"authorization_url": {"uri": "http://[x"}}, (400, 9020), id="a broken address"),
        pytest.param({"authorization_url": {"uri": "https://a b"}}, (400, 9020), id="a blank in the address"),
        pytest.param({"authorization_url": {}}, (400, 9047), id="neither address nor path"),
        pytest.param({"items": an_item(external_id=identifier("nothing", "x"))}, (400, 9023), id="an unknown type"),
        pytest.param({"items": an_item(external_id=identifier("doi", "x", None))}, (400, 9023), id="no relationship"),
        pytest.param({"items": an_item(external_id=identifier("doi", " "))}, (400, 9047), id="a blank value"),
        pytest.param({"items": an_item(item_type="research-resource")}, (400, 9047), id="a type of no notification"),
        pytest.param({"items": an_item(item_name="x" * 1001)}, (400, 9047), id="a long name"),
        pytest.param({"items": {"item": []}}, (400, 9047), id="no item"),
        pytest.param({"notification_subject": "x" * 1001}, (400, 9047), id="a long subject"),
        pytest.param({"notification_intro": None}, (400, 9047), id="no intro"),
        pytest.param({"notification_type": "custom"}, (400, 9047), id="another type"),
    ],
)
def test_what_is_refused(newer: Inbox, changes: dict[str, object], expected: tuple[int, int]) -> None:
    """Nothing comes into the inbox."""
    assert code_of(newer.post(**changes)) == expected
    assert newer.control.notifications(newer.orcid) == []


def test_the_texts_of_refusals(newer: Inbox) -> None:
    """As in section 10."""
    text = newer.post(put_code=1).json()["developer-message"]
    assert text.endswith("Put code must be null when creating a new notification")
    assert newer.post(authorization_url={"uri": "x"}).json()["developer-message"].endswith("Bad authorization uri")


@pytest.mark.parametrize("kind", ["work", "employment", "invited-position", "service", "funding", "peer-review"])
def test_kinds_of_items(newer: Inbox, kind: str) -> None:
    """Identifiers are optional."""
    newer.posted(items=an_item(item_type=kind))


def test_the_scope_is_needed(newer: Inbox) -> None:
    """Another of the client's own, or a researcher's token, is 403/9038; no client without it gets it."""
    newer.token = a_token(newer.control, scope="/read-public")
    assert code_of(newer.post()) == (403, 9038)
    newer.token = newer.control.grant(newer.orcid)["access_token"]
    assert code_of(newer.post()) == (403, 9038)
    assert code_of(newer.call("GET")) == (403, 9038)


@pytest.mark.parametrize(
    ("state", "expected"),
    [("missing", (404, 9016)), ("locked", (409, 9018)), ("deactivated", (409, 9044)), ("deprecated", (409, 9007))],
)
def test_the_record_must_be_there(newer: Inbox, state: str, expected: tuple[int, int]) -> None:
    """The record's state is checked as for any write."""
    newer.control.set_state(newer.orcid, state, primary="0000-0002-1825-0097")
    assert code_of(newer.post()) == expected


def test_a_locked_client_asks_nobody(newer: Inbox) -> None:
    """409/9057, deactivated or locked."""
    for barred in ({"locked": True}, {"deactivated": True}):
        newer.control.change_client("APP-BARREDCLIENT0001", **barred)
        assert code_of(newer.as_client("APP-BARREDCLIENT0001").post()) == (409, 9057)


def test_the_researcher_reads_and_acts(newer: Inbox) -> None:
    """Each leaves its date; acting also reads, and leads to the address that was sent."""
    first, second = newer.posted(), newer.posted(authorization_url={"uri": "https://example.org/a?b=c"})
    newer.control.read_notification(newer.orcid, first)
    assert newer.control.act_on_notification(newer.orcid, second) == "https://example.org/a?b=c"
    shown = [newer.call("GET", f"/{put_code}").json() for put_code in (first, second)]
    assert [[one[key] is not None for key in DATES[2:]] for one in shown] == [[True, False, False], [True, True, False]]
    assert newer.control.act_on_notification(newer.orcid, first) == f"{newer.http.base_url}{PATH}"
    newer.control.archive_notification(newer.orcid, first)
    assert [one.archived is not None for one in newer.control.notifications(newer.orcid)] == [True, False]
    with pytest.raises(ControlError, match="notification: 7 is not in the inbox"):
        newer.control.read_notification(newer.orcid, 7)


def test_a_client_takes_it_back(newer: Inbox) -> None:
    """DELETE archives: 200 with the notification, a second time too; 403/9009 once it was read."""
    archived, read = newer.posted(), newer.posted()
    for _ in range(2):
        answer = newer.call("DELETE", f"/{archived}")
        assert (answer.status_code, answer.json()["archived-date"] is None) == (200, False)
    newer.control.read_notification(newer.orcid, read)
    assert code_of(newer.call("DELETE", f"/{read}")) == (403, 9009)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_only_ones_own(newer: Inbox, method: str) -> None:
    """403/9004 for another client's, 404/9029 for none, in somebody else's inbox too; 400/9034 for no number."""
    put_code = newer.posted()
    assert code_of(newer.as_client(OTHER).call(method, f"/{put_code}")) == (403, 9004)
    missing = newer.call(method, "/7")
    assert code_of(missing) == (404, 9029)
    assert f"Could not find notification with id: 7 for ORCID: {newer.orcid}" in missing.json()["developer-message"]
    assert code_of(newer.call(method, "/x")) == (400, 9034)
    newer.orcid = fresh_orcid()
    newer.control.create_record(newer.orcid)
    assert code_of(newer.call(method, f"/{put_code}")) == (404, 9029)


def test_a_list_has_the_clients_own(newer: Inbox) -> None:
    """The newest first."""
    put_codes = [newer.posted(), newer.posted()]
    newer.as_client(OTHER).posted()
    assert [one["put-code"] for one in newer.call("GET").json()["notification"]] == put_codes[::-1]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_nothing_is_changed(newer: Inbox, method: str) -> None:
    """There is no such method."""
    assert code_of(newer.call(method, f"/{newer.posted()}", json={})) == (405, 9001)


XML_BODY = """
<n:notification xmlns:n="http://www.orcid.org/ns/notification" xmlns:common="http://www.orcid.org/ns/common">
<n:notification-type>permission</n:notification-type>
<n:authorization-url><n:path>/oauth/authorize?a=b</n:path></n:authorization-url>
<n:notification-subject>S</n:notification-subject><n:notification-intro>I</n:notification-intro>
<n:items><n:item><n:item-type>work</n:item-type><n:item-name>Moa</n:item-name></n:item></n:items>
</n:notification>
"""
_TYPE = "<n:notification-type>permission</n:notification-type>\n"


def test_xml_works_too(inbox: Inbox) -> None:
    """Sent, and read back with the same parts in ORCID's order."""
    answer = inbox.call("POST", kind=XML, content=XML_BODY)
    assert answer.status_code == 201, answer.text
    shown = inbox.call("GET", "/" + answer.headers["location"].rpartition("/")[2], kind=XML).text
    parts = ("put-code", "notification-type>", "authorization-url>", "notification-subject>", "items>", "source>")
    assert sorted(parts, key=shown.index) == list(parts)
    listed = inbox.call("GET", kind=XML).text
    assert "notifications" in listed


def test_the_order_in_xml_counts(inbox: Inbox) -> None:
    """The type must come first: the schema's error of the version."""
    body = XML_BODY.replace(_TYPE, "").replace("</n:items>", "</n:items>" + _TYPE)
    expected = {"v3.0": "9012", "v2.1": "9001"}[inbox.version]
    answer = inbox.call("POST", kind=XML, content=body)
    assert answer.status_code == 400
    assert f"<error-code>{expected}</error-code>" in answer.text


@needs_orcids_files
@pytest.mark.parametrize("version", ["v3.0", "v2.1"])
def test_orcids_sample_is_taken(newer: Inbox, version: str) -> None:
    """But for its put-code, which only ORCID gives."""
    number = version.removeprefix("v")
    body = sample(version, f"other/notification_{number}/notification-permission-{number}.xml")
    newer.version = version
    assert b"9006" in newer.call("POST", kind=XML, content=body).content
    answer = newer.call("POST", kind=XML, content=body.replace(b' put-code="1"', b""))
    assert answer.status_code == 201, answer.text


@needs_orcids_files
def test_what_is_shown_fits_orcids_schema(inbox: Inbox) -> None:
    """One with every date that there may be, and the list."""
    put_code = int(inbox.call("POST", kind=XML, content=XML_BODY).headers["location"].rpartition("/")[2])
    inbox.control.act_on_notification(inbox.orcid, put_code)
    inbox.control.archive_notification(inbox.orcid, put_code)
    for path in (f"/{put_code}", ""):
        assert schema_errors(inbox.version, inbox.call("GET", path, kind=XML).content) == []


def test_faults_hit_notifications_and_consent(newer: Inbox) -> None:
    """By the word of their address."""
    notified = newer.control.fault(f"500:section=notification-permission,orcid={newer.orcid},times=1")
    assert code_of(newer.post()) == (500, 9008)
    newer.posted()
    asked = newer.control.fault("503:section=authorize,times=1")
    assert newer.http.get("/oauth/authorize").status_code == 503
    assert newer.http.get("/oauth/authorize").status_code == 400
    newer.control.clear_faults(notified)
    newer.control.clear_faults(asked)
