"""Records that are left: those that a person moved away from, and all of a person who is being forgotten.

What becomes of a record that the person moved away from (ARCHITECTURE.md 6):

    something of ours    move        its old grant            step
    -----------------    --------    ---------------------    ---------------------------------------------------
    stands               -           serves                   held, until an operator's word
    stands               -           none, expired, lacks     stranded, with the reason; so too on a deprecated or
                                     the scope                deactivated record
    stands               held        serves                   (waits)
    stands               rejected    any                      (stays)
    stands               approved    serves, also broken      Remove, each until 204 or 404
    stands               stranded    any                      (stays, until it is approved again)
    DELETE in doubt      any         serves                   Remove until 204 or 404
    POST in doubt        any         reads                    list the section twice, a settle time apart
    removed there        any         any                      (nothing: it says nothing about the new record)
    nothing              any         any                      forget the move
    nothing to send      any         ending, or forgotten     RevokeToken, for each of its tokens

Of who is being forgotten every record is left so, the granted one included: as if approved when the items shall go,
and else nothing is removed. Then tokens are revoked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

from mappers.identifiers import OrcidId
from mappers.sections import Section, may_remove
from state.facts import Intent, ItemState, Method, PersonFacts, Published
from state.permission_facts import Former, GrantState, Move, MoveState, SuspensionKind
from worker.planning import gates, slots, steps
from worker.planning.brakes import braked, paused_as_a_whole
from worker.planning.policy import Policy
from worker.planning.tokens import ending, revocations

FOR_GOOD = frozenset({SuspensionKind.DEPRECATED, SuspensionKind.DEACTIVATED})
"""Records that will take no writes tomorrow either."""

STATES: Mapping[MoveState, ItemState] = {
    MoveState.HELD: ItemState.HELD,
    MoveState.REJECTED: ItemState.HELD,
    MoveState.APPROVED: ItemState.PENDING,
    MoveState.STRANDED: ItemState.STRANDED,
}
"""How far what stands on a former record has come, by its move."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of what stands on a former record."""

    state: ItemState
    reason: str


def fates(facts: PersonFacts, policy: Policy, now: float) -> Mapping[OrcidId, Fate]:
    """What becomes of what stands on each of the person's former records."""
    found = {one.orcid: Left.of(facts, one, policy, now).move() for one in facts.former}
    return {orcid: Fate(STATES[move.state], move.reason) for orcid, move in found.items() if move is not None}


def moves(facts: PersonFacts, policy: Policy, now: float) -> tuple[tuple[Move, ...], tuple[steps.NoteStep, ...]]:
    """The moves that are not noted as they are, and the notes that drop those where nothing stands any more.

    Where everything is ending, nobody is asked any more about what stands on a former record.
    """
    if facts.grant is None or facts.forgetting is not None:
        return (), ()
    is_ending = facts.grant.state is GrantState.ENDING
    noted: list[Move] = []
    dropped: list[steps.NoteStep] = []
    for one in facts.former:
        move = Left.of(facts, one, policy, now).move()
        if move is None and one.move is not None:
            dropped.append(steps.DropMove(one.orcid))
        elif move is not None and move != one.move and not (one.move is None and is_ending):
            noted.append(move)
    return tuple(noted), tuple(dropped)


def plan_former(facts: PersonFacts, former: Former, policy: Policy, now: float) -> steps.Plan:
    """The steps for one of the person's former records, by its own grant. Pure.

    States of items and moves are told by the plan of the granted iD (plan.py).
    """
    return Left.of(facts, former, policy, now).plan()


def plan_forgetting(facts: PersonFacts, policy: Policy, now: float) -> steps.Plan:
    """The steps for the granted iD of who is being forgotten; nothing that is wanted goes out any more."""
    reason = "the person is being forgotten"
    standings = tuple(steps.Standing(item.key, ItemState.WAITING, reason) for item in facts.wanted)
    if facts.grant is None:
        return steps.Plan(standings=standings)
    listed = {section: known.listed_at for section, known in facts.sections.items() if known.listed_at is not None}
    granted = Former(facts.grant.orcid, facts.grant, facts.suspension, None, listed)
    made = Left.of(facts, granted, policy, now).plan()
    return steps.Plan(made.calls, made.notes, standings, made.wake_at)


