"""Asking for permission in a researcher's inbox at ORCID: when it may be done, and what became of it.

Polite: once in a while, never against a no, and only while something waits for the answer. Noted durably before it is
sent, so that a reply that was lost is no reason to send a second one.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import structlog

from mappers.documents import load
from mappers.forms import Format, Version
from mappers.identifiers import OrcidId
from mappers.secret import Secret
from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import ItemState, PersonFacts
from state.permission_facts import Ask, Grant, GrantState
from state.store import Store
from worker.calling.circuit import read_circuit
from worker.calling.replies import Throttled, read_reply
from worker.note_names import CIRCUIT
from worker.permission.notification import (
    MOST_ITEMS,
    SCOPE,
    Language,
    NamedItem,
    named_items,
    path_of,
    write_notification,
)
from worker.permission.notification_replies import (
    NotPosted,
    NotSeen,
    Posted,
    PostInDoubt,
    Seen,
    read_posted,
    read_seen,
)
from worker.planning.brakes import paused_as_a_whole
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.ports import ClientScope, HttpCall, OrcidTransport, Reply
from worker.recording.contents import facts_of

NO_ANSWER = 0
"""Stands for a put-code: the request was about to be sent, and nobody knows whether it was carried out."""
FIRST_WAIT = 1.0
"""Seconds that nobody sends after ORCID was too busy, when it does not say how long."""
_EVERY_SCOPE = frozenset(
    scope for section in Section for scope in (*section.add_scopes, *section.change_scopes, *section.remove_scopes)
)

log = structlog.get_logger()


class NotAsked(Exception):  # noqa: N818 - a decision, not a failure
    """Nothing was put into the inbox: one line that says why."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How we ask. `again_seconds` is the least time between two requests; `institution` is named in the text."""

    version: Version
    institution: str | None
    again_seconds: float
    rate: float
    burst: float
    call_seconds: float


@dataclass(frozen=True, slots=True)
class Answered:
    """How a request stands. `is_new`: it was sent just now. `trouble`: why ORCID told nothing of it just now.

    `listed` of the `waiting` items are named in a new one; ORCID sends it by e-mail at `sent_at`, where one wants that.
    """

    ask: Ask
    again_at: float
    sent_at: float | None = None
    is_new: bool = False
    listed: int = 0
    waiting: int = 0
    trouble: str = ""

    @property
    def in_doubt(self) -> bool:
        """Whether nobody knows if the request is in the inbox."""
        return self.ask.put_code == NO_ANSWER


@dataclass(frozen=True, slots=True)
class _Request:
    """What is about to be asked of whom."""

    person: str
    orcid: OrcidId
    items: tuple[NamedItem, ...]
    waiting: int


