"""All benchmarks, as `make bench` runs them: the tables of deploy/README.md, measured on this machine now."""

import os
import platform
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from time import monotonic

from tests.benchmarks import memory, remembered, replay, replicas, stores
from tests.benchmarks.stage import Stage, staged, table
from tests.benchmarks.states import PostgresState, SqliteState, State
from tests.benchmarks.usage import peak_memory
from tests.kafka.brokers import choose_broker, running
from tests.kafka.topics import Topics
from tests.postgres.servers import Databases, running_postgres
from worker.watching.logs import configure_logs

REPLICAS = (1, 2, 4)
VISITS = 20


def main() -> None:
    """Prints each line as soon as it is known."""
    began = monotonic()
    configure_logs(level="error")
    with ExitStack() as stack:
        stage = stack.enter_context(staged())
        broker = choose_broker(Path(".cache"), stage.folder)
        if broker is None:
            sys.exit("there is no Kafka broker here (no KAFKA_BOOTSTRAP_SERVERS, Docker, Java with Maven, or noida-db)")
        stack.enter_context(running(broker))
        topics = stack.enter_context(closing(Topics(broker)))
        try:
            databases = stack.enter_context(running_postgres())
        except LookupError as error:
            sys.exit(str(error))
        python = platform.python_version()
        print(f"{_processors()}; Python {python}, {broker.name}, {databases.server.name}\n", flush=True)
        sizes = (replay.Size(), stores.Size(), remembered.Size(), replicas.Size())
        for line in figures(stage, topics, databases, *sizes, REPLICAS):
            print(line, flush=True)
    print(f"\n{monotonic() - began:.0f} seconds in all")


def _processors() -> str:
    told = Path("/proc/cpuinfo").read_text("utf-8")
    model = re.search(r"^model name\s*: (.+)$", told, re.MULTILINE)
    return f"{os.cpu_count()} processors ({model[1] if model else platform.machine()})"


def figures(
    stage: Stage,
    topics: Topics,
    databases: Databases,
    big: replay.Size,
    small: stores.Size,
    old: remembered.Size,
    shared: replicas.Size,
    numbers: tuple[int, ...],
) -> Iterator[str]:
    """All tables."""
    replayed = replay.Figures()
    yield from replay.measure(stage, big, replayed)
    yield ""
    yield from stores.measure(stage, SqliteState(stage.folder / "costs.db"), PostgresState(databases), small)
    yield ""
    yield from remembered.measure(stage, old)
    yield ""
    file = SqliteState(stage.folder / "replica.db")
    states: list[tuple[State, int]] = [(file, 1), *((PostgresState(databases), number) for number in numbers)]
    found = list(replicas.measure(stage, topics, states, shared))
    yield f"{shared.people} people, {shared.events} events on {shared.partitions} partitions, {shared.calls} calls"
    yield ""
    yield table(replicas.HEADINGS, [replicas.row(*one) for one in found])
    yield ""
    rows = [memory.row(f"run, {state.name}", one.idle, one.at_work) for state, number, one in found if number == 1]
    rows.append(memory.row("web", *memory.of_web(stage, file, VISITS)))
    rows.append(memory.row(f"replay of {big.people * big.works} events", None, replayed.memory))
    rows.append(memory.row("sandbox, with all of these", None, peak_memory(stage.stand_in)))
    yield table(memory.HEADINGS, rows)


if __name__ == "__main__":
    main()
