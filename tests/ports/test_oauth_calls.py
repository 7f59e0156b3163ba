"""Forms to the authorization server: the client over HTTP and the fake without a network answer alike."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from time import monotonic
from urllib.parse import parse_qs

import pytest

from mappers.secret import Secret
from tests.kafka.brokers import free_port
from tests.ports.loopback import Script, cut, loopback, reply, silence, trickle
from tests.ports.orcids import KINDS, ORCID, Orcid, in_process, over_http
from worker.calling.token_replies import (
    Refusal,
    Revoked,
    TokenGranted,
    TokenRefused,
    read_revoke_reply,
    read_token_reply,
)
from worker.ports import Answer, NoAnswer, NoToken, OAuthCall, Reply
from worker.sandbox.control_forms import CodeForm
from worker.sandbox.researchers import issue_code
from worker.sending.orcid_client import OrcidClient, OwnAccess

REDIRECT_URI = "https://connect.example.edu/callback"


@pytest.fixture(params=list(KINDS))
def orcid(request: pytest.FixtureRequest) -> Iterator[Orcid]:
    """ORCID behind a transport of each kind."""
    with KINDS[request.param]() as made:
        yield made


def a_code(orcid: Orcid) -> str:
    """A code, as if the researcher had just agreed."""
    form = CodeForm(orcid=ORCID, scopes=["/read-limited", "/activities/update"], redirect_uri=REDIRECT_URI)
    with orcid.sandbox.lock:
        return issue_code(orcid.sandbox, form)


def exchanged(orcid: Orcid, code: str, redirect_uri: str = REDIRECT_URI) -> TokenGranted | TokenRefused:
    """What an exchange of the code came to."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    told = read_token_reply(orcid.transport.send(OAuthCall("/oauth/token", form, 5.0)), 0.0)
    assert isinstance(told, TokenGranted | TokenRefused)
    return told


def test_a_code_becomes_a_pair_of_tokens(orcid: Orcid) -> None:
    """And the token serves at the member API."""
    told = exchanged(orcid, a_code(orcid))

    assert isinstance(told, TokenGranted)
    assert told.orcid == ORCID
    assert told.scopes == {"/read-limited", "/activities/update"}
    assert told.refresh_token is not None
    assert orcid.ask("GET", "/works", as_=told.access_token.reveal()).status == 200


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_a_revoked_pair_serves_no_more(orcid: Orcid, which: str) -> None:
    """Whichever of the two is revoked, and however often."""
    told = exchanged(orcid, a_code(orcid))
    assert isinstance(told, TokenGranted)
    form = {"token": getattr(told, which).reveal()}
    replies = [read_revoke_reply(orcid.transport.send(OAuthCall("/oauth/revoke", form, 5.0))) for _ in range(2)]

    assert replies == [Revoked(), Revoked()]
    assert orcid.ask("GET", "/works", as_=told.access_token.reveal()).status == 401


def test_a_refresh_gives_a_new_pair(orcid: Orcid) -> None:
    """The old pair ends."""
    first = exchanged(orcid, a_code(orcid))
    assert isinstance(first, TokenGranted)
    assert first.refresh_token is not None
    form = {"grant_type": "refresh_token", "refresh_token": first.refresh_token.reveal()}
    second = read_token_reply(orcid.transport.send(OAuthCall("/oauth/token", form, 5.0)), 0.0)

    assert isinstance(second, TokenGranted)
    assert [orcid.ask("GET", "/works", as_=one.access_token.reveal()).status for one in (first, second)] == [401, 200]


@pytest.mark.parametrize(
    ("code", "redirect_uri", "about"),
    [
        pytest.param("nosuch", REDIRECT_URI, Refusal.OTHER, id="unknown"),
        pytest.param(None, "https://elsewhere.example.edu/", Refusal.REDIRECT_MISMATCH, id="redirect"),
    ],
)
def test_a_code_that_is_not_taken_says_why(orcid: Orcid, code: str | None, redirect_uri: str, about: Refusal) -> None:
    """Without showing the code."""
    told = exchanged(orcid, code or a_code(orcid), redirect_uri)

    assert isinstance(told, TokenRefused)
    assert told.about is about
    assert "nosuch" not in told.why


@pytest.mark.parametrize("kind", [over_http, in_process], ids=["http", "in-process"])
@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_a_wrong_secret_is_refused(path: str, kind: Callable[[str], AbstractContextManager[Orcid]]) -> None:
    """That is about us, not about the permission."""
    with kind("wrong") as orcid:
        told = read_token_reply(orcid.transport.send(OAuthCall(path, {"grant_type": "authorization_code"}, 5.0)), 0.0)

    assert told == TokenRefused("invalid_client", "Bad client credentials", is_ours=True, about=Refusal.CLIENT)


