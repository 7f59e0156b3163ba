"""The control API: arranging the stand-in, and one clear line for what makes no sense."""

import httpx
import pytest

from tests.sandbox.people import Person, a_work, an_employment, fresh_orcid
from worker.sandbox.control import answer_control
from worker.sandbox.control_client import ControlError, SandboxControl
from worker.sandbox.messages import Request
from worker.sandbox.orcid_id import is_orcid_id, orcid_id
from worker.sandbox.sandbox import Sandbox, SandboxSettings
from worker.sandbox.server import start_sandbox


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        pytest.param("0000-0002-1825-0097", True, id="a digit"),
        pytest.param("0000-0002-4325-871X", True, id="an X"),
        pytest.param("0000-0002-1825-0098", False, id="a wrong digit"),
        pytest.param("0000-0002-4325-871x", False, id="a small x"),
        pytest.param("0000000218250097", False, id="no dashes"),
        pytest.param("https://orcid.org/0000-0002-1825-0097", False, id="an address"),
    ],
)
def test_check_digits(text: str, valid: bool) -> None:  # noqa: FBT001  # a column of the table
    """ISO 7064 MOD 11-2."""
    assert is_orcid_id(text) is valid


def test_numbers_make_valid_ids() -> None:
    """What demos use to have as many people as they like."""
    assert orcid_id(21825009) == "0000-0002-1825-0097"
    assert all(is_orcid_id(orcid_id(number)) for number in range(0, 100_000, 997))


def test_a_record_is_created_and_changed(control: SandboxControl) -> None:
    """What is not given stays as it is."""
    orcid = fresh_orcid()
    control.create_record(orcid, name="Sofia Garcia", visibility="limited")
    record = control.create_record(orcid, state="locked")
    assert (record.name, record.visibility, record.state, record.items) == ("Sofia Garcia", "limited", "locked", ())
    assert orcid in control.records()


def test_items_show_what_a_client_could_have_sent(person: Person) -> None:
    """The document without nulls, source and dates beside it."""
    put_code = person.has_added("employment", an_employment(role_title="Lecturer"))
    (item,) = person.items("employment")
    assert item.document == an_employment(role_title="Lecturer")
    assert (item.put_code, item.source, item.source_name) == (put_code, "APP-0RCIDSYNCSANDBOX", "My Client")
    assert item.created == item.last_modified


def test_the_researcher_edits_an_item(person: Person) -> None:
    """Fields are merged on top; the source stays ours."""
    put_code = person.has_added("work", a_work())
    edited = person.control.edit_as_researcher(person.orcid, put_code, visibility="private", document={"type": "book"})
    assert (edited.visibility, edited.document["type"], edited.source) == ("private", "book", "APP-0RCIDSYNCSANDBOX")
    assert edited.document["title"] == {"title": {"value": "Moa"}}
    assert edited.last_modified > edited.created


def test_the_researcher_deletes_an_item(person: Person) -> None:
    """Then our update finds nothing."""
    put_code = person.has_added("work", a_work())
    person.control.remove_as_researcher(person.orcid, put_code)
    assert person.put("work", put_code, a_work()).status_code == 404


def test_the_researcher_revokes_one_client_or_all(http: httpx.Client, control: SandboxControl) -> None:
    """How many grants ended is told."""
    orcid = fresh_orcid()
    control.grant(orcid)
    other = Person(orcid, control.grant(orcid, client_id="APP-ANOTHERCLIENT001")["access_token"], http, control)
    assert control.revoke_as_researcher(orcid, client_id="APP-0RCIDSYNCSANDBOX") == 1
    assert other.get("works").status_code == 200
    assert control.revoke_as_researcher(orcid) == 2
    assert other.get("works").status_code == 401


