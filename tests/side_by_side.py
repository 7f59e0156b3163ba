"""How the tests are shared out when several processes run them: what is one for all stays in one process."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

BROKERS: tuple[tuple[str, ...], ...] = (
    (
        "tests/benchmarks/",
        "tests/daemon/test_daemon_guarded_kafka",
        "tests/deploy/test_commands",
        "tests/deploy/test_first_look",
        "tests/kafka/",
        "tests/ports/test_bounded_",
        "tests/ports/test_event_sources",
        "tests/replicas/test_daemons_",
    ),
    ("tests/daemon/",),
)
"""Where the tests of a Kafka broker are, which is stopped and started by some. They wait a lot, so there are two."""

BROWSER = "tests/browser/"
"""Where those of the browser are: it takes long to start."""

CONTAINER = "tests/deploy/test_container"
"""Those of the container image: its files are made once, which takes long."""

LONG = ("tests/crash/", "tests/turning/", "tests/simulation/", "tests/storms/", "tests/fuzz/")
"""Where a test may take a minute: those begin early, so that no process is left alone with one in the end."""


def group(nodeid: str) -> str:
    """What runs in one process: all tests of a broker, the browser, the container, else one with its parameters.

    But of the long ones, which take seconds each, every parameter is shared out for itself.
    """
    for number, tests in enumerate(BROKERS):
        if nodeid.startswith(tests):
            return f"broker {number}"
    if nodeid.startswith(BROWSER):
        return "browser"
    if nodeid.startswith(CONTAINER):
        return "container"
    return nodeid if nodeid.startswith(LONG) else nodeid.partition("[")[0]


def arrange(items: list[pytest.Item]) -> None:
    """Puts the shared first, then the long ones; the rest stays as it is.

    Raises `LookupError` for a test of a broker that is not known to be one: each process would start its own.
    """
    for item in items:
        if "kafka_broker" in getattr(item, "fixturenames", ()) and not group(item.nodeid).startswith("broker"):
            raise LookupError(f"{item.nodeid} uses the Kafka broker: tests/side_by_side.py is to know of it")
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    first = (*BROKERS, (BROWSER,), (*LONG, CONTAINER))
    return next((number for number, tests in enumerate(first) if item.nodeid.startswith(tests)), len(first))


class SideBySide(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out `group` after `group`, in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)
