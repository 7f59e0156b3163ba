"""What comes after a step that was not accepted is left out of the slice (ARCHITECTURE.md 6)."""

import pytest

from tests.worker.builders import published, told, wanted, withdrawn
from worker.planning import steps
from worker.turning.slice import without_dependants


def update(put_code: int, *after: int) -> steps.Update:
    """A PUT that comes after those."""
    item = wanted(f"{put_code}")
    return steps.Update(item, published(put_code, f"{put_code}"), None, "", frozenset(after))


def add(subject: str, *after: int) -> steps.Add:
    """A POST that comes after those."""
    return steps.Add(wanted(subject), None, "", frozenset(after))


@pytest.mark.parametrize(
    ("pending", "left"),
    [
        pytest.param([update(8), add("1")], ["update 8 with 8", "add 1"], id="what depends on nothing stays"),
        pytest.param([update(8, 7), add("1", 7)], [], id="what comes after it goes"),
        pytest.param([update(8, 7), update(9, 8), add("1", 9), add("2", 6)], ["add 2"], id="and what comes after that"),
        pytest.param([update(8, 6, 7)], [], id="one of several is enough"),
        pytest.param(
            [steps.AddWorks((add("1", 7), add("2", 8), add("3")))],
            ["add together 2 3"],
            id="of a bulk, the others stay",
        ),
        pytest.param([steps.AddWorks((add("1", 7), add("2")))], ["add 2"], id="of a bulk, one may be left"),
        pytest.param([steps.AddWorks((add("1", 7), add("2", 7)))], [], id="or none"),
        pytest.param([steps.Remove(published(8), "")], ["remove 8"], id="a removal comes after nothing"),
        pytest.param(
            [steps.MoveAside(withdrawn("9"), published(9, "9"), "x", ""), update(8, 9), update(9, 8, 7)],
            ["move 9 aside", "update 8 with 8"],
            id="an item that made way stays aside until it is planned anew",
        ),
    ],
)
def test_what_is_left_of_a_slice(pending: list[steps.CallStep], left: list[str]) -> None:
    """When the step under put-code 7 was not accepted."""
    assert [told(one) for one in without_dependants(pending, 7)] == left
