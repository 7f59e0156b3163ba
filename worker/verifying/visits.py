"""Visits: what is done at one person's record, call by call; under its lease where anything is written down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from uuid import uuid4

from mappers.documents import Document
from mappers.forms import Form
from mappers.identifiers import OWN_TYPE, OrcidId
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import Origin, PersonFacts, Published, Standing, Wanted
from state.formers import STANDING
from state.kept import kept_document
from state.permission_facts import Grant, GrantState
from state.store import Store
from worker.calling.aftermath import Follow
from worker.calling.calls import Sender, request_for
from worker.calling.replies import Found
from worker.planning import gates, steps
from worker.planning.policy import Policy
from worker.recording.discoveries import Discoveries
from worker.verifying.comparing import Difference, Kind, Known, compare, untold
from worker.verifying.overviews import Access, NotRead, Overview, found, overview
from worker.verifying.own_ids import strangers, unexplained
from worker.verifying.rounds import Visit

REASON = "an operator asked what stands there"
BUSY = "another process is writing this record now: try again"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visit found: what differs, what was adopted; or why nobody could look (`skipped`).

    It is `closed` to us when the permission has ended; or was `known` to be before ORCID was asked: locked, say.
    `at` is when the record was read; `owned` how many adopted items are ours now; `own_ids` are our own ids on items
    that we know nothing of, and that nothing wanted accounts for.
    """

    person: str
    orcid: OrcidId | None
    differences: tuple[Difference, ...] = ()
    adopted: tuple[Published, ...] = ()
    owned: int = 0
    skipped: str = ""
    closed: bool = False
    known: bool = False
    at: float = 0.0
    own_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Office:
    """What visits go by. `client_id` is ours; `records` are the source records behind our own ids on records."""

    store: Store
    policy: Policy
    client_id: str
    call_seconds: float
    holder: str = field(default_factory=lambda: uuid4().hex)
    records: Mapping[str, SourceKey] = field(default_factory=dict)

    @cached_property
    def discoveries(self) -> Discoveries:
        """What writes down what lists tell."""
        return Discoveries(self.store, self.policy, self.client_id)


def hindrance(facts: PersonFacts, now: float) -> str:
    """Why a person's record can't be looked at; empty when it can."""
    grant, suspension = facts.grant, facts.suspension
    if facts.forgetting is not None:
        return "the person is being forgotten"
    if grant is None:
        return "no permission" if facts.ended is None else f"the permission was revoked: {facts.ended.reason}"
    if grant.state is not GrantState.ACTIVE:
        return f"the permission is {grant.state}: {grant.reason}"
    if suspension is not None and suspension.look_again_at > now:
        return gates.suspended(suspension)
    return gates.unusable(grant, now)


def look(office: Office, person: str) -> Visit[Seen | None]:
    """Reads a record and compares it; writes nothing. None of who can't be looked at, and for whom nothing stands."""
    store = office.store
    before = store.items.facts(person)
    orcid = before.grant.orcid if before.grant else None
    hindered = hindrance(before, store.now())
    if before.grant is None or hindered:
        left = any(one.standing in STANDING for one in before.published)
        return Seen(person, orcid, skipped=hindered, closed=True, known=True) if left else None
    try:
        read = yield from overview(store, _access(office, before.grant))
        differences = _compared(office, before, before.grant.orcid, read)
    except NotRead as error:
        return Seen(person, orcid, skipped=str(error), closed=error.closed)
    own_ids = unexplained(before, read, office.client_id, office.policy)
    return Seen(person, orcid, differences, at=store.now(), own_ids=own_ids)


def mend(office: Office, seen: Seen) -> Visit[Seen]:
    """Reads a record again, and writes down what is still as it was `seen`, so that it is set right or respected.

    What is gone is looked at as after a PUT that found nothing; what differs is unknown, and written again; what we
    did not know is adopted, if it is something that is wanted.
    """
    return (yield from _under_lease(office, seen.person, lambda lease: _mend(lease, seen)))


def take_over(office: Office, seen: Seen, *, own: bool) -> Visit[Seen]:
    """Adopts what of our client stands there and is wanted, or was: and, with `own`, counts all adopted as ours.

    What was wanted is told by the office's `records`.
    """
    return (yield from _under_lease(office, seen.person, lambda lease: _take_over(lease, seen, own=own)))


@dataclass(frozen=True)
class _Lease:
    """A record that nobody else writes now."""

    office: Office
    facts: PersonFacts
    grant: Grant
    sender: Sender

    def hold(self) -> None:
        """Prolongs it; raises NotRead when it was taken over."""
        if not self.office.store.turns.renew(self.grant.orcid, self.sender.epoch, self.office.call_seconds):
            raise NotRead(BUSY)


def _access(office: Office, grant: Grant) -> Access:
    if grant.access_token is None:
        raise NotRead("the permission has no token any more")
    return Access(grant.orcid, grant.access_token, office.policy.version, office.call_seconds)


def _compared(office: Office, before: PersonFacts, orcid: OrcidId, read: Overview) -> tuple[Difference, ...]:
    store = office.store

    def document(one: Published) -> Document | None:
        text = store.items.published_document(one.orcid, one.section, one.put_code) if one.digest else None
        return None if text is None else kept_document(text)

    known = Known(before, store.items.facts(before.person), orcid, document)
    silent = untold(known, read.lists, office.policy.version)
    if silent:
        raise NotRead(f"ORCID's reply does not tell of {silent[0]}")
    return tuple(compare(known, read.lists, office.client_id, office.policy.version))


