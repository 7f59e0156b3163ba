"""Steps: what a plan wants done on one iD, as data. Those with a call change or read the record; the rest only note."""

from dataclasses import dataclass

from mappers.documents import Document
from mappers.groups import GroupIdRecord
from mappers.identifiers import OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import Intent, ItemState, Origin, Published, Wanted
from state.permission_facts import Grant, KeptToken, Move


@dataclass(frozen=True, slots=True)
class Add:
    """POST one item. `own_id` is our opaque external-id, where the item needs one.

    `after` are put-codes whose own steps have to be accepted before, since they free an identifier that this one takes.
    `composed` is what is sent when several source records say it together; else it is the item's own document.
    """

    item: Wanted
    own_id: str | None
    reason: str
    after: frozenset[int] = frozenset()
    composed: Document | None = None


@dataclass(frozen=True, slots=True)
class AddWorks:
    """POST two to a hundred works in one call: one message in the inbox."""

    adds: tuple[Add, ...]


@dataclass(frozen=True, slots=True)
class Update:
    """PUT the wanted document over what stands under a put-code. `after` and `composed` are as those of Add."""

    item: Wanted
    published: Published
    own_id: str | None
    reason: str
    after: frozenset[int] = frozenset()
    composed: Document | None = None


@dataclass(frozen=True, slots=True)
class MoveAside:
    """PUT the wanted document with our opaque `own_id` as its only `self` identifier.

    It frees the identifiers that the item carries now, where items swap theirs or hand them round: an Update follows.
    """

    item: Wanted
    published: Published
    own_id: str
    reason: str
    composed: Document | None = None


@dataclass(frozen=True, slots=True)
class EnsureGroup:
    """Find or create the group-id record that peer reviews need, with our client's own token."""

    group: GroupIdRecord
    reason: str


@dataclass(frozen=True, slots=True)
class Remove:
    """DELETE what stands under a put-code."""

    published: Published
    reason: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """POST once more, word for word, what was left in doubt: ORCID answers 9021 when the first one was carried out."""

    intents: tuple[Intent, ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """An item that ORCID says it has already (9021), and whether an earlier POST of ours may have put it there.

    `beside`: a PUT was answered so; what is found stands beside the item's own put-code.
    """

    item: ItemKey
    digest: str
    put_code: int | None
    origin: Origin
    beside: bool = False


@dataclass(frozen=True, slots=True)
class ListSection:
    """GET the section's list, to find out what stands there."""

    section: Section
    reason: str
    expected: tuple[Expected, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundItem:
    """An item of ours, and the wanted item it shall serve.

    `refused` is the digest that 9021 was about, when only its message names the put-code and no list shows it.
    """

    put_code: int
    item: ItemKey
    origin: Origin
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class ReadItems:
    """GET items of ours found in a list, to compare before they are adopted.

    `listed_at` is set on the last one: when it is done, the section counts as listed then.
    """

    section: Section
    found: tuple[FoundItem, ...]
    listed_at: float | None


@dataclass(frozen=True, slots=True)
class Refresh:
    """Exchange a grant's tokens for new ones, since its access token expires soon."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class RevokeToken:
    """Revoke a token at ORCID; the other one of its pair dies with it."""

    token: KeptToken


@dataclass(frozen=True, slots=True)
class Reassign:
    """Note which wanted item and digest what stands, or stood, under a put-code serves from now on. No call."""

    published: Published
    item: ItemKey
    digest: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Drop a withdrawn item of which nothing is published. No call."""

    key: ItemKey


@dataclass(frozen=True, slots=True)
class DropMove:
    """Forget that the person moved away from this record: nothing of ours stands there any more. No call."""

    orcid: OrcidId


@dataclass(frozen=True, slots=True)
class EndGrant:
    """Note that a grant that was ending has ended: no token of it is left to revoke. No call."""

    grant: Grant


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Leave writes in doubt as they are, where nobody has to find out any more. No call."""

    intents: tuple[Intent, ...]


DELETION = "deletion"
"""Stands for a digest where ORCID refused to delete an item."""

RecordStep = Add | AddWorks | Update | MoveAside | Remove | Repeat | ListSection | ReadItems | EnsureGroup
"""Calls of ORCID's member API."""
OAuthStep = Refresh | RevokeToken
"""Calls of ORCID's authorization server: about a token, not about a section."""
CallStep = RecordStep | OAuthStep
NoteStep = Reassign | Forget | DropMove | EndGrant | GiveUp


def section_of(call: RecordStep) -> Section:
    """The section that a call is about."""
    match call:
        case Add() | Update() | MoveAside():
            return call.item.key.section
        case AddWorks():
            return Section.WORK
        case Repeat():
            return call.intents[0].item.section
        case Remove():
            return call.published.section
        case ListSection() | ReadItems():
            return call.section
        case EnsureGroup():
            return Section.PEER_REVIEW


@dataclass(frozen=True, slots=True)
class Standing:
    """How far one wanted item has come, and why."""

    key: ItemKey
    state: ItemState
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps for one iD in their order, the state of every wanted item, and when time alone would change the plan.

    `moves` are those that have to be noted: what becomes of what stands on the person's former records.
    """

    calls: tuple[CallStep, ...] = ()
    notes: tuple[NoteStep, ...] = ()
    standings: tuple[Standing, ...] = ()
    wake_at: float | None = None
    moves: tuple[Move, ...] = ()
