"""The authorization server: which answer belongs to which address under `/oauth/` (API_FACTS section 7)."""

from worker.sandbox.grants import TokenState
from worker.sandbox.messages import Request, Response, json_response
from worker.sandbox.oauth.clients import OAuthError, authenticate, read_form
from worker.sandbox.oauth.consent import answer_decision, answer_visit
from worker.sandbox.oauth.tokens import give_tokens
from worker.sandbox.sandbox import Sandbox


def answer_oauth(sandbox: Sandbox, request: Request) -> Response:
    """What the authorization server replies."""
    try:
        match request.method, request.path.rstrip("/"):
            case "POST", "/oauth/token":
                return json_response(200, give_tokens(sandbox, request))
            case "POST", "/oauth/revoke":
                return _revoke(sandbox, request)
            case "GET", "/oauth/authorize":
                return answer_visit(sandbox, request)
            case "POST", "/oauth/authorize":
                return answer_decision(sandbox, request)
            case _, "/oauth/token" | "/oauth/revoke" | "/oauth/authorize":
                return oauth_error(OAuthError(405, "invalid_request", "Endpoint and method mismatch"))
            case _:
                return oauth_error(OAuthError(404, "invalid_request", "There is nothing at this address"))
    except OAuthError as error:
        return oauth_error(error)


def oauth_error(error: OAuthError) -> Response:
    """The error as the authorization server writes it: always JSON."""
    return json_response(error.status, {"error": error.error, "error_description": error.description})


def _revoke(sandbox: Sandbox, request: Request) -> Response:
    """200 whatever the token is; only an own one is ended, with its pair (section 7.4)."""
    form = read_form(request)
    client = authenticate(sandbox, request, form)
    grant = sandbox.grants.find(form.get("token", ""))
    if grant is not None and grant.client_id == client.client_id:
        sandbox.grants.end(grant, TokenState.DISABLED)
    return Response(200)
