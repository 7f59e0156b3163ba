"""A real Prometheus of the tests, on this machine alone: it scrapes a process and evaluates the alert rules at once."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.deploy.watching import ALERTS

PROMETHEUS = shutil.which("prometheus")
SCRAPES = "2s"
"""How often it scrapes, and how long it waits for an answer: a busy machine is no trouble of ours."""


class Prometheus:
    """Asked over its HTTP interface."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=5, trust_env=False)

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            return self._http.get("/-/ready").status_code == 200
        except httpx.TransportError:
            return False

    def firing(self) -> dict[str, str]:
        """The alerts that fire now, each with its description."""
        alerts: list[dict[str, Any]] = self._http.get("/api/v1/alerts").json()["data"]["alerts"]
        return {
            one["labels"]["alertname"]: one["annotations"]["description"] for one in alerts if one["state"] == "firing"
        }

    def evaluated(self) -> bool:
        """Whether every rule was evaluated, and none failed."""
        groups = self._http.get("/api/v1/rules").json()["data"]["groups"]
        health = {rule["health"] for group in groups for rule in group["rules"]}
        assert "err" not in health, groups
        return health == {"ok"}

    def close(self) -> None:
        """Asks no more."""
        self._http.close()


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[Prometheus]:
    """Watches `target` (host:port) all the time. Alerts fire as soon as they are true: `for` is taken off."""
    folder.mkdir()
    rules = yaml.safe_load(ALERTS.read_text("utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            del rule["for"]
    (folder / "alerts.yaml").write_text(yaml.safe_dump(rules))
    config = {
        "global": {"scrape_interval": SCRAPES, "scrape_timeout": SCRAPES, "evaluation_interval": "500ms"},
        "rule_files": ["alerts.yaml"],
        "scrape_configs": [{"job_name": "orcid-sync", "static_configs": [{"targets": [target]}]}],
    }
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    words = [
        str(PROMETHEUS),
        "--config.file=prometheus.yaml",
        "--storage.tsdb.path=data",
        f"--web.listen-address={address}",
        "--log.level=error",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log)
    server = Prometheus(f"http://{address}")
    try:
        yield server
    finally:
        server.close()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
