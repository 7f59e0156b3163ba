"""The sentry: holds all sending back while it is not one record's trouble, and finds out when that is over.

The circuit and the verdicts are in the store, for all processes; calls in a row without an answer are counted here.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import structlog

from state.facts import Due
from state.store import Store
from state.verdict_facts import ProvisionalVerdict, VerdictKind
from worker.calling import replies
from worker.calling.backoff import backoff
from worker.calling.circuit import Cause, Circuit, read_circuit
from worker.note_names import CIRCUIT
from worker.recording.sent import Sent
from worker.recording.verdicts import WINDOW_SECONDS, confirm_kind, hold_of, undo_kind, undo_verdict
from worker.turning.breaker import FEWEST, WORDS, is_about, is_served, is_suspicious
from worker.turning.pace import Pace
from worker.turning.queue import Queue
from worker.turning.slice import Slice

CALLS_IN_A_ROW = 10
PEOPLE_IN_A_ROW = 5
"""So many calls, for so many people, without an answer of ORCID's own and none with one between: an outage."""
FAILS_BY_ITSELF = 3
"""A record that failed so often in a row before is no sign of an outage: it may be broken by itself."""
LONGEST_OUTAGE_WAIT = 10.0
"""Between two probes of an outage: one call in that time costs nothing, and everything waits for its answer."""

Candidate = Due | ProvisionalVerdict
"""Who may be probed; or the verdict that may be tried again."""

log = structlog.get_logger()

