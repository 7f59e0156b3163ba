"""Facts: what we remember, as frozen data without SQL. The pure core plans from these."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from enum import StrEnum

from mappers.documents import Document
from mappers.events.messages import LogId
from mappers.groups import GroupIdRecord
from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.brake_facts import Brake
from state.permission_facts import Forgetting, Former, Grant, KeptToken, Suspension
from state.removal_facts import Place, Removal


class Scheme(StrEnum):
    """What orders the events of one source record. `reset`: nothing any more, its next event counts."""

    SEQUENCE = "sequence"
    TIME = "time"
    ARRIVAL = "arrival"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A source record as last accepted. Versions compare as text within one scheme; a removal keeps its version.

    Under the scheme `reset` the version is the scheme and the version that it had before.
    """

    key: SourceKey
    scheme: Scheme
    version: str
    removed: bool
    data: str
    digest: str
    revision: str


class Acceptance(StrEnum):
    """What became of a source record's new version when it met the one we had."""

    APPLIED = "applied"
    APPLIED_TIE = "applied_tie"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    SUPERSEDED_TIE = "superseded_tie"


@dataclass(frozen=True, slots=True)
class EventNote:
    """One event in the story of its source record. `trace` is the W3C traceparent that came with it, if one did."""

    key: SourceKey
    event_id: str
    type: str
    place: str
    at: float
    result: str
    detail: str = ""
    trace: str = ""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that could not be taken, with its bytes. `id` is the fingerprint of its bytes and place.

    From `again_at` on it may be taken, if time alone kept it from that. `type` is empty where it could not be read.
    """

    id: str
    place: str
    source: str
    entity: str
    subject: str
    rule: str
    field: str
    message: str
    envelope: bytes = attribute(repr=False)
    at: float = 0.0
    state: str = "open"
    type: str = ""
    again_at: float | None = None


@dataclass(frozen=True, slots=True)
class GapNote:
    """Offsets `first` to `last` of a log that it no longer had when we came to read them."""

    id: int
    log: LogId
    first: int
    last: int
    reason: str
    at: float
    closed: bool = False


class ItemState(StrEnum):
    """How far a wanted item has come."""

    IN_SYNC = "in_sync"
    PENDING = "pending"
    WAITING = "waiting"
    REFUSED = "refused"
    HELD = "held"
    MERGED = "merged"
    STRANDED = "stranded"
    REMOVED_BY_RESEARCHER = "removed_by_researcher"
    IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A wanted item without its document. No `digest`: withdrawn, or refused by our own rules (`refusal` says why).

    `same_as` is the digest of an earlier document that differs only in form, so that what stands on the record may
    stay (a new mapping number). `refused_digest` is the digest that ORCID refused, for `refused_reason`.
    `v2_1_lacks` says why API v2.1 can't express the document at all, `v2_1_drops` what it leaves out of it; both are
    empty when it carries all. `group` is the key of the group-id record that a peer review needs.
    `hold` names the hold that it is under, `hold_reason` says why: what it says changed with no new event behind it.
    """

    key: ItemKey
    digest: str | None
    self_ids: frozenset[str]
    revision: int = 1
    refusal: str = ""
    same_as: str = ""
    refused_digest: str = ""
    refused_reason: str = ""
    v2_1_lacks: str = ""
    v2_1_drops: str = ""
    group: str = ""
    hold: str = ""
    hold_reason: str = ""
    state: ItemState = ItemState.PENDING
    reason: str = ""

    @property
    def withdrawn(self) -> bool:
        """True when the item shall not stand on the record."""
        return self.digest is None and not self.refusal


class Origin(StrEnum):
    """How an item came to be ours. `readded`: created again by us after the researcher had removed it."""

    CREATED = "created"
    ADOPTED = "adopted"
    READDED = "readded"


