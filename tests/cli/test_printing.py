"""JSON on standard output: one object, also of what is read while it is printed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from worker.cli.context import PIECES, print_json


def _plain(value: Any) -> Any:
    """The same with lists, where it has iterators."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, Iterator) else value


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: {"a": 1, "b": [1, {"c": None}], "é": "\x1b[2J\u202e"}, id="none"),
        pytest.param(lambda: {"items": iter(())}, id="empty"),
        pytest.param(lambda: {"a": iter([1]), "b": iter([]), "c": "last"}, id="several"),
        pytest.param(
            lambda: {"held": ({"id": one, "items": map(str, range(one))} for one in range(3)), "rejected": 0},
            id="within one another",
        ),
        pytest.param(lambda: {"items": ({"n": one} for one in range(2 * PIECES))}, id="more than is printed at once"),
        pytest.param(lambda: {"items": iter(["\x07", 'a "b"', "\u2028"])}, id="escaped"),
    ],
)
def test_an_iterator_is_printed_as_a_list(make: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """To the byte what the same lists are, on one line."""
    print_json(make())
    told = capsys.readouterr().out
    print_json(_plain(make()))

    assert told == capsys.readouterr().out
    assert json.loads(told) == _plain(make())
    assert told.removesuffix("\n").isprintable()


def test_no_more_is_read_than_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """What was read first is out when the last is read."""
    seen: list[int] = []

    def rows() -> Iterator[int]:
        for one in range(10 * PIECES):
            seen.append(len(capsys.readouterr().out))
            yield one

    print_json({"items": rows()})

    assert sum(length > 0 for length in seen) > 10
    assert max(seen) < 10 * PIECES
