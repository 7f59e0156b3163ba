"""Contents: which documents planning has to see, beyond their digests (composing.py, rekeying.py)."""

from collections import defaultdict
from dataclasses import dataclass

from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import PersonFacts, Published, Standing, Wanted
from worker.planning import slots
from worker.planning.composing import composes
from worker.planning.policy import Policy
from worker.planning.rekeying import is_nameless


@dataclass(frozen=True, slots=True)
class Needed:
    """Documents to be looked up: those wanted, and those that ORCID accepted last."""

    wanted: tuple[Wanted, ...] = ()
    published: tuple[Published, ...] = ()


def needed(facts: PersonFacts, policy: Policy) -> Needed:
    """The items whose documents planning has to see: few, and of most people none.

    Those of slots that are composed field by field, and those that a source that re-keyed its records may have meant.
    """
    if facts.grant is None:
        return Needed()
    wanted: dict[Section, list[Wanted]] = defaultdict(list)
    published: dict[Section, list[Published]] = defaultdict(list)
    withdrawn = {item.key for item in facts.wanted if item.withdrawn}
    for item in facts.wanted:
        if item.digest is not None:
            wanted[item.key.section].append(item)
    for one in facts.published:
        gone = one.standing in slots.GONE and not (one.standing is Standing.REMOVED and one.item in withdrawn)
        if one.orcid == facts.grant.orcid and not gone:
            published[one.section].append(one)
    items: dict[ItemKey, Wanted] = {}
    stand: dict[tuple[Section, int], Published] = {}
    for section, here in wanted.items():
        found = [_of_slots(here, published[section], policy), _of_rekeyed(here, published[section])]
        items.update({item.key: item for each in found for item in each.wanted})
        stand.update({(section, one.put_code): one for each in found for one in each.published})
    return Needed(tuple(items.values()), tuple(stand.values()))


def _of_slots(wanted: list[Wanted], published: list[Published], policy: Policy) -> Needed:
    if not policy.wins:
        return Needed()
    several = [one for one in slots.group(wanted, policy.precedence) if composes(one, policy)]
    items = [(slot.winner, *slot.merged) for slot in several]
    in_form = {item.key for members in items if any(one.same_as for one in members) for item in members}
    return Needed(
        tuple(item for members in items for item in members), tuple(one for one in published if one.item in in_form)
    )


def _of_rekeyed(wanted: list[Wanted], published: list[Published]) -> Needed:
    """Nameless items that stand for nothing wanted, and nameless ones wanted that do not stand; equal ones pair off."""
    stand, want = {one.item for one in published}, {item.key for item in wanted}
    leaving = [one for one in published if one.item not in want and is_nameless(one)]
    coming = [item for item in wanted if item.key not in stand and is_nameless(item)]
    went, came = {one.digest for one in leaving}, {item.digest for item in coming}
    return Needed(
        tuple(item for item in coming if went and item.digest not in went),
        tuple(one for one in leaving if came and one.digest not in came),
    )
