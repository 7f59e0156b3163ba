"""The consent page: a researcher signs in, sees what a client asks for, and approves or denies (API_FACTS 7.1).

Everything is in the address of the page and in a cookie that says who is signed in, so the forms post back to it.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

from worker.sandbox.grants import LONG_LIVED, Code, Grant, TokenState
from worker.sandbox.messages import Request, Response
from worker.sandbox.oauth.asks import Ask, NoWayBackError, SentBackError, read_ask
from worker.sandbox.oauth.pages import consent_page, failure_page, language_of, sign_in_page
from worker.sandbox.records import Record, RecordState
from worker.sandbox.sandbox import Sandbox, UnusableError

COOKIE: Final = "orcid-stand-in"
_PATH: Final = "/oauth/authorize"
_OFFERED: Final = 200


@dataclass(frozen=True, slots=True)
class Decision:
    """What the researcher answers; `scopes` None is all that were asked for."""

    approve: bool
    scopes: frozenset[str] | None = None
    persistent: bool = True


class SignInError(ValueError):
    """Nobody can sign in with this iD: one line to read."""


def answer_visit(sandbox: Sandbox, request: Request) -> Response:
    """GET: a page, or the redirect when there is nothing to show."""
    parameters = request.parameters()
    language = language_of(parameters.get("lang", ""))
    try:
        ask = read_ask(sandbox, parameters)
        person = _signed_in(sandbox, request)
        if "none" in ask.prompts:
            return _redirect(302, _without_a_page(sandbox, ask, person))
        if person is None or "login" in ask.prompts:
            return sign_in_page(language, ask.client.name, ask.who, _offered(sandbox))
        standing = _standing(sandbox, ask, person)
        if standing is not None and "confirm" not in ask.prompts:
            return _redirect(302, _again(sandbox, ask, person, standing))
    except NoWayBackError as error:
        return failure_page(language, str(error))
    except SentBackError as elsewhere:
        return _redirect(302, elsewhere.location)
    return consent_page(language, ask.client.name, person.orcid, person.name, sorted(ask.scopes))


def answer_decision(sandbox: Sandbox, request: Request) -> Response:
    """POST of a form on the page: sign-in, sign-out, approve or deny; anything else shows the page again."""
    parameters, form = request.parameters(), _form(request)
    language = language_of(parameters.get("lang", ""))
    action = form.get("action", [""])[-1]
    try:
        ask = read_ask(sandbox, parameters)
        if action == "sign-in":
            return _signing_in(sandbox, request, ask, form.get("orcid", [""])[-1].strip())
        if action == "sign-out":
            sandbox.sessions.pop(_session(request), None)
            return _to_page(request, f"{COOKIE}=; Max-Age=0; Path=/oauth")
        person = _signed_in(sandbox, request)
        if person is None or action not in {"approve", "deny"}:
            return answer_visit(sandbox, request)
        chosen = frozenset(form.get("scope", ())) & ask.scopes
        decision = Decision(action == "approve", chosen, "persistent" in form)
        return _redirect(302, decide(sandbox, ask, person, decision))
    except NoWayBackError as error:
        return failure_page(language, str(error))
    except SentBackError as elsewhere:
        return _redirect(302, elsewhere.location)


def decide(sandbox: Sandbox, ask: Ask, person: Record, decision: Decision) -> str:
    """Where the browser goes after the researcher's answer; with no scope left it is a denial."""
    rules = sandbox.permission
    scopes = ask.scopes if decision.scopes is None else ask.scopes & decision.scopes
    if not decision.approve or not scopes:
        denied = {"error": "access_denied", "error_description": "User denied access"}
        return ask.back(in_fragment=rules.denial_in_fragment, **denied)
    return _with_code(sandbox, ask, person, scopes, LONG_LIVED if decision.persistent else rules.short_seconds)


def consent(sandbox: Sandbox, url: str, orcid: str, decision: Decision, name: str | None = None) -> str:
    """The same without a browser: where it would be sent. Raises `UnusableError` where ORCID would show a page."""
    try:
        ask = read_ask(sandbox, dict(parse_qsl(url.partition("?")[2].partition("#")[0], keep_blank_values=True)))
        return decide(sandbox, ask, sign_in(sandbox, orcid, name or ask.name), decision)
    except (NoWayBackError, SignInError) as error:
        raise UnusableError(f"consent: {error}") from None
    except SentBackError as elsewhere:
        return elsewhere.location


