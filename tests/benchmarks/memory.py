"""Memory: the most that each process has resident, in the beginning and after work."""

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.stage import Stage
from tests.benchmarks.states import State
from tests.benchmarks.usage import peak_memory
from tests.daemon.daemons import Daemon, wait_until

HEADINGS = ("peak memory", "at the start", "at its most")
PAGES = ("/", "/people", "/metrics", "/healthz", "/readyz")


def row(name: str, start: float | None, most: float) -> list[str]:
    """A process and its megabytes."""
    return [name, "" if start is None else f"{start:.0f} MB", f"{most:.0f} MB"]


def of_web(stage: Stage, state: State, visits: int) -> Iterator[float]:
    """Of the pages alone: when they are served, and after so many visits to each."""
    environ = stage.environ(state.url, ORCID_SYNC_LOG_LEVEL="info")
    web = Daemon(environ, Path(stage.folder, "web.log"), ("web",)).start()
    try:
        wait_until(lambda: web.probe("/readyz") == 200, web)
        assert web.process is not None
        yield peak_memory(web.process.pid)
        for _ in range(visits):
            for page in PAGES:
                assert web.probe(page) == 200, page
        yield peak_memory(web.process.pid)
        assert web.stop() == 0
    finally:
        web.close()
