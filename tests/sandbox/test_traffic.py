"""What the stand-in counts, so that tests can assert on how a client behaves."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.sandbox.people import Person, a_person, a_work, an_employment
from worker.sandbox.messages import Request
from worker.sandbox.traffic import Traffic, request_kind


@pytest.mark.parametrize(
    ("method", "path", "kind", "writes_to"),
    [
        pytest.param("GET", "/v3.0/X/works", "GET", None, id="a read"),
        pytest.param("POST", "/v3.0/X/work", "POST", "X", id="a create"),
        pytest.param("POST", "/v3.0/X/works", "POST_BULK", "X", id="a bulk"),
        pytest.param("PUT", "/v3.0/X/employment/1", "PUT", "X", id="an update"),
        pytest.param("DELETE", "/v3.0/X/employment/1", "DELETE", "X", id="a delete"),
        pytest.param("POST", "/oauth/token", "OAUTH_TOKEN", None, id="a token"),
        pytest.param("POST", "/v3.0/X/nothing", "POST", None, id="an address that leads nowhere"),
    ],
)
def test_kinds_of_requests(method: str, path: str, kind: str, writes_to: str | None) -> None:
    """Requests are counted as the worker counts its calls."""
    assert request_kind(Request(method, path)) == (kind, writes_to)


def test_the_highest_rate_is_that_of_any_second() -> None:
    """Three requests within a second, and one more later; OAuth is not counted."""
    moments = iter([0.0, 0.9, 0.95, 1.5, 9.0])
    traffic = Traffic(clock=lambda: next(moments), wall=lambda: 0.0)
    for _ in range(5):
        traffic.take_off(Request("GET", "/v3.0/X/works"))
        traffic.take_off(Request("POST", "/oauth/token"))
    assert traffic.peak_per_second == 3


def test_requests_and_replies_are_counted(own_person: Person) -> None:
    """By kind and by status; the control API does not count."""
    put_code = own_person.has_added("work", a_work())
    own_person.bulk(a_work("10.1/b"))
    own_person.get("works")
    own_person.delete("work", put_code)
    own_person.delete("work", put_code)
    own_person.http.post("/oauth/revoke")
    counted = own_person.control.statistics()
    assert counted.requests == {"POST": 1, "POST_BULK": 1, "GET": 1, "DELETE": 2, "OAUTH_REVOKE": 1}
    assert counted.statuses == {"201": 1, "200": 2, "204": 1, "404": 1, "401": 1}
    assert (counted.overlaps, counted.limited, counted.peak_in_flight) == (0, 0, 1)
    own_person.control.reset_statistics()
    assert own_person.control.statistics().requests == {}


def test_the_log_keeps_no_tokens(own_person: Person) -> None:
    """Kind, path, status and error-code; not the query, the headers or the body."""
    own_person.http.get(
        f"/v3.0/{own_person.orcid}/work/7?access_token={own_person.token}", headers={"accept": "application/json"}
    )
    (seen,) = own_person.control.requests()
    assert (seen.kind, seen.path, seen.status, seen.error_code) == (
        "GET",
        f"/v3.0/{own_person.orcid}/work/7",
        404,
        9016,
    )


def test_a_cut_connection_is_logged_without_status(own_person: Person) -> None:
    """Counted as `cut`."""
    own_person.control.fault("reset-after")
    with pytest.raises(httpx.ReadError):
        own_person.post("work", a_work())
    assert [seen.status for seen in own_person.control.requests()] == [None]
    assert own_person.control.statistics().statuses == {"cut": 1}


@pytest.mark.parametrize(
    ("same", "overlaps"), [pytest.param(True, 1, id="one record"), pytest.param(False, 0, id="two records")]
)
def test_two_writes_at_once(own_person: Person, *, same: bool, overlaps: int) -> None:
    """Writes for one iD that are under way together are told; those for two iDs are as it should be."""
    other = own_person if same else a_person(own_person.http, own_person.control)
    own_person.control.fault("slow:seconds=0.5")
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda person: person.post("employment", an_employment()), (own_person, other)))
    assert [reply.status_code for reply in replies] == [201, 201]
    counted = own_person.control.statistics()
    assert (counted.overlaps, counted.peak_in_flight) == (overlaps, 2)


def test_a_read_beside_a_write_is_no_overlap(own_person: Person) -> None:
    """Only writes race."""
    own_person.control.fault("slow:seconds=0.2")
    with ThreadPoolExecutor(2) as pool:
        write = pool.submit(own_person.post, "employment", an_employment())
        read = pool.submit(own_person.get, "employments")
        assert (write.result().status_code, read.result().status_code) == (201, 200)
    assert own_person.control.statistics().overlaps == 0


def test_a_write_whose_reply_is_late_is_over_when_it_is_carried_out(own_person: Person) -> None:
    """What comes then is no overlap: the network has the reply, ORCID has done its part."""
    own_person.control.fault("slow-reply:seconds=1,times=1")
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(own_person.post, "employment", an_employment())
        while not own_person.items("employment"):
            time.sleep(0.01)
        own_person.has_added("work", a_work())
        assert late.result().status_code == 201
    counted = own_person.control.statistics()
    assert (counted.overlaps, counted.peak_in_flight) == (0, 2)
