"""Lanes: threads, and the fake without threads, keep the same promises."""

import threading
from collections.abc import Callable, Iterator, Sequence
from time import monotonic

import pytest

from mappers.secret import Secret
from tests.fakes.inline_lanes import InlineLanes
from worker.ports import Answer, HttpCall, Lanes, NoAnswer, OAuthCall, OrcidTransport, Reply, Ticket
from worker.sending.lanes import Arrival, ThreadLanes

LANES = 3
TOKEN = "a-token"
MakeLanes = Callable[[OrcidTransport], Lanes]


class Echo:
    """Answers each call with its own path. A path that begins with /gate waits for the gate; /raise raises."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.sent: list[str] = []
        self.closed_after: int | None = None

    def send(self, call: HttpCall | OAuthCall) -> Reply:
        """The path comes back."""
        if call.path.startswith("/gate"):
            self.gate.wait(5.0)
        if call.path.startswith("/raise"):
            raise ZeroDivisionError(TOKEN)
        self.sent.append(call.path)
        return Answer(200, {}, call.path.encode())

    def close(self) -> None:
        """Notes how many calls had been answered by then."""
        self.closed_after = len(self.sent)


@pytest.fixture
def echo() -> Iterator[Echo]:
    """A transport whose gate is open in the end, so that no thread stays behind."""
    made = Echo()
    yield made
    made.gate.set()


@pytest.fixture(params=[pytest.param(ThreadLanes, id="threads"), pytest.param(InlineLanes, id="inline")])
def lanes(request: pytest.FixtureRequest, echo: Echo) -> Iterator[Lanes]:
    """Three lanes of each kind."""
    made: Lanes = request.param(echo, LANES)
    yield made
    echo.gate.set()
    made.close(5.0)


def a_call(path: str) -> HttpCall:
    """A call to a path."""
    return HttpCall("POST", path, Secret(TOKEN), deadline=5.0)


def submit(lanes: Lanes, *paths: str, first: int = 1) -> None:
    """Hands over calls with tickets that count from `first`."""
    for number, path in enumerate(paths, first):
        lanes.submit(Ticket(number), a_call(path))


def collect(lanes: Lanes, count: int) -> list[Arrival]:
    """Collects until so many replies came."""
    arrived: list[Arrival] = []
    end = monotonic() + 5.0
    while len(arrived) < count:
        assert monotonic() < end, f"only {len(arrived)} of {count} replies came"
        arrived += lanes.collect(1.0)
    return arrived


def paths(arrived: Sequence[Arrival]) -> list[tuple[int, str]]:
    """Ticket and path of each reply."""
    return [(ticket.number, reply.body.decode()) for ticket, reply, _ in arrived if isinstance(reply, Answer)]


def test_each_reply_carries_the_ticket_of_its_call(lanes: Lanes) -> None:
    """Whatever order they come in, and each once."""
    submit(lanes, "/a", "/b", "/c")

    arrived = collect(lanes, 3)

    assert sorted(paths(arrived)) == [(1, "/a"), (2, "/b"), (3, "/c")]
    assert all(seconds >= 0.0 for _, _, seconds in arrived)
    assert lanes.collect(0.0) == []


def test_a_lane_is_busy_from_submission_until_its_reply_is_collected(lanes: Lanes) -> None:
    """`free` counts what can be handed over now; a reply that waits to be collected still holds its lane."""
    before = lanes.free
    submit(lanes, "/a", "/b", "/c")
    full = lanes.free
    collect(lanes, 3)

    assert (before, full, lanes.free) == (LANES, 0, LANES)


def test_collecting_with_nothing_in_flight_brings_nothing(lanes: Lanes) -> None:
    """It waits no longer than it may."""
    began = monotonic()

    assert list(lanes.collect(0.05)) == []
    assert list(lanes.collect(0.0)) == []
    assert list(lanes.collect(-1.0)) == []
    assert monotonic() - began < 1.0


def test_a_transport_that_raises_is_a_reply_too(lanes: Lanes) -> None:
    """Nobody would ever give its record back otherwise; whether it was sent is in doubt, and nothing secret is told."""
    submit(lanes, "/raise", "/b")

    arrived = {ticket.number: reply for ticket, reply, _ in collect(lanes, 2)}

    failed = arrived[1]
    assert isinstance(failed, NoAnswer)
    assert (failed.sent, failed.late) == (True, True)
    assert "ZeroDivisionError" in failed.why
    assert "a-token" not in failed.why
    assert arrived[2] == Answer(200, {}, b"/b")
    assert lanes.free == LANES


def test_lanes_are_used_again(lanes: Lanes) -> None:
    """Ten rounds of three calls."""
    for number in range(10):
        submit(lanes, "/a", "/b", "/c", first=number * 3)
        arrived = collect(lanes, 3)
        assert sorted(ticket.number for ticket, _, _ in arrived) == [number * 3, number * 3 + 1, number * 3 + 2]


def test_closing_lets_calls_in_flight_end(lanes: Lanes, echo: Echo) -> None:
    """The transport is closed after them."""
    submit(lanes, "/a", "/b")

    lanes.close(5.0)

    assert sorted(echo.sent) == ["/a", "/b"]
    assert echo.closed_after == 2


def test_closing_with_nothing_in_flight_is_quick(lanes: Lanes, echo: Echo) -> None:
    """There is nothing to wait for."""
    began = monotonic()

    lanes.close(5.0)

    assert monotonic() - began < 1.0
    assert echo.closed_after == 0


def test_closing_waits_no_longer_than_it_may(echo: Echo) -> None:
    """A call that hangs is left alone: its intent stays open."""
    lanes = ThreadLanes(echo, LANES)
    submit(lanes, "/gate", "/b")
    began = monotonic()

    lanes.close(0.1)

    assert monotonic() - began < 2.0
    assert echo.closed_after == 1


def test_threads_send_side_by_side(echo: Echo) -> None:
    """A call that hangs holds up no other; replies come in the order they arrived in."""
    lanes = ThreadLanes(echo, LANES)
    submit(lanes, "/gate", "/b", "/c")
    quick = collect(lanes, 2)
    submit(lanes, "/d", first=4)
    after = collect(lanes, 1)
    echo.gate.set()

    assert {path for _, path in paths(quick)} == {"/b", "/c"}
    assert paths(after) == [(4, "/d")]
    assert paths(collect(lanes, 1)) == [(1, "/gate")]
    lanes.close(1.0)


def test_collecting_waits_for_the_first_reply_only(echo: Echo) -> None:
    """Then it takes what is there, and the others the next time."""
    lanes = ThreadLanes(echo, LANES)
    submit(lanes, "/gate", "/b")
    began = monotonic()

    arrived = lanes.collect(5.0)

    assert monotonic() - began < 2.0
    assert paths(arrived) == [(2, "/b")]
    echo.gate.set()
    lanes.close(1.0)
