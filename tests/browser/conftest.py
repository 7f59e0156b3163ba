"""Fixtures of the tests with a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import MISSING, chromium_path, running
from tests.cli.preloaded import Preloaded
from tests.leaks.watch import WATCH

if TYPE_CHECKING:
    from tests.browser.site import Site


@pytest.fixture(scope="module")
def browser(told: list[str]) -> Iterator[Browser]:
    """A browser for a file of tests: playwright keeps an event loop while it runs, which is nothing for the others."""
    path = chromium_path()
    if path is None:
        line = f"real browser: none ({MISSING})"
        if line not in told:
            told.append(line)
        pytest.skip(MISSING)
    with running(path) as made:
        line = f"real browser: Chromium {made.version}"
        if line not in told:
            told.append(line)
        yield made


@pytest.fixture(scope="module")
def shared(browser: Browser, tmp_path_factory: pytest.TempPathFactory, preloaded: Preloaded) -> "Iterator[Site]":
    """One site for a file of tests, whose pages are served."""
    # Imported here: pytest reads this file before tests/conftest.py has said which warnings of kafka-python it knows.
    from tests.browser.site import site_in

    with site_in(tmp_path_factory.mktemp("site"), browser, preloaded) as made:
        made.start("web")
        yield made


@pytest.fixture
def site(shared: "Site") -> "Site":
    """The site, its folder and secrets under the leak scan. Each test has people of its own."""
    WATCH.environment(shared.institution.environ())
    WATCH.folder(shared.institution.folder)
    return shared


@pytest.fixture
def site_of_run(browser: Browser, tmp_path: Path, preloaded: Preloaded) -> "Iterator[Site]":
    """A site of its own, whose pages are served by the daemon, which sends, too."""
    from tests.browser.site import site_in

    with site_in(tmp_path, browser, preloaded) as made:
        made.start("run")
        yield made
