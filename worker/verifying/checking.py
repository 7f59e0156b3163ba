"""Checking: a whole verification, from the people it looks at to what its command tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from state.store import Store
from worker.note_names import DRIFT, REVOKED
from worker.replaying import Watch as Replaying
from worker.replaying import reconcile_people
from worker.reports.summary import LEFT, Summary, summarise
from worker.reports.verified import LEFT_ALONE, SETTLED, item_row, outcome, unsettled
from worker.settings.settings import Settings
from worker.verifying.comparing import Kind
from worker.verifying.verifying import Verified, Watch, verify
from worker.watching.tally import Tally


class UnknownPersonError(Exception):
    """Somebody of whom nothing is known: one line."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: whom to look at (None: everybody), whether to mend, and how long to wait for retries then."""

    person: str | None = None
    repair: bool = False
    wait: float = 30.0


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of it. `told` is the one object that `verify --json` prints, `left` what waits for somebody."""

    told: dict[str, Any]
    verified: Verified
    left: Sequence[str]
    repair: bool

    @property
    def differing(self) -> int:
        """How many differences there are, or are left."""
        return len(self._left)

    @property
    def drift(self) -> int:
        """How many of these somebody has to mend: not what is of our client and none of ours, nor adopted by a repair.

        Another system may share the client id, and what it puts on records stays there for good.
        """
        return sum(row["kind"] != Kind.UNKNOWN or row.get("outcome", LEFT_ALONE) != LEFT_ALONE for row in self._left)

    @property
    def _left(self) -> Sequence[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.told["differences"]
        return [row for row in rows if row["outcome"] not in SETTLED] if self.repair else rows

    @property
    def exit_code(self) -> int:
        """0 when all is as we published it, LEFT else."""
        told = self.told
        return LEFT if self.left or self.differing or told["skipped"] or told["unread"] or told["refused"] else 0


def check(settings: Settings, store: Store, asked: Asked, watch: Watch) -> Checked:
    """Looks at records, mends what shall be mended, and sends what that makes due, and nothing of anybody else.

    The drift that a look at everybody left is noted for those who watch; of one that could not read most of them only
    when it is more than was known. Raises UnknownPersonError.
    """
    people = people_of(store, asked.person)
    verified = verify(settings, store, people, watch, repair=asked.repair)
    mended = [one.person for one in verified.mended]
    summary = None
    if mended and not watch.interrupted():
        beside = Replaying(interrupted=watch.interrupted, tally=watch.tally)
        summary = reconcile_people(settings, store, mended, asked.wait, beside)
    told = _told(store, verified, summary, repair=asked.repair)
    checked = Checked(told, verified, left_of(store, people if asked.person else None), asked.repair)
    if asked.person is None and not verified.unread and not watch.interrupted():
        with store.transaction():
            if not verified.is_blind or checked.drift > int(store.notes.get(DRIFT) or 0):
                store.notes.put(DRIFT, str(checked.drift))
            if not verified.closed:
                store.notes.put(REVOKED, str(verified.revoked))
    return checked


def people_of(store: Store, person: str | None) -> Sequence[str]:
    """Everybody, or the one; raises UnknownPersonError."""
    if person is None:
        return store.items.persons()
    found = store.people.canonical(person)
    facts = store.items.facts(found)
    if not (facts.wanted or facts.published or store.grants.of_person(found)):
        raise UnknownPersonError(f"nobody called {person} is known: no event or permission named them")
    return [found]


def left_of(store: Store, people: Sequence[str] | None) -> list[str]:
    """What somebody has to look at, or to wait for: of these people, or of the whole state."""
    return summarise(store, Tally(), 0.0).troubles(sent=True) if people is None else unsettled(store, people)


def not_read(verified: Verified) -> dict[str, Any]:
    """Who could not be looked at, and why, as JSON tells it."""
    return {
        "skipped": [
            {
                "person": one.person,
                "orcid": one.orcid,
                "reason": one.skipped,
                "closed": one.closed,
                "known": one.known,
            }
            for one in verified.skipped
        ],
        "unread": verified.unread,
        "refused": verified.refused,
    }


def _told(store: Store, verified: Verified, summary: Summary | None, *, repair: bool) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for seen in verified.read:
        for one in seen.differences:
            row = {
                "person": seen.person,
                "orcid": seen.orcid,
                **item_row(one.item, one.section, one.put_code),
                "kind": one.kind.value,
                "detail": one.detail,
            }
            rows.append(row | {"outcome": outcome(store, seen.person, row)} if repair else row)
    sent = {} if summary is None else dict(summary.calls)
    calls = {kind: sent.get(kind, 0) for kind in ("POST", "POST_BULK", "PUT", "DELETE")}
    return {
        "people": len(verified.read),
        "differences": rows,
        **not_read(verified),
        "calls": {**calls, "GET": verified.calls + sent.get("GET", 0)},
    }