class Standing(StrEnum):
    """Whether a published item still stands.

    `missing`: a PUT got 404, a listing must confirm that it is gone. `removed`: the researcher removed it.
    `foreign`: ORCID says that it belongs to another source, so we never touch it again.
    """

    LIVE = "live"
    MISSING = "missing"
    REMOVED = "removed"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Published:
    """What stands on one iD under one put-code: the item it served, the digest ORCID accepted last ("": unknown).

    `left_out` names what API v2.1 had no place for when it was written.
    """

    person: str
    orcid: OrcidId
    section: Section
    put_code: int
    item: ItemKey
    digest: str
    own_id: str | None
    self_ids: frozenset[str]
    origin: Origin = Origin.CREATED
    standing: Standing = Standing.LIVE
    left_out: str = ""


class Method(StrEnum):
    """The writes of ORCID's API."""

    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Intent:
    """The durable note of a write about to be made, open until its outcome.

    From `ripe_at` on, the request can no longer commit late. Intents of one bulk share `call`. `attempt` counts
    how often it was sent: all times before this one were left in doubt.
    """

    id: int
    call: int
    person: str
    orcid: OrcidId
    item: ItemKey
    method: Method
    put_code: int | None
    digest: str
    own_id: str | None
    self_ids: frozenset[str]
    document: str | None
    opened_at: float
    ripe_at: float
    epoch: int
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an intent: the reply in short, and in plain words."""

    verdict: str
    at: float
    status: int | None = None
    error_code: int | None = None
    put_code: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class IntentStory:
    """A closed or open intent with its outcome, for `explain`."""

    intent: Intent
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class SectionKnowledge:
    """What this store knows of one section of one record by itself: when it listed it, and when it first filled it.

    Until `full_until` nothing is added there: ORCID said that the record takes no more. `strangers` is the mark of what
    was wanted there (planning/section_facts.py) when a list showed items of our client that were none of it, or empty.
    """

    listed_at: float | None = None
    filled_at: float | None = None
    full_until: float = 0.0
    strangers: str = ""


class GroupState(StrEnum):
    """How far a group-id record has come. `asked`: a call is under way that finds or creates it."""

    WANTED = "wanted"
    ASKED = "asked"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Group:
    """A group-id record that peer reviews need. Until `ripe_at` a call for it may be under way, in any process.

    A refused one is looked at again then; never by itself when that is 0.
    """

    record: GroupIdRecord
    state: GroupState = GroupState.WANTED
    reason: str = ""
    ripe_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Departure:
    """That a person left the institution, as a source said it; `date` as it was given, if it was."""

    record: SourceKey
    person: str
    date: str | None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """All that planning for one person reads.

    `contents` holds documents by digest, only those that planning has to compare or compose. `groups` are those of the
    person's peer reviews, by key. `former` are the other records on which something of ours stands or may stand, or
    whose grant is ending; `tokens` those that shall be revoked at ORCID. `ended` is the newest revoked grant of
    who has no current one. `removals` are what would be taken off, as the guard counts it. `brakes` are those that may
    keep something of the person's back; `suppressed` are the source records that are never sent to them, with whether
    what stands of them is taken off.
    """

    person: str
    grant: Grant | None
    suspension: Suspension | None
    wanted: tuple[Wanted, ...]
    published: tuple[Published, ...]
    intents: tuple[Intent, ...]
    sections: Mapping[Section, SectionKnowledge]
    groups: Mapping[str, Group] = attribute(default_factory=dict)
    departures: tuple[Departure, ...] = ()
    former: tuple[Former, ...] = ()
    tokens: tuple[KeptToken, ...] = ()
    forgetting: Forgetting | None = None
    ended: Grant | None = None
    removals: Mapping[Place, Removal] = attribute(default_factory=dict)
    brakes: tuple[Brake, ...] = ()
    suppressed: Mapping[SourceKey, bool] = attribute(default_factory=dict)
    contents: Mapping[str, Document] = attribute(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Due:
    """A person whose record is due to be compared. `revision` grows when something new is wanted."""

    person: str
    due_at: float
    revision: int
    failures: int


@dataclass(frozen=True, slots=True)
class Binding:
    """The ORCID that a store belongs to."""

    api_url: str
    auth_url: str
    client_id: str
