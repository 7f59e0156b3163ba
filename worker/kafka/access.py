"""Access to a Kafka cluster: addresses and credentials, as an operator sets them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mappers.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaAccess:
    """Where a cluster is and how to enter it. Names and meanings are kafka-python's."""

    bootstrap_servers: Sequence[str]
    client_id: str = "orcid-sync"
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    sasl_password: Secret | None = field(default=None, repr=False)
    ssl_cafile: str | None = None
    ssl_certfile: str | None = None
    ssl_keyfile: str | None = None
    ssl_password: Secret | None = field(default=None, repr=False)

    def options(self) -> dict[str, Any]:
        """The options that every kafka-python client takes."""
        return {
            "bootstrap_servers": list(self.bootstrap_servers),
            "client_id": self.client_id,
            "security_protocol": self.security_protocol,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": None if self.sasl_password is None else self.sasl_password.reveal(),
            "ssl_cafile": self.ssl_cafile,
            "ssl_certfile": self.ssl_certfile,
            "ssl_keyfile": self.ssl_keyfile,
            # Never None: OpenSSL would ask for it on the terminal.
            "ssl_password": "" if self.ssl_password is None else self.ssl_password.reveal(),
            # Brokers that return are found again within seconds, not kafka-python's half minute.
            "reconnect_backoff_max_ms": 2_000,
        }
