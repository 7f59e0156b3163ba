"""A bearer: the token on a request, and what it proves before anything else is looked at (API_FACTS section 7.5)."""

from worker.sandbox.errors import OrcidError
from worker.sandbox.grants import TokenState
from worker.sandbox.messages import Request
from worker.sandbox.operations import Caller
from worker.sandbox.sandbox import Sandbox


class BearerError(Exception):
    """No token, or one that does not work: always JSON, with a body of its own."""

    def __init__(self, status: int, error: str, description: str) -> None:
        """Remember what the body says; ORCID echoes the token in it, and so do we."""
        super().__init__(error)
        self.status = status
        self.error = error
        self.description = description


def identify(sandbox: Sandbox, request: Request) -> Caller:
    """Who calls; raises 403 without a token, 401 for one that does not work, 403 for a public-API client."""
    token = find_token(request)
    if token is None:
        text = "Forbidden: The server understood the request but refuses to authorize it."
        raise BearerError(403, "forbidden", text)
    grant = sandbox.grants.find(token)
    client = None if grant is None else sandbox.grants.clients.get(grant.client_id)
    if grant is None or client is None or grant.access_token != token:
        raise BearerError(401, "invalid_token", f"Invalid access token: {token}")
    if grant.expires_at <= sandbox.now():
        raise BearerError(401, "invalid_token", f"Access token expired: {token}")
    cleaning_up = grant.state is TokenState.REVOKED_BY_USER and request.method == "DELETE"
    if grant.state is not TokenState.LIVE and not cleaning_up:
        raise BearerError(401, "invalid_token", f"Invalid access token: {token}")
    if client.public:
        raise BearerError(403, "forbidden", f"Access Denied: {token}")
    return Caller(client, grant.orcid, grant.scopes)


def check_target(caller: Caller, orcid: str) -> None:
    """401/9017 when the token is for another iD; a client's own token may point anywhere (section 1.3).

    `orcid` is empty where the address has none.
    """
    if orcid and caller.orcid not in {None, orcid}:
        raise OrcidError(9017, "Access token is for a different record")


def find_token(request: Request) -> str | None:
    """The token in the header, else the one in the query."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return request.parameters().get("access_token") if "access_token" in request.query else None
