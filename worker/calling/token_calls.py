"""Token calls: the forms that carry out steps about tokens (API_FACTS.md 7.2 and 7.4). Pure."""

from worker.planning import steps
from worker.ports import OAuthCall


def token_call(step: steps.OAuthStep, seconds: float) -> OAuthCall | None:
    """The form of a step; None when there is no token to send any more."""
    match step:
        case steps.Refresh(grant=grant) if grant.refresh_token is not None:
            form = {"grant_type": "refresh_token", "refresh_token": grant.refresh_token.reveal()}
            return OAuthCall("/oauth/token", form, seconds)
        case steps.RevokeToken(token=kept) if kept.token is not None:
            return OAuthCall("/oauth/revoke", {"token": kept.token.reveal()}, seconds)
        case _:
            return None
