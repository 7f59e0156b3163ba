"""Kafka settings that disagree, and TLS files that cannot be used: what can be told before any broker is asked."""

import ssl
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.settings.settings import Settings

_K = "ORCID_SYNC_KAFKA_"

WITH_PASSWORD = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
BY_PACKAGE = {"GSSAPI": "gssapi", "AWS_MSK_IAM": "botocore"}
"""Mechanisms for which kafka-python needs another package; we bring none of them."""


def kafka_faults(settings: "Settings") -> Iterable[str]:
    """A line for each; nothing is said about a value that is wrong by itself."""
    yield from _login_faults(settings)
    yield from _tls_faults(settings)


def _login_faults(settings: "Settings") -> Iterable[str]:
    protocol, mechanism = settings.kafka_security_protocol, settings.kafka_sasl_mechanism
    login = {"USERNAME": settings.kafka_sasl_username, "PASSWORD": settings.kafka_sasl_password}
    if not protocol.startswith("SASL"):
        if mechanism or any(login.values()):
            yield f"{_K}SECURITY_PROTOCOL: {protocol!r} does without SASL, which is set: take SASL_SSL"
        return
    if mechanism is None:
        yield f"{_K}SASL_MECHANISM: is not set, but the protocol {protocol} needs it, e.g. PLAIN"
    elif mechanism in WITH_PASSWORD:
        for name, value in login.items():
            if value is None:
                yield f"{_K}SASL_{name}: is not set, but the mechanism {mechanism} needs it"
    elif find_spec(BY_PACKAGE[mechanism]) is None:
        package = BY_PACKAGE[mechanism]
        yield f"{_K}SASL_MECHANISM: {mechanism!r} needs the Python package {package}, which is not installed"


def _tls_faults(settings: "Settings") -> Iterable[str]:
    authority = settings.kafka_ssl_cafile
    certificate, key = settings.kafka_ssl_certfile, settings.kafka_ssl_keyfile
    if not settings.kafka_security_protocol.endswith("SSL"):
        if authority or certificate or key:
            # Whoever gave these means it: to go on in the clear would be worse than to stop.
            protocol = settings.kafka_security_protocol
            way_out = protocol.replace("PLAINTEXT", "SSL")
            yield f"{_K}SECURITY_PROTOCOL: {protocol!r} does without TLS, for which files are set: take {way_out}"
        return
    if authority is not None:
        yield from _authority_faults(authority)
    if certificate is not None and key is not None:
        password = "" if settings.kafka_ssl_password is None else settings.kafka_ssl_password.reveal()
        yield from _certificate_faults(certificate, key, password)
    elif certificate is not None or key is not None or settings.kafka_ssl_password is not None:
        missing = " and ".join(
            f"{_K}SSL_{name}" for name, value in (("CERTFILE", certificate), ("KEYFILE", key)) if value is None
        )
        yield f"{missing}: not set, but a certificate and its key are needed together"


def _authority_faults(authority: Path) -> Iterable[str]:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(authority)
    except (ssl.SSLError, OSError):
        yield f"{_K}SSL_CAFILE: '{authority}' holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"


def _certificate_faults(certificate: Path, key: Path, password: str) -> Iterable[str]:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, password)
    except (ssl.SSLError, OSError) as error:
        if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
            yield f"{_K}SSL_KEYFILE: '{key}' is not the key of '{certificate}' ({_K}SSL_CERTFILE)"
        elif b"ENCRYPTED" in key.read_bytes():
            yield (
                f"{_K}SSL_PASSWORD: does not open the key '{key}'"
                if password
                else (f"{_K}SSL_PASSWORD: is not set, but the key '{key}' is locked with one")
            )
        else:
            yield (
                f"{_K}SSL_CERTFILE: '{certificate}' and its key '{key}' cannot be read:"
                " give both in PEM form (-----BEGIN …-----)"
            )
