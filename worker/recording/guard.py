"""The guard at work: removals are noted and counted before any of them is sent (worker/planning/guarding.py)."""

import json
from collections.abc import Mapping
from dataclasses import replace

import structlog

from mappers.documents import dump
from mappers.sections import Section
from mappers.wanted import ItemKey, SourceKey
from state.facts import Method, Origin, PersonFacts
from state.removal_facts import Place, Removal, RemovalState, RemovalWindow
from state.store import Store
from worker.planning import steps
from worker.planning.guarding import WINDOW_SECONDS, Limits, only_empties, settled
from worker.planning.policy import Policy
from worker.planning.takings import takings
from worker.recording.contents import facts_of

PEOPLE = 50
"""People looked at in one transaction, so that other processes get their turn to write."""
PEOPLE_AT_ONCE = 1000
"""People looked at before something else is done, as many as the messages of a batch (turning/loop.py)."""

log = structlog.get_logger()


class Guard:
    """Notes what would be taken off records, counts it by source, and holds it when it is too much."""

    def __init__(self, store: Store, policy: Policy, limits: Limits) -> None:
        self._store = store
        self._policy = policy
        self._limits = limits

    def look(self, now: float) -> int:
        """Looks at people of whom something may have to be taken off; returns at how many, 0 when at the last of them.

        Nothing may be sent before.
        """
        looked_at = 0
        while self._store.removals.asked(1):
            if looked_at >= PEOPLE_AT_ONCE:
                return looked_at
            looked_at += self._look_at_some(now)
        return 0

    def _look_at_some(self, now: float) -> int:
        with self._store.transaction():  # noted and counted at once: nobody sends what is only noted
            people = self._store.removals.asked(PEOPLE)
            touched: set[str] = set()
            for person in people:
                touched |= self._noted(facts_of(self._store, person, self._policy), now)
                self._store.removals.answered(person)
            self._settle(touched, now)
        return len(people)

    def meet(self, facts: PersonFacts, made: steps.Plan, now: float) -> bool:
        """Counts what a plan takes off before it is carried out, in the caller's transaction.

        True when that changed something, so that the person is to be planned again.
        """
        if not (facts.removals or any(isinstance(call, steps.Remove | steps.Update) for call in made.calls)):
            return False
        touched = self._noted(facts, now)
        self._settle(touched, now)
        return bool(touched)

    def lets(self, step: steps.CallStep) -> bool:
        """Whether a step may be sent still: another process may have found too many of its kind meanwhile."""
        removal = self._removal(step)
        return removal is None or not removal.stopped

    def sent(self, step: steps.CallStep) -> None:
        """Notes, in the caller's transaction, that a step is about to be sent: from now on it counts for good."""
        removal = self._removal(step)
        if removal is not None and not removal.sent:
            now = self._store.now()
            _begin_window(self._store, removal.item.record.source, now)
            self._store.removals.put(replace(removal, sent=True, at=now))

    def _removal(self, step: steps.CallStep) -> Removal | None:
        match step:
            case steps.Remove(published=one):
                return self._store.removals.removal((one.orcid, one.section, one.put_code, ""))
            case steps.Update(item=item, published=one):
                return self._store.removals.removal((one.orcid, one.section, one.put_code, item.digest or ""))
            case _:
                return None

    def _noted(self, facts: PersonFacts, now: float) -> set[str]:
        """Notes what would be taken off a person's record; returns the sources of which that is something new."""
        found = takings(facts, self._policy, now)
        items = {(one.orcid, one.section, one.put_code, ""): one.item for one in found.removed}
        for update in found.updates:
            if self._empties(update):
                one = update.published
                items[one.orcid, one.section, one.put_code, update.item.digest or ""] = update.item.key
        surplus = dict(found.replaced)
        touched: set[str] = set()
        for place, item in items.items():  # which of a record's values count is all one: those that do already
            if place not in facts.removals and not _is_replaced(place, item, surplus):
                self._add(place, item, now, sent=_is_in_doubt(place, facts))
                touched.add(item.record.source)
        kept = {key for key, removal in facts.removals.items() if key in items or _is_kept(removal, facts)}
        for removal in [one for place, one in facts.removals.items() if place not in kept]:
            self._is_over(removal)
            touched.add(removal.item.record.source)
        for removal in [facts.removals[place] for place in sorted(kept & items.keys())]:
            if not removal.sent and _is_replaced(removal.place, removal.item, surplus):
                self._store.removals.drop(removal.number)
                touched.add(removal.item.record.source)
        return touched

    def _empties(self, update: steps.Update) -> bool:
        """Compared with what ORCID accepted last, though something else may stand by now."""
        one, item = update.published, update.item
        stands = self._store.items.published_document(one.orcid, one.section, one.put_code)
        if stands is None:
            return False
        kept = self._store.items.document(item.key) if update.composed is None else None
        text = dump(update.composed) if update.composed is not None else None if kept is None else kept[1]
        return text is not None and only_empties(json.loads(stands), json.loads(text))

    def _add(self, place: Place, item: ItemKey, now: float, *, sent: bool) -> None:
        _begin_window(self._store, item.record.source, now)
        orcid, _, put_code, digest = place
        added = self._store.removals.add(orcid, put_code, item, digest, now)
        if sent:
            self._store.removals.put(replace(added, sent=True))

    def _is_over(self, removal: Removal) -> None:
        """It was carried out, or is not wanted any more; what was sent goes on counting."""
        self._store.removals.drop(removal.number)
        window = self._store.removals.window(removal.item.record.source)
        if removal.sent and window is not None and removal.at >= window.began_at:
            let = removal.state is RemovalState.APPROVED
            window = replace(window, let=window.let + 1) if let else replace(window, gone=window.gone + 1)
            self._store.removals.put_window(window)

    def _settle(self, sources: set[str], now: float) -> None:
        for source in sorted(sources):
            settle(self._store, source, self._limits, now)


