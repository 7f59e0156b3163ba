"""Records: who is due becomes a slice for one of their records, under its lease.

The granted record comes first. When nothing is to be done there, it is the turn of those that the person moved away
from, each under its own lease and with its own grant.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from mappers.events.messages import LogId
from mappers.identifiers import OrcidId
from state.facts import Due, PersonFacts
from state.permission_facts import Grant, Suspension
from state.store import Store
from worker.calling.calls import Sender
from worker.note_names import RECOVERY
from worker.planning import steps
from worker.planning.former import plan_former
from worker.planning.plan import plan
from worker.planning.policy import Policy
from worker.recording.contents import facts_of
from worker.recording.guard import Guard
from worker.recording.recovering import end_recovery
from worker.tracing.traces import Traces
from worker.turning.noting import note, note_states
from worker.turning.pace import Pace
from worker.turning.slice import Slice, Unfinished

ELSEWHERE_SECONDS = 1.0
"""How long a person is left out whose record's lease another process holds."""
RECOVERY_SECONDS = 5.0
"""How often it is looked at whether a recovery is over, at the most."""
RECOVERY_RESTS = 20.0
"""Nor is it looked at for so many times as long as the last look took, for it is one at everything."""


def is_paused(store: Store) -> bool:
    """Whether an operator holds everything back."""
    return any(brake.is_of_everything for brake in store.brakes.all())


