"""Verifying and adopting: every connected person's record is read, and, where it is asked for, our state set right."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import sleep

from state.store import Store
from worker.interrupts import Interrupts
from worker.note_names import RECOVERY, REVOKED
from worker.policies import make_policy, read_mapping
from worker.sending.lanes import ThreadLanes
from worker.sending.orcid_client import OrcidClient, OwnAccess
from worker.settings.settings import Settings
from worker.verifying.comparing import Kind
from worker.verifying.own_ids import records_behind
from worker.verifying.rounds import LONGEST_WAIT, Rounds, Visit
from worker.verifying.visits import BUSY, Office, Seen, look, mend, take_over
from worker.watching.tally import Tally
from worker.wiring import LANES

MANY = 10
MANY_SHARE = 0.05
"""More people than the first, and than this share of those read, without what we published, or whom ORCID does not let
us read any more since the last look: it's not researchers."""

COME_BACK = 3
"""How often a record is visited that another process writes."""
COME_BACK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how the work goes on (what it is, how many records are done, of how many), and who may end it.

    Calls are counted in `tally`.
    """

    progress: Callable[[str, int, int], None] = lambda *_: None
    interrupted: Callable[[], bool] = field(default_factory=Interrupts)
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of it. `mended` are those of whom something was written down; `calls` counts GETs.

    `unread`: how many were not looked at, since it was interrupted or ORCID could not be reached.
    `refused`: why nobody else was looked at, what is gone was left as it is, or what closed records may come of.
    `closed`: that last alone. `revoked`: of how many people whose permission stands as far as we know ORCID said that
    it has ended. `asked`: how many should have been told, without these when that is believed.
    """

    read: Sequence[Seen]
    skipped: Sequence[Seen]
    mended: Sequence[Seen]
    calls: int
    unread: int
    refused: str = ""
    closed: str = ""
    revoked: int = 0
    asked: int = 0

    @property
    def differences(self) -> int:
        """How many there are."""
        return sum(len(one.differences) for one in self.read)

    @property
    def is_blind(self) -> bool:
        """Whether too few records of those asked for could be read for a word on all."""
        return _are_many(self.asked - len(self.read), self.asked) or (self.asked > 0 and not self.read)


def verify(settings: Settings, store: Store, people: Sequence[str], watch: Watch, *, repair: bool) -> Verified:
    """Reads the records of these people, two GETs each, and compares them with what we published.

    With `repair` what differs is read again, a settle time later, under the record's lease, and written down as
    visits.py says: nothing is sent by that. Without, nothing is written.
    """
    with _rounds(settings, store, watch) as (rounds, office):
        read, skipped, unread = _look(rounds, office, people, watch)
        told = [one for one in skipped if not one.known]
        ended = [one for one in told if one.closed]
        before = int(store.notes.get(REVOKED) or 0)
        closed = _closed(ended, before, len(read) + len(told))
        asked = len(read) + len(told) - (0 if closed else len(ended))
        mended: list[Seen] = []
        refused = ""
        differing = [one for one in read if one.differences]
        if repair and differing and not watch.interrupted():
            refused = _untimely(store, differing) or _implausible(read)
            chosen = [_without_gone(one) for one in differing] if refused else differing
            chosen = [one for one in chosen if one.differences]
            _settle(office, chosen, watch)
            done = _done(rounds, lambda one: mend(office, one), chosen, watch, "repairing")
            mended = [one for one in done if not one.skipped]
            skipped = [*skipped, *(one for one in done if one.skipped)]
        refused = refused or rounds.given_up or closed
        return Verified(read, skipped, mended, rounds.calls, unread, refused, closed, len(ended), asked)


def adopt(settings: Settings, store: Store, people: Sequence[str], watch: Watch, *, own: bool) -> Verified:
    """Reads the records of these people, and takes over what of our client stands there without our knowing.

    What carries one of our identifiers, or says what is wanted; the rest stays unknown, and is told. With `own` all
    that was ever adopted counts as made by us: what nothing wants of it is removed by and by, under the guard.
    """
    with _rounds(settings, store, watch) as (rounds, office):
        read, skipped, unread = _look(rounds, office, people, watch)
        strange = (Kind.UNKNOWN, Kind.DOUBLED)
        chosen = [one for one in read if own or any(each.kind in strange for each in one.differences)]
        own_ids = frozenset().union(*(one.own_ids for one in chosen))
        taking = replace(office, records=records_behind(store, office.policy, own_ids))
        done = _done(rounds, lambda one: take_over(taking, one, own=own), chosen, watch, "adopting")
        taken = [one for one in done if not one.skipped]
        skipped = [*skipped, *(one for one in done if one.skipped)]
        return Verified(read, skipped, taken, rounds.calls, unread + len(chosen) - len(done), rounds.given_up)


