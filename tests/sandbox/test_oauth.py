"""The authorization server beside the rows of `test_oauth_rows.py`: what may be switched, and what leads nowhere."""

from collections.abc import Iterator

import httpx
import pytest

from tests.sandbox.oauth_rows import OTHER, refusal
from tests.sandbox.oauth_stage import Stage, a_stage, told
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.grants import PermissionRules
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import RunningSandbox, start_sandbox


@pytest.fixture
def stage(own_sandbox: RunningSandbox, own_control: SandboxControl) -> Iterator[Stage]:
    """A stage of the test's own, whose rules may be changed."""
    with a_stage(own_sandbox.base_url, own_control) as stage:
        yield stage


def test_a_code_of_another_client_is_unknown(stage: Stage) -> None:
    """Only the client that was allowed may exchange it; one that was given with a redirect URI needs it."""
    code = stage.control.code(stage.orcid, client_id=OTHER)
    assert refusal(stage.token(code=code)) == (400, "invalid_grant", f"Invalid authorization code: {code}")
    assert refusal(stage.token(code=stage.code(), redirect_uri=None))[2] == "Redirect URI mismatch."


def test_a_refresh_has_no_more_scope_than_its_parent(stage: Stage) -> None:
    """More is refused, and the parent lives on."""
    token = stage.grant(scopes=["/read-limited"])["refresh_token"]
    assert refusal(stage.token("refresh_token", refresh_token=token, scope="/activities/update"))[1] == "invalid_scope"
    assert stage.token("refresh_token", refresh_token=token).status_code == 200


def test_a_refresh_may_heed_its_options(stage: Stage) -> None:
    """As before ORCID's forwarder: `revoke_old=false` keeps the old pair, `expires_in` shortens the new one."""
    stage.control.permission_rules(refresh_options=True)
    old = stage.grant(scopes=["/read-limited"])
    asked = {"revoke_old": "false", "expires_in": "60"}
    new = stage.token("refresh_token", refresh_token=old["refresh_token"], **asked).json()
    assert new["expires_in"] == 60
    assert stage.works(old["access_token"]).status_code == 200


def test_refreshed_tokens_may_live_as_long_as_one_wants(stage: Stage) -> None:
    """Longer than the parent did: for rehearsals of a refresh."""
    stage.control.permission_rules(refresh_seconds=5000)
    grant = stage.grant(expires_in=60)
    for _ in range(2):
        grant = stage.token("refresh_token", refresh_token=grant["refresh_token"]).json()
        assert grant["expires_in"] == 5000


def test_a_denial_may_stand_in_the_fragment(stage: Stage) -> None:
    """Where the client's server does not see it; the state is there, too."""
    stage.control.permission_rules(denial_in_fragment=True)
    answer = told(stage.press(stage.sign_in(), "deny"), in_fragment=True)
    assert answer == {"error": "access_denied", "error_description": "User denied access", "state": "s-1"}


def test_codes_and_lives_may_be_other_ones_from_the_start() -> None:
    """The settings say so: long codes for searches, short lives for rehearsals; a reset keeps them."""
    rules = PermissionRules(code_length=32, short_seconds=2)
    settings = SandboxSettings(rate_limit=False, permission=rules)
    with (
        start_sandbox(settings=settings) as running,
        SandboxControl(running.base_url) as control,
        a_stage(running.base_url, control) as stage,
    ):
        control.permission_rules(code_length=7)
        control.reset()
        code = told(stage.press(stage.sign_in(), "approve", persistent=None))["code"]
        assert len(code) == len(stage.code()) == 32
        assert stage.token(code=code).json()["expires_in"] <= 2


def test_every_secret_is_known(own_sandbox: RunningSandbox, stage: Stage) -> None:
    """Tokens, codes and client secrets, over a reset and another secret, the same both ways."""
    before = stage.grant()
    code = stage.code()
    stage.own_client(secret="the-first")
    stage.control.change_client(stage.client_id, secret="the-second")
    stage.control.reset()
    after = stage.token("client_credentials", client_id="APP-0RCIDSYNCSANDBOX", scope="/read-public").json()
    known = stage.control.secrets()
    assert known == own_sandbox.secrets()
    tokens = {grant[which] for grant in (before, after) for which in ("access_token", "refresh_token")}
    assert tokens | {code, "the-first", "the-second", "sandbox-secret"} <= known


def test_what_leads_nowhere(http: httpx.Client) -> None:
    """Another method is 405, another address 404."""
    assert http.get("/oauth/token").status_code == 405
    assert http.put("/oauth/authorize").status_code == 405
    assert http.post("/oauth/nothing").status_code == 404
