"""Telling: a call and its reply, in short for the history, and counted and logged once."""

from dataclasses import dataclass

import structlog

from state.facts import Outcome
from worker.calling import replies
from worker.calling.calls import GROUP_PATH
from worker.calling.error_bodies import read_fault, scrubbed
from worker.planning import steps
from worker.ports import Answer, Reply
from worker.tracing.traces import MadeCall, items_of
from worker.turning.slice import InFlight
from worker.watching.tally import Tally

log = structlog.get_logger()


def in_short(verdict: replies.Verdict, reply: Reply, now: float) -> Outcome:
    """The reply as the history keeps it."""
    name = type(verdict).__name__.lower()
    if not isinstance(reply, Answer):
        return Outcome(name, now, detail=scrubbed(reply.why))
    fault = read_fault(reply.body) if reply.status >= 300 else None
    return Outcome(
        name,
        now,
        status=reply.status,
        error_code=fault.code if fault else None,
        put_code=verdict.put_code if isinstance(verdict, replies.Created | replies.Duplicate) else None,
        detail=fault.message if fault else "",
    )


def has_changed(verdict: replies.Verdict, outcome: Outcome) -> bool:
    """Whether the reply says that something on the record is different now."""
    match verdict:
        case replies.Slots(verdicts=slots):
            return any(isinstance(slot, replies.Created) for slot in slots)
        case replies.Created() | replies.Accepted():
            return True
        case replies.Deleted():
            return outcome.status != 404
        case _:
            return False


@dataclass(frozen=True, slots=True)
class Told:
    """A call that was answered, or never will be: what was sent, what came, what it means, and how long it took."""

    flight: InFlight
    reply: Reply
    verdict: replies.Verdict
    outcome: Outcome
    seconds: float


def tell(tally: Tally, told: Told) -> None:
    """Counts a call and logs it in one line."""
    flight, reply, verdict, outcome = told.flight, told.reply, told.verdict, told.outcome
    request, sent = flight.request, flight.sent
    section, label = steps.section_of(sent.step), _label(sent.step)
    if reply.attempts:  # what was never tried, for want of our client's own token, is no call
        tally.calls[request.kind] += reply.attempts
        tally.call_seconds.observe(told.seconds)
        tally.replies[request.verb, label, str(outcome.status or "none"), str(outcome.error_code or "")] += 1
    if has_changed(verdict, outcome):
        tally.last_change_at = outcome.at
        if section.notifies and not isinstance(sent.step, steps.EnsureGroup):
            tally.inbox_messages[section.value] += 1
    log.info(
        "call_made",
        person=sent.sender.person,
        orcid=sent.sender.orcid,
        method=request.verb,
        section=label,
        items=max(request.bulk, 1),
        put_code=_put_code(sent.step) or outcome.put_code,
        status=outcome.status,
        error_code=outcome.error_code,
        verdict=outcome.verdict,
        why=outcome.detail or None,
        seconds=round(told.seconds, 3),
    )


def traced(told: Told, now: float) -> MadeCall:
    """The call as traces tell it, when its reply is recorded at `now`."""
    flight, outcome, sent = told.flight, told.outcome, told.flight.sent
    slots = told.verdict.verdicts if isinstance(told.verdict, replies.Slots) else ()
    verdicts = [type(slot).__name__.lower() for slot in slots]
    return MadeCall(
        sent.step,
        sent.sender.person,
        sent.sender.orcid,
        flight.request.verb,
        _label(sent.step),
        sent_at=flight.at,
        began=now - told.seconds,
        ended=now,
        status=outcome.status,
        error_code=outcome.error_code,
        attempts=told.reply.attempts,
        verdicts=verdicts or [outcome.verdict] * len(items_of(sent.step)),
    )


def _label(step: steps.RecordStep) -> str:
    return GROUP_PATH if isinstance(step, steps.EnsureGroup) else steps.section_of(step).value


def _put_code(step: steps.RecordStep) -> int | None:
    match step:
        case steps.Update() | steps.MoveAside() | steps.Remove():
            return step.published.put_code
        case _:
            return None
