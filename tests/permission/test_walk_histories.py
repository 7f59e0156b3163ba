"""Walks in any order: several people and browsers, codes that come again, an operator, time that passes."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from state.memory.store import MemoryStore
from state.permission_facts import ConsentStage, GrantState, KnownPerson, token_mark
from tests.fakes.set_clock import SetClock
from tests.permission.site import Site
from tests.worker.builders import JOSIAH, LAURE, NOW
from worker.permission.consents import Arrival, Exchange
from worker.permission.grants import Permissions
from worker.permission.held import approve_consent, held_consents, reject_consent
from worker.permission.outcomes import Outcome
from worker.permission.walks import tidy

PEOPLE = ["E1", "E2"]
LIVING = (ConsentStage.OFFERED, ConsentStage.HELD)


class Walks(RuleBasedStateMachine):
    """Whatever happens, no code is exchanged twice, no token is lost, and an iD has one person."""

    begun = Bundle("begun")
    codes = Bundle("codes")
    flying = Bundle("flying")

    def __init__(self) -> None:
        super().__init__()
        self.clock = SetClock(NOW)
        self.site = Site(MemoryStore(self.clock.now), self.clock)
        self.site.store.people.put(KnownPerson("E1", name="Josiah Carberry"))

    @rule(target=begun, person=st.sampled_from(PEOPLE))
    def begin(self, person: str) -> str:
        """A researcher goes to ORCID."""
        return self.site.begin(person)

    @rule(target=codes, orcid=st.sampled_from([JOSIAH, LAURE]), name=st.sampled_from(["J. Carberry", "Laure Haak"]))
    def agree(self, orcid: str, name: str) -> str:
        """Somebody agrees at ORCID."""
        return self.site.code(orcid, name)

    @rule(target=flying, state=begun, code=codes, mine=st.booleans())
    def arrive(self, state: str, code: str, *, mine: bool) -> object:
        """A browser comes back, its own or another, and its code leaves for ORCID; or it does not."""
        cookie = self.site.cookie if mine else self.site.links.browser("another")
        told = self.site.consents.arrive(Arrival(state, code), cookie, None, self.clock.now())
        if isinstance(told, Exchange):
            assert mine
            return told
        assert mine or told.outcome in (Outcome.OTHER_BROWSER, Outcome.STATE_EXPIRED)
        return multiple()

    @rule(target=flying, person=st.sampled_from(PEOPLE), code=codes)
    def operate(self, person: str, code: str) -> object:
        """An operator brings a code."""
        nonce = self.site.nonce()
        told = self.site.consents.take_code(person, code, self.clock.now(), nonce=nonce)
        return told if isinstance(told, Exchange) else multiple()

    @rule(exchange=consumes(flying))
    def answer(self, exchange: Exchange) -> None:
        """ORCID's answer comes, sooner or later."""
        self.site.exchange(exchange)

    @rule(state=begun, error=st.sampled_from(["access_denied", "login_required"]))
    def deny(self, state: str, error: str) -> None:
        """A browser comes back without a code."""
        self.site.arrive(state, error=error)

    @rule(state=begun, move=st.booleans())
    def confirm(self, state: str, *, move: bool) -> None:
        """The researcher says yes."""
        self.site.confirm(state, move=move)

    @rule(person=st.sampled_from(PEOPLE), code=codes, move=st.booleans())
    def settle(self, person: str, code: str, *, move: bool) -> None:
        """The operator says yes."""
        self.site.consents.settle_code(person, code, self.clock.now(), move=move)

    @rule(state=begun)
    def decline(self, state: str) -> None:
        """The researcher says no."""
        self.site.decline(state)

    @rule(yes=st.booleans())
    def decide(self, *, yes: bool) -> None:
        """An operator decides on names that differ."""
        for held in held_consents(self.site.store)[:1]:
            (approve_consent if yes else reject_consent)(self.site.store, held.id, self.clock.now())

    @rule(person=st.sampled_from(PEOPLE))
    def revoke(self, person: str) -> None:
        """A revocation is told."""
        Permissions(self.site.store).revoke(person, self.clock.now(), "by an event")

    @rule(seconds=st.sampled_from([1, 90, 4000, 31 * 86_400]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.clock.advance(seconds)

    @rule()
    def tidy(self) -> None:
        """The daemon cleans up."""
        tidy(self.site.store, self.clock.now())

    @invariant()
    def no_code_is_exchanged_twice(self) -> None:
        """ORCID would revoke what the first exchange gave. A week later it has forgotten the code itself."""
        sent = [call.form["code"] for call in self.site.sent]
        assert len(sent) == len(set(sent)) or self.clock.now() > NOW + 7 * 86_400

    @invariant()
    def no_token_is_lost(self) -> None:
        """What lives at ORCID is in a grant or the ledger, or waits for an answer."""
        known = {token.mark for person in PEOPLE for token in self.site.store.tokens.of_person(person)}
        walks = [walk for person in PEOPLE for walk in self.site.store.consents.of_person(person)]
        waiting = {
            token_mark(walk.grant.access_token)
            for walk in walks
            if walk.stage in LIVING and walk.grant is not None and walk.grant.access_token is not None
        }
        assert not known & waiting
        assert len(known | waiting) >= self.site.lives(JOSIAH) + self.site.lives(LAURE)

    @invariant()
    def an_ended_walk_holds_no_token(self) -> None:
        """It is in the grant, or waits to be revoked."""
        for person in PEOPLE:
            for walk in self.site.store.consents.of_person(person):
                assert walk.stage in LIVING or walk.grant is None or walk.grant.access_token is None

    @invariant()
    def an_id_has_one_person(self) -> None:
        """And a person one iD."""
        active = [one for one in self.site.store.grants.all() if one.state is GrantState.ACTIVE]
        assert len({one.orcid for one in active}) == len({one.person for one in active}) == len(active)

    def teardown(self) -> None:
        """Closes the store."""
        self.site.store.close()


TestWalks = Walks.TestCase
TestWalks.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
