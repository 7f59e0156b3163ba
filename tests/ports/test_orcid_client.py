"""The ORCID client on a bad network: what it says of a call that got no whole reply, and what it sends twice."""

import gzip
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from time import monotonic

import pytest

from mappers.secret import Secret
from tests.kafka.brokers import free_port
from tests.ports.loopback import Script, Visit, cut, deaf, loopback, reply, silence, trickle
from worker.ports import Answer, HttpCall, NoAnswer, Reply
from worker.sending import orcid_client
from worker.sending.deadline import steady
from worker.sending.orcid_client import OrcidClient

TOKEN = "4bed1e13-7792-4129-9f07-aaf7b88ba88f"
DEADLINE = 0.4
MARGIN = 0.5
"""What a busy machine may add."""


def a_call(method: str = "POST", *, token: str = TOKEN, body: bytes | None = b"{}", deadline: float = 5.0) -> HttpCall:
    """A call to a work."""
    path = "/v3.0/0000-0002-1825-0097/work"
    return HttpCall(method, path, Secret(token), None if method == "GET" else body, "application/json", deadline)


@contextmanager
def a_client(base_url: str) -> Iterator[OrcidClient]:
    """A client that hardly pauses between two attempts."""
    with closing(OrcidClient(base_url, pause=0.01)) as client:
        yield client


def sent_to(call: HttpCall, *scripts: Script) -> tuple[Reply, list[str], float]:
    """The reply to a call, the methods of the requests that arrived, and the seconds it took."""
    with loopback(*scripts) as server, a_client(server.base_url) as client:
        began = monotonic()
        answer = client.send(call)
        return answer, server.methods, monotonic() - began


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
def test_a_refused_connection_means_that_nothing_was_sent(method: str) -> None:
    """Nothing is in doubt then."""
    with a_client(f"http://127.0.0.1:{free_port()}") as client:
        answer = client.send(a_call(method))

    assert answer == NoAnswer("no connection", sent=False, late=False, attempts=1 if method == "POST" else 2)


def test_a_connection_that_is_not_accepted_in_time_means_that_nothing_was_sent() -> None:
    """It took the whole deadline, and no more."""
    sockets = deaf()
    port = sockets[0].getsockname()[1]
    began = monotonic()
    with a_client(f"http://127.0.0.1:{port}") as client:
        answer = client.send(a_call(deadline=DEADLINE))
    for one in sockets:
        one.close()

    assert answer == NoAnswer("no connection in time", sent=False, late=False)
    assert DEADLINE <= monotonic() - began < DEADLINE + MARGIN


def test_a_cut_post_is_in_doubt_and_not_repeated() -> None:
    """It was sent; it will not be carried out later than now."""
    answer, methods, _ = sent_to(a_call("POST"), cut)

    assert answer == NoAnswer("the connection was cut", sent=True, late=False)
    assert methods == ["POST"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET"])
def test_what_is_safe_is_repeated_once_when_its_connection_is_cut(method: str) -> None:
    """Both attempts count."""
    answer, methods, _ = sent_to(a_call(method), cut, reply())

    assert isinstance(answer, Answer)
    assert (answer.status, answer.body, answer.attempts) == (200, b"{}", 2)
    assert methods == [method, method]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET"])
def test_it_is_repeated_only_once(method: str) -> None:
    """Every longer wait is in the store."""
    answer, methods, _ = sent_to(a_call(method), cut)

    assert answer == NoAnswer("the connection was cut", sent=True, late=False, attempts=2)
    assert methods == [method, method]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    "status",
    [
        pytest.param("503 Service Unavailable", id="throttled"),
        pytest.param("429 Too Many Requests", id="too-many"),
        pytest.param("401 Unauthorized", id="token-revoked-meanwhile"),
        pytest.param("409 Conflict", id="locked-meanwhile"),
        pytest.param("500 Internal Server Error", id="failed"),
    ],
)
def test_a_second_attempt_that_was_not_carried_out_says_nothing_of_the_first(method: str, status: str) -> None:
    """The first one may have been: the call stays in doubt."""
    answer, methods, _ = sent_to(a_call(method), cut, reply(status))

    assert answer == NoAnswer("the connection was cut", sent=True, late=False, attempts=2)
    assert methods == [method, method]


