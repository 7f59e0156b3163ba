"""ORCID behind a transport, by kind: the stand-in over HTTP, and its core in the same process."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from mappers.secret import Secret
from tests.fakes.in_process_orcid import InProcessOrcid
from worker.calling.calls import GROUP_SCOPE
from worker.ports import Answer, ClientScope, HttpCall, NoToken, OrcidTransport, Reply
from worker.sandbox.control_forms import GrantForm
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.records import RecordState
from worker.sandbox.researchers import grant
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET, Sandbox, SandboxSettings
from worker.sandbox.server import start_sandbox
from worker.sending.orcid_client import OrcidClient, OwnAccess

JSON = "application/vnd.orcid+json"
ORCID = orcid_id(77)
OTHER = orcid_id(78)
SCOPES = ["/read-limited", "/activities/update", "/person/update"]


@dataclass(frozen=True)
class Told:
    """A reply without what differs from one ORCID to the next: times, tokens and host."""

    status: int
    body: Any
    location: str | None
    media_type: str | None


@dataclass
class Orcid:
    """A transport, the state behind it, and a token for `ORCID`."""

    transport: OrcidTransport
    sandbox: Sandbox
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.sandbox.lock:
            for name, scopes in (("all", SCOPES), ("reading", ["/read-limited"])):
                form = GrantForm(orcid=ORCID, scopes=scopes)
                self.tokens[name] = str(grant(self.sandbox, form)["access_token"])
            self.sandbox.create_record(OTHER)

    def suspend(self, state: RecordState) -> None:
        """Puts the record into a state."""
        with self.sandbox.lock:
            self.sandbox.records[ORCID].state = state
            self.sandbox.records[ORCID].primary = OTHER

    def ask(self, method: str, path: str, document: object = None, *, as_: str = "all", orcid: str = ORCID) -> Told:
        """Sends a call below the iD, with a token by its name, and tells what came."""
        body = None if document is None else json.dumps(document).encode()
        secret = Secret(self.tokens.get(as_, as_))
        return self._told(self.transport.send(HttpCall(method, f"/v3.0/{orcid}{path}", secret, body, JSON, 5.0)))

    def own(self, method: str, path: str, document: object = None, *, scope: str = GROUP_SCOPE) -> Told | NoToken:
        """Sends a call with our client's own token of this scope, and tells what came."""
        body = None if document is None else json.dumps(document).encode()
        call = HttpCall(method, f"/v3.0{path}", ClientScope(scope), body, JSON, 5.0)
        reply = self.transport.send(call)
        return reply if isinstance(reply, NoToken) else self._told(reply)

    def own_tokens(self) -> list[str]:
        """The tokens that our client got for itself, oldest first."""
        with self.sandbox.lock:
            return [one.access_token for one in self.sandbox.grants._by_access.values() if one.orcid is None]

    def _told(self, reply: Reply) -> Told:
        assert isinstance(reply, Answer)
        assert reply.attempts == 1
        assert all(name == name.lower() for name in reply.headers)
        location = reply.headers.get("location")
        return Told(
            reply.status,
            None if not reply.body else self._bare(json.loads(reply.body)),
            urlsplit(location).path if location else None,
            reply.headers.get("content-type"),
        )

    def _bare(self, value: Any) -> Any:
        """Without times and tokens."""
        match value:
            case dict():
                return {key: self._bare(one) for key, one in value.items() if not key.endswith("-date")}
            case list():
                return [self._bare(one) for one in value]
            case str():
                for name, token in self.tokens.items():
                    value = value.replace(token, f"<{name}>")
                return value.replace("127.0.0.1", "<host>").replace("orcid.test", "<host>")
            case _:
                return value


@contextmanager
def over_http(secret: str = CLIENT_SECRET) -> Iterator[Orcid]:
    """The real client and the stand-in's server."""
    with start_sandbox(settings=SandboxSettings(rate_limit=False)) as running:
        client = OrcidClient(running.base_url, OwnAccess(running.base_url, CLIENT_ID, Secret(secret)))
        yield Orcid(client, running.sandbox)
        client.close()


@contextmanager
def in_process(secret: str = CLIENT_SECRET) -> Iterator[Orcid]:
    """The fake: the stand-in's core."""
    sandbox = Sandbox(SandboxSettings(rate_limit=False))
    yield Orcid(InProcessOrcid(sandbox, secret), sandbox)


KINDS: dict[str, Callable[[], Any]] = {"http": over_http, "in-process": in_process}
