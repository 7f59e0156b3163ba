"""One stand-in for all tests that leave no trace beside their own record, and a fresh one for those that do."""

from collections.abc import Iterator

import httpx
import pytest

from tests.sandbox.people import Person, a_person
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import RunningSandbox, start_sandbox


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[RunningSandbox]:
    """A stand-in without rate limit."""
    with start_sandbox(settings=SandboxSettings(rate_limit=False)) as running:
        yield running


@pytest.fixture(scope="session")
def http(shared_sandbox: RunningSandbox) -> Iterator[httpx.Client]:
    """A client of the shared stand-in."""
    with httpx.Client(base_url=shared_sandbox.base_url, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def control(shared_sandbox: RunningSandbox) -> Iterator[SandboxControl]:
    """The control API of the shared stand-in."""
    with SandboxControl(shared_sandbox.base_url) as client:
        yield client


@pytest.fixture
def person(http: httpx.Client, control: SandboxControl) -> Person:
    """Someone new on the shared stand-in who granted everything."""
    return a_person(http, control)


@pytest.fixture
def own_sandbox() -> Iterator[RunningSandbox]:
    """A stand-in of the test's own, without rate limit."""
    with start_sandbox(settings=SandboxSettings(rate_limit=False)) as running:
        yield running


@pytest.fixture
def own_control(own_sandbox: RunningSandbox) -> Iterator[SandboxControl]:
    """The control API of the test's own stand-in."""
    with SandboxControl(own_sandbox.base_url) as client:
        yield client


@pytest.fixture
def own_person(own_sandbox: RunningSandbox, own_control: SandboxControl) -> Iterator[Person]:
    """Someone on the test's own stand-in."""
    with httpx.Client(base_url=own_sandbox.base_url, trust_env=False, timeout=10) as client:
        yield a_person(client, own_control)
