"""A grant: what a researcher allowed a client, as ORCID's authorization server keeps it (API_FACTS section 7)."""

import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from secrets import choice
from typing import Final
from uuid import uuid4

from worker.sandbox.records import Source

LONG_LIVED: Final = 631_138_518
"""Seconds, about twenty years: what a researcher grants by default (section 7.2)."""

_CODE_CHARACTERS: Final = string.ascii_letters + string.digits

THREE_LEGGED: Final = frozenset(
    {
        "/authenticate",
        "openid",
        "/read-limited",
        "/activities/read-limited",
        "/activities/update",
        "/person/read-limited",
        "/person/update",
        "/email/read-private",
        "/orcid-profile/read-limited",
        "/orcid-bio/read-limited",
        "/orcid-bio/update",
        "/orcid-bio/external-identifiers/create",
        *(
            f"/{area}/{right}"
            for area in ("orcid-works", "funding", "affiliations", "peer-review", "orcid-patents")
            for right in ("read-limited", "create", "update")
        ),
    }
)
"""Scopes that a researcher grants (section 1.3)."""

TWO_LEGGED: Final = frozenset(
    {
        "/read-public",
        "/webhook",
        "/premium-notification",
        "/group-id-record/read",
        "/group-id-record/update",
        "/orcid-profile/create",
    }
)
"""Scopes that a client has of itself, without a researcher."""


@dataclass(frozen=True, slots=True)
class PermissionRules:
    """How permission works here, as far as it may be chosen; the defaults are ORCID's (sections 7.1 and 7.2).

    `refresh_seconds` is how long refreshed tokens live; None: never longer than the one they come from. With
    `refresh_options` a refresh heeds `revoke_old` and `expires_in`, which ORCID's forwarder no longer passes on.
    """

    code_length: int = 6
    code_seconds: float = 86_400
    short_seconds: float = 3600
    """How long a token lives when the researcher grants no persistent access."""
    denial_in_fragment: bool = False
    """Whether `access_denied` stands behind a `#`, where the client's server does not see it."""
    refresh_seconds: float | None = None
    refresh_options: bool = False


class TokenState(Enum):
    """Whether a token still works; a researcher's revocation leaves DELETE to the client (section 7.5)."""

    LIVE = "live"
    REVOKED_BY_USER = "revoked by user"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Client:
    """A member's API client. `user_obo` makes it write on the researcher's behalf (section 2.3).

    `scopes` are those that it may ask for of itself. Without `redirect_uris` any address on this machine will do.
    """

    client_id: str
    secret: str = field(repr=False)
    name: str = "My Client"
    public: bool = False
    locked: bool = False
    deactivated: bool = False
    user_obo: bool = False
    redirect_uris: frozenset[str] = frozenset()
    scopes: frozenset[str] = TWO_LEGGED

    @property
    def barred(self) -> bool:
        """Whether ORCID lets the client do nothing more; both ways answer the same (section 3, 9057)."""
        return self.locked or self.deactivated

    def own_source(self) -> Source:
        """What this client's items carry as their source where no researcher is concerned."""
        return Source(client_id=self.client_id)

    def source(self, orcid: str) -> Source:
        """What this client's items on a record carry as their source."""
        return Source(client_id=self.client_id, assertion_origin_orcid=orcid if self.user_obo else None)


@dataclass(frozen=True, slots=True)
class Grant:
    """A pair of tokens. `orcid` is None for a client's own (2-legged) token."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    client_id: str
    orcid: str | None
    scopes: frozenset[str]
    expires_at: float
    state: TokenState = TokenState.LIVE


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code; `spent_on` is the access token it was exchanged for."""

    code: str = field(repr=False)
    client_id: str
    orcid: str
    scopes: frozenset[str]
    redirect_uri: str | None
    expires_at: float
    lifetime: float = LONG_LIVED
    spent_on: str | None = field(default=None, repr=False)


@dataclass(slots=True)
class Grants:
    """All clients, tokens and codes of the stand-in."""

    clients: dict[str, Client] = field(default_factory=dict)
    new_token: Callable[[], str] = field(default=lambda: str(uuid4()), repr=False)
    """What tokens are made of; whoever needs the same ones again gives another source."""
    _by_access: dict[str, Grant] = field(default_factory=dict, repr=False)
    _by_refresh: dict[str, str] = field(default_factory=dict, repr=False)
    _codes: dict[str, Code] = field(default_factory=dict, repr=False)

    def issue(self, client_id: str, orcid: str | None, scopes: frozenset[str], expires_at: float) -> Grant:
        """A new pair of tokens; the pairs issued before stay as they are."""
        grant = Grant(self.new_token(), self.new_token(), client_id, orcid, scopes, expires_at)
        self._by_access[grant.access_token] = grant
        self._by_refresh[grant.refresh_token] = grant.access_token
        return grant

    def find(self, token: str) -> Grant | None:
        """The grant of an access or refresh token."""
        return self._by_access.get(self._by_refresh.get(token, token))

    def is_refresh_token(self, token: str) -> bool:
        """Whether the text is a refresh token issued here."""
        return token in self._by_refresh

    def end(self, grant: Grant, state: TokenState) -> None:
        """Both tokens of the pair stop working; what was disabled stays so."""
        if self._by_access[grant.access_token].state is not TokenState.DISABLED:
            self._by_access[grant.access_token] = replace(grant, state=state)

    def expire(self, grant: Grant, now: float) -> None:
        """The pair's time is over."""
        self._by_access[grant.access_token] = replace(grant, expires_at=now)

    def of(self, orcid: str, client_id: str | None = None) -> list[Grant]:
        """A researcher's grants, to one client or to all."""
        return [
            grant for grant in self._by_access.values() if grant.orcid == orcid and client_id in {None, grant.client_id}
        ]

    def unused_code(self, length: int) -> str:
        """A text for a code that no client was given yet."""
        while (text := "".join(choice(_CODE_CHARACTERS) for _ in range(length))) in self._codes:
            pass
        return text

    def keep_code(self, code: Code) -> None:
        """Remember a code, or what became of it."""
        self._codes[code.code] = code

    def secrets(self) -> Iterator[str]:
        """Every access token, refresh token, code and client secret there is, whatever became of it."""
        yield from self._by_access
        yield from self._by_refresh
        yield from self._codes
        for client in self.clients.values():
            yield client.secret

    def all(self) -> list[Grant]:
        """Every pair of tokens, whatever became of it."""
        return [*self._by_access.values()]

    def codes(self) -> list[Code]:
        """Every code, whatever became of it."""
        return [*self._codes.values()]

    def fill(self, clients: Iterable[Client], grants: Iterable[Grant], codes: Iterable[Code]) -> None:
        """These clients, and what was given to them, have always been there."""
        self.clients |= {client.client_id: client for client in clients}
        self._by_access |= {grant.access_token: grant for grant in grants}
        self._by_refresh |= {grant.refresh_token: token for token, grant in self._by_access.items()}
        self._codes |= {code.code: code for code in codes}

    def find_code(self, code: str) -> Code | None:
        """The code as it stands."""
        return self._codes.get(code)
