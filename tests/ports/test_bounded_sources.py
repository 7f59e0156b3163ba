"""Sources that end: a log file, a bounded replay of a topic, and nothing at all."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mappers.events.messages import LogId
from tests.kafka.brokers import Broker
from tests.kafka.readers import access_to, numbered
from tests.kafka.topics import topics_at
from worker.kafka.replay_source import KafkaReplaySource
from worker.ports import EventSource
from worker.sources.logs import LogSource
from worker.sources.nothing import NothingSource

MakeSource = Callable[[list[bytes]], EventSource]


@pytest.fixture(params=["log", "replay"])
def make_source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeSource]:
    """Makes a source that brings these values and ends."""
    if request.param == "log":
        yield lambda values: _log(tmp_path / "events.jsonl", values)
        return
    broker: Broker = request.getfixturevalue("kafka_broker")
    with topics_at(broker) as topics:

        def replay(values: list[bytes]) -> EventSource:
            name = topics.create()
            if values:
                topics.send(name, *values)
            return KafkaReplaySource(access_to(broker), [name])

        yield replay


def _log(path: Path, values: list[bytes]) -> EventSource:
    path.write_bytes(b"".join(value + b"\n" for value in values))
    return LogSource([str(path)])


def read_to_end(source: EventSource, limit: int) -> list[list[bytes | None]]:
    """The values of each batch until the source is exhausted."""
    batches: list[list[bytes | None]] = []
    for _ in range(200):
        if source.exhausted:
            return batches
        batches.append([message.value for message in source.poll(limit, 0.5).messages])
    raise AssertionError("the source does not end")


@pytest.mark.parametrize(
    ("count", "limit"),
    [
        pytest.param(10, 100, id="in-one-batch"),
        pytest.param(10, 3, id="in-several"),
        pytest.param(10, 5, id="ending-with-a-full-batch"),
        pytest.param(10, 1, id="one-by-one"),
        pytest.param(0, 10, id="empty"),
    ],
)
def test_all_of_it_comes_in_order_in_bounded_batches(make_source: MakeSource, count: int, limit: int) -> None:
    """Then the source is exhausted, and stays so."""
    source = make_source(numbered(1, count))

    batches = read_to_end(source, limit)

    assert [value for batch in batches for value in batch] == numbered(1, count)
    assert max((len(batch) for batch in batches), default=0) <= limit
    assert list(source.poll(limit, 0.0).messages) == []
    assert source.exhausted
    source.close()


def test_a_bounded_source_commits_nothing_and_finds_nothing_missing(make_source: MakeSource) -> None:
    """Replaying what was read before moves no position, and is not live."""
    source = make_source(numbered(1, 3))
    source.commit({LogId("c", "t", "events", 0): 3})

    batch = source.poll(10, 5.0)

    assert (list(batch.gaps), dict(batch.starts), batch.behind) == ([], {}, False)
    assert not any(message.live for message in batch.messages)
    assert source.trouble is None
    source.close()


def test_nothing_is_exhausted_from_the_start() -> None:
    """For `sync`, which reads no events."""
    source: EventSource = NothingSource()

    assert source.exhausted
    assert source.trouble is None
    assert list(source.poll(10, 5.0).messages) == []
    assert dict(source.lag()) == {}
    source.commit({LogId("c", "t", "events", 0): 3})
    source.rewind()
    source.close()
