"""The guard: what would be taken off records is counted by source before any of it is sent (ARCHITECTURE.md 6). Pure.

    what would be sent                                    counts
    --------------------------------------------------    -----------------------------------------------------------
    Remove on the granted iD                              one for the source of what stands there
    Update that only empties fields                       one for the source of the item
    Remove beside an Add of one record and section        none: a value was replaced, as a keyword is
    Update to a re-keyed, merged or handed-on item        none: it stays
    Remove on a former iD                                 none: each move has a hold of its own (former.py)
    Remove for who is being forgotten                     none: the person ordered it
    adopted, and wanted by nothing                        none: it is held anyway (cases.py), until it is approved

What keeps a call back (gates.py) is not asked: what it holds back today goes out unasked another day. Of one source:

    removals due, held and gone                            what becomes of those not yet sent
    ---------------------------------------------------    ----------------------------------------------------------
    within the limits                                      they go out
    more than `removals`, or 10 or more and > `share`      all are held, with what is asked for later
    within them again, those decided on counted too        they go out: the source restored the others
    approved                                               go out, and are counted no more
    rejected                                               stay until the source speaks of their record again
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from state.facts import PersonFacts
from state.removal_facts import RemovalState, RemovalWindow
from worker.planning import steps

FEW = 10
"""From so many removals on, their share in what the source has published counts, too."""
WINDOW_SECONDS = 86_400.0
"""How long removals are counted together; longer while any of them are held."""

STAYS = "rejected: it stays as it stands until its source speaks again"
"""What is said of a removal that an operator rejected."""

EMPTY: tuple[Any, ...] = (None, "", [], {})
"""What a field of a document as plain JSON says nothing by."""


@dataclass(frozen=True, slots=True)
class Limits:
    """More removals of one source than this, or than this share of what it had published, are held."""

    removals: int = 100
    share: float = 0.2

    def exceeded(self, removals: int, published: int) -> bool:
        """Whether so many are too many, of so many that were published."""
        return removals > self.removals or (removals >= FEW and removals > self.share * published)


def only_empties(before: Any, after: Any) -> bool:
    """Whether a document, as plain JSON, says what another said, but for fields that it leaves empty."""
    return bool(before != after and _says_no_more(after, before))


def empties(before: Any, after: Any) -> bool:
    """Whether a document, as plain JSON, leaves a field empty in which another said something."""
    if not isinstance(before, dict):
        return before not in EMPTY and after in EMPTY
    after = after if isinstance(after, dict) else {}
    return any(empties(value, after.get(name)) for name, value in before.items())


def _says_no_more(after: Any, before: Any) -> bool:
    if after in EMPTY:
        return True
    if isinstance(after, dict) and isinstance(before, dict):
        return all(_says_no_more(value, before.get(name)) for name, value in after.items())
    return bool(after == before)


def settled(window: RemovalWindow, counts: Mapping[RemovalState, int], limits: Limits) -> RemovalState | None:
    """What becomes of a source's removals that were not sent: all held, or all due; None: as they are.

    `counts` are those of the window that are not over.
    """
    open_ = counts.get(RemovalState.DUE, 0) + counts.get(RemovalState.HELD, 0)
    if limits.exceeded(open_ + window.gone, window.published):
        return RemovalState.HELD
    if not counts.get(RemovalState.HELD):
        return None
    decided = counts.get(RemovalState.APPROVED, 0) + counts.get(RemovalState.REJECTED, 0)
    exceeded = limits.exceeded(open_ + decided + window.gone + window.let, window.published)
    return RemovalState.HELD if exceeded else RemovalState.DUE


def stopped(call: steps.RecordStep, facts: PersonFacts) -> str:
    """Why the guard lets a call not be made now; empty when it does."""
    match call:
        case steps.Remove(published=published):
            digest = ""
        case steps.Update(item=item, published=published):
            digest = item.digest or ""
        case _:
            return ""
    found = facts.removals.get((published.orcid, published.section, published.put_code, digest))
    if found is None or not found.stopped:
        return ""
    if found.state is RemovalState.REJECTED:
        return STAYS
    source = found.item.record.source
    return f"{source} would take more off records than is let go unasked: `orcid-sync held list` shows it"