def is_left(facts: PersonFacts, orcid: OrcidId) -> bool:
    """Whether nothing of the person's shall stand on a record any more."""
    return facts.forgetting is not None or facts.grant is None or facts.grant.orcid != orcid


def listed_before(facts: PersonFacts, orcid: OrcidId, section: Section) -> float | None:
    """When a section of the granted iD, or of a former record, was listed last."""
    if facts.grant is not None and facts.grant.orcid == orcid:
        known = facts.sections.get(section)
        return None if known is None else known.listed_at
    return next((one.listed_at.get(section) for one in facts.former if one.orcid == orcid), None)


@dataclass(frozen=True, slots=True)
class Left:
    """A record that is left, with what of ours stands or may stand there."""

    facts: PersonFacts
    record: Former
    policy: Policy
    now: float
    standing: tuple[Published, ...] = ()
    posted: tuple[Intent, ...] = ()
    writing: Mapping[int, tuple[Intent, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: PersonFacts, record: Former, policy: Policy, now: float) -> "Left":
        """Narrows a person's facts to one record."""
        here = sorted((one for one in facts.published if one.orcid == record.orcid), key=_by_place)
        open_ = sorted((one for one in facts.intents if one.orcid == record.orcid), key=attrgetter("id"))
        writing: dict[int, tuple[Intent, ...]] = {}
        for one in open_:
            if one.put_code is not None:
                writing[one.put_code] = (*writing.get(one.put_code, ()), one)
        standing = tuple(one for one in here if one.standing not in slots.GONE)
        posted = tuple(one for one in open_ if one.method is Method.POST)
        return cls(facts, record, policy, now, standing, posted, writing)

    def move(self) -> Move | None:
        """What becomes of what stands there; None when nothing does, nor may."""
        if not (self.standing or self.posted):
            return None
        orcid, before = self.record.orcid, self.record.move
        state = MoveState.HELD if before is None else before.state
        if before is not None and state is MoveState.REJECTED:
            return before
        stranded = self._stranded()
        if stranded:
            return Move(self.facts.person, orcid, MoveState.STRANDED, stranded)
        if before is not None and state is MoveState.STRANDED:
            return before
        waits = self._waiting()[0] if state is MoveState.APPROVED else ""
        granted = "another iD" if self.facts.grant is None else self.facts.grant.orcid
        return Move(self.facts.person, orcid, state, waits or f"the person moved from {orcid} to {granted}")

    def plan(self) -> steps.Plan:
        """What is done there now, and when time alone would change that."""
        wakes = [one.ripe_at for one in self._open if one.ripe_at > self.now]
        calls: tuple[steps.CallStep, ...] = (*self._removals(), *self._lists(wakes))
        waits, until = self._waiting()
        if calls and waits:
            calls = ()
            wakes.extend(() if until is None or not self._is_forgotten else (until,))
        notes: tuple[steps.NoteStep, ...] = ()
        if not (calls or wakes):
            calls = revocations(self.facts, self.record.orcid, self.record.grant, self.policy)
            notes = (*ending(self.facts, self.record.grant), *self._given_up())
        wakes.extend(() if until is None else (until,))
        return steps.Plan(calls, notes, wake_at=min(wakes, default=None))

    @property
    def _is_forgotten(self) -> bool:
        return self.facts.forgetting is not None

    @property
    def _open(self) -> tuple[Intent, ...]:
        return (*self.posted, *(one for writing in self.writing.values() for one in writing))

    @property
    def _is_leaving(self) -> bool:
        """Whether all that stands there shall go."""
        if self.facts.forgetting is not None:
            return self.facts.forgetting.remove_items
        return self.record.move is not None and self.record.move.state is MoveState.APPROVED

    @property
    def _reads(self) -> bool:
        """Whether the token there still reads; lists tell what a POST in doubt has left there."""
        grant = self.record.grant
        kept = self._is_forgotten and not self._is_leaving
        if grant is None or kept or gates.unusable(grant, self.now):
            return False
        return grant.state in (GrantState.ACTIVE, GrantState.REPLACED) or (
            self._is_forgotten and grant.state is GrantState.ENDING
        )

    def _stranded(self) -> str:
        """Why nothing can be removed there, today or tomorrow; empty when something can."""
        grant, suspension, orcid = self.record.grant, self.record.suspension, self.record.orcid
        if suspension is not None and suspension.kind in FOR_GOOD:
            return gates.suspended(suspension)
        if grant is None:
            return f"there is no permission for {orcid}"
        if gates.unusable(grant, self.now):
            ended = grant.reason or "the permission expired"
            return f"{orcid}: {ended if grant.access_token is None else 'the permission expired'}"
        if not (self.standing or self._reads):
            return f"{orcid}: a POST got no clear answer, and the permission is {grant.state}"
        sections = [one.section for one in self.standing]
        if not sections or any(may_remove(section, grant.scopes) for section in sections):
            return ""
        return f"{orcid}: {gates.lacking(sections[0], sections[0].remove_scopes)}"

    def _waiting(self) -> tuple[str, float | None]:
        """What holds calls back there for a while, and until when."""
        suspension, paused = self.record.suspension, paused_as_a_whole(self.facts.brakes)
        if paused:
            return paused, None
        if not self.policy.sends_for(self.facts.person):
            return self.policy.held_by, None
        if suspension is not None and suspension.look_again_at > self.now:
            return gates.suspended(suspension), suspension.look_again_at
        return "", None

    def _removals(self) -> Iterator[steps.Remove]:
        grant, move = self.record.grant, self.move()
        if grant is None or move is None or move.state is MoveState.STRANDED:
            return
        for one in self.standing:
            writing = self.writing.get(one.put_code, ())
            leaves = self._is_leaving or any(each.method is Method.DELETE for each in writing)
            may_go = self._is_on(one.section) and may_remove(one.section, grant.scopes)
            if leaves and may_go and all(each.ripe_at <= self.now for each in writing):
                why = "the person is being forgotten" if self._is_forgotten else "the person moved"
                call = steps.Remove(one, why)
                if not braked(call, self.facts):
                    yield call

    def _given_up(self) -> Iterator[steps.GiveUp]:
        """What is left in doubt when nothing more is asked for who is being forgotten."""
        if self._is_forgotten and self._open and not (self._reads or self._is_leaving):
            yield steps.GiveUp(self._open)
        elif self._is_forgotten and self.posted and not self._reads:
            yield steps.GiveUp(self.posted)

    def _is_on(self, section: Section) -> bool:
        off = section in self.policy.switched_off and not self._is_forgotten
        return section.is_in(self.policy.version) and not off

    def _lists(self, wakes: list[float]) -> Iterator[steps.ListSection]:
        """Two lists, a settle time apart, tell what became of a POST; `wakes` takes when the second is due."""
        move = self.move()
        if not self._reads or move is None or move.state is MoveState.STRANDED:
            return
        for section in sorted({one.item.section for one in self.posted}):
            ripe_at = max(one.ripe_at for one in self.posted if one.item.section is section)
            listed_at = self.record.listed_at.get(section)
            if listed_at is not None and listed_at >= ripe_at:
                ripe_at = listed_at + self.policy.settle_seconds
            if ripe_at > self.now:
                wakes.append(ripe_at)
            elif section.is_in(self.policy.version):
                call = steps.ListSection(section, "a POST got no clear answer")
                if not braked(call, self.facts):
                    yield call


def _by_place(one: Published) -> tuple[Section, int]:
    return one.section, one.put_code
