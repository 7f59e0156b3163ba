"""The dead-letter topic: tells others which event could not be taken, where it stands and why; never its bytes."""

import json
import threading
from queue import Empty, Full, Queue
from time import monotonic
from typing import Any

import structlog
from kafka import KafkaProducer
from kafka.errors import KafkaError, SaslAuthenticationFailedError

from mappers.events.messages import Place
from worker.kafka.access import KafkaAccess
from worker.kafka.net_clients import NetClients
from worker.kafka.refusals import trouble_line

logger = structlog.get_logger()

WAITING = 10_000
"""Notices kept while Kafka cannot be reached; the dead letters themselves are safe in the store."""

SEND_SECONDS = 5.0
"""How long one notice may take."""

REFUSED_SECONDS = 30.0
"""How long a login that was refused is not tried again."""

Notice = tuple[bytes, bytes]


class DeadLetterTopic:
    """Publishes from a thread of its own: `publish` returns at once and never fails."""

    def __init__(self, access: KafkaAccess, topic: str) -> None:
        self._access = access
        self._topic = topic
        self._notices: Queue[Notice] = Queue(WAITING)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dead-letter-topic", daemon=True)
        self._thread.start()

    def publish(self, place: Place, reason: str, field: str | None) -> None:
        """Queues a notice that the event at `place` is a dead letter for `reason`, found in `field`."""
        told = {"reason": reason, "field": field, **_position(place)}
        try:
            self._notices.put_nowait((str(place).encode(), json.dumps(told, ensure_ascii=False).encode()))
        except Full:
            logger.warning("dead_letter_notice_dropped", place=str(place))

    def close(self, timeout: float = 5.0) -> None:
        """Sends what is queued, for at most `timeout` seconds."""
        deadline = monotonic() + timeout
        while self._notices.unfinished_tasks and monotonic() < deadline:
            self._closing.wait(0.02)
        self._closing.set()
        self._thread.join(max(0.1, deadline - monotonic()))

    def _run(self) -> None:
        producer: KafkaProducer | None = None
        net_clients = NetClients()
        waiting: Notice | None = None
        delayed = False
        while not self._closing.is_set():
            try:
                waiting = waiting or self._notices.get(timeout=0.2)
                producer = producer or self._open(net_clients)
                producer.send(self._topic, key=waiting[0], value=waiting[1]).get(SEND_SECONDS)
                waiting, delayed = None, False
                self._notices.task_done()
            except Empty:
                continue
            except (KafkaError, OSError) as error:
                if not delayed:
                    logger.warning(
                        "dead_letter_notice_delayed", why=trouble_line(self._access, error, net_clients.refusal)
                    )
                delayed = True
                self._closing.wait(REFUSED_SECONDS if isinstance(error, SaslAuthenticationFailedError) else 1.0)
        if producer is not None:
            producer.close(timeout=1)

    def _open(self, net_clients: NetClients) -> KafkaProducer:
        milliseconds = round(SEND_SECONDS * 1000)
        try:
            return KafkaProducer(
                **self._access.options(),
                kafka_client=net_clients,
                bootstrap_timeout_ms=milliseconds,
                max_block_ms=milliseconds,
                allow_auto_create_topics=False,
            )
        except BaseException:
            net_clients.close()
            raise


def _position(place: Place) -> dict[str, Any]:
    if place.log is None:
        return {"log": place.name, "line": place.offset}
    return {"topic": place.log.topic, "partition": place.log.partition, "offset": place.offset}