def sign_in(sandbox: Sandbox, who: str, name: str | None) -> Record:
    """The record of whoever signs in by iD or e-mail address; one for a new iD is made. Raises `SignInError`."""
    if "@" in who:
        who = next((record.orcid for record in sandbox.records.values() if record.email == who), who)
    orcid = who.strip().removeprefix("https://orcid.org/").upper()
    if orcid not in sandbox.records and not sandbox.settings.auto_records:
        raise SignInError(f"There is no ORCID record {orcid}")
    try:
        record = sandbox.create_record(orcid, name)
    except UnusableError:
        raise SignInError(
            f"{who!r} is neither an ORCID iD with a right check digit nor a known e-mail address"
        ) from None
    if record.state is not RecordState.NORMAL:
        raise SignInError(f"The ORCID record {orcid} is {record.state.value}")
    return record


def _signing_in(sandbox: Sandbox, request: Request, ask: Ask, who: str) -> Response:
    """The consent page next; or the same page with the reason."""
    try:
        person = sign_in(sandbox, who, ask.name)
    except SignInError as error:
        language = language_of(request.parameters().get("lang", ""))
        return sign_in_page(language, ask.client.name, who, _offered(sandbox), str(error))
    session = str(uuid4())
    sandbox.sessions[session] = person.orcid
    return _to_page(request, f"{COOKIE}={session}; Path=/oauth; HttpOnly; SameSite=Lax")


def _to_page(request: Request, cookie: str) -> Response:
    """The page again, with this cookie and without the `prompt` that wanted a sign-in."""
    left = [
        (name, " ".join(word for word in value.split() if word != "login") if name == "prompt" else value)
        for name, value in parse_qsl(request.query, keep_blank_values=True)
    ]
    return _redirect(303, f"{_PATH}?{urlencode(left)}", cookie)


def _without_a_page(sandbox: Sandbox, ask: Ask, person: Record | None) -> str:
    """What `prompt=none` gets: a code when the researcher has agreed before, else an error."""
    if person is None:
        return ask.back(error="login_required")
    standing = _standing(sandbox, ask, person)
    if standing is None:
        return ask.back(in_fragment=True, error="interaction_required")
    return _again(sandbox, ask, person, standing)


def _standing(sandbox: Sandbox, ask: Ask, person: Record) -> Grant | None:
    """A living token of the same client and researcher with the same scopes: nothing is left to ask."""
    for grant in sandbox.grants.of(person.orcid, ask.client.client_id):
        lives = grant.state is TokenState.LIVE and grant.expires_at > sandbox.now()
        if lives and grant.scopes == ask.scopes:
            return grant
    return None


def _again(sandbox: Sandbox, ask: Ask, person: Record, standing: Grant) -> str:
    """A code as the researcher gave it before: persistent when that was."""
    short = sandbox.permission.short_seconds
    lifetime = LONG_LIVED if standing.expires_at - sandbox.now() > short else short
    return _with_code(sandbox, ask, person, ask.scopes, lifetime)


def _with_code(sandbox: Sandbox, ask: Ask, person: Record, scopes: frozenset[str], lifetime: float) -> str:
    rules = sandbox.permission
    text = sandbox.grants.unused_code(rules.code_length)
    expires_at = sandbox.now() + rules.code_seconds
    client_id = ask.client.client_id
    sandbox.grants.keep_code(Code(text, client_id, person.orcid, scopes, ask.redirect_uri, expires_at, lifetime))
    return ask.back(code=text)


def _signed_in(sandbox: Sandbox, request: Request) -> Record | None:
    """Who the browser's cookie stands for, as long as the record is one to sign in with."""
    record = sandbox.records.get(sandbox.sessions.get(_session(request), ""))
    return record if record is not None and record.state is RecordState.NORMAL else None


def _session(request: Request) -> str:
    for part in request.headers.get("cookie", "").split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


def _offered(sandbox: Sandbox) -> list[tuple[str, str | None]]:
    """Records to sign in with."""
    people = [(record.orcid, record.name) for record in sandbox.records.values() if record.state is RecordState.NORMAL]
    return people[:_OFFERED]


def _form(request: Request) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True):
        fields.setdefault(name, []).append(value)
    return fields


def _redirect(status: int, location: str, cookie: str | None = None) -> Response:
    headers = {"location": location, "cache-control": "no-store", "referrer-policy": "no-referrer"}
    return Response(status, headers=headers if cookie is None else {**headers, "set-cookie": cookie})
