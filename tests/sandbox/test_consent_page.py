"""The consent page of API_FACTS section 7.1, walked through without a browser, and whatever may be put into it."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.sandbox.oauth_stage import REDIRECT_URI, SCOPES, Page, Stage, a_stage, told
from tests.sandbox.people import fresh_orcid
from worker.sandbox.control_client import ControlError, SandboxControl
from worker.sandbox.grants import Client
from worker.sandbox.oauth.asks import may_redirect
from worker.sandbox.oauth.words import SCOPES as SCOPE_WORDS
from worker.sandbox.oauth.words import WORDS
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import start_sandbox

ASK = {
    "client_id": "APP-0RCIDSYNCSANDBOX",
    "response_type": "code",
    "scope": SCOPES,
    "redirect_uri": REDIRECT_URI,
    "state": "s-1",
}
PARAMETERS = ("prompt", "orcid", "email", "lang", "given_names", "family_names", "nonce", *ASK)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
VALUES = st.sampled_from(["none", "login confirm", "sign-in", "approve", "", "https://example.org/"]) | TEXTS


@pytest.fixture
def stage(http: httpx.Client, control: SandboxControl) -> Iterator[Stage]:
    """A browser of the test's own on the shared stand-in."""
    with a_stage(http.base_url, control) as stage:
        yield stage


def test_from_the_link_to_a_token(stage: Stage) -> None:
    """Sign in, see who asks for what, approve; the token is the researcher's and has the scopes."""
    first = stage.visit(given_names="Sofia", family_names="Garcia", orcid=stage.orcid)
    there = stage.press(first, "sign-in")
    assert there.status_code == 303
    page = stage.http.get(there.headers["location"])
    for text in ("My Client", "Sofia Garcia", stage.orcid, "/activities/update", "Add and change research activities"):
        assert text in page.text
    answer = told(stage.press(page, "approve"))
    grant = stage.token(code=answer["code"]).json()
    assert (grant["orcid"], grant["name"], answer["state"]) == (stage.orcid, "Sofia Garcia", "s-1")
    assert set(grant["scope"].split()) == set(SCOPES.split())


def test_only_some_scopes_are_granted(stage: Stage) -> None:
    """The researcher chooses among several, and no form adds one that was not asked for; none is a denial."""
    page = stage.sign_in()
    answer = told(stage.press(page, "approve", scope=["/read-limited", "/person/update"]))
    assert stage.token(code=answer["code"]).json()["scope"] == "/read-limited"
    assert told(stage.press(page, "approve", scope=None))["error"] == "access_denied"


def test_somebody_else_signs_in(stage: Stage) -> None:
    """The cookie remembers who is signed in until they sign out."""
    assert stage.orcid in stage.sign_in().text
    page = stage.visit(state="s-2")
    assert stage.orcid in page.text
    back = stage.http.get(stage.press(page, "sign-out").headers["location"])
    other = fresh_orcid()
    there = stage.press(back, "sign-in", orcid=f"https://orcid.org/{other}")
    assert other in Page(stage.http.get(there.headers["location"]).text).text


def test_a_sign_in_is_needed_to_answer(stage: Stage) -> None:
    """A form without the cookie shows the sign-in, and a denial of nobody denies nothing."""
    page = stage.sign_in()
    stage.http.cookies.clear()
    for button in ("approve", "deny"):
        assert "sign-in" in Page(stage.press(page, button).text).ids


def test_signing_in_again_is_asked_for_once(stage: Stage) -> None:
    """After `prompt=login` comes the consent page, not the sign-in for ever; `confirm` stays."""
    assert "approve" in Page(stage.sign_in(prompt="login").text).ids
    stage.token(code=stage.approve())
    assert "approve" in Page(stage.sign_in(prompt="login confirm").text).ids


def test_short_permission_stays_short(stage: Stage) -> None:
    """What was approved for an hour is not approved for twenty years the next time, when no page is shown."""
    code = told(stage.press(stage.sign_in(), "approve", persistent=None))["code"]
    stage.token(code=code)
    assert stage.token(code=told(stage.visit())["code"]).json()["expires_in"] == 3600


@pytest.mark.parametrize("state", ["locked", "deactivated", "deprecated", "missing", "unclaimed"])
def test_nobody_signs_in_to_such_a_record(stage: Stage, state: str) -> None:
    """The page says why, and whoever was signed in is so no more."""
    stage.sign_in()
    stage.control.set_state(stage.orcid, state, primary="0000-0002-1825-0097")
    page = stage.visit()
    again = Page(stage.press(page, "sign-in", orcid=stage.orcid).text)
    assert "error" in again.ids
    assert state in again.text


@pytest.mark.parametrize("who", ["", "0000-0000-0000-0000", "nobody@example.org", "Sofia", "<b>"])
def test_nobody_signs_in_as_nobody(stage: Stage, who: str) -> None:
    """What was typed is still there, beside the reason."""
    again = Page(stage.press(stage.visit(), "sign-in", orcid=who).text)
    assert again.ids["orcid"]["value"] == who
    assert again.ids["error"]["role"] == "alert"


def test_records_need_not_be_made_by_signing_in() -> None:
    """As the setting says; those that there are get offered."""
    with (
        start_sandbox(settings=SandboxSettings(auto_records=False)) as running,
        SandboxControl(running.base_url) as control,
        a_stage(running.base_url, control) as stage,
    ):
        page = stage.visit()
        assert "There is no ORCID record" in stage.press(page, "sign-in", orcid=stage.orcid).text
        control.create_record(stage.orcid, name="Sofia Garcia")
        assert Page(stage.visit().text).options == [stage.orcid]


