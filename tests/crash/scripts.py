"""Scripts: what the topic says, chapter by chapter, and what stands on each record in the end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mappers.forms import Form, Format, Version
from state.facts import ItemState
from tests.benchmarks.institution import affiliation_event, person_id, work_event
from tests.events import Event, event, funding, peer_review, person

Chapters = list[list[Event]]


@dataclass(frozen=True, slots=True)
class Script:
    """The n-th person's record is to hold `expected[n]`, each exactly once; each chapter is settled before the next.

    `chapters` are asked with what no other life of the script shares: the name of a group.
    """

    form: Form
    chapters: Callable[[str], Chapters]
    expected: dict[int, set[str]]
    states: Mapping[ItemState, int] | None = None
    """How many items are in each state in the end, when not all are in sync."""


def _works(_: str) -> Chapters:
    """Two people, a bulk, single items, an update, a removal."""
    works = [work_event(1, work) for work in range(3)]
    removed = work_event(1, 2, sequence=2) | {"type": "publication.removed", "data": {}}
    return [
        [affiliation_event(1), *works, affiliation_event(2), work_event(2, 0)],
        [affiliation_event(1, sequence=2, title="Professor"), work_event(2, 0, sequence=2, title="Anew")],
        [removed, work_event(2, 1, sequence=1)],
    ]


def _sections(group: str) -> Chapters:
    """One person with an item in each of five sections, and a group-id record."""
    one = person_id(1)
    about = person(one, "E1", other_names=[], keywords=["turbulence"], websites=[], identifiers=[])
    review = peer_review(one, "R1", "r1", group={"id": f"orcid-generated:{group}", "name": "Kelp", "type": "journal"})
    return [[affiliation_event(1), about, funding(one, "F1", "1"), review]]


def _people(_: str) -> Chapters:
    """One leaves and is back, one takes permission back, and one turns out to be the first one."""
    about = person(
        person_id(3), "E3", keywords=["turbulence"], other_names=[], websites=[], identifiers=[], country=None
    )
    revoked = event("permission.revoked", person_id(2), {"person": {"id": person_id(2)}}, source="/consent")
    del revoked["sequence"]
    left = event("hr.person.left", "L1", {"person": {"id": person_id(1)}, "date": "2026-02-28"}, source="/hr")
    back = event("hr.person.returned", "L1", {"person": {"id": person_id(1)}}, source="/hr", sequence=2)
    one = event("hr.person.merged", "M1", {"from": person_id(3), "into": person_id(1)}, source="/hr")
    return [
        [affiliation_event(1), affiliation_event(2), about],
        [left, revoked | {"time": "2026-03-02T09:00:00Z"}],
        [back, one],
    ]


SCRIPTS: dict[str, Script] = {
    "works": Script(
        Form(),
        _works,
        {
            1: {"Professor", "On the 0-th question of person 1", "On the 1-th question of person 1"},
            2: {"Lecturer", "Anew", "On the 1-th question of person 2"},
        },
    ),
    "people": Script(
        Form(),
        _people,
        {1: {"Lecturer", "turbulence"}, 2: {"Lecturer"}, 3: {"turbulence"}},
        # The merged person's own record is left as it stands until somebody approves otherwise.
        {ItemState.IN_SYNC: 2, ItemState.WAITING: 1, ItemState.HELD: 1},
    ),
    "sections": Script(
        Form(Version.V2_1, Format.XML),
        _sections,
        {1: {"Lecturer", "US", "turbulence", "Turbulence where the shelf ends", "reviewer"}},
    ),
}


def said(document: dict[str, Any]) -> str:
    """By what an item is named in `expected`."""
    if "title" in document:
        return str(document["title"]["title"]["value"])
    for field in ("role-title", "content", "reviewer-role"):
        if field in document:
            return str(document[field])
    return str(document["country"]["value"])
