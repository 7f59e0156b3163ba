"""The stand-in in a process of its own, that comes back with what it had."""

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.kafka.brokers import free_port
from worker.sandbox.control_client import SandboxControl

COMMAND = Path(sys.executable).parent / "orcid-sync"

STOP_SECONDS = 30


class StandIn:
    """At one address all along; enforces ORCID's rate limit. What each run counted is added up."""

    def __init__(self, kept: Path) -> None:
        port = free_port()
        self.base_url = f"http://127.0.0.1:{port}"
        self.control = SandboxControl(self.base_url)
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.overlaps = self.limited = 0
        self._command: list[str | Path] = [COMMAND, "sandbox", "--port", str(port), "--keep", kept]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Starts it, and waits until it serves."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self.base_url in self._process.stdout.readline(), "the stand-in does not start"

    def stop(self) -> None:
        """Stops it; calls under way are cut."""
        self.count()
        process, self._process = self._process, None
        assert process is not None, "it does not run"
        process.send_signal(signal.SIGTERM)
        try:
            process.communicate(timeout=STOP_SECONDS)
        finally:
            process.kill()

    def count(self) -> None:
        """Adds up what was counted since the last time; between this and the end of a run some calls go uncounted."""
        seen = self.control.statistics()
        self.control.reset_statistics()
        self.requests.update(seen.requests)
        self.statuses.update(seen.statuses)
        self.overlaps += seen.overlaps
        self.limited += seen.limited

    def __enter__(self) -> Self:
        """Started."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left running."""
        self.control.close()
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
