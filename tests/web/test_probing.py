"""Probes beside work that ends: alive is what asks, between two steps, whether it shall stop."""

import socket
from contextlib import closing
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest

from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.kafka.brokers import free_port
from worker.interrupts import Interrupts
from worker.serving import probing
from worker.settings.settings import Settings
from worker.settings.values import BindAddress
from worker.web.server import BindError


def _store(folder: Path) -> SqliteStore:
    return SqliteStore(folder / "state.db", Vault([new_key()]), lambda: 0.0)


def test_each_question_is_a_beat(tmp_path: Path) -> None:
    """While nobody asks, the seconds since the last beat grow; `/readyz` asks the store; nothing else is served."""
    port, interrupts = free_port(), Interrupts()
    with (
        closing(_store(tmp_path)) as store,
        probing(Settings(web_bind=BindAddress("127.0.0.1", port)), store, interrupts, wanted=True),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        sleep(0.4)
        waited = _since(client)
        assert not interrupts()
        assert _since(client) < waited
        assert waited >= 0.3
        assert client.get("/readyz").json() == {"status": "ready"}
        assert client.get("/").status_code == 404


def _since(client: httpx.Client) -> float:
    told: dict[str, Any] = client.get("/healthz").json()
    assert told["status"] == "ok"
    return float(told["seconds_since_turn"])


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """Whoever asks for probes where the daemon serves hears which setting to change; who does not is not bothered."""
    with socket.create_server(("127.0.0.1", 0)) as taken, closing(_store(tmp_path)) as store:
        settings = Settings(web_bind=BindAddress("127.0.0.1", taken.getsockname()[1]))
        with probing(settings, store, Interrupts(), wanted=False):
            pass
        with (
            pytest.raises(BindError, match="ORCID_SYNC_WEB_BIND"),
            probing(settings, store, Interrupts(), wanted=True),
        ):
            pass