def test_reset_forgets_everything(own_person: Person) -> None:
    """Records, tokens, faults and counts."""
    own_person.has_added("work", a_work())
    own_person.control.fault("500")
    own_person.control.reset()
    assert own_person.control.records() == []
    assert own_person.get("works").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "form", "complaint"),
    [
        pytest.param("POST", "/records", {"orcid": "x"}, "orcid: 'x' is not an ORCID iD", id="no iD"),
        pytest.param("POST", "/records", {"orcid": "x", "nme": "y"}, "nme: Extra inputs", id="an unknown field"),
        pytest.param(
            "POST", "/records", {"orcid": "0000-0002-1825-0097", "state": "odd"}, "state: Input", id="a state"
        ),
        pytest.param(
            "POST",
            "/records",
            {"orcid": "0000-0002-1825-0097", "state": "deprecated"},
            "primary: a deprecated record needs",
            id="a merged record without its primary",
        ),
        pytest.param("GET", "/records/0000-0002-1825-0097/inbox", None, "orcid: there is no record", id="no record"),
        pytest.param("POST", "/grants", {"orcid": None, "scopes": ["/activities/update"]}, "scopes:", id="wrong legs"),
        pytest.param(
            "POST",
            "/clients",
            {"client_id": "APP-X", "redirect_uris": ["/callback"]},
            "redirect_uris: '/callback' is not an absolute address",
            id="a redirect URI that is none",
        ),
        pytest.param(
            "POST",
            "/clients",
            {"client_id": "APP-X", "scopes": ["/activities/update"]},
            "scopes: /activities/update is not one of a client's own",
            id="a scope of a researcher",
        ),
        pytest.param("POST", "/clients", {"client_id": "APP-X", "locked": None}, "locked: Input", id="neither nor"),
        pytest.param("POST", "/permission", {"code_length": 5}, "code_length: Input", id="codes too short"),
        pytest.param("POST", "/permission", {"refresh": 5}, "refresh: Extra inputs", id="an unknown rule"),
        pytest.param("POST", "/consents", {"orcid": "x"}, "url: Field required", id="a consent to nothing"),
        pytest.param("POST", "/revocations", {}, "revocation: token or orcid is needed", id="revoking nobody"),
        pytest.param("POST", "/limit", {"rate": 0}, "rate: Input should be greater than 0", id="a rate of zero"),
        pytest.param("GET", "/nothing", None, "there is no GET /sandbox/nothing", id="an unknown address"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    http: httpx.Client, method: str, path: str, form: object, complaint: str
) -> None:
    """400 with the field and the rule."""
    response = http.request(method, f"/sandbox{path}", json=form)
    assert response.status_code == 400
    assert complaint in response.json()["error"]
    assert "\n" not in response.json()["error"]


def test_a_client_changes_in_part(own_control: SandboxControl) -> None:
    """What is not told stays: a locked client stays locked when its secret, addresses or name change."""
    own_control.create_client("APP-X", name="X", locked=True)
    own_control.change_client("APP-X", secret="another", redirect_uris=["https://example.org/"])
    own_control.change_client("APP-X", name="Y")
    with pytest.raises(ControlError, match="Redirect URI"):
        own_control.consent("?client_id=APP-X&redirect_uri=http://localhost/", "0000-0002-1825-0097")
    sent = own_control.consent("?client_id=APP-X&redirect_uri=https://example.org/", "0000-0002-1825-0097")
    assert sent == "https://example.org/?error=client_locked"
    assert "another" in own_control.secrets()


def test_items_that_make_no_sense(person: Person) -> None:
    """An unknown section, a document of the wrong shape, a put-code that is not there."""
    with pytest.raises(ControlError, match="section: 'paper' is not one of: work,"):
        person.control.add_item(person.orcid, "paper", a_work())
    with pytest.raises(ControlError, match=r"work\.type"):
        person.control.add_item(person.orcid, "work", a_work(type="x"))
    with pytest.raises(ControlError, match="put_code: 1 is not on record"):
        person.control.remove_as_researcher(person.orcid, 1)


def test_records_can_be_required_to_exist() -> None:
    """Without `auto_records` a grant for an unknown iD is refused."""
    settings = SandboxSettings(auto_records=False)
    with start_sandbox(settings=settings) as running, SandboxControl(running.base_url) as control:
        with pytest.raises(ControlError, match="there is no record"):
            control.grant("0000-0002-1825-0097")
        control.create_record("0000-0002-1825-0097")
        assert control.grant("0000-0002-1825-0097")["orcid"] == "0000-0002-1825-0097"


def test_only_loopback_is_answered() -> None:
    """Whoever else reaches the port can do nothing here, but hear that the stand-in answers."""
    response = answer_control(Sandbox(), Request("POST", "/sandbox/reset", peer="192.0.2.1"))
    assert response.status == 403
    assert answer_control(Sandbox(), Request("GET", "/sandbox/healthz", peer="192.0.2.1")).status == 200
