"""The circuit: whether all sending is held back, why, and when it is tried again. Pure; kept as one note of the store.

It is shared by all processes on a store. While it is open nothing is sent; once `until` is over, one record at a time
is tried (a probe): what comes of it closes the circuit, or opens it for longer.
"""

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum

from state.verdict_facts import VerdictKind


class Cause(StrEnum):
    """What opened it: ORCID does not answer; something is wrong with us; many people got the same verdict."""

    OUTAGE = "outage"
    OURS = "ours"
    VERDICTS = "verdicts"


@dataclass(frozen=True, slots=True)
class Circuit:
    """An open circuit; `why` is for operators, in one line. `tries` counts the probes in vain.

    `probing_until`: some process has a probe under way, until then at the latest. For verdicts of one `kind`:
    `suspected` says that a suspect got the same verdict again, `controlled` that somebody else was served since.
    """

    cause: Cause
    why: str
    opened_at: float
    until: float
    tries: int = 0
    probing_until: float = 0.0
    kind: VerdictKind | None = None
    suspected: bool = False
    controlled: bool = False

    def waits(self, now: float) -> bool:
        """Whether no probe may be made yet."""
        return now < max(self.until, self.probing_until)

    def probed(self, until: float) -> "Circuit":
        """With a probe under way."""
        return replace(self, probing_until=until)

    def go_on(self) -> "Circuit":
        """The probe told nothing, or not all: the next one may be made at once."""
        return replace(self, probing_until=0.0)

    def again_suspected(self) -> "Circuit":
        """A suspect got the same verdict again: somebody else is tried next, at once."""
        return replace(self, suspected=True, probing_until=0.0)

    def served(self) -> "Circuit":
        """Somebody without the verdict was served: a suspect is tried next, at once."""
        return replace(self, controlled=True, probing_until=0.0)

    def failed(self, until: float) -> "Circuit":
        """The probe was in vain: the next one is made then, and begins anew."""
        return replace(self, until=until, tries=self.tries + 1, probing_until=0.0, suspected=False)

    def text(self) -> str:
        """As the note holds it."""
        return json.dumps(asdict(self))


def read_circuit(note: str | None) -> Circuit | None:
    """The circuit that the note holds; None while it is closed."""
    if note is None:
        return None
    told = json.loads(note)
    kind = None if told["kind"] is None else VerdictKind(told["kind"])
    return Circuit(**{**told, "cause": Cause(told["cause"]), "kind": kind})
