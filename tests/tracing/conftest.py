"""Fixtures of the tests of traces: an institution whose commands tell a collector."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from state.vault import new_key
from tests.cli.conftest import Institution
from tests.cli.preloaded import Preloaded
from tests.tracing.collector import Collector, collecting
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import start_sandbox


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that nothing came to yet."""
    with collecting() as made:
        yield made


@pytest.fixture
def institution(tmp_path: Path, preloaded: Preloaded, collector: Collector) -> Iterator[Institution]:
    """An institution with an empty state and a stand-in of its own."""
    with (
        start_sandbox(settings=SandboxSettings(rate_limit=False)) as stand_in,
        SandboxControl(stand_in.base_url) as control,
    ):
        settings = {
            "ORCID_SYNC_VAULT_KEYS": new_key(),
            "ORCID_SYNC_TRACES_URL": collector.url,
            "ORCID_SYNC_QUIET_SECONDS": "0",
            "ORCID_SYNC_QUIET_MAX_SECONDS": "0",
        }
        yield Institution(tmp_path, control, stand_in.base_url, preloaded, settings)
