"""Identifiers that move between our items: swapped, handed on, handed round. Never a 409, never an item lost."""

from collections.abc import Callable
from typing import Any

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution
from worker.sandbox.control_client import ItemOnRecord

Make = Callable[[str, str, str], events.Event]

SECTIONS = [
    pytest.param("work", events.publication, "10.5555/{}", id="works"),
    pytest.param("funding", events.funding, "GRANT-{}", id="fundings"),
]
VERSIONS = [pytest.param("v3.0", id="v3.0"), pytest.param("v2.1", id="v2.1")]
MOVES = [
    pytest.param("AB", "BA", 3, id="swap"),
    pytest.param("ABC", "BCD", 3, id="chain of three"),
    pytest.param("ABC", "BCA", 4, id="rotation of three"),
    pytest.param("ABCD", "BADC", 6, id="two swaps at once"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("section", "make", "form"), SECTIONS)
@pytest.mark.parametrize(("before", "after", "puts"), MOVES)
def test_identifiers_that_move_between_our_items_end_where_they_are_wanted(
    institution: Institution, version: str, section: str, make: Make, form: str, before: str, after: str, puts: int
) -> None:
    """Each item keeps its put-code and gets its new identifier: one PUT each, and one more for each cycle."""
    institution.settings["ORCID_SYNC_API_VERSION"] = version
    institution.permit(1)
    items = [make(person_id(1), f"S-{place}", form.format(letter.lower())) for place, letter in enumerate(before)]
    titled = [events.changed(one, sequence=1, title=f"Title {place}") for place, one in enumerate(items)]
    institution.json("replay", institution.log("before.jsonl", *titled))
    stood = {item.put_code: item.document["title"]["title"]["value"] for item in _items(institution, section)}
    institution.control.reset_statistics()

    moved = [
        events.changed(one, sequence=2, identifiers=make("", "", form.format(letter.lower()))["data"]["identifiers"])
        for one, letter in zip(titled, after, strict=True)
    ]
    summary = institution.json("replay", institution.log("after.jsonl", *moved))

    assert summary["calls"] == {"POST": 0, "POST_BULK": 0, "PUT": puts, "DELETE": 0, "GET": 0}
    assert summary["items"]["in_sync"] == len(after)
    assert "409" not in institution.control.statistics().statuses
    there = {
        item.document["title"]["title"]["value"]: (item.put_code, _self_id(item.document))
        for item in _items(institution, section)
    }
    assert {put_code: title for title, (put_code, _) in there.items()} == stood
    assert {title: found for title, (_, found) in there.items()} == {
        f"Title {place}": form.format(letter.lower()) for place, letter in enumerate(after)
    }


def _items(institution: Institution, section: str) -> tuple[ItemOnRecord, ...]:
    return institution.control.record(institution.orcid(1)).section(section)


def _self_id(document: dict[str, Any]) -> str:
    found = [
        one["external-id-value"]
        for one in document["external-ids"]["external-id"]
        if one["external-id-relationship"] == "self"
    ]
    assert len(found) == 1
    return str(found[0])
