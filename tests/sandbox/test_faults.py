"""Faults on request: the grammar, and what a client sees of each kind."""

import time

import httpx
import pytest

from tests.sandbox.people import Person, a_person, a_work, an_employment, error_of
from worker.sandbox.control_client import ControlError
from worker.sandbox.faults import CallFacts, FaultBoard, FaultSpecError, parse_fault
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import start_sandbox

POST_WORK = CallFacts("POST", "work", "0000-0001-2345-6789")


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        pytest.param("boom", "kind 'boom' is not one of: 500, error, 429, 503,", id="an unknown kind"),
        pytest.param(
            "503:evry=3", "field 'evry' is not one of: after, every, method, orcid, retry-after,", id="a typo"
        ),
        pytest.param("500:seconds=3", "field 'seconds' is not one of:", id="a field of another kind"),
        pytest.param("503:every", "'every' is not of the form field=value", id="no value"),
        pytest.param("503:every=0", "field 'every' is '0', but must be a whole number from 1 to 1000000", id="zero"),
        pytest.param("503:every=x", "field 'every' is 'x', but must be a whole number", id="letters"),
        pytest.param("slow", "field 'seconds' is missing, kind 'slow' needs it", id="no seconds"),
        pytest.param("slow:seconds=nan", "field 'seconds' is 'nan', but must be a number from 0", id="no number"),
        pytest.param("error:code=1", "field 'code' is '1', but must be one of ORCID's error codes", id="no such code"),
        pytest.param("500:section=papers", "field 'section' is 'papers', but must be one of: work,", id="no section"),
        pytest.param("500:method=PATCH", "field 'method' is 'PATCH', but must be one of: DELETE,", id="no such method"),
        pytest.param("500:orcid=0000-0001-2345-6780", "but must be an ORCID iD with a right check digit", id="no iD"),
        pytest.param("500:when=later", "field 'when' is 'later', but must be before or after", id="another time"),
        pytest.param("500:times=1,times=2", "field 'times' is given twice", id="twice"),
    ],
)
def test_a_bad_spec_is_one_line(spec: str, complaint: str) -> None:
    """The line names the spec, the field and the rule."""
    with pytest.raises(FaultSpecError) as raised:
        parse_fault(spec)
    assert str(raised.value).startswith(f"fault {spec!r}: ")
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("spec", "hits"),
    [
        pytest.param("500", "xxxxxx", id="every call"),
        pytest.param("500:every=3", "..x..x", id="each third"),
        pytest.param("500:times=2", "xx....", id="twice"),
        pytest.param("500:after=4", "....xx", id="after four"),
        pytest.param("500:after=1,every=2,times=2", "..x.x.", id="all together"),
        pytest.param("500:method=POST,section=work,orcid=0000-0001-2345-6789", "xxxxxx", id="filters that fit"),
        pytest.param("500:method=PUT", "......", id="another method"),
        pytest.param("500:section=works", "......", id="another section"),
        pytest.param("500:orcid=0000-0002-1825-0097", "......", id="another iD"),
    ],
)
def test_which_calls_a_fault_hits(spec: str, hits: str) -> None:
    """Six calls of one kind, one after the other."""
    board = FaultBoard()
    board.arm(spec)
    struck = [board.disturb(POST_WORK).striking is not None for _ in hits]
    assert "".join("x" if hit else "." for hit in struck) == hits


def test_oauth_is_hit_only_when_it_is_named() -> None:
    """A fault without section is about the member API."""
    token = CallFacts("POST", "token", None)
    board = FaultBoard()
    board.arm("500")
    assert board.disturb(token).striking is None
    board.arm("503:section=token")
    assert board.disturb(token).striking is not None


def test_only_what_is_forwarded_is_hit_by_the_forwarder() -> None:
    """Tokens and revocations: neither the consent page nor the member API."""
    board = FaultBoard()
    board.arm("forwarder")
    struck = [board.disturb(CallFacts("POST", section, None)).striking for section in ("token", "revoke")]
    assert [fault.error for fault in struck if fault is not None] == ["server_error", "server_error"]
    assert board.disturb(CallFacts("GET", "authorize", None)).striking is None
    assert board.disturb(POST_WORK).striking is None


def test_delays_add_up_and_the_first_other_fault_happens() -> None:
    """Two delays and two errors in force."""
    board = FaultBoard()
    for spec in ("slow:seconds=1", "429", "slow:seconds=0.5", "500", "slow-reply:seconds=2"):
        board.arm(spec)
    trouble = board.disturb(POST_WORK)
    assert (trouble.delay_before, trouble.delay_reply) == (1.5, 2.0)
    assert trouble.striking is not None
    assert trouble.striking.kind == "429"


