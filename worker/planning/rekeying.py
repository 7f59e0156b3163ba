"""Re-keying: a source that gave its records new keys takes nothing off and adds nothing (ARCHITECTURE.md 6)."""

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence

from mappers.documents import Document, Organization
from mappers.identifiers import OWN_TYPE
from state.facts import Published, Wanted


def is_nameless(item: Wanted | Published) -> bool:
    """Whether no real identifier tells which item it is: none at all, or only our own."""
    if isinstance(item, Wanted):
        return not item.self_ids
    return item.self_ids <= {f"{OWN_TYPE}:{item.own_id}"}


def rekeyed(
    leaving: Sequence[Published], coming: Sequence[Wanted], contents: Mapping[str, Document]
) -> dict[int, Published]:
    """Which of the items to be taken off serve which of those to be added (by place), where both are nameless.

    Only within one source, and what has nothing in common is not one item. The most alike go together: of one
    organization (or, where there is none, one title) and with one start, then of one organization or title. `contents`
    holds the documents of both, as far as they are known; what is unknown is like nothing.
    """
    pairs: dict[int, Published] = {}
    left = [one for one in leaving if is_nameless(one)]
    for alike in (_start, _organization):
        waiting: dict[object, deque[Published]] = defaultdict(deque)
        for one in left:
            waiting[alike(one, contents)].append(one)
        for place, item in enumerate(coming):
            if place in pairs or not is_nameless(item):
                continue
            alikes = waiting.get(alike(item, contents))
            if alikes:
                pairs[place] = alikes.popleft()
        left = [one for ones in waiting.values() for one in ones]
        left.sort(key=lambda one: one.put_code)
    return pairs


def _organization(item: Wanted | Published, contents: Mapping[str, Document]) -> object:
    """Its source and what the document is of: an organization, or a work's title; nobody's equal when unknown."""
    document = contents.get(item.digest or "")
    of = getattr(document, "organization", None) or getattr(document, "title", None)
    if of is None:
        return object()
    named = (of.identifier or of.name) if isinstance(of, Organization) else of
    key = item.key if isinstance(item, Wanted) else item.item
    return key.record.source, " ".join(str(named).casefold().split())


def _start(item: Wanted | Published, contents: Mapping[str, Document]) -> object:
    document = contents.get(item.digest or "")
    start = getattr(document, "start_date", None) or getattr(document, "publication_date", None)
    return (_organization(item, contents), start) if start is not None else object()
