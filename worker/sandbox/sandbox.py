"""The sandbox: everything the stand-in remembers, behind one lock."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock
from typing import Final

from worker.sandbox.duplicates import claims_of
from worker.sandbox.faults import FaultBoard
from worker.sandbox.grants import Client, Grants, PermissionRules
from worker.sandbox.groups import Groups
from worker.sandbox.limits import RateLimit
from worker.sandbox.orcid_id import is_orcid_id
from worker.sandbox.records import Record
from worker.sandbox.sections.drafts import Organizations
from worker.sandbox.traffic import Traffic

CLIENT_ID: Final = "APP-0RCIDSYNCSANDBOX"
CLIENT_SECRET: Final = "sandbox-secret"  # noqa: S105  # of a stand-in that listens on loopback
"""The client that exists from the start."""


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """What an institution or a test may choose."""

    rate_limit: bool = True
    """Whether 24 requests a second, burst 40, is enforced."""
    retry_after: int | None = None
    """Seconds told in `Retry-After` when the limit refuses; ORCID documents none."""
    auto_records: bool = True
    """Whether a grant for an unknown iD (check digit right) creates its record."""
    default_visibility: str = "public"
    """The visibility that new records give to items."""
    max_works: int = 10_000
    """Works a record holds, over all sources (API_FACTS section 9)."""
    organizations: Organizations = field(default_factory=Organizations)
    """ORCID's table of organizations."""
    permission: PermissionRules = field(default_factory=PermissionRules)
    """How codes, tokens and consent work."""
    faults: tuple[str, ...] = ()
    """Faults in force from the start, in the grammar of `faults.py`."""


class UnusableError(ValueError):
    """A request to the control API, or a setting, that makes no sense: one line to read."""


@dataclass(slots=True)
class Sandbox:
    """The state of one stand-in. Whoever reads or changes it holds `lock`."""

    settings: SandboxSettings = field(default_factory=SandboxSettings)
    clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    lock: RLock = field(default_factory=RLock)
    records: dict[str, Record] = field(default_factory=dict)
    grants: Grants = field(default_factory=Grants)
    faults: FaultBoard = field(default_factory=FaultBoard)
    organizations: Organizations = field(init=False)
    groups: Groups = field(init=False)
    permission: PermissionRules = field(init=False)
    limit: RateLimit = field(init=False)
    traffic: Traffic = field(init=False)
    sessions: dict[str, str] = field(default_factory=dict)
    """Who is signed in, by the cookie of the browser."""
    _put_codes: int = 1000
    _last_ms: int = 0
    _secrets: set[str] = field(default_factory=set, repr=False)

    def __post_init__(self) -> None:
        """Arm what the settings ask for."""
        self.reset()

    def reset(self) -> None:
        """As it was at the start; put-codes go on, as they would at ORCID."""
        self._secrets.update(self.grants.secrets())
        self.records = {}
        self.sessions = {}
        self.permission = self.settings.permission
        self.grants = Grants({CLIENT_ID: Client(CLIENT_ID, CLIENT_SECRET)})
        self.faults = FaultBoard()
        self.organizations = self.settings.organizations
        self.groups = Groups(self.tick, self.next_put_code)
        self.limit = RateLimit(self.monotonic, enabled=self.settings.rate_limit)
        self.traffic = Traffic(self.monotonic, self.clock)
        for spec in self.settings.faults:
            self.faults.arm(spec)

    def now(self) -> float:
        """Seconds since 1970."""
        return self.clock()

    def tick(self) -> int:
        """The time of a change in epoch milliseconds; no two changes share one."""
        self._last_ms = max(int(self.clock() * 1000), self._last_ms + 1)
        return self._last_ms

    def next_put_code(self) -> int:
        """A put-code that no item of any record ever had."""
        self._put_codes += 1
        return self._put_codes

    def go_on_from(self, put_code: int, change: int) -> None:
        """Put-codes and times that were given out up to these are not given out again."""
        self._put_codes, self._last_ms = max(self._put_codes, put_code), max(self._last_ms, change)

    def create_record(self, orcid: str, name: str | None = None, visibility: str | None = None) -> Record:
        """A new record, or the one that is there; raises `UnusableError` when the iD's check digit is wrong."""
        if not is_orcid_id(orcid):
            raise UnusableError(f"orcid: {orcid!r} is not an ORCID iD with a right check digit")
        if orcid not in self.records:
            chosen = visibility or self.settings.default_visibility
            self.records[orcid] = Record(orcid, name, chosen, claims_of)
        return self.records[orcid]

    def change_client(self, client: Client) -> None:
        """The client as it is from now on; a secret that it had is still one to look for."""
        self._secrets.update(self.grants.secrets())
        self.grants.clients[client.client_id] = client

    def secrets(self) -> frozenset[str]:
        """Every access token, refresh token, code and client secret that was ever good here, over resets too."""
        return frozenset(self._secrets.union(self.grants.secrets()))

    def name_of(self, source_id: str) -> str | None:
        """What a client or a researcher is called."""
        if source_id in self.grants.clients:
            return self.grants.clients[source_id].name
        return self.records[source_id].name if source_id in self.records else None
