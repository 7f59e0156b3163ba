"""Fixtures of the tests of the real daemon."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from state.vault import new_key
from tests.cli.conftest import Institution
from tests.cli.preloaded import Preloaded
from tests.kafka.brokers import Broker
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import start_sandbox

if TYPE_CHECKING:
    from tests.daemon.site import Site


@pytest.fixture
def site(kafka_broker: Broker, tmp_path: Path, preloaded: Preloaded) -> "Iterator[Site]":
    """An institution with an empty state, a topic of one partition, and no daemon yet."""
    # Imported here: pytest reads this file before tests/conftest.py has said which warnings of kafka-python it knows.
    from tests.daemon.site import Site
    from tests.kafka.topics import topics_at

    with (
        start_sandbox(settings=SandboxSettings(rate_limit=False)) as stand_in,
        SandboxControl(stand_in.base_url) as control,
        topics_at(kafka_broker) as topics,
    ):
        settings = {"ORCID_SYNC_VAULT_KEYS": new_key()}
        institution = Institution(tmp_path, control, stand_in.base_url, preloaded, settings)
        site = Site(institution, topics, topics.create())
        try:
            yield site
        finally:
            for daemon in site.daemons:
                daemon.close()
