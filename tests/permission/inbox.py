"""A researcher's inbox at the stand-in, a store where items wait, and what asks."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from mappers.documents import Document, dump
from mappers.forms import Version
from mappers.identifiers import OrcidId
from state.store import Store
from tests.fakes.in_process_orcid import InProcessOrcid
from tests.fakes.set_clock import SetClock
from tests.worker.builders import (
    JOSIAH,
    LAURE,
    PERSON,
    POLICY,
    a_work,
    grant,
    wanted,
)
from worker.permission.asking import Answered, Asker, Manner, NotAsked
from worker.permission.notification import Language
from worker.planning.policy import Policy
from worker.ports import HttpCall, OAuthCall, OrcidTransport, Reply
from worker.sandbox.control_forms import RecordForm
from worker.sandbox.inbox import PermissionNotification
from worker.sandbox.researchers import settle_record
from worker.sandbox.sandbox import Sandbox, SandboxSettings

DAY = 86_400.0


@dataclass
class Wire:
    """The stand-in, whose replies get lost if told to; counts what was sent."""

    orcid: OrcidTransport
    after: Reply | None = None
    instead: Reply | None = None
    sent: list[str] = field(default_factory=list)

    def send(self, call: HttpCall | OAuthCall) -> Reply:
        """The reply, or what stands for it: `after` the stand-in did what it was asked, or `instead`."""
        assert isinstance(call, HttpCall)
        self.sent.append(f"{call.method} {call.path}")
        if self.instead is not None:
            return self.instead
        reply = self.orcid.send(call)
        return reply if self.after is None else self.after

    def close(self) -> None:
        """Nothing stays open."""


def _link(person: str, language: Language) -> str:
    return f"https://sync.example.edu/connect/{person}?lang={language}"


class Inbox:
    """A store with a person whose items wait, the stand-in, and what asks."""

    def __init__(self, store: Store, clock: SetClock) -> None:
        self.store = store
        self.clock = clock
        self.sandbox = Sandbox(SandboxSettings(rate_limit=False), clock=clock.now, monotonic=clock.now)
        for orcid in (JOSIAH, LAURE):
            settle_record(self.sandbox, RecordForm(orcid=orcid))
        self.wire = Wire(InProcessOrcid(self.sandbox))
        self.policy: Policy = POLICY
        self.version = Version.V3_0

    def wants(self, subject: str = "1", document: Document | None = None) -> None:
        """One more item is wanted, a work unless it is said."""
        made = document or a_work(f"10.1/{subject}", f"Title {subject}")
        self.store.items.want(wanted(subject, made), dump(made))

    def gave(self, *scopes: str, **rest: Any) -> None:
        """The person gave permission."""
        self.store.grants.put(grant(*scopes, **rest))

    def ask(self, person: str = PERSON, *, orcid: OrcidId | None = None, again: bool = False) -> Answered:
        """Asks."""
        manner = Manner(self.version, "Example University", 90 * DAY, 1000.0, 1000.0, 30.0)
        asker = Asker(self.store, self.wire, self.policy, manner, _link)
        return asker.ask(person, orcid, Language.ENGLISH, again=again)

    def notifications(self, orcid: OrcidId = JOSIAH) -> list[PermissionNotification]:
        """What is in the inbox."""
        return list(self.sandbox.records[orcid].inbox.notifications.values())

    def refuses(self, match: str, **how: Any) -> None:
        """Asking is refused for this reason, and nothing comes of it."""
        sent, asks = len(self.wire.sent), list(self.store.asks.of_person(PERSON))
        with pytest.raises(NotAsked, match=match):
            self.ask(**how)
        assert (len(self.wire.sent), list(self.store.asks.of_person(PERSON))) == (sent, asks)
