"""Parking: an item that ORCID counts as one with another of ours waits until that other one changes."""

from mappers.sections import Section
from state.facts import Intent, Published
from state.store import Store
from worker.planning.slots import GONE


def duplicate_code(section: Section) -> int:
    """The error-code by which ORCID says that it has an item of this section already (API_FACTS.md 4)."""
    return 9030 if section.is_of_person else 9021


def parked_on(put_code: int, section: Section = Section.WORK) -> str:
    """The reason of an item that ORCID counts as one with another of ours; it ends when that other one changes."""
    code = duplicate_code(section)
    return f"409/{code}: ORCID counts it as one with put-code {put_code}, another item of ours"


def unpark(store: Store, published: Published) -> None:
    """What waited for this put-code to change may be tried again."""
    store.items.unpark(published.person, published.section, parked_on(published.put_code, published.section))


def known_double(store: Store, intent: Intent, put_code: int | None) -> Published | None:
    """What of ours ORCID means by a duplicate: what stands under the put-code that it names.

    9030 names none: then what has one of the same identities.
    """
    section = intent.item.section
    if put_code is not None:
        return store.items.published_as(intent.orcid, section, put_code)
    for one in store.items.facts(intent.person).published:
        here = one.orcid == intent.orcid and one.section is section and one.put_code != intent.put_code
        if here and one.standing not in GONE and one.self_ids & intent.self_ids:
            return one
    return None