class Asker:
    """Asks, and looks at what was asked. `link` makes the address of the page where a person gives permission."""

    def __init__(
        self,
        store: Store,
        transport: OrcidTransport,
        policy: Policy,
        manner: Manner,
        link: Callable[[str, Language], str],
    ) -> None:
        self._store = store
        self._transport = transport
        self._policy = policy
        self._manner = manner
        self._link = link

    def ask(self, person: str, address: OrcidId | None, language: Language, *, again: bool) -> Answered:
        """Puts a request into the person's inbox, or tells how the last one stands, unless `again`.

        `address` is the iD of somebody whose iD no grant ever told us: it is no permission. `again` also asks somebody
        whose permission ORCID does not accept any more. Raises NotAsked.
        """
        person = self._store.people.canonical(person)
        last = self._store.asks.newest(person)
        if last is not None and not again:
            return self.look(last)
        self._check_not_lately(last)
        self._check_may_send(person)
        request = self._request(person, address, again=again)
        body = write_notification(
            request.items,
            waiting=request.waiting,
            url=self._link(person, language),
            institution=self._manner.institution,
            language=language,
            version=self._manner.version,
        )
        self._wait_for_budget()
        noted = self._note(request)
        return self._posted(noted, request, self._send("POST", path_of(self._manner.version, request.orcid), body))

    def look(self, ask: Ask) -> Answered:
        """How a request stands, as ORCID tells it now; what it told last when it doesn't."""
        again_at = ask.asked_at + self._manner.again_seconds
        if ask.put_code == NO_ANSWER:
            return Answered(ask, again_at)
        self._wait_for_budget()
        now = self._store.now()
        reply = self._send("GET", path_of(self._manner.version, ask.orcid, ask.put_code))
        match read_seen(reply, now):
            case NotSeen(why=why):
                return Answered(ask, again_at, trouble=why)
            case Seen() as seen:
                seen_now = replace(
                    ask, looked_at=now, read_at=seen.read_at, acted_at=seen.acted_at, archived_at=seen.archived_at
                )
                self._store.asks.put(seen_now)
                return Answered(seen_now, again_at, seen.sent_at)

    def _check_not_lately(self, last: Ask | None) -> None:
        again_at = 0.0 if last is None else last.asked_at + self._manner.again_seconds
        if last is not None and self._store.now() < again_at:
            raise NotAsked(
                f"{last.person} was asked on {_day(last.asked_at)}, and is not asked again before {_day(again_at)}"
                " (ORCID_SYNC_ASK_AGAIN_DAYS)"
            )

    def _check_may_send(self, person: str) -> None:
        if self._store.blocks.blocks_person(person):
            raise NotAsked(f"{person} was forgotten, or is being forgotten: nothing is asked of them")
        if self._policy.only is not None and person not in self._policy.only:
            raise NotAsked(f"nothing was sent: {self._policy.held_by}")
        paused = paused_as_a_whole(self._store.brakes.of_person(person))
        if paused:
            raise NotAsked(f"nothing was sent, {paused}")
        circuit = read_circuit(self._store.notes.get(CIRCUIT))
        if circuit is not None:
            raise NotAsked(f"nothing was sent, sending is stopped: {circuit.why}")

    def _request(self, person: str, address: OrcidId | None, *, again: bool) -> _Request:
        grants = self._store.grants.of_person(person)
        self._check_no_was_said(person, grants[0] if grants else None, again=again)
        orcid = self._orcid(person, grants[0] if grants else None, address)
        facts = facts_of(self._store, person, self._policy)
        now = self._store.now()
        if facts.suspension is not None and facts.suspension.look_again_at > now and facts.suspension.orcid == orcid:
            raise NotAsked(f"the record {orcid} is {facts.suspension.kind}: {facts.suspension.detail}")
        waiting = waiting_for_permission(facts, orcid, self._policy, now)
        if not waiting:
            raise NotAsked(_nothing_waits(person, facts.grant, now))
        found = self._store.items.documents(waiting)
        items = named_items((load(text) for _, text in found.values()), self._manner.version)
        if not items:
            sections = ", ".join(sorted({key.section.value for key in waiting}))
            invite = f"`orcid-sync permission invite {person}` prints a link to send"
            raise NotAsked(f"ORCID's inbox requests cannot name what waits for {person} ({sections}): {invite}")
        return _Request(person, orcid, tuple(items), len(waiting))

    def _check_no_was_said(self, person: str, newest: Grant | None, *, again: bool) -> None:
        known = self._store.people.person(person)
        granted_at = newest.granted_at if newest else 0.0
        if known.denied_at > granted_at:
            raise NotAsked(f"{person} said no at ORCID on {_day(known.denied_at)}, and is not asked again")
        if known.revoked_at > granted_at:
            raise NotAsked(
                f"the permission of {person} was taken back on {_day(known.revoked_at)}: they are not asked again"
            )
        if newest is None or again or newest.expires_at <= self._store.now():
            return
        if newest.state in {GrantState.BROKEN, GrantState.REVOKED, GrantState.ENDING}:
            raise NotAsked(
                f"the permission of {person} is {newest.state} ({newest.reason}): perhaps they took it back at ORCID;"
                " `--again` asks all the same"
            )

    def _orcid(self, person: str, newest: Grant | None, address: OrcidId | None) -> OrcidId:
        if newest is not None:
            if address not in {None, newest.orcid}:
                raise NotAsked(f"{person} connected {newest.orcid}: only who never connected an iD is asked at another")
            return newest.orcid
        if address is None:
            raise NotAsked(
                f"no ORCID iD of {person} is known: give one with --orcid, or send the link that"
                f" `orcid-sync permission invite {person}` prints"
            )
        others = [one.person for one in self._store.grants.of_orcid(address) if one.person != person]
        if others:
            raise NotAsked(f"{address} is connected to {others[0]}: {person} is not asked there")
        return address

    def _wait_for_budget(self) -> None:
        while (seconds := self._store.turns.spend(1, self._manner.rate, self._manner.burst)) > 0.0:
            if seconds > self._manner.call_seconds:
                raise NotAsked(f"ORCID wants us to slow down: try again in {seconds:.0f} s")
            time.sleep(seconds)

    def _note(self, request: _Request) -> Ask:
        """Notes durably what is about to be sent, unless somebody was asked meanwhile, or lately. Raises NotAsked."""
        with self._store.transaction():
            self._check_not_lately(self._store.asks.newest(request.person))
            noted = Ask(request.person, request.orcid, NO_ANSWER, self._store.now())
            self._store.asks.put(noted)
        return noted

    def _posted(self, noted: Ask, request: _Request, reply: Reply) -> Answered:
        again_at = noted.asked_at + self._manner.again_seconds
        match read_posted(reply, self._store.now()):
            case PostInDoubt(why=why):
                log.warning("permission_request_in_doubt", person=noted.person, orcid=noted.orcid, why=why)
                return Answered(noted, again_at, is_new=True, trouble=why)
            case NotPosted(why=why):
                self._store.asks.drop(noted.orcid, NO_ANSWER)
                raise NotAsked(why)
            case Posted(put_code=put_code):
                ask = replace(noted, put_code=put_code)
                with self._store.transaction():
                    self._store.asks.drop(noted.orcid, NO_ANSWER)
                    self._store.asks.put(ask)
                log.info("permission_asked", person=ask.person, orcid=ask.orcid, put_code=put_code)
                return Answered(
                    ask, again_at, is_new=True, listed=min(len(request.items), MOST_ITEMS), waiting=request.waiting
                )

    def _send(self, method: str, path: str, body: bytes | None = None) -> Reply:
        media_type = None if body is None else Format.JSON.media_type
        reply = self._transport.send(
            HttpCall(method, path, ClientScope(SCOPE), body, media_type, self._manner.call_seconds)
        )
        if reply.attempts > 1:
            self._store.turns.owe(reply.attempts - 1)
        now = self._store.now()
        verdict = read_reply(None, reply, now)
        if isinstance(verdict, Throttled):
            self._store.turns.slow_down(now + (FIRST_WAIT if verdict.after is None else verdict.after))
        return reply


