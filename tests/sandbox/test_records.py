"""A record's memory: earlier states for lists that lag, and a way back for a bulk that fails."""

import pytest

from tests.sandbox.people import a_work
from worker.sandbox.duplicates import check_duplicates, claims_of
from worker.sandbox.errors import OrcidError
from worker.sandbox.operations import read_content
from worker.sandbox.records import Item, Record, Source
from worker.sandbox.sections.table import WORKS

OURS = Source(client_id="APP-0RCIDSYNCSANDBOX")


def item(doi: str, put_code: int = 1, at: int = 10) -> Item:
    """A work of ours."""
    return Item(put_code, "work", OURS, "public", at, at, read_content(WORKS, a_work(doi)))


@pytest.fixture
def record() -> Record:
    """A record to which a work came at 10, changed at 20 and went at 30."""
    record = Record("0000-0002-1825-0097", None, "public", claims_of)
    record.put(item("10.1/a"), 10)
    record.put(item("10.1/b"), 20)
    record.remove(1, 30)
    return record


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        pytest.param(5, [], id="before it came"),
        pytest.param(10, ["10.1/a"], id="when it came"),
        pytest.param(25, ["10.1/b"], id="after it changed"),
        pytest.param(30, [], id="after it went"),
        pytest.param(None, [], id="now"),
    ],
)
def test_earlier_states(record: Record, as_of: int | None, expected: list[str]) -> None:
    """A list can show the record as it stood."""
    shown = record.items("work", as_of=as_of)
    assert [each.document["external-ids"]["external-id"][0]["external-id-value"] for each in shown] == expected


def test_a_rollback_brings_everything_back(record: Record) -> None:
    """Items, counts and the identifiers they claim."""
    record.put(item("10.1/c", 2), 40)
    mark = record.mark()
    record.put(item("10.1/d", 3), 50)
    record.put(item("10.1/e", 2), 60)
    record.remove(2, 70)
    record.roll_back(mark)
    assert [each.put_code for each in record.items()] == [2]
    assert record.count("work") == 1
    check_duplicates(record, WORKS, OURS, item("10.1/d").document)
    with pytest.raises(OrcidError, match="9021"):
        check_duplicates(record, WORKS, OURS, item("10.1/c").document)
