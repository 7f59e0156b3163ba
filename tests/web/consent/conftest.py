"""A stand-in for all tests of the consent pages, and a site with a state of its own for each."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest

from tests.web.consent.browsers import Browser
from tests.web.consent.site import ConsentPlace, ConsentSite, Door, running_site
from tests.web.hand_clock import HandClock
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.grants import PermissionRules
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import RunningSandbox, start_sandbox
from worker.settings.values import BindAddress
from worker.web.server import WebServer

_RECORDS = count(770_000)


@pytest.fixture(scope="session")
def stand_in() -> Iterator[RunningSandbox]:
    """ORCID, with codes long enough to be looked for in what we show."""
    rules = PermissionRules(code_length=32)
    with start_sandbox(settings=SandboxSettings(rate_limit=False, permission=rules)) as running:
        yield running


@pytest.fixture(scope="session")
def place(stand_in: RunningSandbox) -> Iterator[ConsentPlace]:
    """A real server, and ORCID beside it."""
    door = Door()
    with (
        SandboxControl(stand_in.base_url) as control,
        WebServer(door, BindAddress("127.0.0.1", 0)) as server,
    ):
        yield ConsentPlace(stand_in.base_url, control, server.url, door)


@pytest.fixture
def clock() -> HandClock:
    """A clock that stands at the time of the test until it is moved."""
    made = HandClock()
    made.time = time.time()
    return made


@pytest.fixture
def make_site(tmp_path: Path, place: ConsentPlace, clock: HandClock) -> Iterator[Callable[..., ConsentSite]]:
    """Makes the test's site with these settings; what a test breaks at ORCID is whole again after it."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(running_site(place, tmp_path, clock, **settings))
        place.control.clear_faults()


@pytest.fixture
def site(make_site: Callable[..., ConsentSite]) -> ConsentSite:
    """A site without single sign-on."""
    return make_site()


@pytest.fixture
def browser(site: ConsentSite) -> Browser:
    """A researcher's browser."""
    return site.browser()


@pytest.fixture
def orcid() -> str:
    """The iD of a record that no other test has."""
    return orcid_id(next(_RECORDS))


@pytest.fixture
def other_orcid() -> str:
    """The iD of another such record."""
    return orcid_id(next(_RECORDS))
