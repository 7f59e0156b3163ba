"""Apache Kafka with guarded doors: TLS, certificates asked for, passwords, and who may do what."""

import shutil
from pathlib import Path

from tests.kafka.apache_kafka import ApacheKafka, find_apache_kafka
from tests.kafka.brokers import free_port
from tests.kafka.certificates import Authority

PASSWORD = "hunter2-of-the-worker"
USERS = ("worker", "guest")
"""Both log in with the same password, by any mechanism; the first may do anything."""

CERTIFIED = "certified-worker"
"""Who may do anything by a certificate."""

DOORS = {"tls": "SSL", "mutual": "SSL", "password": "SASL_SSL", "clear": "SASL_PLAINTEXT"}
"""Listeners beside the open one that the tests' own hand uses."""

MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")

_MODULES = "org.apache.kafka.common.security"


class GuardedKafka(ApacheKafka):
    """Each door at a port of its own; the brokers' certificate is for 127.0.0.1 and for no name."""

    def __init__(self, java: str, libraries: Path, folder: Path) -> None:
        super().__init__(java, libraries, folder)
        self.authority = Authority(folder / "authority")
        self.ports = {door: free_port() for door in DOORS}

    def door(self, name: str, host: str = "127.0.0.1") -> str:
        """The address of a door."""
        return f"{host}:{self.ports[name]}"

    def settings(self) -> dict[str, str]:
        """Those of the open node, and the doors'."""
        open_door = super().settings()
        doors = {
            "listeners": [f"{door.upper()}://{self.door(door)}" for door in DOORS],
            "advertised.listeners": [f"{door.upper()}://{self.door(door)}" for door in DOORS],
            "listener.security.protocol.map": [f"{door.upper()}:{protocol}" for door, protocol in DOORS.items()],
        }
        certificate, key = self.authority.issue("broker", "127.0.0.1")
        keystore = self.authority.folder / "broker-with-key.pem"
        keystore.write_bytes(key.read_bytes() + certificate.read_bytes())
        return (
            open_door
            | {name: ",".join([open_door[name], *more]) for name, more in doors.items()}
            | {
                "ssl.keystore.type": "PEM",
                "ssl.keystore.location": str(keystore),
                "ssl.truststore.type": "PEM",
                "ssl.truststore.location": str(self.authority.certificate),
                "listener.name.mutual.ssl.client.auth": "required",
                "sasl.enabled.mechanisms": ",".join(MECHANISMS),
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users": f"User:ANONYMOUS;User:{USERS[0]};User:CN={CERTIFIED}",
            }
            | {
                f"listener.name.{door}.{mechanism.lower()}.sasl.jaas.config": _login(mechanism)
                for door in ("password", "clear")
                for mechanism in MECHANISMS
            }
        )

    def format_options(self) -> list[str]:
        """Users of SCRAM are made when the storage is."""
        return [
            part
            for mechanism in MECHANISMS[1:]
            for user in USERS
            for part in ("--add-scram", f"{mechanism}=[name={user},password={PASSWORD}]")
        ]


def find_guarded_kafka(cache: Path, folder: Path) -> GuardedKafka | None:
    """One that is not started yet; None where Apache Kafka's libraries or Java are not at hand."""
    java, libraries = shutil.which("java"), find_apache_kafka(cache)
    return GuardedKafka(java, libraries, folder) if java and libraries else None


def _login(mechanism: str) -> str:
    if mechanism != "PLAIN":
        return f"{_MODULES}.scram.ScramLoginModule required;"
    users = " ".join(f'user_{user}="{PASSWORD}"' for user in USERS)
    return f"{_MODULES}.plain.PlainLoginModule required {users};"
