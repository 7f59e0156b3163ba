"""A daemon of the tests: the real `orcid-sync run` or `web` in a process of its own, watched by its log and pages."""

import json
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.cli.conftest import COMMAND

STOP_SECONDS = 20.0
"""How long a daemon may take to stop on a busy machine."""


class Daemon:
    """Can be started, stopped and killed any number of times; its log goes on in one file."""

    def __init__(self, environ: Mapping[str, str], log: Path, words: Sequence[str] = ("run",)) -> None:
        self.environ = environ
        self.log = log
        self.words = words
        self.process: subprocess.Popen[bytes] | None = None
        self._begins = 0

    def start(self) -> "Daemon":
        """Starts it, and returns at once."""
        with self.log.open("ab") as output:
            self._begins = output.tell()
            self.process = subprocess.Popen(
                [COMMAND, *self.words], env=self.environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        return self

    def stop(self) -> int:
        """Asks it to stop, as Kubernetes does, and waits for its end; its exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it without a warning."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        process, self.process = self.process, None
        assert process is not None, "it does not run"
        process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        finally:
            process.kill()
            process.wait()

    def close(self) -> None:
        """Leaves nothing running."""
        if self.process is not None:
            self.kill()

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return self.process is not None and self.process.poll() is None

    def lines(self) -> list[dict[str, Any]]:
        """The log of its present (or last) run; what is no JSON is a line under the name `not_json`."""
        text = self.log.read_bytes()[self._begins :].decode()
        return [_parsed(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def said(self, event: str) -> list[dict[str, Any]]:
        """The lines of one event."""
        return [line for line in self.lines() if line["event"] == event]

    def tail(self) -> str:
        """The end of its log, for whoever has to find out why a test failed."""
        return self.log.read_text()[-4000:] if self.log.exists() else ""

    def get(self, path: str) -> httpx.Response | None:
        """What its web server answers; None while there is none."""
        started = self.said("daemon_started") or self.said("web_started")
        if not started:
            return None
        try:
            return httpx.get(started[0]["web"] + path, timeout=10, trust_env=False)
        except httpx.TransportError:
            return None

    def probe(self, path: str) -> int | None:
        """The status of a probe; None while it does not answer."""
        answer = self.get(path)
        return None if answer is None else answer.status_code

    def metric(self, name: str, **labels: str) -> float | None:
        """The sum of all samples of that name and these labels, among others; None when there are none."""
        answer = self.get("/metrics")
        if answer is None:
            return None
        samples = [
            sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return sum(samples) if samples else None

    def partitions(self) -> int:
        """How many partitions it reads now."""
        answer = self.get("/metrics")
        return 0 if answer is None else answer.text.count("\norcid_sync_consumer_lag{")


def _parsed(line: str) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"event": "not_json", "line": line}
    return told


def wait_until(done: Callable[[], bool], *daemons: Daemon, patience: float = 60, pause: float = 0.05) -> None:
    """Returns as soon as it is so; fails with the daemons' logs when it does not come to that."""
    deadline = monotonic() + patience
    while not done():
        if monotonic() > deadline:
            logs = "\n".join(f"--- {daemon.log.name}\n{daemon.tail()}" for daemon in daemons)
            raise AssertionError(f"it did not come to that within {patience:g} s\n{logs}")
        sleep(pause)