def test_an_answer_without_a_browser(stage: Stage) -> None:
    """The control API goes the same way: a redirect, or the reason why ORCID would show a page."""
    url = f"https://orcid.test{stage.address()}"
    approved = stage.control.consent(url, stage.orcid, scopes=["/read-limited"], persistent=False, name="Sofia")
    code = parse_qs(urlsplit(approved).query)["code"][0]
    grant = stage.token(code=code).json()
    assert (grant["scope"], grant["expires_in"], grant["name"]) == ("/read-limited", 3600, "Sofia")
    assert "error=access_denied" in stage.control.consent(url, stage.orcid, approve=False)
    assert "error=invalid_scope" in stage.control.consent(stage.address(scope="/x"), stage.orcid)
    with pytest.raises(ControlError, match="consent: Redirect URI doesn't match"):
        stage.control.consent(stage.address(redirect_uri="https://example.org/"), stage.orcid)
    with pytest.raises(ControlError, match="consent: 'x' is neither an ORCID iD"):
        stage.control.consent(url, "x")


def test_each_page_is_for_everybody(stage: Stage) -> None:
    """A language, a title, a label for each field, nothing of a script, and nothing that a browser may keep."""
    for page in (stage.visit(), stage.sign_in(lang="es"), stage.visit(client_id="x")):
        assert re.search(r'<html lang="(en|es)">', page.text)
        assert "<title>" in page.text
        assert "<script" not in page.text
        assert page.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "orcid" in Page(stage.visit(prompt="login").text).labels


def test_every_language_has_every_word() -> None:
    """None is missing in one of them."""
    assert {language: words.keys() for language, words in WORDS.items()} == dict.fromkeys(WORDS, WORDS["en"].keys())
    assert {language: words.keys() for language, words in SCOPE_WORDS.items()} == dict.fromkeys(
        WORDS, SCOPE_WORDS["en"].keys()
    )


@pytest.mark.parametrize(
    ("uri", "may"),
    [
        pytest.param("http://127.0.0.1:8080/callback", True, id="this machine"),
        pytest.param("http://localhost", True, id="by its name"),
        pytest.param("https://localhost:1?a=b", True, id="with a query"),
        pytest.param("http://localhost.example.org/", False, id="a longer name"),
        pytest.param("http://127.0.0.1@example.org/", False, id="a user name"),
        pytest.param("http://127.0.0.1:80@example.org/", False, id="a user name and a password"),
        pytest.param("http://127.0.0.1\\@example.org/", False, id="a backslash"),
        pytest.param("//127.0.0.1/", False, id="no scheme"),
        pytest.param("javascript://localhost/%0aalert(1)", False, id="another scheme"),
        pytest.param("http://localhost/#", False, id="a fragment"),
        pytest.param("http://localhost/\r\nX: y", False, id="a new line"),
        pytest.param("http://localhost/ä", False, id="a letter that is none of ASCII"),
        pytest.param("https://example.org/", False, id="elsewhere"),
    ],
)
def test_a_client_without_addresses_stays_on_this_machine(uri: str, *, may: bool) -> None:
    """Only what is on this machine beyond doubt."""
    assert may_redirect(Client("APP-X", "s"), uri) is may


@settings(max_examples=150, deadline=None)
@given(uri=st.text() | st.from_regex(r"https?://[a-z0-9.@:\\/#\[\]%-]{0,30}", fullmatch=True))
def test_only_a_registered_address_will_do(uri: str) -> None:
    """To the letter, whatever it looks like."""
    client = Client("APP-X", "s", redirect_uris=frozenset({"https://example.org/callback"}))
    assert may_redirect(client, uri) is (uri == "https://example.org/callback")


@settings(max_examples=200, deadline=None)
@given(
    changed=st.dictionaries(st.sampled_from(PARAMETERS) | TEXTS, VALUES, max_size=4),
    raw=st.binary(max_size=20),
    form=st.dictionaries(st.sampled_from(["action", "orcid", "scope", "persistent"]), VALUES, max_size=4),
)
@example({"state": "\x00\ud7ff"}, b"%", {"action": "deny"})
def test_any_address_is_answered(http: httpx.Client, changed: dict[str, str], raw: bytes, form: dict[str, str]) -> None:
    """Never a 5xx, never a redirect to an address that is not the client's."""
    extra = "&".join(f"%{byte:02x}" for byte in raw)
    url = f"/oauth/authorize?{httpx.QueryParams(ASK | changed)}&{extra}"
    for answer in (http.get(url), http.post(url, data=form)):
        assert answer.status_code in {200, 302, 303, 400}
        location = answer.headers.get("location", "")
        assert location.startswith((f"{REDIRECT_URI}?", f"{REDIRECT_URI}#", "/oauth/authorize?")) or not location


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet="<>&\"'/=ab\x00 ", min_size=1, max_size=20))
@example('"><script>alert(1)</script>')
def test_what_comes_from_outside_is_text(http: httpx.Client, text: str) -> None:
    """The field holds what was asked for, and the page has the tags that it always has."""
    http.cookies.clear()
    address = f"/oauth/authorize?{httpx.QueryParams({**ASK, 'orcid': text, 'lang': text})}"
    page, plain = http.get(address).text, http.get(f"/oauth/authorize?{httpx.QueryParams(ASK)}").text
    assert re.findall(r"</?\w+", page) == re.findall(r"</?\w+", plain)
    assert (Page(page).ids["orcid"]["value"] or "").replace("\x00", "\ufffd") == text.strip().replace("\x00", "\ufffd")
