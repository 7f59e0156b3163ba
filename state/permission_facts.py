"""Permission facts: what people allowed us, the tokens that say so, and what becomes of them. Frozen data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum
from hashlib import sha256

from mappers.identifiers import OrcidId
from mappers.secret import Secret
from mappers.sections import Section


class GrantState(StrEnum):
    """Whether a grant may be used.

    `broken`: ORCID refused its token; it serves removals still. `ending`: it was revoked with us; removals that are
    due go out, then its tokens are revoked at ORCID and forgotten, and it is `revoked`. `replaced`: the person has a
    grant on another record; it serves the removal of what stands on the former one.
    """

    ACTIVE = "active"
    BROKEN = "broken"
    ENDING = "ending"
    REVOKED = "revoked"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person allowed us on one iD, ordered by when ORCID issued it. At most one of a person is active.

    Without an `access_token` there is none any more: it was forgotten, or the keys that sealed it were lost.
    `refreshed_at` is when its tokens were last exchanged for new ones; `granted_at` stays that of the consent.
    """

    person: str
    orcid: OrcidId
    name: str
    scopes: frozenset[str]
    access_token: Secret | None
    refresh_token: Secret | None
    expires_at: float
    granted_at: float
    state: GrantState = GrantState.ACTIVE
    reason: str = ""
    refreshed_at: float = 0.0


@dataclass(frozen=True, slots=True)
class KeptToken:
    """A token that we were given, by its mark; `token` is None once it was revoked at ORCID, or is dead there.

    The mark stays, so that a token told of again is known, whatever its message says about when it was issued.
    `to_revoke`: it shall be revoked at ORCID as soon as may be.
    """

    mark: str
    person: str
    orcid: OrcidId
    granted_at: float
    token: Secret | None
    to_revoke: bool = False


def token_mark(token: Secret) -> str:
    """What a token is known by after it was forgotten: a digest of 32 hexadecimal characters.

    Tokens are random UUIDs (API_FACTS.md 7.2), so nobody finds one by its digest.
    """
    return sha256(b"orcid-sync token\x00" + token.reveal().encode()).hexdigest()[:32]


class SuspensionKind(StrEnum):
    """Why a record takes no writes now."""

    LOCKED = "locked"
    DEACTIVATED = "deactivated"
    DEPRECATED = "deprecated"
    UNCLAIMED = "unclaimed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Suspension:
    """A record that takes no writes, and when to look at it again. `detail` names the new iD of a deprecated one."""

    orcid: OrcidId
    kind: SuspensionKind
    detail: str
    look_again_at: float


class MoveState(StrEnum):
    """What becomes of what stands on a person's former record: it waits for an operator's word, or can't be removed."""

    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"
    STRANDED = "stranded"


@dataclass(frozen=True, slots=True)
class Move:
    """A person moved from this record to another; something of ours still stands on the former one."""

    person: str
    orcid: OrcidId
    state: MoveState = MoveState.HELD
    reason: str = ""

    @property
    def id(self) -> str:
        """What it is approved by."""
        named = sha256(f"{self.person}\x00{self.orcid}".encode()).hexdigest()
        return f"move-{named[:8]}"


@dataclass(frozen=True, slots=True)
class Former:
    """A record that the person moved away from, on which something of ours stands, may stand, or a token lives.

    `listed_at` is when its sections were listed last, of those that were.
    """

    orcid: OrcidId
    grant: Grant | None
    suspension: Suspension | None
    move: Move | None
    listed_at: Mapping[Section, float] = attribute(default_factory=dict)


class ConsentStage(StrEnum):
    """How far one walk through the consent pages has come."""

    ASKED = "asked"
    """The researcher was sent to ORCID."""
    EXCHANGING = "exchanging"
    """ORCID's code is being exchanged, the one time."""
    OFFERED = "offered"
    """ORCID gave a token; the researcher has to confirm whose record it is."""
    HELD = "held"
    """Confirmed, but the names differ clearly: an operator decides."""
    GRANTED = "granted"
    DENIED = "denied"
    """The researcher said no at ORCID."""
    DECLINED = "declined"
    """The researcher said no on our page: not me, or not this record. An operator's rejection, too."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Consent:
    """One walk through the consent pages, from the link to its end.

    `id` and `browser` are digests of what the `state` and the cookie hold. `code` is a keyed digest of ORCID's code.
    `grant` is what ORCID gave, until it is taken or revoked. `outcome` names the page that the researcher sees (one
    of worker/permission/outcomes.py), `until` is when it expires.
    """

    id: str
    person: str
    browser: str
    until: float
    stage: ConsentStage = ConsentStage.ASKED
    code: str = ""
    grant: Grant | None = attribute(default=None, repr=False)
    outcome: str = ""
    redirect_uri: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """A permission request in a researcher's inbox at ORCID, and what ORCID told of it when we looked last."""

    person: str
    orcid: OrcidId
    put_code: int
    asked_at: float
    looked_at: float = 0.0
    read_at: float | None = None
    acted_at: float | None = None
    archived_at: float | None = None


@dataclass(frozen=True, slots=True)
class Forgetting:
    """A person who is being forgotten: first what was asked for is removed and revoked, then all is erased."""

    person: str
    remove_items: bool
    since: float


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """What is known of a person besides items and grants; times are 0.0 when it never was.

    `name` is the institution's. `revoked_at` is when the newest revocation was said, `denied_at` when the researcher
    said no at ORCID.
    """

    id: str
    name: str = ""
    revoked_at: float = 0.0
    denied_at: float = 0.0


@dataclass(frozen=True, slots=True)
class PersonPermission:
    """What a person allows us, without tokens: their active grant, else the newest. No `orcid` or `state`: none.

    `denied_at` is as in KnownPerson.
    """

    person: str
    orcid: OrcidId | None
    name: str
    state: GrantState | None
    reason: str
    granted_at: float
    expires_at: float
    denied_at: float


PERMISSIONS = ("active", "expired", "broken", "ending", "revoked", "replaced", "denied", "none")
"""What a person's permission may be, in the order in which it is told."""


def permission_word(one: PersonPermission, now: float) -> str:
    """What a person's permission is, as one of PERMISSIONS. A no that is newer than the permission counts."""
    if one.state is GrantState.ACTIVE:
        return "active" if one.expires_at > now else "expired"
    if one.denied_at > one.granted_at:
        return "denied"
    return "none" if one.state is None else one.state.value


_SMALL = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom somebody looks for; what is empty leaves everybody.

    `person` is a whole id, `part` a part of one; `orcid` is of the permission that is told, `permission` its word (one
    of PERMISSIONS).
    """

    person: str = ""
    part: str = ""
    orcid: OrcidId | None = None
    permission: str = ""

    @property
    def small_part(self) -> str:
        """The part in small letters; those beyond ASCII stay as they are, as databases do it everywhere alike."""
        return self.part.translate(_SMALL)

    def finds(self, one: PersonPermission, now: float) -> bool:
        """Whether this person is sought, by what their permission is at that time."""
        return (
            self.person in {"", one.person}
            and (not self.part or self.small_part in one.person.translate(_SMALL))
            and self.orcid in {None, one.orcid}
            and self.permission in {"", permission_word(one, now)}
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Who was found, in order. `reached` is the last person that was looked at; None when nobody comes behind."""

    people: Sequence[PersonPermission]
    reached: str | None
