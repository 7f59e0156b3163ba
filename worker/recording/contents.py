"""Contents: a person's facts, with the documents that planning has to see."""

from dataclasses import replace

from mappers.documents import Document
from state.facts import PersonFacts
from state.kept import kept_document
from state.store import Store
from worker.planning.contents import needed
from worker.planning.policy import Policy


def facts_of(store: Store, person: str, policy: Policy) -> PersonFacts:
    """All that planning for a person reads, contents included."""
    facts = store.items.facts(person)
    wants = needed(facts, policy)
    contents: dict[str, Document] = {}
    if wants.wanted:
        digests = {item.key: item.digest for item in wants.wanted}
        for key, (_, text) in store.items.documents(digests).items():
            contents[digests[key] or ""] = kept_document(text)
    for one in wants.published:
        if not one.digest:
            continue  # what was accepted last is not what stands for certain
        accepted = store.items.published_document(one.orcid, one.section, one.put_code)
        if accepted is not None:
            contents[one.digest] = kept_document(accepted)
    return replace(facts, contents=contents) if contents else facts