TOKEN_CALL = OAuthCall("/oauth/token", {"grant_type": "authorization_code", "code": "a b&c=ü"}, 5.0)
REVOKE_CALL = OAuthCall("/oauth/revoke", {"token": "t"}, 5.0)


def sent_to(call: OAuthCall, *scripts: Script, secret: Secret | None = Secret("hush")) -> tuple[Reply, list[bytes]]:  # noqa: B008
    """The reply to a form, and the requests that arrived."""
    own = OwnAccess("", "APP-1", secret)
    with loopback(*scripts) as server:
        own = OwnAccess(server.base_url, "APP-1", secret)
        with closing(OrcidClient("http://127.0.0.1:9", own, pause=0.01)) as client:
            return client.send(call), server.requests


def test_a_form_goes_to_the_authorization_server_with_our_id_and_secret() -> None:
    """Not to the member API; the reply is asked for as JSON."""
    answer, (request,) = sent_to(TOKEN_CALL, reply(body=b"{}"))
    head, _, form = request.partition(b"\r\n\r\n")

    assert isinstance(answer, Answer)
    assert head.startswith(b"POST /oauth/token HTTP/1.1\r\n")
    assert b"\r\naccept: application/json\r\n" in head.lower()
    assert b"\r\ncontent-type: application/x-www-form-urlencoded\r\n" in head.lower()
    assert b"authorization" not in head.lower()
    assert parse_qs(form.decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["a b&c=ü"],
        "client_id": ["APP-1"],
        "client_secret": ["hush"],
    }


def test_a_code_is_never_sent_twice() -> None:
    """It is good once: what came of it is in doubt."""
    answer, requests = sent_to(TOKEN_CALL, cut, reply())

    assert answer == NoAnswer("the connection was cut", sent=True, late=False)
    assert len(requests) == 1


def test_a_revocation_whose_connection_is_cut_is_sent_once_more() -> None:
    """It does the same twice."""
    answer, requests = sent_to(REVOKE_CALL, cut, reply(body=b""))

    assert isinstance(answer, Answer)
    assert (answer.status, answer.attempts, len(requests)) == (200, 2, 2)


@pytest.mark.parametrize("call", [TOKEN_CALL, REVOKE_CALL], ids=["token", "revoke"])
def test_without_a_secret_nothing_is_sent(call: OAuthCall) -> None:
    """The reply says what is missing."""
    answer, requests = sent_to(call, reply(), secret=None)

    assert answer == NoToken("invalid_client", "no client secret is set")
    assert requests == []


def test_without_a_client_nothing_is_sent() -> None:
    """Such a transport only sends under granted tokens."""
    with closing(OrcidClient("http://127.0.0.1:9")) as client:
        assert client.send(TOKEN_CALL) == NoToken("invalid_client", "no client is set")


def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    """So nothing is in doubt."""
    address = f"http://127.0.0.1:{free_port()}"
    with closing(OrcidClient(address, OwnAccess(address, "APP-1", Secret("hush")))) as client:
        assert client.send(TOKEN_CALL) == NoAnswer("no connection", sent=False, late=False)


def test_text_that_no_form_can_hold_is_a_reply() -> None:
    """A command line may bring bytes that are no text."""
    form = {"code": "\udcff"}
    with closing(OrcidClient("http://127.0.0.1:9", OwnAccess("http://127.0.0.1:9", "A", Secret("s")))) as client:
        assert client.send(OAuthCall("/oauth/token", form)) == NoAnswer(
            "the request cannot be written", sent=False, late=False
        )


@pytest.mark.parametrize("script", [silence, trickle(b"HTTP/1.1 200 OK\r\n\r\n")], ids=["silent", "trickling"])
def test_a_form_ends_with_its_deadline(script: Script) -> None:
    """Even when the reply trickles in."""
    began = monotonic()
    answer, _ = sent_to(OAuthCall("/oauth/token", {}, 0.3), script)

    assert answer == NoAnswer("no reply in time", sent=True, late=True)
    assert monotonic() - began < 2.0


def test_a_huge_reply_is_not_read() -> None:
    """A token is short."""
    answer, _ = sent_to(TOKEN_CALL, reply(body=b" " * 100_000))

    assert answer == NoAnswer("a reply larger than any of ORCID's", sent=True, late=False)


def test_a_form_shows_nothing_of_what_it_holds() -> None:
    """Its repr may come into a log."""
    assert "a b" not in repr(TOKEN_CALL)
