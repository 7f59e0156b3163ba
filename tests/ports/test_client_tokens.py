"""Our client's own tokens: what the token service may answer, how long one is kept, and that nothing leaks."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from urllib.parse import parse_qs

import pytest

from mappers.secret import Secret
from tests.fakes.set_clock import SetClock
from tests.ports.loopback import Script, cut, loopback, reply, silence
from worker.ports import Answer, ClientScope, HttpCall, NoAnswer, NoToken, Reply
from worker.sending.client_tokens import ClientTokens
from worker.sending.deadline import steady
from worker.sending.orcid_client import OrcidClient, OwnAccess

SCOPE = "/group-id-record/update"
SECRET = "c7b1-the-secret"
TOKEN = "4bed1e13-7792-4129-9f07-aaf7b88ba88f"
GRANTED = {"access_token": TOKEN, "token_type": "bearer", "expires_in": 631138518, "scope": SCOPE, "orcid": None}


def told(body: object, status: str = "200 OK") -> Script:
    """A reply in JSON."""
    return reply(status, "Content-Type: application/json", body=json.dumps(body).encode())


@contextmanager
def a_client(base_url: str, secret: Secret | None = Secret(SECRET)) -> Iterator[OrcidClient]:  # noqa: B008
    """A client whose member API and token service are one server."""
    with closing(OrcidClient(base_url, OwnAccess(base_url, "APP-1", secret), pause=0.01)) as client:
        yield client


def a_call(deadline: float = 5.0) -> HttpCall:
    """A call that needs our client's own token."""
    return HttpCall("POST", "/v3.0/group-id-record", ClientScope(SCOPE), b"{}", "application/json", deadline)


def sent_to(*scripts: Script, deadline: float = 5.0) -> tuple[Reply, list[bytes]]:
    """The reply to a call, and the requests that arrived."""
    with loopback(*scripts) as server, a_client(server.base_url) as client:
        return client.send(a_call(deadline)), server.requests


def test_a_token_is_asked_for_and_used() -> None:
    """By a form with our id and secret (API_FACTS.md 7.2)."""
    answer, (asked, called) = sent_to(told(GRANTED), reply("201 Created"))
    head, _, form = asked.partition(b"\r\n\r\n")

    assert isinstance(answer, Answer)
    assert answer.status == 201
    assert head.startswith(b"POST /oauth/token HTTP/1.1\r\n")
    assert b"\r\naccept: application/json\r\n" in head.lower()
    assert parse_qs(form.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": [SCOPE],
        "client_id": ["APP-1"],
        "client_secret": [SECRET],
    }
    assert f"Authorization: Bearer {TOKEN}".lower().encode() in called.lower()


HTML = b"<html><body>Bad gateway</body></html>"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param(
            told({"error": "invalid_client", "error_description": "Bad client credentials"}, "401 Unauthorized"),
            NoToken("invalid_client", "Bad client credentials"),
            id="wrong secret",
        ),
        pytest.param(
            told({"error": "invalid_scope", "error_description": f"Invalid scope: {SCOPE}"}, "400 Bad Request"),
            NoToken("invalid_scope", f"Invalid scope: {SCOPE}"),
            id="scope not ours",
        ),
        pytest.param(
            told({"error": "unauthorized_client"}, "400 Bad Request"), NoToken("unauthorized_client", ""), id="locked"
        ),
        pytest.param(told({"error": "server_error"}, "401 Unauthorized"), "server_error", id="trouble that passes"),
        pytest.param(reply("503 Service Unavailable", body=HTML), "status 503", id="a proxy's page"),
        pytest.param(reply("429 Too Many Requests", body=HTML), "status 429", id="too many requests"),
        pytest.param(reply("500 Internal Server Error", body=b"{}"), "status 500", id="its own error"),
        pytest.param(reply("200 OK", body=HTML), "status 200", id="a web page"),
        pytest.param(told([]), "status 200", id="a list"),
        pytest.param(reply("200 OK", body=b"[" * 60_000), "status 200", id="deeply nested"),
        pytest.param(told({}), "something that is no token", id="nothing"),
        pytest.param(told({"access_token": ""}), "something that is no token", id="an empty token"),
        pytest.param(told({"access_token": 7}), "something that is no token", id="a number"),
        pytest.param(told({"access_token": "a\r\nb: c"}), "something that is no token", id="a line break"),
        pytest.param(told({"access_token": "é"}), "something that is no token", id="not ASCII"),
        pytest.param(told({"access_token": "a" * 5000}), "something that is no token", id="far too long"),
    ],
)
def test_what_is_no_token_is_told(script: Script, expected: NoToken | str) -> None:
    """Nothing is sent to the member API then; what passes by itself is as if ORCID could not be reached."""
    answer, requests = sent_to(script)

    if isinstance(expected, str):
        assert answer == NoAnswer(f"ORCID's token service answered with {expected}", sent=False, late=False, attempts=0)
    else:
        assert answer == expected
    assert len(requests) == 1


def test_a_huge_reply_is_not_read() -> None:
    """A token is short."""
    answer, _ = sent_to(reply(body=b" " * 100_000))

    assert answer == NoAnswer("a reply larger than any of ORCID's", sent=False, late=False, attempts=0)


