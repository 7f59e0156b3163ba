"""The rate limit: 24 a second, burst 40, per client (API_FACTS section 9). No test waits: the clock comes in."""

from dataclasses import dataclass

import pytest

from tests.sandbox.people import Person, a_person
from worker.sandbox.limits import RateLimit


@dataclass
class Time:
    """A clock that stands still until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        """What time it is."""
        return self.now


def admitted(limit: RateLimit, requests: int, client: str = "a") -> int:
    """How many of so many requests at once are let in."""
    return sum(limit.admits(client) for _ in range(requests))


def test_a_burst_is_let_in_and_no_more() -> None:
    """Forty at once, then none."""
    assert admitted(RateLimit(Time()), 100) == 40


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param(0.04, 0, id="too soon"),
        pytest.param(0.05, 1, id="one more after a twenty-fourth"),
        pytest.param(1.0, 24, id="twenty-four after a second"),
        pytest.param(60.0, 40, id="never more than the burst"),
    ],
)
def test_the_bucket_refills(seconds: float, expected: int) -> None:
    """After a burst, time lets more in."""
    time = Time()
    limit = RateLimit(time)
    admitted(limit, 40)
    time.now += seconds
    assert admitted(limit, 100) == expected


def test_a_steady_rate_is_never_refused() -> None:
    """An hour of 24 requests a second, evenly."""
    time = Time()
    limit = RateLimit(time)
    for _ in range(24 * 3600):
        time.now += 1 / 24
        assert limit.admits("a")


def test_a_refused_request_costs_nothing() -> None:
    """Hammering does not put off the next admission."""
    time = Time()
    limit = RateLimit(time)
    admitted(limit, 40)
    for _ in range(100):
        time.now += 0.01
        limit.admits("a")
    assert admitted(limit, 100) <= 1


def test_each_client_has_its_own_bucket() -> None:
    """One client's burst does not slow another."""
    limit = RateLimit(Time())
    admitted(limit, 40)
    assert admitted(limit, 40, client="b") == 40


def test_a_limit_that_is_off_lets_everything_in() -> None:
    """`--no-limit`."""
    assert admitted(RateLimit(Time(), enabled=False), 1000) == 1000


def test_a_refused_request_gets_a_page_not_an_error_body(own_person: Person) -> None:
    """503 with HTML, before anything is looked at; counted; OAuth and other clients are not touched."""
    control = own_person.control
    other = a_person(own_person.http, control, client_id="APP-ANOTHERCLIENT001")
    control.limit(rate=0.001, burst=2)
    replies = [own_person.get("works") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [200, 200, 503]
    assert replies[2].headers["content-type"].startswith("text/html")
    assert "retry-after" not in replies[2].headers
    assert other.get("works").status_code == 200
    assert own_person.http.post("/oauth/token").status_code == 400
    assert control.statistics().limited == 1
    control.limit(enabled=False)
    assert own_person.get("works").status_code == 200
