"""A client at the authorization server: who it is by its credentials, and the errors that it gets."""

from base64 import b64decode
from urllib.parse import parse_qsl

from worker.sandbox.grants import Client
from worker.sandbox.messages import Request
from worker.sandbox.sandbox import Sandbox


class OAuthError(Exception):
    """What the authorization server answers instead of a token."""

    def __init__(self, status: int, error: str, description: str) -> None:
        """Remember what the body says."""
        super().__init__(error)
        self.status = status
        self.error = error
        self.description = description


def read_form(request: Request) -> dict[str, str]:
    """The fields of a form; of a repeated one the last."""
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def authenticate(sandbox: Sandbox, request: Request, form: dict[str, str]) -> Client:
    """The client whose id and secret are in the form, or as Basic in the header; else 401 (section 7.3)."""
    client_id, secret = form.get("client_id"), form.get("client_secret")
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        client_id, secret = _basic(encoded)
    if not client_id or not secret:
        text = "An Authentication object was not found in the SecurityContext"
        raise OAuthError(401, "unauthorized", text)
    client = sandbox.grants.clients.get(client_id)
    if client is None:
        raise OAuthError(401, "invalid_client", f"Client not found: {client_id}")
    if client.secret != secret:
        raise OAuthError(401, "invalid_client", "Bad client credentials")
    return client


def _basic(encoded: str) -> tuple[str, str]:
    try:
        client_id, _, secret = b64decode(encoded).decode().partition(":")
    except ValueError:
        return "", ""
    return client_id, secret
