"""A connection to Kafka in the making: opened beside the loop, so that a cluster that does not answer stops nobody."""

import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass
from typing import Any

import structlog
from kafka.errors import KafkaError

from worker.kafka.access import KafkaAccess
from worker.kafka.cluster import KafkaCluster
from worker.kafka.consumer import PatientConsumer
from worker.kafka.net_clients import NetClients

logger = structlog.get_logger()

PATIENCE = 10.0
"""Seconds until one attempt to connect is given up for the next."""

FETCH_BYTES = 16 * 2**20
"""One answer of a broker, and one batch. A single message may be larger: Kafka sends it alone."""

CLOSE_MILLISECONDS = 2_000
"""How long leaving the group may take."""


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """A consumer that has not subscribed yet, and the cluster it reads from."""

    consumer: PatientConsumer
    cluster: KafkaCluster
    net_clients: NetClients

    def close(self) -> None:
        """Leaves the group, if it is in one, and closes all connections."""
        try:
            self._stop_joining()
            self.consumer.close(autocommit=False, timeout_ms=CLOSE_MILLISECONDS)
        finally:
            self.cluster.close()

    def _stop_joining(self) -> None:
        """Leaves by another door while a join is under way, for Kafka hears nothing on that connection until it ends.

        Else the group would wait for us, after whomever it waits for now, a whole session long.
        """
        member = self.consumer.joining_as
        if member is None:
            return
        try:
            self.cluster.dismiss(self.consumer.group_metadata().group_id, member)
            self.consumer.forget_membership()
        except KafkaError as error:
            logger.info("group_not_left", why=str(error))


class Connecting:
    """One attempt to connect, on a thread of its own."""

    def __init__(self, access: KafkaAccess, **consumer_options: Any) -> None:
        self._access = access
        self._consumer_options = consumer_options
        self._net_clients = NetClients()
        self._done: Future[KafkaConnection] = Future()
        self._abandoned = threading.Event()
        threading.Thread(target=self._run, name="kafka-connecting", daemon=True).start()

    def wait(self, timeout: float) -> KafkaConnection | None:
        """The connection, or None when it is not there within `timeout` seconds; raises when the attempt failed."""
        try:
            return self._done.result(timeout)
        except NotYet:
            if self._done.done():
                raise
            return None

    @property
    def refusal(self) -> str:
        """Why its last try failed; empty when none has."""
        return self._net_clients.refusal

    def abandon(self) -> None:
        """Closes whatever the attempt has opened or will open."""
        self._abandoned.set()
        self._net_clients.close()

    def _run(self) -> None:
        try:
            connection = self._connect()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            self._net_clients.close()
            self._done.set_exception(error)
            return
        if self._abandoned.is_set():
            self._net_clients.close()
        self._done.set_result(connection)

    def _connect(self) -> KafkaConnection:
        cluster = KafkaCluster(self._access, self._net_clients, PATIENCE)
        consumer = PatientConsumer(
            **self._access.options(),
            **self._consumer_options,
            kafka_client=self._net_clients,
            bootstrap_timeout_ms=round(PATIENCE * 1000),
            # Ours is the position in the store: Kafka may neither choose a start nor commit by itself.
            auto_offset_reset="none",
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            isolation_level="read_committed",
            # An update that is asked for while another is on its way is lost in kafka-python 3.0: the answer to the
            # first one clears the wish for the second. This is how long new partitions stay unseen then.
            metadata_max_age_ms=5_000,
            fetch_max_bytes=FETCH_BYTES,
            max_partition_fetch_bytes=FETCH_BYTES // 4,
        )
        return KafkaConnection(consumer, cluster, self._net_clients)
