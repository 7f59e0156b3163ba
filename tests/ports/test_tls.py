"""TLS: the client talks to whom it trusts, and to nobody else."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mappers.secret import Secret
from worker.ports import Answer, HttpCall, NoAnswer
from worker.sending.orcid_client import OrcidClient


class Hello(BaseHTTPRequestHandler):
    """Answers every GET."""

    def do_GET(self) -> None:
        """200 and a small body."""
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called above us
        """Says nothing."""


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that signed itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + private)
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An HTTPS server on loopback: its address and its certificate."""
    path = certificate(tmp_path)
    http = HTTPServer(("127.0.0.1", 0), Hello)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    http.socket = context.wrap_socket(http.socket, server_side=True)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{http.server_port}", path
    http.shutdown()
    thread.join()
    http.server_close()


CALL = HttpCall("GET", "/v3.0/x", Secret("token"), media_type="application/json", deadline=5.0)


def test_a_certificate_that_is_trusted_is_accepted(server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """As any of a public authority, once it is among those the machine trusts."""
    base_url, path = server
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    client = OrcidClient(base_url)

    reply = client.send(CALL)
    client.close()

    assert isinstance(reply, Answer)
    assert (reply.status, reply.body) == (200, b"{}")


def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent(server: tuple[str, Path]) -> None:
    """The token never leaves."""
    client = OrcidClient(server[0])

    reply = client.send(CALL)
    client.close()

    assert isinstance(reply, NoAnswer)
    assert not reply.sent
