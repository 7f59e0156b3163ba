"""Apache Kafka itself, from the libraries that tests/fetch_kafka put into the cache: one KRaft node on the loopback."""

import re
import shutil
import subprocess
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import ClassVar

from tests.kafka.brokers import EVERYTHING, free_port
from tests.kafka.node_settings import kafka_version, node_settings
from tests.kafka.processes import ServerProcess

LOGGING = """
Configuration:
  Appenders: {Console: {name: console, PatternLayout: {pattern: "%d %p %c %m%n"}}}
  Loggers: {Root: {level: WARN, AppenderRef: {ref: console}}}
"""

JVM = ["-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
"""Small and quick to start: the tests send thousands of messages, not millions."""


def find_apache_kafka(cache: Path) -> Path | None:
    """The folder of libraries of the pinned Kafka in the cache, or None."""
    libraries = cache / f"kafka-{kafka_version()}"
    return libraries if libraries.is_dir() else None


class ApacheKafka:
    """A KRaft node of our own, its data in a temporary folder."""

    abilities: ClassVar = EVERYTHING

    def __init__(self, java: str, libraries: Path, folder: Path) -> None:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
        release = re.search(r'version "([^"]+)"', told)
        self.name = f"Apache Kafka {kafka_version()} (java {release[1] if release else '?'})"
        self.folder = folder / "apache-kafka"
        port = free_port()
        self.bootstrap = f"127.0.0.1:{port}"
        self.java = [java, *JVM, f"-Dlog4j2.configurationFile={self.folder / 'log4j2.yaml'}"]
        self.java += ["-cp", f"{libraries}/*"]
        self.properties = self.folder / "server.properties"
        self.server = ServerProcess(
            [*self.java, "kafka.Kafka", str(self.properties)], self.bootstrap, self.folder / "log"
        )

    def start(self) -> None:
        """Formats its storage the first time, and starts."""
        if not self.folder.exists():
            self._format()
        self.server.start()

    def stop(self) -> None:
        """Kills it; Kafka recovers from its log."""
        self.server.kill()

    def remove(self) -> None:
        """Kills it and removes its folder."""
        self.server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def settings(self) -> dict[str, str]:
        """The node's, as it is formatted."""
        return node_settings(
            bind="127.0.0.1",
            port=int(self.bootstrap.rpartition(":")[2]),
            controller=free_port(),
            advertised=self.bootstrap,
            data=str(self.folder / "data"),
        )

    def format_options(self) -> list[str]:
        """What else its storage is formatted with."""
        return []

    def _format(self) -> None:
        self.folder.mkdir(parents=True)
        (self.folder / "log4j2.yaml").write_text(LOGGING)
        self.properties.write_text("".join(f"{key}={value}\n" for key, value in self.settings().items()))
        # Not all of it by chance: an id that begins with a dash would be taken for an option.
        cluster = "k" + urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        command = ["kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self.properties)]
        command += self.format_options()
        done = subprocess.run([*self.java, *command], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"Kafka's storage could not be formatted:\n{done.stdout}{done.stderr}")