def _is_replaced(place: Place, item: ItemKey, surplus: dict[tuple[SourceKey, Section], int]) -> bool:
    """Whether a removal only makes way for another value; then it is taken from the `surplus`."""
    value = (item.record, item.section)
    if place[3] or not surplus.get(value):
        return False
    surplus[value] -= 1
    return True


def _is_in_doubt(place: Place, facts: PersonFacts) -> bool:
    """Whether the removal was sent already, and got no clear answer: it is repeated, whatever is held."""
    doubted = ((one.orcid, one.item.section, one.put_code, "") for one in facts.intents if one.method is Method.DELETE)
    return place in doubted


def _is_kept(removal: Removal, facts: PersonFacts) -> bool:
    """Whether it is of something that was adopted, and that an operator would not have removed."""
    if removal.state is not RemovalState.REJECTED:
        return False
    orcid, section, put_code, _ = removal.place
    return any(
        (one.orcid, one.section, one.put_code, one.origin) == (orcid, section, put_code, Origin.ADOPTED)
        for one in facts.published
    )


def recount(store: Store, limits: Limits) -> None:
    """Counts every source's removals by limits that may be others than before."""
    for source in store.removals.sources((RemovalState.DUE, RemovalState.HELD)):
        settle(store, source, limits, store.now())


def _begin_window(store: Store, source: str, now: float) -> None:
    """A source's removals are counted from the first one on; when that was long ago, from this one on."""
    window = store.removals.window(source)
    if window is None or _is_past(store, window, now):
        store.removals.put_window(RemovalWindow(source, now, store.removals.published(source)))


def _is_past(store: Store, window: RemovalWindow, now: float) -> bool:
    """A window that something is held in lasts until that is decided: time alone lets nothing go."""
    return now >= window.began_at + WINDOW_SECONDS and not store.removals.counts(window.source, now).get(
        RemovalState.HELD
    )


def settle(store: Store, source: str, limits: Limits, now: float) -> None:
    """Holds what a source would take off when that is too much, and lets it go when it is not any more."""
    with store.transaction():
        window = store.removals.window(source)
        if window is None:
            return
        is_past = _is_past(store, window, now)
        counts = store.removals.counts(source, now if is_past else window.began_at)
        if is_past:  # what is still due is sent in the next one
            if not counts.get(RemovalState.DUE):
                return
            window = RemovalWindow(source, now, store.removals.published(source))
            store.removals.put_window(window)  # all that is published is counted once for each
        match settled(window, counts, limits):
            case RemovalState.HELD:
                _hold(store, window, counts)
            case RemovalState.DUE:
                _let_go(store, source)
            case _:
                pass


def _hold(store: Store, window: RemovalWindow, counts: Mapping[RemovalState, int]) -> None:
    source = window.source
    store.removals.put_window(window)
    held = store.removals.decide(source, RemovalState.DUE, RemovalState.HELD)
    for person in held:
        if store.agenda.of(person) is None:  # nobody else looks at them, to say that they are held
            store.agenda.changed(person, 0.0, 0.0)
    if held and not counts.get(RemovalState.HELD):
        number = counts.get(RemovalState.DUE, 0) + window.gone
        log.warning("removals_held", source=source, removals=number, published=window.published)


def _let_go(store: Store, source: str) -> None:
    for person in store.removals.decide(source, RemovalState.HELD, RemovalState.DUE):
        store.agenda.changed(person, 0.0, 0.0)
    log.info("removals_let_go", source=source, why="they are few enough again")