def _under_lease(office: Office, person: str, work: Callable[[_Lease], Visit[Seen]]) -> Visit[Seen]:
    store = office.store
    with store.transaction():
        facts = store.items.facts(person)
        grant, hindered = facts.grant, hindrance(facts, store.now())
        if grant is None or hindered:
            return Seen(person, None if grant is None else grant.orcid, skipped=hindered, closed=True, known=True)
        epoch = store.turns.acquire(grant.orcid, office.holder, office.call_seconds)
        if epoch is None:
            return Seen(person, grant.orcid, skipped=BUSY)
        facts = store.items.facts(person)
    sender = Sender(person, grant.orcid, epoch, office.call_seconds, Form(office.policy.version))
    try:
        return (yield from work(_Lease(office, facts, grant, sender)))
    except NotRead as error:
        return Seen(person, grant.orcid, skipped=str(error), closed=error.closed)
    finally:
        with store.transaction():
            store.turns.release(grant.orcid, epoch)
            store.agenda.changed(person, 0.0, 0.0)


def _mend(lease: _Lease, seen: Seen) -> Visit[Seen]:
    office, store = lease.office, lease.office.store
    read = yield from overview(store, _access(office, lease.grant))
    first = {(one.section, one.put_code, one.kind) for one in seen.differences}
    with store.transaction():
        lease.hold()
        again = _compared(office, lease.facts, lease.grant.orcid, read)
        still = [one for one in again if (one.section, one.put_code, one.kind) in first]
        for one in still:
            _mark(store, one)
        to_list = {one.section for one in still if one.kind in (Kind.GONE, Kind.UNKNOWN)}
        to_read = _listed(lease, read, to_list)
    yield from _read_all(lease, to_read)
    return Seen(seen.person, seen.orcid, tuple(still), at=store.now())


def _mark(store: Store, one: Difference) -> None:
    published = store.items.published_as(one.orcid, one.section, one.put_code)
    if published is None:
        return
    match one.kind:
        case Kind.GONE:
            store.items.publish(replace(published, standing=Standing.MISSING))
        case Kind.DIFFERS:
            store.items.publish(replace(published, digest=""))
        case Kind.RETURNED:
            store.items.publish(replace(published, standing=Standing.LIVE, digest=""))
        case Kind.UNKNOWN | Kind.DOUBLED:
            pass


def _listed(lease: _Lease, read: Overview, sections: set[Section]) -> list[steps.ReadItems]:
    """Tells what these sections' lists tell; returns what has to be read before it is adopted."""
    now, to_read = lease.office.store.now(), []
    for section in sorted(sections):
        step = steps.ListSection(section, REASON)
        aftermath = lease.office.discoveries.listed(step, lease.sender, Found(read.bodies[section]), now)
        if isinstance(aftermath, Follow):
            to_read += [one for one in aftermath.calls if isinstance(one, steps.ReadItems)]
    return to_read


def _read_all(lease: _Lease, to_read: list[steps.ReadItems]) -> Visit[None]:
    store, access = lease.office.store, _access(lease.office, lease.grant)
    base = len(f"/{access.version}/{access.orcid}/")
    for step in to_read:
        lease.hold()
        verdict = yield from found(store, access.get(request_for(step, {}, lease.sender).path[base:]))
        with store.transaction():
            lease.office.discoveries.read(step, lease.sender, verdict, store.now())


def _take_over(lease: _Lease, seen: Seen, *, own: bool) -> Visit[Seen]:
    office, store = lease.office, lease.office.store
    known = {(one.section, one.put_code) for one in lease.facts.published}
    unknown = [one for one in seen.differences if one.kind in (Kind.UNKNOWN, Kind.DOUBLED)]
    left: tuple[Difference, ...] = ()
    if unknown:
        read = yield from overview(store, _access(office, lease.grant))
        with store.transaction():
            lease.hold()
            to_read = _listed(lease, read, {one.section for one in unknown} & read.bodies.keys())
        yield from _read_all(lease, to_read)
        with store.transaction():
            lease.hold()
            _take_withdrawn(lease, read)
            facts = store.items.facts(seen.person)
            differences = _compared(office, facts, lease.grant.orcid, read)
            left = tuple(one for one in differences if one.kind in (Kind.UNKNOWN, Kind.DOUBLED))
    with store.transaction():
        lease.hold()
        mine = [one for one in store.items.facts(seen.person).published if one.orcid == lease.grant.orcid]
        owned = [one for one in mine if own and one.origin is Origin.ADOPTED]
        for one in owned:
            store.items.publish(replace(one, origin=Origin.CREATED))
            store.removals.ask(one.person)
    adopted = tuple(one for one in mine if (one.section, one.put_code) not in known)
    return Seen(seen.person, seen.orcid, left, adopted, len(owned), at=store.now())


def _take_withdrawn(lease: _Lease, read: Overview) -> None:
    """Items that carry our own id of a source record that the person does not want there any more."""
    office, store, person = lease.office, lease.office.store, lease.facts.person
    facts = store.items.facts(person)
    wanted = {(one.key.section, one.key.record) for one in facts.wanted if not one.withdrawn}
    for section, entry in strangers(facts, read, office.client_id):
        own_id = next((one for one in sorted(entry.self_ids) if one in office.records), None)
        if own_id is None or (section, office.records[own_id]) in wanted:
            continue
        item = ItemKey(person, section, office.records[own_id], "")
        store.items.publish(
            Published(
                person,
                lease.grant.orcid,
                section,
                entry.put_code,
                item,
                digest="",
                own_id=own_id.removeprefix(f"{OWN_TYPE}:"),
                self_ids=entry.self_ids,
                origin=Origin.ADOPTED,
            )
        )
        if not any(one.key == item for one in facts.wanted):
            store.items.want(Wanted(item, None, frozenset()), None)
