"""A database that does not come to an end with counting: nobody waits for it, and what is not counted is of now."""

import os
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import psycopg
import pytest

from state.postgres.store import PostgresStore
from tests.daemon.daemons import Daemon, wait_until
from tests.state.helpers import a_letter

QUICK_SECONDS = 5.0
"""For what takes some hundredths of a second on an idle machine, while a count is waited for up to a minute."""


@pytest.fixture
def web(tmp_path: Path, postgres_url: str, key: str) -> Iterator[Daemon]:
    """The pages alone, over that database."""
    environ = {
        "PATH": os.environ["PATH"],
        "ORCID_SYNC_API_URL": "http://127.0.0.1:1",
        "ORCID_SYNC_AUTH_URL": "http://127.0.0.1:1",
        "ORCID_SYNC_CLIENT_ID": "APP-TEST",
        "ORCID_SYNC_CLIENT_SECRET": "secret",
        "ORCID_SYNC_STATE_URL": postgres_url,
        "ORCID_SYNC_VAULT_KEYS": key,
        "ORCID_SYNC_WEB_BIND": "127.0.0.1:0",
        "ORCID_SYNC_LOG_FORMAT": "json",
    }
    made = Daemon(environ, tmp_path / "web.log", ("web",))
    yield made
    made.close()


def test_nobody_waits_for_counts(web: Daemon, store: PostgresStore, postgres_url: str) -> None:
    """Neither a scrape, nor a probe, nor an operator, nor who stops the process."""
    web.start()
    wait_until(lambda: web.metric("orcid_sync_items", state="held") == 0, web)
    with psycopg.connect(postgres_url) as connection:
        connection.execute("LOCK TABLE wanted_items")
        store.letters.bury(a_letter())
        began = monotonic()
        read = [[web.metric(f"orcid_sync_{name}") for name in ("store_up", "items", "dead_letters")] for _ in range(2)]
        overview = web.get("/")
        ready = web.probe("/readyz")
        took = monotonic() - began
        began = monotonic()
        code = web.stop()
        stopped = monotonic() - began

    assert read == [[1, 0, 1]] * 2
    assert overview is not None
    assert (overview.status_code, ready, code) == (200, 200, 0)
    assert "counted for the first time" in overview.text
    assert took < 2 * QUICK_SECONDS
    assert stopped < QUICK_SECONDS
