"""Fixtures of the tests of many replicas."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.preloaded import Preloaded
from tests.kafka.brokers import Broker

if TYPE_CHECKING:
    from tests.daemon.site import Site


@pytest.fixture
def consortium(kafka_broker: Broker, tmp_path: Path, preloaded: Preloaded, postgres_url: str) -> "Iterator[Site]":
    """A site whose state is in PostgreSQL, with a topic of one partition, and no daemon yet."""
    # Imported here: pytest reads this file before tests/conftest.py has said which warnings of kafka-python it knows.
    from tests.daemon.site import a_site

    with a_site(kafka_broker, tmp_path, preloaded, {"ORCID_SYNC_STATE_URL": postgres_url}) as site:
        yield site
