"""Consents: the walk from a link to a grant, as a state machine over the store (ARCHITECTURE.md 9).

Link, ORCID's page, the one exchange of its code, the researcher's word that it is the right record, the grant. Every
transition is one short transaction that compares and sets the stage, so a page that is loaded twice, or by two
browsers at once, makes it once. The digest of a code is stored before it is exchanged: ORCID revokes the token of a
code that comes again.
"""

from dataclasses import dataclass, field, replace

import structlog

from mappers.identifiers import OrcidId
from state.permission_facts import Consent, ConsentStage, Grant, GrantState
from state.store import Store
from worker.calling.token_replies import TokenRefused, read_token_reply
from worker.permission.authorization import Hints, authorize_url
from worker.permission.grants import Permissions
from worker.permission.links import LinkError, LinkFault, Links
from worker.permission.names import differ_clearly
from worker.permission.outcomes import Outcome
from worker.permission.walks import CLIENTS_FAULTS, DAY, end, failure_of, grant_in, id_of, revoke_soon, take
from worker.ports import OAuthCall, Reply

STATE_SECONDS = 3600.0
"""How long a researcher may take at ORCID, and then over our question whose record it is."""
HELD_SECONDS = 30 * DAY
"""How long an operator may take over names that differ."""
EXCHANGE_SECONDS = 30.0
"""Beyond the call's own deadline; after that an exchange that nobody noted the end of counts as lost."""
LONGEST_CODE = 200

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Asking:
    """How permission is asked for: ORCID's authorization server, our client, and what we need."""

    auth_url: str
    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    call_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page, or a line, shows. `orcid` and `orcid_name` are what ORCID said, `person` and `name` are ours.

    Whoever is not known to be the person is told nothing but the outcome. `former` is the iD that the person is
    connected to until they move; `state` goes into the forms of the page.
    """

    outcome: Outcome
    person: str = ""
    name: str = ""
    orcid: OrcidId | None = None
    orcid_name: str = ""
    former: OrcidId | None = None
    scopes: frozenset[str] = frozenset()
    state: str = ""


@dataclass(frozen=True, slots=True)
class Invited:
    """Whose link it is, and the iD that they are connected to already."""

    person: str
    name: str
    orcid: OrcidId | None


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser."""

    url: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """What ORCID sends the browser back with; empty where there is none."""

    state: str
    code: str = field(default="", repr=False)
    error: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A code to be exchanged: send the call once, and tell `Consents.exchanged` what came, whatever it was."""

    walk: str
    call: OAuthCall


@dataclass(frozen=True, slots=True)
class Consents:
    """The walks of one store. `user` is who single sign-on says is there; None where there is none of it."""

    store: Store
    links: Links
    asking: Asking

    def invited(self, link: str, user: str | None, now: float) -> Invited | Shown:
        """Whose link it is. Not told for one that is forged, too old, somebody else's, or of who was forgotten."""
        try:
            person = self.store.people.canonical(self.links.read_person_link(link, now))
        except LinkError as error:
            return Shown(Outcome.LINK_EXPIRED if error.fault is LinkFault.EXPIRED else Outcome.LINK_FORGED)
        if self._is_blocked(person):
            return Shown(Outcome.LINK_FORGED)
        if self._is_other(user, person):
            return Shown(Outcome.OTHER_USER)
        return Invited(person, self.store.people.person(person).name, self._connected(person))

    def begin(
        self, link: str, cookie: str, user: str | None, now: float, *, nonce: str, lang: str = ""
    ) -> Begun | Shown:
        """Begins a walk in the browser with this cookie. `nonce` has to be random: the walk is known by it."""
        invited = self.invited(link, user, now)
        if isinstance(invited, Shown):
            return invited
        browser = self._browser(cookie)
        if browser is None:
            return Shown(Outcome.OTHER_BROWSER)
        walk = Consent(
            id=id_of(nonce),
            person=invited.person,
            browser=browser,
            until=now + STATE_SECONDS,
            redirect_uri=self.asking.redirect_uri,
        )
        self.store.consents.put(walk)
        log.info("consent_asked", person=invited.person)
        return Begun(self.authorize_url(self.links.state(nonce), Hints(orcid=invited.orcid or "", lang=lang)))

    def authorize_url(self, state: str, hints: Hints) -> str:
        """ORCID's page for our client and scopes."""
        asking = self.asking
        return authorize_url(
            asking.auth_url, asking.client_id, asking.redirect_uri, scopes=asking.scopes, state=state, hints=hints
        )

    def arrive(self, arrival: Arrival, cookie: str, user: str | None, now: float) -> Exchange | Shown:
        """What to do with what ORCID sent the browser back with; loaded again, what became of it then."""
        with self.store.transaction():
            walk = self._walk(arrival.state, cookie, user)
            if isinstance(walk, Shown):
                return walk
            if walk.stage is not ConsentStage.ASKED:
                return self._again(walk, arrival, now)
            if now > walk.until:
                return Shown(Outcome.STATE_EXPIRED)
            if arrival.code and not arrival.error:
                return self._exchange(walk, arrival.code, now)
            return self._ended(end(self.store, walk, *self._no_code(walk, arrival.error, now), now), arrival.state)

    def _no_code(self, walk: Consent, error: str, now: float) -> tuple[ConsentStage, Outcome]:
        outcome = self.refused(walk.person, error, now)
        return ConsentStage.DENIED if outcome is Outcome.DENIED else ConsentStage.FAILED, outcome

    def refused(self, person: str, error: str, now: float) -> Outcome:
        """What ORCID's word instead of a code means; that the researcher said no is remembered."""
        if error == "access_denied":
            with self.store.transaction():
                self.store.people.put(replace(self.store.people.person(person), denied_at=now))
            return Outcome.DENIED
        return Outcome.CLIENT_REFUSED if error in CLIENTS_FAULTS else Outcome.UNAVAILABLE

    def _exchange(self, walk: Consent, code: str, now: float) -> Exchange | Shown:
        digests = self.links.digests(code)
        exchanging = replace(
            walk,
            stage=ConsentStage.EXCHANGING,
            code=digests[0],
            outcome=Outcome.BUSY,
            until=now + self.asking.call_seconds + EXCHANGE_SECONDS,
        )
        if len(code) > LONGEST_CODE or not code.isascii() or not code.isprintable():
            return self._ended(end(self.store, walk, ConsentStage.FAILED, Outcome.CODE_EXPIRED, now))
        if self._with_code(code) is not None or not self.store.consents.advance(exchanging, walk.stage):
            return self._ended(end(self.store, walk, ConsentStage.FAILED, Outcome.CODE_REUSED, now))
        form = {"grant_type": "authorization_code", "code": code}
        if walk.redirect_uri:
            form["redirect_uri"] = walk.redirect_uri
        return Exchange(walk.id, OAuthCall("/oauth/token", form, self.asking.call_seconds))

    def _with_code(self, code: str) -> Consent | None:
        found = (self.store.consents.with_code(one) for one in self.links.digests(code))
        return next((walk for walk in found if walk is not None), None)

    def _again(self, walk: Consent, arrival: Arrival, now: float) -> Shown:
        """The same answer of ORCID's once more, or the state alone, shows what became of it; another is none of it."""
        looks = not arrival.code and not arrival.error
        if walk.code and not looks and walk.code not in self.links.digests(arrival.code):
            return Shown(Outcome.STATE_USED)
        return self._shown(self._expired(walk, now), arrival.state)

    def _expired(self, walk: Consent, now: float) -> Consent:
        """The walk as it stands now: what was not ended in time has ended."""
        if now <= walk.until or walk.stage not in (ConsentStage.EXCHANGING, ConsentStage.OFFERED):
            return walk
        lost = walk.stage is ConsentStage.EXCHANGING
        outcome = Outcome.UNAVAILABLE if lost else Outcome.STATE_EXPIRED
        return end(self.store, walk, ConsentStage.FAILED, outcome, now)

    def exchanged(self, walk_id: str, reply: Reply, now: float) -> Shown:
        """Notes what the one exchange came to; a token is kept in the walk, and in no grant, until it is confirmed."""
        told = read_token_reply(reply, now)
        with self.store.transaction():
            walk = self.store.consents.consent(walk_id)
            if walk is None:
                return Shown(Outcome.UNAVAILABLE)
            grant = grant_in(walk, told, now)
            if walk.stage is not ConsentStage.EXCHANGING:
                if walk.grant is None or grant is None or grant.access_token != walk.grant.access_token:
                    revoke_soon(self.store, grant)  # not so when the same reply is told twice
                return self._shown(walk)
            if grant is None:
                word = told.word if isinstance(told, TokenRefused) else ""
                log.warning("code_not_exchanged", person=walk.person, word=word, outcome=failure_of(told))
                return self._ended(end(self.store, walk, ConsentStage.FAILED, failure_of(told), now))
            return self._offer(replace(walk, grant=grant), grant, now)

    def _offer(self, walk: Consent, grant: Grant, now: float) -> Shown:
        if self._is_blocked(walk.person):
            return self._ended(end(self.store, walk, ConsentStage.FAILED, Outcome.STATE_FORGED, now))
        if Permissions(self.store).owner(grant.orcid) not in (None, walk.person):
            return self._ended(end(self.store, walk, ConsentStage.FAILED, Outcome.ID_TAKEN, now))
        outcome = Outcome.OFFERED if self._former(walk) is None else Outcome.MOVES
        offered = replace(walk, stage=ConsentStage.OFFERED, outcome=outcome, until=now + STATE_SECONDS)
        self.store.consents.advance(offered, ConsentStage.EXCHANGING)
        return self._ended(offered)

    def confirm(self, state: str, cookie: str, user: str | None, now: float, *, move: bool = False) -> Shown:
        """The researcher says that the record is theirs: the grant is taken, unless an operator has to decide.

        A person who is connected to another iD moves only with `move`.
        """
        with self.store.transaction():
            walk = self._walk(state, cookie, user)
            if isinstance(walk, Shown):
                return walk
            return self._confirm(walk, state, now, move=move, hold=True)

    def _confirm(self, walk: Consent, state: str, now: float, *, move: bool, hold: bool) -> Shown:
        walk = self._expired(walk, now)
        grant = walk.grant
        if walk.stage is not ConsentStage.OFFERED or grant is None:
            return self._shown(walk, state)
        if self._former(walk) is not None and not move:
            walk = replace(walk, outcome=Outcome.MOVES)
            self.store.consents.advance(walk, ConsentStage.OFFERED)
            return self._shown(walk, state)
        if hold and differ_clearly(self.store.people.person(walk.person).name, grant.name):
            held = replace(walk, stage=ConsentStage.HELD, outcome=Outcome.HELD, until=now + HELD_SECONDS)
            self.store.consents.advance(held, ConsentStage.OFFERED)
            return self._ended(held, state)
        return self._ended(take(self.store, walk, now), state)

    def decline(self, state: str, cookie: str, user: str | None, now: float) -> Shown:
        """The researcher says no on our page: nothing is stored, and the token is revoked."""
        with self.store.transaction():
            walk = self._walk(state, cookie, user)
            if isinstance(walk, Shown):
                return walk
            walk = self._expired(walk, now)
            if walk.stage not in (ConsentStage.OFFERED, ConsentStage.HELD):
                return self._shown(walk, state)
            return self._ended(end(self.store, walk, ConsentStage.DECLINED, Outcome.DECLINED, now), state)

    def take_code(self, person: str, code: str, now: float, *, nonce: str) -> Exchange | Shown:
        """Begins an operator's exchange of a code; for a code that was told before, shows what became of it."""
        with self.store.transaction():
            person = self.store.people.canonical(person)
            if self._is_blocked(person):
                return Shown(Outcome.LINK_FORGED)
            before = self._with_code(code)
            if before is not None and (before.person != person or before.browser):
                return Shown(Outcome.CODE_REUSED)
            if before is not None:
                return self._shown(self._expired(before, now))
            walk = Consent(id_of(nonce), person, "", now + STATE_SECONDS, redirect_uri=self.asking.redirect_uri)
            self.store.consents.put(walk)
            return self._exchange(walk, code, now)

    def settle_code(self, person: str, code: str, now: float, *, move: bool) -> Shown:
        """Takes what an operator's exchange came to: nobody else is asked, but a move has to be said."""
        with self.store.transaction():
            walk = self._with_code(code)
            if walk is None or walk.browser or walk.person != self.store.people.canonical(person):
                return Shown(Outcome.CODE_REUSED)
            return self._confirm(walk, "", now, move=move, hold=False)

    def _walk(self, state: str, cookie: str, user: str | None) -> Consent | Shown:
        """The walk of this `state`, for the browser and person that began it."""
        try:
            walk = self.store.consents.consent(id_of(self.links.read_state(state)))
        except LinkError:
            return Shown(Outcome.STATE_FORGED)
        if walk is None:
            return Shown(Outcome.STATE_EXPIRED)
        if not walk.browser or self._browser(cookie) != walk.browser:
            return Shown(Outcome.OTHER_BROWSER)
        if self._is_other(user, walk.person):
            return Shown(Outcome.OTHER_USER)
        return Shown(Outcome.STATE_FORGED) if self._is_blocked(walk.person) else walk

    def _browser(self, cookie: str) -> str | None:
        try:
            return id_of(self.links.read_browser(cookie))
        except LinkError:
            return None

    def _is_blocked(self, person: str) -> bool:
        return self.store.blocks.blocks_person(person)

    def _is_other(self, user: str | None, person: str) -> bool:
        return user is not None and self.store.people.canonical(user) != person

    def _connected(self, person: str) -> OrcidId | None:
        current = self.store.grants.current(person)
        in_force = current is not None and current.state in (GrantState.ACTIVE, GrantState.BROKEN)
        return current.orcid if current is not None and in_force else None

    def _former(self, walk: Consent) -> OrcidId | None:
        connected = self._connected(walk.person)
        return connected if walk.grant is not None and connected != walk.grant.orcid else None

    def _ended(self, walk: Consent, state: str = "") -> Shown:
        """Shows where the walk has come to just now, and logs it."""
        orcid = None if walk.grant is None else walk.grant.orcid
        log.info(Outcome(walk.outcome).event, person=walk.person, orcid=orcid)
        return self._shown(walk, state)

    def _shown(self, walk: Consent, state: str = "") -> Shown:
        outcome = Outcome(walk.outcome or Outcome.STATE_FORGED)
        if outcome is Outcome.GRANTED and walk.grant is not None and self._connected(walk.person) != walk.grant.orcid:
            outcome = Outcome.SUPERSEDED  # it was revoked since, or moved away from
        shown = Shown(outcome, walk.person, self.store.people.person(walk.person).name, state=state)
        if walk.grant is None:
            return shown
        grant = walk.grant
        former = self._former(walk) if outcome is Outcome.MOVES else None
        return replace(shown, orcid=grant.orcid, orcid_name=grant.name, scopes=grant.scopes, former=former)
