"""The Kafka event source: topics read as a member of a group, from the positions that our own store holds."""

from collections.abc import Mapping
from time import monotonic, sleep

import structlog
from kafka.errors import KafkaError, SaslAuthenticationFailedError

from mappers.events.messages import LogId
from worker.kafka.access import KafkaAccess
from worker.kafka.cluster import lacking_line
from worker.kafka.connection import Connecting
from worker.kafka.refusals import trouble_line
from worker.kafka.session import KafkaSession
from worker.kafka.subscription import Subscription
from worker.ports import Batch, Positions

logger = structlog.get_logger()

RECONNECT_SECONDS = 30.0
"""After trouble of this length all is opened anew: kafka-python never again tries a login that failed once.

A login that was refused is not tried again sooner: there are directories that lock who fails too often.
"""

REST_SECONDS = 1.0
"""The longest rest after an error, so that an error that comes at once does not make a busy loop."""


class KafkaSource:
    """Never raises for Kafka's sake: without a cluster, polls bring nothing and `trouble` says why."""

    exhausted = False

    def __init__(self, access: KafkaAccess, subscription: Subscription, positions: Positions) -> None:
        self._access = access
        self._subscription = subscription
        self._positions = positions
        self._connecting: Connecting | None = None
        self._session: KafkaSession | None = None
        self._trouble: str | None = None
        self._troubled_since = 0.0
        self._not_before = 0.0

    @property
    def trouble(self) -> str | None:
        """One line on what keeps messages from coming now, or None."""
        if self._trouble is not None or self._session is None:
            return self._trouble
        if self._session.lacking:
            return lacking_line(self._session.lacking)
        if self._session.joining:
            seconds, group = self._subscription.session_seconds, self._subscription.group_id
            return f"joining the group {group}: one of its members may have died; it is waited for {seconds:g} s"
        return None

    def poll(self, limit: int, timeout: float) -> Batch:
        """At most `limit` messages, waiting at most `timeout` seconds for the first (a few more in trouble)."""
        deadline = monotonic() + timeout
        try:
            session = self._connected(timeout)
            if session is None:
                return Batch()
            batch = session.poll(limit, max(0.0, deadline - monotonic()))
        except (KafkaError, OSError) as error:
            self._note_trouble(error)
            sleep(max(0.0, min(REST_SECONDS, deadline - monotonic())))
            return Batch()
        self._note_health()
        return batch

    def rewind(self) -> None:
        """What was polled since the last applied batch will be polled again, from the store's positions."""
        if self._session is not None:
            self._session.rewind()

    def commit(self, positions: Mapping[LogId, int]) -> None:
        """Tells Kafka how far the store has come, for those who watch the group's lag. A failure is only logged."""
        try:
            if self._session is not None:
                self._session.commit(positions)
        except KafkaError as error:
            logger.info("offsets_not_committed", why=str(error))

    def lag(self) -> Mapping[LogId, int]:
        """Messages that wait behind each log being read; nothing while Kafka cannot be asked."""
        try:
            return {} if self._session is None else self._session.lag()
        except KafkaError:
            return {}

    def close(self) -> None:
        """Leaves the group; takes a few seconds at most."""
        if self._connecting is not None:
            self._connecting.abandon()
            self._connecting = None
        session, self._session = self._session, None
        if session is not None:
            _close(session)

    def _connected(self, timeout: float) -> KafkaSession | None:
        """The session, or None while it is being opened."""
        if self._session is not None:
            return self._session
        if self._connecting is None:
            if (rest := self._not_before - monotonic()) > 0:
                sleep(min(timeout, rest))
                return None
            self._connecting = Connecting(self._access, **self._subscription.consumer_options())
        connection = self._connecting.wait(timeout)
        if connection is None:
            if self._connecting.refusal or self._trouble is None:
                self._trouble = trouble_line(self._access, None, self._connecting.refusal or "connecting")
            return None
        self._connecting = None
        self._session = KafkaSession(connection, self._subscription, self._positions)
        return self._session

    def _note_trouble(self, error: Exception) -> None:
        held = self._connecting or self._session
        self._trouble = trouble_line(self._access, error, "" if held is None else held.refusal)
        if self._troubled_since == 0.0:
            self._troubled_since = monotonic()
            logger.warning("kafka_lost", why=self._trouble)
        if self._session is None:
            self._connecting = None
            self._not_before = monotonic() + (
                RECONNECT_SECONDS if isinstance(error, SaslAuthenticationFailedError) else 0
            )
        elif monotonic() - self._troubled_since > RECONNECT_SECONDS:
            self._troubled_since = monotonic()
            session, self._session = self._session, None
            _close(session)

    def _note_health(self) -> None:
        if self._troubled_since:
            logger.info("kafka_found_again", seconds=round(monotonic() - self._troubled_since, 1))
        self._trouble, self._troubled_since = None, 0.0
        if self._session is not None:
            self._session.forget_refusal()


def _close(session: KafkaSession) -> None:
    try:
        session.close()
    except (KafkaError, OSError) as error:
        logger.info("kafka_not_left", why=str(error))
