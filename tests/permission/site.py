"""A site for consent: walks over a store, and ORCID's stand-in without a network."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from state.store import Store
from tests.fakes.in_process_orcid import InProcessOrcid
from tests.fakes.set_clock import SetClock
from tests.worker.builders import JOSIAH
from worker.permission.consents import Arrival, Asking, Begun, Consents, Exchange, Shown
from worker.permission.links import Links
from worker.permission.outcomes import Outcome
from worker.ports import OAuthCall, OrcidTransport
from worker.sandbox.control_forms import CodeForm
from worker.sandbox.researchers import issue_code
from worker.sandbox.sandbox import CLIENT_ID, Sandbox, SandboxSettings

REDIRECT_URI = "https://connect.example.edu/callback"
SCOPES = frozenset({"/read-limited", "/activities/update", "/person/update"})
PERSON = "E1024"
KEYS = (b"k" * 32,)


@dataclass
class Site:
    """Walks, and the browser in which they happen unless another cookie is given."""

    store: Store
    clock: SetClock
    sandbox: Sandbox = field(init=False)
    orcid: OrcidTransport = field(init=False)
    links: Links = field(default_factory=lambda: Links(KEYS))
    sent: list[OAuthCall] = field(default_factory=list)
    nonces: int = 0

    def __post_init__(self) -> None:
        self.sandbox = Sandbox(SandboxSettings(rate_limit=False), clock=self.clock.now, monotonic=self.clock.now)
        self.orcid = InProcessOrcid(self.sandbox)

    @property
    def consents(self) -> Consents:
        """The walks of the store."""
        return Consents(self.store, self.links, Asking("https://orcid.test", CLIENT_ID, REDIRECT_URI, SCOPES))

    @property
    def cookie(self) -> str:
        """The cookie of the researcher's browser."""
        return self.links.browser("the researcher's browser")

    def nonce(self) -> str:
        """Another one each time."""
        self.nonces += 1
        return f"nonce {self.nonces}"

    def link(self, person: str = PERSON, days: float = 30) -> str:
        """A link for a person."""
        return self.links.person_link(person, self.clock.now() + days * 86_400)

    def begin(self, person: str = PERSON) -> str:
        """Begins a walk; the `state` that goes to ORCID."""
        begun = self.consents.begin(self.link(person), self.cookie, None, self.clock.now(), nonce=self.nonce())
        assert isinstance(begun, Begun)
        (state,) = parse_qs(urlsplit(begun.url).query)["state"]
        return state

    def code(self, orcid: str = JOSIAH, name: str | None = "Josiah Carberry", redirect_uri: str = REDIRECT_URI) -> str:
        """A code, as if the researcher of this iD had agreed."""
        form = CodeForm(orcid=orcid, scopes=sorted(SCOPES), name=name, redirect_uri=redirect_uri)
        with self.sandbox.lock:
            return issue_code(self.sandbox, form)

    def arrive(
        self, state: str, code: str = "", *, error: str = "", cookie: str | None = None, user: str | None = None
    ) -> Shown:
        """ORCID sends the browser back; a code is exchanged if it is to be."""
        known = self.cookie if cookie is None else cookie
        told = self.consents.arrive(Arrival(state, code, error), known, user, self.clock.now())
        return self.exchange(told) if isinstance(told, Exchange) else told

    def exchange(self, exchange: Exchange) -> Shown:
        """Sends the code, once."""
        self.sent.append(exchange.call)
        reply = self.orcid.send(exchange.call)
        return self.consents.exchanged(exchange.walk, reply, self.clock.now())

    def offered(self, person: str = PERSON, orcid: str = JOSIAH, name: str | None = "Josiah Carberry") -> str:
        """Walks until a token is offered; the `state`."""
        state = self.begin(person)
        shown = self.arrive(state, self.code(orcid, name))
        assert shown.outcome in (Outcome.OFFERED, Outcome.MOVES)
        return state

    def confirm(self, state: str, *, move: bool = False) -> Shown:
        """The researcher says that the record is theirs."""
        return self.consents.confirm(state, self.cookie, None, self.clock.now(), move=move)

    def decline(self, state: str) -> Shown:
        """The researcher says no on our page."""
        return self.consents.decline(state, self.cookie, None, self.clock.now())

    def lives(self, orcid: str = JOSIAH) -> int:
        """How many tokens of ours live at ORCID for an iD."""
        with self.sandbox.lock:
            return sum(one.state.value == "live" for one in self.sandbox.grants.of(orcid))

    def to_revoke(self, person: str = PERSON) -> int:
        """How many tokens wait for their revocation."""
        return len(self.store.tokens.to_revoke(person))
