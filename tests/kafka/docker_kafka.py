"""Apache Kafka in a container of its own image, for machines where a Docker engine answers."""

from typing import ClassVar

from tests.kafka.brokers import EVERYTHING, free_port, wait_for_port
from tests.kafka.node_settings import kafka_version, node_settings


class DockerKafka:
    """A KRaft node in a container, on a port of the host that stays the same when it is restarted."""

    abilities: ClassVar = EVERYTHING

    def __init__(self) -> None:
        from testcontainers.core.container import DockerContainer

        port = free_port()
        self.name = f"Apache Kafka {kafka_version()} (Docker)"
        self.container = DockerContainer(f"apache/kafka:{kafka_version()}").with_bind_ports(9092, port)
        self.bootstrap = f"{self.container.get_container_host_ip()}:{port}"
        settings = node_settings(
            bind="0.0.0.0",  # noqa: S104 - inside the container; the engine publishes the one port
            port=9092,
            controller=9093,
            advertised=self.bootstrap,
            data="/tmp/kafka-data",  # noqa: S108 - the container's own
        )
        for key, value in settings.items():
            self.container.with_env(f"KAFKA_{key.upper().replace('.', '_')}", value)
        self.started = False

    def start(self) -> None:
        """Creates the container the first time, else starts it again."""
        if self.started:
            self.container.get_wrapped_container().start()
        else:
            self.container.start()
            self.started = True
        wait_for_port(self.bootstrap)

    def stop(self) -> None:
        """Kills it; the container's data stays."""
        self.container.get_wrapped_container().kill()

    def remove(self) -> None:
        """Kills it and removes the container with its data."""
        if self.started:
            self.container.stop()