@pytest.mark.parametrize(("method", "status"), [("DELETE", "404 Not Found"), ("PUT", "404 Not Found")])
def test_a_second_attempt_that_finds_nothing_settles_both(method: str, status: str) -> None:
    """Nothing stands there, whatever the first one did."""
    answer, _, _ = sent_to(a_call(method), cut, reply(status))

    assert isinstance(answer, Answer)
    assert (answer.status, answer.attempts) == (404, 2)


def test_a_second_attempt_without_connection_leaves_the_first_in_doubt() -> None:
    """Not "surely never left": the first one did."""

    def cut_and_leave(visit: Visit) -> None:
        server.leave()
        visit.cut()

    with loopback(cut_and_leave) as server, a_client(server.base_url) as client:
        answer = client.send(a_call("PUT"))

    assert answer == NoAnswer("the connection was cut", sent=True, late=False, attempts=2)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
def test_a_reply_that_does_not_come_in_time_may_still_be_carried_out(method: str) -> None:
    """It is not repeated either: the first attempt may still be under way."""
    answer, methods, seconds = sent_to(a_call(method, deadline=DEADLINE), silence)

    assert answer == NoAnswer("no reply in time", sent=True, late=True)
    assert methods == [method]
    assert DEADLINE <= seconds < DEADLINE + MARGIN


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(trickle(b""), id="status-line"),
        pytest.param(trickle(b"HTTP/1.1 200 OK\r\nX-Long: "), id="headers"),
        pytest.param(trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"), id="body"),
        pytest.param(trickle(b"HTTP/1.1 100 Continue\r\n\r\n" * 50, every=0.001), id="one-hundred-and-nothing-else"),
    ],
)
def test_the_deadline_is_of_the_whole_call(script: Script) -> None:
    """A server that sends a byte now and then does not prolong it."""
    answer, _, seconds = sent_to(a_call("GET", deadline=DEADLINE), script)

    assert isinstance(answer, NoAnswer)
    assert (answer.why, answer.sent) == ("no reply in time", True)
    assert seconds < DEADLINE + MARGIN


def test_the_deadline_holds_for_a_server_that_does_not_read() -> None:
    """A large body that nobody takes."""
    sockets = deaf()
    sockets[0].listen(8)
    port = sockets[0].getsockname()[1]
    began = monotonic()
    with a_client(f"http://127.0.0.1:{port}") as client:
        answer = client.send(a_call("POST", body=b"x" * 32_000_000, deadline=DEADLINE))
    for one in sockets:
        one.close()

    assert answer == NoAnswer("the request could not be sent in time", sent=True, late=True)
    assert monotonic() - began < DEADLINE + MARGIN


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
def test_what_is_late_before_it_is_sent_is_not_sent(method: str) -> None:
    """A process that was stopped in between may have lost the record to another by now."""
    answer, methods, _ = sent_to(replace(a_call(method), end=steady() - 0.001), silence)

    assert answer == NoAnswer("its time was over before it was sent", sent=False, late=False)
    assert not methods


def test_an_end_comes_before_the_deadline() -> None:
    """The deadline alone would let it go on for 30 seconds."""
    answer, methods, seconds = sent_to(replace(a_call("POST", deadline=30.0), end=steady() + DEADLINE), silence)

    assert answer == NoAnswer("no reply in time", sent=True, late=True)
    assert methods == ["POST"]
    assert seconds < DEADLINE + MARGIN


def test_a_second_attempt_has_only_what_is_left_of_the_deadline() -> None:
    """The call as a whole takes no longer."""
    answer, methods, seconds = sent_to(a_call("PUT", deadline=DEADLINE), cut, silence)

    assert answer == NoAnswer("no reply in time", sent=True, late=True, attempts=2)
    assert methods == ["PUT", "PUT"]
    assert seconds < DEADLINE + MARGIN


def test_a_reply_is_told_as_it_came() -> None:
    """Status, headers by their names in lower case, body."""
    answer, _, _ = sent_to(a_call("GET"), reply("404 Not Found", "Retry-After: 7", body=b"<html>"))

    assert isinstance(answer, Answer)
    assert (answer.status, answer.headers["retry-after"], answer.body) == (404, "7", b"<html>")