NO_ANSWER = replies.Unsent | replies.InDoubt | replies.Throttled
SAYS_NOTHING_OF_US = replies.Unpermitted | replies.Suspended | replies.TooLarge


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a call that a slice made `at` a time; `said`: what is believed of its person since, and was not."""

    one: Slice
    sent: Sent
    verdict: replies.Verdict
    at: float
    said: tuple[ProvisionalVerdict, ...] = ()


class Sentry:
    """Every method runs in the caller's transaction. Used by the loop's thread alone."""

    def __init__(self, store: Store, pace: Pace, chance: Callable[[], float]) -> None:
        self._store = store
        self._pace = pace
        self._chance = chance
        self._calls = 0
        self._people: set[str] = set()
        self._answered_at = 0.0
        self._not_now: set[ProvisionalVerdict] = set()

    @property
    def circuit(self) -> Circuit | None:
        """The open circuit; None while we send."""
        return read_circuit(self._store.notes.get(CIRCUIT))

    # Opening.

    def hear(self, heard: Heard, now: float) -> None:
        """Takes note of what came of a call."""
        if isinstance(heard.verdict, replies.Stop):
            return  # `halt` is told why
        circuit = self.circuit
        suspicion = self._note(heard.said, circuit, now)
        if circuit is not None:
            if heard.one.probe:
                self._judge(circuit, heard, now)
        elif suspicion is not None:
            kind, why = suspicion
            self._open(Cause.VERDICTS, why, now, now, kind)
        else:
            self._count(heard, now)

    def _count(self, heard: Heard, now: float) -> None:
        one, verdict = heard.one, heard.verdict
        if not isinstance(verdict, NO_ANSWER):
            self._forget_row()
            self._answered_at = now
            return
        # A call that hung while others were answered tells nothing, however many of them end at once.
        if one.failures >= FAILS_BY_ITSELF or heard.at < self._answered_at:
            return
        self._calls += 1
        self._people.add(one.due.person)
        if self._calls >= CALLS_IN_A_ROW and len(self._people) >= PEOPLE_IN_A_ROW:
            why = f"ORCID does not answer: {self._calls} calls in a row, for {len(self._people)} people; the last: "
            self._open(Cause.OUTAGE, why + _told(verdict), now, self._retry_at(verdict, 0, now))
            self._forget_row()

    def _forget_row(self) -> None:
        self._calls = 0
        self._people.clear()

    def _note(
        self, said: Sequence[ProvisionalVerdict], circuit: Circuit | None, now: float
    ) -> tuple[VerdictKind, str] | None:
        """Keeps all verdicts; returns the kind that too many people got by now, and what is said of that.

        A kind that was confirmed in this window is believed until it is over.
        """
        since, verdicts = now - WINDOW_SECONDS, self._store.verdicts
        if said and circuit is None:
            verdicts.forget(since)
        doubtful = []
        for kind in dict.fromkeys(verdict.kind for verdict in said):
            at = verdicts.confirmed_at(kind)
            believed_at = at if at is not None and at >= since else None
            for verdict in said:
                if verdict.kind is kind:
                    verdicts.note(replace(verdict, confirmed_at=believed_at))
            if believed_at is None and circuit is None:
                doubtful.append(kind)
        for kind in doubtful:
            people = verdicts.people_since(kind, since)
            called = max(people, self._store.intents.people_since(since)) if people > FEWEST else people
            if is_suspicious(people, called):
                return kind, _suspicion(kind, people, called)
        return None

    def halt(self, one: Slice, why: str, now: float) -> float:
        """Something is wrong with us: nothing is sent. Returns until when."""
        circuit, until = self.circuit, now + self._pace.retry_max
        if circuit is not None and circuit.cause is Cause.VERDICTS:
            if one.probe:
                self._keep(circuit.failed(until))
        elif circuit is not None and circuit.cause is Cause.OURS:
            self._keep(circuit.failed(until))
        else:
            self._open(Cause.OURS, why, now, until)
        return until

    def _open(self, cause: Cause, why: str, now: float, until: float, kind: VerdictKind | None = None) -> None:
        log.error("sending_stopped", cause=cause.value, why=why, seconds=round(max(0.0, until - now), 3))
        self._keep(Circuit(cause, why, opened_at=now, until=until, kind=kind))

    def _keep(self, circuit: Circuit) -> None:
        self._store.notes.put(CIRCUIT, circuit.text())

    # Probing.

    def candidates(self, circuit: Circuit, queue: Queue, now: float, busy: Collection[str]) -> Iterator[Candidate]:
        """Whom a probe may be made with, the likeliest to tell first; of suspects those that were not tried in vain."""
        if circuit.kind is None:
            yield from queue.likeliest(now, busy, circuit.tries)
            return
        alike = [one for one in self._store.verdicts.of_kind(circuit.kind) if one.confirmed_at is None]
        if circuit.suspected:
            with_it = {one.person for one in alike}
            yield from queue.likeliest(now, {*busy, *with_it}, circuit.tries)
            return
        yield from (one for one in alike if one.person not in busy and one not in self._not_now)

    def take_back(self, suspect: ProvisionalVerdict) -> Due | None:
        """Takes a suspect's verdict back, to try it again; in a transaction that is kept only when that begins."""
        undo_verdict(self._store, suspect)
        return self._store.agenda.of(suspect.person)

    def cannot_try(self, suspect: ProvisionalVerdict) -> None:
        """No call is to be made for them now: others are tried first."""
        self._not_now.add(suspect)

    def begin_probe(self, circuit: Circuit, now: float) -> None:
        """Keeps all other processes from probing, for as long as a lease lasts."""
        self._keep(circuit.probed(now + 2 * self._pace.call_seconds))

    def end_probe(self) -> None:
        """A probe ended, whatever it told."""
        circuit = self.circuit
        if circuit is not None:
            self._keep(circuit.go_on())

    def found_nobody(self, circuit: Circuit, now: float) -> None:
        """Nobody can be tried now. With nobody left who has the verdict, it is over."""
        self._not_now.clear()
        if circuit.kind is None:
            return
        if circuit.suspected or self._store.verdicts.people_since(circuit.kind, 0.0):
            self._fail(circuit, None, now)
        else:
            undo_kind(self._store, circuit.kind, "nobody has it any more")

    def took_token(self, one: Slice) -> None:
        """The authorization server took what a probe asked: our client is all right."""
        circuit = self.circuit
        if one.probe and circuit is not None and circuit.cause is Cause.OURS:
            self._close(circuit)

    def _judge(self, circuit: Circuit, heard: Heard, now: float) -> None:
        """What a probe's reply means for the circuit."""
        if isinstance(heard.verdict, NO_ANSWER):
            self._fail(circuit, heard.verdict, now)
        elif circuit.kind is not None:
            same, suspect = any(one.kind is circuit.kind for one in heard.said), heard.one.suspect
            if suspect is not None:
                told = is_about(suspect, heard.sent, heard.verdict)
                self._judge_suspect(circuit, circuit.kind, told=told, same=same)
            else:
                self._judge_control(circuit, circuit.kind, heard, now, same=same)
        elif circuit.cause is Cause.OUTAGE or not isinstance(heard.verdict, SAYS_NOTHING_OF_US):
            self._close(circuit)
        else:
            self._fail(circuit, heard.verdict, now)

    def _judge_suspect(self, circuit: Circuit, kind: VerdictKind, *, told: bool, same: bool) -> None:
        if same and circuit.controlled:
            confirm_kind(self._store, kind, "tried again with the same outcome, while others are served")
        elif same:
            self._keep(circuit.again_suspected())
        elif told:
            undo_kind(self._store, kind, "tried again with another outcome")

    def _judge_control(self, circuit: Circuit, kind: VerdictKind, heard: Heard, now: float, *, same: bool) -> None:
        if same:
            self._fail(circuit, None, now)
        elif is_served(heard.verdict) and circuit.suspected:
            confirm_kind(self._store, kind, "tried again with the same outcome, while others are served")
        elif is_served(heard.verdict):
            self._keep(circuit.served())

    def _fail(self, circuit: Circuit, verdict: replies.Verdict | None, now: float) -> None:
        if circuit.cause is Cause.OURS:
            self._keep(circuit.failed(now + self._pace.retry_max))
        else:
            self._keep(circuit.failed(self._retry_at(verdict, circuit.tries + 1, now)))

    def _retry_at(self, verdict: replies.Verdict | None, tries: int, now: float) -> float:
        """When the next probe is made: after a growing wait, and not before ORCID said."""
        longest = min(self._pace.retry_max, LONGEST_OUTAGE_WAIT)
        wait = backoff(tries + 1, min(self._pace.retry_base, longest), longest, self._chance())
        asked = verdict.after if isinstance(verdict, replies.Throttled) else None
        return now + max(wait, asked or 0.0)

    def _close(self, circuit: Circuit) -> None:
        log.info("sending_resumed", cause=circuit.cause.value, probes=circuit.tries + 1)
        self._store.notes.put(CIRCUIT, None)
        self._forget_row()


def _told(verdict: replies.Verdict) -> str:
    match verdict:
        case replies.Unsent(why=why) | replies.InDoubt(why=why):
            return why
        case _:
            return "it asks to slow down"


def _suspicion(kind: VerdictKind, people: int, called: int) -> str:
    hold = hold_of(kind)
    return (
        f"{people} of {called} people called in 10 minutes have {WORDS[kind]}: perhaps it is not about them. Some are"
        f" tried again to find out; `orcid-sync approve {hold}` believes it, `orcid-sync reject {hold}` takes it back"
    )
