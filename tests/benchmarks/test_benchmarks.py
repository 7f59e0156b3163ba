"""Benchmarks: each runs to its end at a tiny size, and prints the rows that deploy/README.md has."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.kafka.brokers import Broker
from tests.postgres.servers import Databases

NUMBER = re.compile(r"\d[\d.,]*")
README = Path(__file__).parents[2] / "deploy" / "README.md"


@pytest.fixture(scope="module")
def printed(kafka_broker: Broker, postgres: Databases) -> Iterator[str]:
    """What all of them print about a few people."""
    # Imported here: pytest reads this file before tests/conftest.py has said which warnings of kafka-python it knows.
    from tests.benchmarks import remembered, replay, replicas, stores
    from tests.benchmarks.__main__ import figures
    from tests.benchmarks.stage import staged
    from tests.kafka.topics import topics_at

    sizes = (replay.Size(3, 2), stores.Size(3, 2, 1), remembered.Size(3, 10), replicas.Size(3, 2, 2))
    with staged() as stage, topics_at(kafka_broker) as topics:
        yield "\n".join(figures(stage, topics, postgres, *sizes, numbers=(2,)))


def test_every_benchmark_prints_its_rows(printed: str) -> None:
    """Each table is there, each row has its figures, and none is of nothing done."""
    rows = _rows(printed)

    assert [row for row in rows if not all(NUMBER.match(cell) or cell in {"", "none"} for cell in row[-2:])] == []
    assert {row[0] for row in rows} >= {
        "of a new log",
        "of the same again",
        "new events",
        "SQLite",
        "PostgreSQL",
        "web",
    }
    assert ["PostgreSQL", "2"] in [row[:2] for row in rows]


def test_the_readme_has_these_tables(printed: str) -> None:
    """Each table that is printed stands in deploy/README.md, under the same headings."""
    told = README.read_text("utf-8")

    assert [heading for heading in _headings(printed) if heading not in told] == []


def _headings(text: str) -> list[str]:
    lines = text.splitlines()
    return [line for line, after in pairwise(lines) if after.startswith("| ---")]


def _rows(text: str) -> list[list[str]]:
    headings = _headings(text)
    rows = [line for line in text.splitlines() if line.startswith("| ") and line not in headings]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if not row.startswith("| ---")]
