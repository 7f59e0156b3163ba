"""People in an event's data: whom of ours it speaks of, and the same data without some of them.

What a paper prints of its authors stays: it is part of the documents of all who wrote it.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

MERGED = "hr.person.merged"

FORGOTTEN = "(forgotten)"
"""Stands for one of our people where a line about them has to stay for the others' sake. It gets no item."""


def people_in(entity: str, data: Mapping[str, Any]) -> frozenset[str]:
    """Whom of ours the data of an event speak of. `data` is what `parse` gave."""
    return frozenset(_people(entity, data)) - {FORGOTTEN}


def _people(entity: str, data: Mapping[str, Any]) -> Iterator[str]:
    if entity == MERGED:
        yield from (data["from"], data["into"])
    if "person" in data:
        yield data["person"]["id"]
    for one in (*data.get("contributors", ()), *data.get("holders", ())):
        if "person" in one:
            yield one["person"]["id"]


def without_people(entity: str, data: Mapping[str, Any], gone: Callable[[str], bool]) -> Mapping[str, Any] | None:
    """The data without those who are gone, as they are when none is; None when they speak of nobody else of ours.

    Of a merge nothing is left when either is gone.
    """
    people = people_in(entity, data)
    left = {person for person in people if not gone(person)}
    if left == people:
        return data
    if not left or entity == MERGED:
        return None
    lists = {name: _without(data[name], left) for name in ("contributors", "holders") if name in data}
    return {**data, **lists}


def _without(lines: list[dict[str, Any]], left: set[str]) -> list[dict[str, Any]]:
    found = []
    for line in lines:
        if "person" not in line or line["person"]["id"] in left:
            found.append(line)
        else:  # what is printed of them keeps its place
            found.append({**line, "person": {"id": FORGOTTEN}})
    return found
