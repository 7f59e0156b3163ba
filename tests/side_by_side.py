"""How the tests are shared out when several processes run them: what is one for all stays in one process."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

BROKER = (
    "tests/benchmarks/",
    "tests/daemon/",
    "tests/deploy/test_commands",
    "tests/kafka/",
    "tests/ports/test_bounded_",
    "tests/ports/test_event_sources",
    "tests/replicas/test_daemons_",
    "tests/deploy/test_first_look",
)
"""Where the tests of the Kafka broker are: one for all, and stopped and started by some."""

BROWSER = "tests/browser/"
"""Where those of the browser are: it takes long to start."""

CONTAINER = "tests/deploy/test_container"
"""Those of the container image: its files are made once, which takes long."""

LONG = ("tests/crash/", "tests/turning/", "tests/simulation/", "tests/storms/", "tests/fuzz/")
"""Where a test may take a minute: those begin early, so that no process is left alone with one in the end."""


def group(nodeid: str) -> str:
    """What runs in one process: all tests of the broker, the browser, the container, else one with its parameters.

    But of the long ones, which take seconds each, every parameter is shared out for itself.
    """
    if nodeid.startswith(BROKER):
        return "broker"
    if nodeid.startswith(BROWSER):
        return "browser"
    if nodeid.startswith(CONTAINER):
        return "container"
    return nodeid if nodeid.startswith(LONG) else nodeid.partition("[")[0]


def arrange(items: list[pytest.Item]) -> None:
    """Puts the shared first, then the long ones; the rest stays as it is.

    Raises `LookupError` for a test of the broker that is not known to be one: each process would start its own.
    """
    for item in items:
        if "kafka_broker" in getattr(item, "fixturenames", ()) and not item.nodeid.startswith(BROKER):
            raise LookupError(f"{item.nodeid} uses the Kafka broker: tests/side_by_side.py is to know of it")
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    if item.nodeid.startswith((*BROKER, BROWSER)):
        return 0
    return 1 if item.nodeid.startswith((*LONG, CONTAINER)) else 2


class SideBySide(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out `group` after `group`, in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)
