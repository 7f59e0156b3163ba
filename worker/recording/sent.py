"""What was sent: a step with its intents, and what holds of every call that was not carried out."""

from dataclasses import dataclass

from state.facts import Intent, Outcome
from state.store import Store
from worker.calling.calls import Sender
from worker.planning import steps

DAY = 86_400.0
"""What may end without a word of ORCID's is looked at again daily, whatever the retry settings say."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A step whose call was made, with its intents, the lease it was made under, and the mark of its token."""

    step: steps.RecordStep
    intents: tuple[Intent, ...]
    sender: Sender
    mark: str = ""


def not_carried_out(store: Store, sent: Sent, reply: Outcome, now: float) -> None:
    """The call had no effect; but of a repeated one the earlier attempt stays in doubt."""
    for intent in sent.intents:
        if intent.attempt > 1:
            store.intents.wait(intent, now, reply.detail)
        else:
            store.intents.close(intent, reply)
