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
    from tests.daemon.workplace import Workplace


@pytest.fixture
def workplace(tmp_path: Path, preloaded: Preloaded) -> "Iterator[Workplace]":
    """An institution with an empty state, and no daemon yet; its Kafka is down."""
    from tests.daemon.site import QUICK
    from tests.daemon.workplace import Workplace

    with (
        start_sandbox(settings=SandboxSettings(rate_limit=False)) as stand_in,
        SandboxControl(stand_in.base_url) as control,
    ):
        settings = QUICK | {
            "ORCID_SYNC_VAULT_KEYS": new_key(),
            "ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
            "ORCID_SYNC_CALL_SECONDS": "0.6",
        }
        workplace = Workplace(Institution(tmp_path, control, stand_in.base_url, preloaded, settings))
        try:
            yield workplace
        finally:
            for daemon in workplace.daemons:
                daemon.close()


@pytest.fixture
def site(kafka_broker: Broker, tmp_path: Path, preloaded: Preloaded) -> "Iterator[Site]":
    """An institution with an empty state, a topic of one partition, and no daemon yet."""
    # Imported here: pytest reads this file before tests/conftest.py has said which warnings of kafka-python it knows.
    from tests.daemon.site import a_site

    with a_site(kafka_broker, tmp_path, preloaded) as site:
        yield site
