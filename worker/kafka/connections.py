"""Single connections to brokers: kafka-python's, corrected where it loses why a broker refuses us, or waits for ever.

Of kafka-python 3.0: (1) until it has connected for the first time it keeps every failure to itself and in the end says
only that time is up; (2) what a broker says just before it hangs up is thrown away, and that is its answer to a wrong
password; (3) a TLS handshake has no end, so a broker that hangs would hang whoever waits for an answer, our loop
included; (4) the socket of a handshake that failed is left to the garbage collector; (5) a login that was refused is
meant to be tried only once, and is tried every other second.
"""

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from kafka.errors import KafkaConnectionError, SaslAuthenticationFailedError
from kafka.net.inet import create_connection
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector
from kafka.net.transport import KafkaSSLTransport, KafkaTCPTransport

SETUP_SECONDS = 5.0
"""How long a connection may take to come about, its TLS handshake included: the loop waits for some answers."""


class _LastWords:
    """What came before the end is handed on first; the end shows itself again at the next reading."""

    def _sock_recv(self) -> tuple[bytes, Exception | None]:
        data, error = super()._sock_recv()  # type: ignore[misc]  # of the transport it is mixed into
        return data, None if data else error


class _Plain(_LastWords, KafkaTCPTransport):  # type: ignore[misc]  # kafka-python has no type information
    pass


class _Tls(_LastWords, KafkaSSLTransport):  # type: ignore[misc]  # kafka-python has no type information
    def hang_up(self) -> None:
        """Wakes up whoever waits for the other end: nothing more will come."""
        with suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)


class Connections(KafkaConnectionManager):  # type: ignore[misc]  # kafka-python has no type information
    """Those of one client. `note` is told each failure, on the client's own thread."""

    def __init__(self, net: NetworkSelector, note: Callable[[Exception], None], **options: Any) -> None:
        milliseconds = round(SETUP_SECONDS * 1000)
        setup = dict.fromkeys(
            ("socket_connection_setup_timeout_ms", "socket_connection_setup_timeout_max_ms"), milliseconds
        )
        super().__init__(net, **(options | setup))
        self._note = note
        self._refused: dict[Any, SaslAuthenticationFailedError] = {}

    def get_connection(self, node_id: Any, *args: Any, **options: Any) -> Any:
        """The connection to a node; begun when there is none. Raises what refused our login before we were ever in."""
        if node_id in self._refused:
            raise self._refused[node_id]
        known = self._conns.get(node_id)
        connection = super().get_connection(node_id, *args, **options)
        if connection is not known:
            connection.init_future.add_errback(partial(self._failed, node_id))
            connection.close_future.add_errback(self._note)
        return connection

    def _failed(self, node_id: Any, error: Exception) -> None:
        self._note(error)
        if isinstance(error, SaslAuthenticationFailedError) and self.cluster.is_bootstrap(node_id):
            # Without its traceback, which holds the socket.
            self._refused[node_id] = SaslAuthenticationFailedError(*error.args)

    async def _build_transport(self, node: Any, timeout_at: float | None = None) -> Any:
        until = time.monotonic() + SETUP_SECONDS if timeout_at is None else timeout_at
        bare = await create_connection(self._net, node.host, node.port, self.config["socket_options"], timeout_at=until)
        if not self.ssl_enabled:
            return _Plain(self._net, bare, host=node.host)
        try:
            options = {name: value for name, value in self.config.items() if name.startswith("ssl_")}
            transport = _Tls(self._net, bare, host=node.host, **options)
        except Exception:
            bare.close()
            raise
        late = self._net.call_at(until, transport.hang_up)
        try:
            await transport.handshake()
        except Exception as error:  # noqa: BLE001 - whatever it was
            transport.abort(error)
            raise KafkaConnectionError(f"no TLS handshake: {error}") from None
        finally:
            self._net.cancel(late)
        return transport