@pytest.mark.parametrize(
    ("spec", "status", "media_type"),
    [
        pytest.param("429", 429, "text/html", id="429"),
        pytest.param("503:retry-after=7", 503, "text/html", id="503"),
        pytest.param("502-html", 502, "text/html", id="502"),
        pytest.param("504-html", 504, "text/html", id="504"),
        pytest.param("522-html", 522, "text/html", id="522"),
        pytest.param("500", 500, "application/json", id="500"),
        pytest.param("error:code=9057", 409, "application/json", id="an ORCID error"),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_fault_replaces_the_reply(person: Person, spec: str, status: int, media_type: str, when: str) -> None:
    """Before the call is carried out or after it; only `after` leaves something on the record."""
    number = person.control.fault(f"{spec}{',' if ':' in spec else ':'}when={when},orcid={person.orcid}")
    response = person.post("work", a_work())
    person.control.clear_faults(number)
    assert response.status_code == status
    assert response.headers["content-type"].startswith(media_type)
    assert response.headers.get("retry-after") == ("7" if "retry-after" in spec else None)
    assert len(person.items("work")) == (when == "after")


def test_the_500_is_orcids_own(person: Person) -> None:
    """9008 with an exception's name."""
    number = person.control.fault(f"500:orcid={person.orcid}")
    assert error_of(person.get("works")) == (500, 9008)
    person.control.clear_faults(number)


@pytest.mark.parametrize(
    ("kind", "added"), [pytest.param("reset-before", 0, id="before"), pytest.param("reset-after", 1, id="after")]
)
def test_a_reset(person: Person, kind: str, added: int) -> None:
    """The client sees the connection cut, whatever became of the call; the next call works."""
    person.control.fault(f"{kind}:times=1,orcid={person.orcid}")
    with pytest.raises(httpx.ReadError, match="reset by peer"):
        person.post("work", a_work())
    assert len(person.items("work")) == added
    assert person.post("work", a_work()).status_code == (409 if added else 201)


def test_a_slow_call_is_carried_out_although_the_client_gave_up(own_person: Person) -> None:
    """After a client's timeout the POST still commits: why a worker waits before it asks again."""
    own_person.control.fault("slow:seconds=1,times=1")
    with pytest.raises(httpx.ReadTimeout):
        own_person.http.post(
            f"/v3.0/{own_person.orcid}/work",
            json=a_work(),
            headers={"authorization": f"Bearer {own_person.token}"},
            timeout=httpx.Timeout(10, read=0.05),
        )
    assert own_person.items("work") == ()
    deadline = time.monotonic() + 10
    while not own_person.items("work"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_slow_reply_comes_after_the_commit(own_person: Person) -> None:
    """The client gives up, and the item is there at once."""
    own_person.control.fault("slow-reply:seconds=30")
    with pytest.raises(httpx.ReadTimeout):
        own_person.http.post(
            f"/v3.0/{own_person.orcid}/work",
            json=a_work(),
            headers={"authorization": f"Bearer {own_person.token}"},
            timeout=httpx.Timeout(10, read=0.5),
        )
    assert len(own_person.items("work")) == 1


def test_a_slow_call_holds_up_nobody_else(own_person: Person) -> None:
    """Another person's call is answered while one waits."""
    other = a_person(own_person.http, own_person.control)
    own_person.control.fault(f"slow:seconds=30,orcid={own_person.orcid}")
    with pytest.raises(httpx.ReadTimeout):
        own_person.http.get(
            f"/v3.0/{own_person.orcid}/works",
            headers={"authorization": f"Bearer {own_person.token}"},
            timeout=httpx.Timeout(10, read=0.05),
        )
    other.has_added("work", a_work())


def test_lists_can_lag_behind(person: Person) -> None:
    """Lists show an earlier state; items, and what conflicts, are of now."""
    put_code = person.has_added("employment", an_employment())
    number = person.control.fault(f"stale-lists:seconds=3600,orcid={person.orcid}")
    assert person.get("employments").json()["affiliation-group"] == []
    assert person.get(f"employment/{put_code}").status_code == 200
    person.control.clear_faults(number)
    person.delete("employment", put_code)
    assert person.get("employments").json()["affiliation-group"] == []


def test_faults_are_listed_and_ended_one_by_one(own_person: Person) -> None:
    """Each has a number, and counts what it saw and hit."""
    control = own_person.control
    first, second = control.fault("500:every=2"), control.fault("429:method=PUT")
    own_person.get("works")
    assert control.faults() == [
        {"id": first, "spec": "500:every=2", "seen": 1, "hits": 0},
        {"id": second, "spec": "429:method=PUT", "seen": 0, "hits": 0},
    ]
    control.clear_faults(first)
    assert [fault["id"] for fault in control.faults()] == [second]
    control.clear_faults()
    assert control.faults() == []


def test_a_bad_spec_is_refused_by_the_control_api(person: Person) -> None:
    """With the same line."""
    with pytest.raises(ControlError, match="fault 'boom': kind 'boom' is not one of"):
        person.control.fault("boom")


def test_faults_can_be_in_force_from_the_start() -> None:
    """`--fault` on the command line; a bad one is told before anything listens."""
    settings = SandboxSettings(faults=("502-html",))
    with start_sandbox(settings=settings) as running:
        assert httpx.get(f"{running.base_url}/v3.0/x/works").status_code == 502
    with pytest.raises(FaultSpecError):
        start_sandbox(settings=SandboxSettings(faults=("boom",)))