@contextmanager
def _rounds(settings: Settings, store: Store, watch: Watch) -> Iterator[tuple[Rounds, Office]]:
    policy = make_policy(settings, read_mapping(settings), store)
    own = OwnAccess(settings.auth_url, settings.client_id or "", settings.client_secret)
    lanes = ThreadLanes(OrcidClient(settings.api_url, own, LANES), LANES)
    try:
        yield (
            Rounds(store, lanes, (settings.requests_per_second, settings.burst), watch.interrupted, watch.tally),
            Office(store, policy, settings.client_id or "", settings.call_seconds),
        )
    finally:
        lanes.close(1.0)


def _look(rounds: Rounds, office: Office, people: Sequence[str], watch: Watch) -> tuple[list[Seen], list[Seen], int]:
    """Who was read, who could not be, and how many were not looked at."""
    seen, looked = [], 0
    watch.progress("reading", 0, len(people))
    for one in rounds.run(look(office, person) for person in people):
        looked += 1
        watch.progress("reading", looked, len(people))
        if one is not None:
            seen.append(one)
    seen.sort(key=lambda one: one.person)
    unread = len(people) - looked
    return [one for one in seen if not one.skipped], [one for one in seen if one.skipped], unread


def _done(
    rounds: Rounds, visit: Callable[[Seen], Visit[Seen]], chosen: Sequence[Seen], watch: Watch, what: str
) -> list[Seen]:
    """What the visits return, by person; a record that another process writes is come back to a few times."""
    found: dict[str, Seen] = {}
    left = chosen
    for _ in range(COME_BACK):
        for one in rounds.run(visit(each) for each in left):
            found[one.person] = one
            watch.progress(what, len(found), len(chosen))
        left = [one for one in left if one.person in found and found[one.person].skipped == BUSY]
        if not left or watch.interrupted():
            break
        sleep(COME_BACK_SECONDS)
    return [found[person] for person in sorted(found)]


def _untimely(store: Store, differing: Sequence[Seen]) -> str:
    """Why it's not yet known who removed what is gone; empty when it is."""
    gone = any(each.kind is Kind.GONE for one in differing for each in one.differences)
    if not gone or store.notes.get(RECOVERY) is None:
        return ""
    return (
        "the state was lost or restored, and what is gone may have been removed by us since: nothing was noted as"
        " gone. Replay the logs, let `orcid-sync sync` end the recovery, and verify again"
    )


def _are_many(some: int, people: int) -> bool:
    return some > max(MANY, MANY_SHARE * people)


def _closed(ended: Sequence[Seen], before: int, asked: int) -> str:
    """Why ORCID's refusals are not taken for researchers who revoked; empty when they are.

    More than a few, or more than one and nobody was let through: besides as many as there were `before`, for revoked
    permissions that no call found out about add up over the years.
    """
    new = len(ended) - before
    if not (_are_many(new, asked) or (new > 1 and asked == len(ended))):
        return ""
    return (
        f"ORCID refuses to show the records of {len(ended)} of {asked} people whose permission stands as far as we"
        f" know, of {before} at the last look; of {ended[0].orcid}: {ended[0].skipped}. That looks like another client,"
        " other settings or a fault at ORCID, not like researchers who revoked. Check ORCID_SYNC_API_URL and"
        " ORCID_SYNC_CLIENT_ID, ask ORCID, and verify again; whoever did revoke has to be asked anew (`orcid-sync"
        " permission invite PERSON`)"
    )


def _implausible(read: Sequence[Seen]) -> str:
    """Why what is gone is not taken for removed by researchers; empty when it is."""
    without = sum(any(each.kind is Kind.GONE for each in one.differences) for one in read)
    if not _are_many(without, len(read)):
        return ""
    return (
        f"{without} of {len(read)} people lack what we published: that looks like another ORCID, or an old state,"
        " not like researchers who removed it; nothing was noted as gone. Check ORCID_SYNC_API_URL, read the logs"
        " again after a restore, or repair people one by one with --person"
    )


def _without_gone(seen: Seen) -> Seen:
    return replace(seen, differences=tuple(one for one in seen.differences if one.kind is not Kind.GONE))


def _settle(office: Office, chosen: Sequence[Seen], watch: Watch) -> None:
    """Lists come from a replica that may lag: the second is read a settle time after the first."""
    until = max((one.at for one in chosen), default=0.0) + office.policy.settle_seconds
    while not watch.interrupted() and (left := until - office.store.now()) > 0.0:
        watch.progress("letting lists settle", 0, len(chosen))
        sleep(min(LONGEST_WAIT, left))
