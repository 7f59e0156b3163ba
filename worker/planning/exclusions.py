"""Exclusions: items that the mapping file or an operator has left alone, or taken off, and those of who left."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mappers.dates import FuzzyDate
from mappers.wanted import ItemKey
from state.facts import Departure, PersonFacts, Wanted
from worker.planning.policy import Exclusion, Policy

BY_THE_FILE = "excluded by the mapping file"
BY_AN_OPERATOR = "suppressed by an operator (orcid-sync unsuppress takes it back)"


@dataclass(frozen=True, slots=True)
class Excluded:
    """Why an item is not kept as its source wants it: it is left as it stands, or (`withdraw`) taken off."""

    reason: str
    withdraw: bool


def excluded(facts: PersonFacts, policy: Policy, now: float) -> tuple[Mapping[ItemKey, Excluded], float | None]:
    """The person's excluded items, and the time ahead at which there will be more of them because the person left.

    Where several fit, a suppression counts before an exclusion, and that before leaving; of several exclusions, the
    file's first.
    """
    if not facts.suppressed and not policy.exclusions and (policy.leaving is None or not facts.departures):
        return {}, None
    keys = {item.key for item in facts.wanted} | {one.item for one in facts.published}
    found: dict[ItemKey, Excluded] = {}
    left = policy.leaving and _left(facts.departures, policy.leaving.after_seconds)
    wake_at = None
    for key in keys:
        fits = next((one for one in policy.exclusions if _fits(one, key)), None)
        if key.record in facts.suppressed:
            found[key] = Excluded(BY_AN_OPERATOR, facts.suppressed[key.record])
        elif fits is not None:
            found[key] = Excluded(BY_THE_FILE, fits.withdraw)
        elif left and policy.leaving and key.section in policy.leaving.sections:
            at, reason = left
            if at <= now:
                found[key] = Excluded(reason, policy.leaving.withdraw)
            else:
                wake_at = at
    return found, wake_at


def as_withdrawn(item: Wanted) -> Wanted:
    """The item as if its source wanted it no more."""
    return replace(item, digest=None, self_ids=frozenset(), refusal="")


def _fits(exclusion: Exclusion, key: ItemKey) -> bool:
    people, sources, sections = exclusion.people, exclusion.sources, exclusion.sections
    return (
        (not people or key.person in people)
        and (not sources or key.record.source in sources)
        and (not sections or key.section in sections)
    )


def _left(departures: tuple[Departure, ...], after_seconds: float) -> tuple[float, str] | None:
    """From when on the person counts as gone, by the first departure to take effect, and why."""
    ends = [(_end_of(one.date) + after_seconds, one.date or "") for one in departures]
    if not ends:
        return None
    at, date = min(ends)
    return at, f"the person left{f' on {date}' if date else ''}"


def _end_of(date: str | None) -> float:
    """When the last day that a date may mean is over, in UTC; without one, long ago."""
    if date is None:
        return 0.0
    day = FuzzyDate.parse(date)
    if day.month is None:
        return datetime(day.year + 1, 1, 1, tzinfo=UTC).timestamp()
    if day.day is None:
        return datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=UTC).timestamp()
    return (datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)).timestamp()
