"""A server process of the tests: started, watched until it serves, killed."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.kafka.brokers import accepts


class ServerProcess:
    """One server on the loopback, its output in a file; `start` and `kill` can take turns."""

    def __init__(self, command: Sequence[str], address: str, log: Path) -> None:
        self.command = command
        self.address = address
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, patience: float = 60) -> None:
        """Starts it and waits until its port accepts; shows the end of its output when it does not."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        deadline = time.monotonic() + patience
        while not accepts(self.address):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self.command[0]} does not serve:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def kill(self) -> None:
        """Ends it at once, with whatever it started itself, and waits for its end."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