def test_a_compressed_reply_is_told_decompressed() -> None:
    """Lists of works are large."""
    answer, _, _ = sent_to(a_call("GET"), reply("200 OK", "Content-Encoding: gzip", body=gzip.compress(b"[1]")))

    assert isinstance(answer, Answer)
    assert answer.body == b"[1]"


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_not_followed(status: str) -> None:
    """A token is sent to nobody but ORCID; a redirect is a reply like others."""
    with loopback(reply()) as elsewhere:
        answer, methods, _ = sent_to(a_call("PUT"), reply(status, f"Location: {elsewhere.base_url}/take-it"))
        assert elsewhere.requests == []

    assert isinstance(answer, Answer)
    assert (answer.status, methods) == (int(status[:3]), ["PUT"])


def test_a_reply_larger_than_any_of_orcids_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded, compressed or not."""
    monkeypatch.setattr(orcid_client, "LARGEST_REPLY", 1000)
    answer, _, _ = sent_to(a_call("POST"), reply("200 OK", "Content-Encoding: gzip", body=gzip.compress(b"x" * 1001)))

    assert answer == NoAnswer("a reply larger than any of ORCID's", sent=True, late=False)


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", id="no-http"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", id="cut-body"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Encoding: gzip\r\n\r\nabc", id="no-gzip"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", id="no-chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000, id="endless-header"),
    ],
)
def test_rubbish_instead_of_a_reply_is_a_cut(head: bytes) -> None:
    """Whatever a broken proxy sends, nothing is raised."""
    answer, _, _ = sent_to(a_call("POST"), lambda visit: visit.say(head))

    assert answer == NoAnswer("the connection was cut", sent=True, late=False)


@pytest.mark.parametrize(
    "scripts",
    [pytest.param([cut], id="cut"), pytest.param([silence], id="silence"), pytest.param([reply("401 No")], id="401")],
)
def test_no_token_is_shown(scripts: list[Script]) -> None:
    """Neither in the call's repr nor in what is said of it."""
    call = a_call("POST", deadline=DEADLINE)

    answer, _, _ = sent_to(call, *scripts)

    assert TOKEN not in repr(call)
    assert TOKEN not in repr(answer)


def test_a_token_that_fits_into_no_header_is_never_sent() -> None:
    """And not told: nothing is in doubt."""
    for token in ("not-ascii-\N{SNOWMAN}", "two\r\nlines: of-it"):
        answer, methods, _ = sent_to(a_call("POST", token=token), reply())

        assert answer == NoAnswer("the request cannot be written", sent=False, late=False)
        assert methods == []


def test_the_environments_proxies_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets them for other programs does not get our tokens."""
    proxy = f"http://127.0.0.1:{free_port()}"
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy)

    answer, methods, _ = sent_to(a_call("PUT"), reply())

    assert isinstance(answer, Answer)
    assert methods == ["PUT"]


def test_no_cookie_ties_the_calls_of_different_people_together() -> None:
    """A load balancer's or a session's cookie is not sent back."""
    with loopback(reply("200 OK", "Set-Cookie: JSESSIONID=abc; Path=/")) as server, a_client(server.base_url) as client:
        client.send(a_call("PUT"))
        client.send(a_call("PUT", token="another"))

        assert [b"cookie" in request.lower() for request in server.requests] == [False, False]


def test_what_is_sent_is_what_the_call_says() -> None:
    """Method, path, token, media type and body; the reply is asked for as JSON all the same; and who we are."""
    with loopback(reply()) as server, a_client(server.base_url) as client:
        client.send(replace(a_call("POST", body=b"<a>1</a>"), media_type="application/xml"))
        head, _, body = server.requests[0].partition(b"\r\n\r\n")

    lines = {line.lower() for line in head.decode().split("\r\n")}
    assert head.startswith(b"POST /v3.0/0000-0002-1825-0097/work HTTP/1.1\r\n")
    asked = "accept: application/vnd.orcid+json"
    expected = ("authorization: bearer " + TOKEN, asked, "content-type: application/xml")
    assert lines >= {*expected, "user-agent: orcid-sync", "content-length: 8"}
    assert body == b"<a>1</a>"


def test_a_closed_client_sends_nothing() -> None:
    """And says so instead of raising."""
    with loopback(reply()) as server:
        with a_client(server.base_url) as client:
            pass
        answer = client.send(a_call("POST"))

        assert answer == NoAnswer("the client is closed", sent=False, late=False)
        assert server.requests == []