def waiting_for_permission(facts: PersonFacts, orcid: OrcidId, policy: Policy, now: float) -> list[ItemKey]:
    """The items that nothing but a permission keeps from being sent to this record now.

    They wait as things are, and would not wait under a permission for everything.
    """
    ideal = Grant(facts.person, orcid, "", _EVERY_SCOPE, Secret("none"), None, now + 1e9, now)
    waits = _states(facts, policy, now)
    suspension = facts.suspension if facts.suspension and facts.suspension.orcid == orcid else None
    goes = _states(replace(facts, grant=ideal, suspension=suspension), policy, now)
    withdrawn = {item.key for item in facts.wanted if item.withdrawn}
    return [
        key
        for key, state in waits.items()
        if state is ItemState.WAITING and goes.get(key) is ItemState.PENDING and key not in withdrawn
    ]


def _states(facts: PersonFacts, policy: Policy, now: float) -> Mapping[ItemKey, ItemState]:
    return {one.key: one.state for one in plan(facts, policy, now).standings}


def _nothing_waits(person: str, grant: Grant | None, now: float) -> str:
    if grant is not None and grant.state is GrantState.ACTIVE and grant.expires_at > now:
        return f"the permission of {person} is enough: nothing waits for another"
    return f"nothing of {person} waits for a permission: nothing is asked"


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
