"""Refusals: why Kafka does not let us in, in one line that names the setting to look at.

What only a broker can tell (a password, whom it trusts, what it allows) is trouble that a daemon tells and waits out,
never a reason to end: it may be put right over there, and what is in the store is sent meanwhile. What can be told from
the settings alone is told at once, as a wrong setting (worker/settings/kafka_settings.py).
"""

import re
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from kafka.errors import BrokerResponseError

from worker.kafka.access import KafkaAccess
from worker.kafka.net_clients import said_by

_PROTOCOL = "look at ORCID_SYNC_KAFKA_SECURITY_PROTOCOL, which is {protocol}"

_REFUSALS = (
    (
        r"SaslAuthenticationFailedError",
        "Kafka refuses the login of {user} by {mechanism}: look at ORCID_SYNC_KAFKA_SASL_USERNAME and _PASSWORD",
    ),
    (
        r"UnsupportedSaslMechanism",
        "Kafka does not know this way to log in: look at ORCID_SYNC_KAFKA_SASL_MECHANISM, which is {mechanism}",
    ),
    (r"IllegalSaslState", f"Kafka asks for no login at this port: {_PROTOCOL}"),
    (
        r"certificate is not valid for|[Mm]ismatch, certificate",
        "the broker's certificate is for another host: ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS is to have a name it is for",
    ),
    (r"VERIFY_FAILED.*expired", "the broker's certificate has expired"),
    (
        r"VERIFY_FAILED",
        "the broker's certificate is not trusted: ORCID_SYNC_KAFKA_SSL_CAFILE is to hold that of whoever signed it",
    ),
    (r"ALERT_\w*(CERTIFICATE|UNKNOWN_CA|HANDSHAKE_FAILURE)|CERTIFICATE_REQUIRED", "{certificate}"),
    (r"no TLS handshake|WRONG_VERSION_NUMBER", f"no TLS is spoken at this port: {_PROTOCOL}"),
    (r"InvalidReceiveError", f"what is spoken at this port is not what we speak: {_PROTOCOL}"),
    (r"socket disconnected|reset by peer", f"the broker hangs up: if it stays so, {_PROTOCOL}"),
    (r"FileNotFoundError|PermissionError", "a file of ORCID_SYNC_KAFKA_SSL_CAFILE, _CERTFILE or _KEYFILE is gone"),
    (r"GroupAuthorizationFailed", "Kafka does not allow us into the group of ORCID_SYNC_KAFKA_GROUP_ID: it takes READ"),
)


def trouble_line(access: KafkaAccess, error: Exception | None, refusal: str) -> str:
    """Who does not let us in, and why: what that means for an operator where we know it, and what was said.

    `refusal` is what the last connection that failed said, `error` what came of it here. Of the two the connection
    knows more, unless the error is what a broker answered.
    """
    said = said_by(error) if error is not None and (not refusal or isinstance(error, BrokerResponseError)) else refusal
    return f"{', '.join(access.bootstrap_servers)}: {_explained(access, said)}"


def _explained(access: KafkaAccess, said: str) -> str:
    for pattern, meaning in _REFUSALS:
        if re.search(pattern, said):
            told = meaning.format(
                user=access.sasl_username,
                mechanism=access.sasl_mechanism,
                protocol=access.security_protocol,
                certificate=_certificate_refused(access),
            )
            return f"{told} ({said})"
    return said


def _certificate_refused(access: KafkaAccess) -> str:
    if access.ssl_certfile is None:
        return "the broker asks for a certificate: set ORCID_SYNC_KAFKA_SSL_CERTFILE and ORCID_SYNC_KAFKA_SSL_KEYFILE"
    return f"the broker refuses our certificate, ORCID_SYNC_KAFKA_SSL_CERTFILE{_ended(Path(access.ssl_certfile))}"


def _ended(certificate: Path) -> str:
    """When it has expired: since when."""
    try:
        end = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return ""
    return f", which expired on {end:%Y-%m-%d}" if end < datetime.now(UTC) else ""