class Records:
    """Opens records, in the caller's transaction. Used by the loop's thread alone."""

    def __init__(  # noqa: PLR0917 - the parts of one desk
        self, store: Store, policy: Policy, pace: Pace, holder: str, guard: Guard, traces: Traces
    ) -> None:
        self._store = store
        self._traces = traces
        self._policy = policy
        self._pace = pace
        self._holder = holder
        self._guard = guard
        self._unfinished: dict[str, Unfinished] = {}
        self._elsewhere: dict[str, float] = {}
        self._met_elsewhere: dict[str, tuple[int, float]] = {}
        self._recovered_at = 0.0

    def left_out(self, now: float) -> tuple[str, ...]:
        """The people one of whose records another process is writing."""
        self._elsewhere = {person: until for person, until in self._elsewhere.items() if until > now}
        return tuple(self._elsewhere)

    def heed_recovery(self) -> None:
        """Recovery may begin while we run: when Kafka shows that the store is behind."""
        said = self._store.notes.get(RECOVERY)
        since = float(said) if said else None
        if since != self._policy.list_since:
            self._policy = replace(self._policy, list_since=since)
            self._unfinished.clear()

    def finish_recovery(self, now: float, lag: Mapping[LogId, int], *, at_once: bool = False) -> None:
        """Ends a recovery whose logs are read up, and whose lists are all there; looks now and then, or `at_once`.

        Not within a transaction.
        """
        if self._policy.list_since is None or any(lag.values()) or not (at_once or now >= self._recovered_at):
            return
        began = self._store.now()
        is_over = end_recovery(self._store, self._policy, now)
        self._recovered_at = now + max(RECOVERY_SECONDS, RECOVERY_RESTS * (self._store.now() - began))
        if is_over:
            self.heed_recovery()

    def paused(self) -> bool:
        """Whether an operator holds everything back."""
        return is_paused(self._store)

    def leave_unfinished(self, one: Slice) -> None:
        """Keeps what is left of a slice that is over. On a former record it is planned anew."""
        if one.pending and not one.is_former:
            self._unfinished[one.due.person] = Unfinished(one.due.revision, one.sender, one.pending)

    def forget_unfinished(self) -> None:
        """What was planned before a failure of the store is planned anew."""
        self._unfinished.clear()

    def look(self, person: str, now: float) -> None:
        """Notes how far a person's items have come, and sends nothing."""
        with self._store.transaction():
            began = self._traces.now()
            facts, made = self._planned(person, now)
            note(self._store, facts, made)
        self._traces.looked(facts, replace(made, calls=()), began)

    def _planned(self, person: str, now: float) -> tuple[PersonFacts, steps.Plan]:
        """A plan in which nothing is taken off a record that the guard did not count, and let go."""
        facts = facts_of(self._store, person, self._policy)
        made = plan(facts, self._policy, now)
        if not self._guard.meet(facts, made, now):
            return facts, made
        facts = facts_of(self._store, person, self._policy)
        return facts, plan(facts, self._policy, now)

    def open(self, due: Due, now: float) -> Slice | None:
        """Plans one person. None when no call is to be made now: then it is noted when they are due again."""
        grant, sender = self._store.grants.current(due.person), None
        if grant is not None:
            sender = self._lease(due, grant.orcid, now)
            if sender is None:
                self._note_elsewhere(due, now)
                return None
            self._met_elsewhere.pop(due.person, None)
            rest = self._resumed(due, sender)
            if rest is not None:
                return Slice(due, grant, sender, rest.pending, now)
        began = self._traces.now()
        facts, made = self._planned(due.person, now)
        note(self._store, facts, made)
        self._traces.looked(facts, made, began)
        if sender is not None and made.calls:
            return self._slice(due, (grant, facts.suspension, sender), made, now)
        if sender is not None:
            self._store.turns.release(sender.orcid, sender.epoch)
        return self._open_former(due, facts, made, now)

    def _note_elsewhere(self, due: Due, now: float) -> None:
        """Tells how far someone's items have come whose record another process holds and does not get on with.

        Once for each change, when it has held it for longer than a call: most often it is at them, and tells itself.
        """
        revision, until = self._met_elsewhere.get(due.person, (-1, 0.0))
        if revision != due.revision:
            until = now + self._pace.call_seconds
        self._met_elsewhere[due.person] = due.revision, until if now < until else float("inf")
        if now >= until:
            facts = facts_of(self._store, due.person, self._policy)
            note_states(self._store, facts, plan(facts, self._policy, now))

    def _open_former(self, due: Due, facts: PersonFacts, granted: steps.Plan, now: float) -> Slice | None:
        plans = [granted]
        for former in facts.former:
            made = plan_former(facts, former, self._policy, now)
            note(self._store, facts, made)
            if made.calls:
                sender = self._lease(due, former.orcid, now)
                if sender is None:
                    return None
                found = self._slice(due, (former.grant, former.suspension, sender), made, now)
                return replace(found, is_former=True)
            plans.append(made)
        at = _due_at(plans, now)
        self._store.agenda.retry(due.person, at, due.revision, 0 if at is None else due.failures)
        return None

    def _lease(self, due: Due, orcid: OrcidId, now: float) -> Sender | None:
        """Takes a record's lease; while another process holds it, the person is left out."""
        pace = self._pace
        epoch = self._store.turns.acquire(orcid, self._holder, pace.call_seconds)
        if epoch is None:
            self._elsewhere[due.person] = now + ELSEWHERE_SECONDS
            return None
        return Sender(due.person, orcid, epoch, pace.call_seconds, pace.form, pace.visibilities)

    def _resumed(self, due: Due, sender: Sender) -> Unfinished | None:
        """A plan whose slice was over, if nobody had the record and nothing was wanted in between."""
        rest = self._unfinished.pop(due.person, None)
        if rest is None or rest.revision != due.revision:
            return None
        return rest if (rest.sender.orcid, rest.sender.epoch) == (sender.orcid, sender.epoch - 1) else None

    def _slice(
        self, due: Due, record: tuple[Grant | None, Suspension | None, Sender], made: steps.Plan, now: float
    ) -> Slice:
        grant, suspension, sender = record
        return Slice(due, grant, sender, deque(made.calls), now, suspended=suspension is not None)


def _due_at(plans: list[steps.Plan], now: float) -> float | None:
    """When a person is due again of whom nothing is to be sent; at once, when a grant has just ended."""
    if any(isinstance(one, steps.EndGrant) for made in plans for one in made.notes):
        return now
    return min((made.wake_at for made in plans if made.wake_at is not None), default=None)