@pytest.mark.parametrize(
    ("script", "why"),
    [
        pytest.param(cut, "the connection was cut", id="cut"),
        pytest.param(silence, "no reply in time", id="silence"),
    ],
)
def test_without_an_answer_nothing_was_sent(script: Script, why: str) -> None:
    """The deadline of the call is that of all it takes, asking for a token included."""
    began = steady()
    answer, _ = sent_to(script, deadline=0.4)

    assert answer == NoAnswer(why, sent=False, late=False, attempts=0)
    assert steady() - began < 1.0


def test_without_a_secret_nobody_is_asked() -> None:
    """It has to be set first."""
    with loopback(reply()) as server, a_client(server.base_url, None) as client:
        assert client.send(a_call()) == NoToken("invalid_client", "no client secret is set")
        assert server.requests == []


def test_a_client_without_own_access_has_no_token() -> None:
    """And says so instead of raising."""
    with loopback(reply()) as server, closing(OrcidClient(server.base_url)) as client:
        assert client.send(a_call()) == NoToken("invalid_client", "no client is set")
        assert server.requests == []


class TokenService:
    """Grants a new token each time it is asked, good for so many seconds."""

    def __init__(self, expires_in: object) -> None:
        self.expires_in = expires_in
        self.asked = 0

    def __call__(self, form: bytes, headers: Mapping[str, str], end: float) -> Answer:
        """The n-th token."""
        del form, headers, end
        self.asked += 1
        body = {"access_token": f"token-{self.asked}", "expires_in": self.expires_in}
        return Answer(200, {}, json.dumps(body).encode())


def tokens_of(service: TokenService, clock: SetClock) -> ClientTokens:
    """Tokens by this clock."""
    return ClientTokens("APP-1", Secret(SECRET), service, clock.now)


def get(tokens: ClientTokens, scope: str = SCOPE) -> str:
    """A token's text."""
    token = tokens.token(scope, steady() + 5.0)
    assert isinstance(token, Secret)
    return token.reveal()


def test_a_token_is_kept_until_shortly_before_it_expires() -> None:
    """By scope."""
    clock = SetClock(0.0)
    tokens = tokens_of(TokenService(3600), clock)
    found = [get(tokens), get(tokens), get(tokens, "/webhook")]
    clock.advance(3539.0)
    found.append(get(tokens))
    clock.advance(1.0)
    found.append(get(tokens))

    assert found == ["token-1", "token-1", "token-2", "token-1", "token-3"]


def test_a_token_is_kept_for_a_day_at_most() -> None:
    """Whatever the service says of it."""
    clock = SetClock(0.0)
    tokens = tokens_of(TokenService(10**400), clock)
    found = [get(tokens), get(tokens)]
    clock.advance(86_400.0)

    assert [*found, get(tokens)] == ["token-1", "token-1", "token-2"]


@pytest.mark.parametrize("expires_in", [30, 0, -5, None, "3600", True])
def test_a_token_without_a_time_to_keep_it_is_used_once(expires_in: object) -> None:
    """So is one that is over in a minute."""
    tokens = tokens_of(TokenService(expires_in), SetClock(0.0))

    assert [get(tokens), get(tokens)] == ["token-1", "token-2"]


def test_a_dropped_token_is_asked_for_anew_and_its_successor_is_kept() -> None:
    """Two calls may meet the end of one token: the second must not drop the first one's new token."""
    tokens = tokens_of(TokenService(3600), SetClock(0.0))
    old = Secret(get(tokens))
    tokens.drop(SCOPE, old)
    found = [get(tokens)]
    tokens.drop(SCOPE, old)
    found.append(get(tokens))

    assert found == ["token-2", "token-2"]


def test_threads_that_need_a_token_at_once_ask_for_one() -> None:
    """The others wait for it."""
    service = TokenService(3600)
    tokens = tokens_of(service, SetClock(0.0))
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(get(tokens))) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert found == ["token-1"] * 8
    assert service.asked == 1


def test_a_call_does_not_wait_for_anothers_token_beyond_its_deadline() -> None:
    """It was surely not sent."""
    entered, leave = threading.Event(), threading.Event()

    def slow(form: bytes, headers: Mapping[str, str], end: float) -> Answer:
        entered.set()
        leave.wait(5.0)
        return Answer(200, {}, b"{}")

    tokens = ClientTokens("APP-1", Secret(SECRET), slow)
    first = threading.Thread(target=tokens.token, args=(SCOPE, steady() + 5.0))
    first.start()
    entered.wait(5.0)
    second = tokens.token(SCOPE, steady() + 0.05)
    leave.set()
    first.join()

    assert second == NoAnswer("no token in time", sent=False, late=False)


def test_no_secret_shows_itself() -> None:
    """Neither in the reply nor in what a call shows of itself."""
    answer, _ = sent_to(told({"error": "invalid_client", "error_description": "no"}, "401 Unauthorized"))

    assert SECRET not in repr(answer)
    assert SCOPE not in repr(a_call())
