"""noida-db, a broker from PyPI: small and quick, for machines with neither Docker nor Java."""

import shutil
import sys
from pathlib import Path
from typing import ClassVar

from tests.kafka.brokers import EVERYTHING, free_port
from tests.kafka.processes import ServerProcess


def find_noida() -> str | None:
    """Its executable beside this Python, or None."""
    return shutil.which("noida-db", path=str(Path(sys.executable).parent))


class NoidaBroker:
    """A noida-db server with nothing but its Kafka."""

    abilities: ClassVar = EVERYTHING - {"topic-ids", "eviction", "restart"}

    def __init__(self, executable: str, folder: Path) -> None:
        self.name = "noida-db (a broker from PyPI, not Apache Kafka)"
        self.folder = folder / "noida"
        port = free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        command = [executable, "start", "--data-dir", str(self.folder / "data"), "--only", "kafka"]
        command += ["--kafka-port", str(port)]
        self.server = ServerProcess(command, self.bootstrap, self.folder / "log")

    def start(self) -> None:
        """Starts it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.server.start()

    def stop(self) -> None:
        """Kills it. What it had is not all there after the next start, so it does not claim "restart"."""
        self.server.kill()

    def remove(self) -> None:
        """Kills it and removes its folder."""
        self.server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
