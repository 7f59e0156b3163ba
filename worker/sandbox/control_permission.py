"""The part of the control API that is about permission: clients, grants, consent, notifications, secrets."""

from dataclasses import replace
from typing import Final

from worker.sandbox.control_forms import (
    ClientForm,
    CodeForm,
    ConsentForm,
    GrantForm,
    NotificationForm,
    PermissionForm,
    RevocationForm,
)
from worker.sandbox.control_reading import Answer, Route, read_json, read_number
from worker.sandbox.grants import TWO_LEGGED, Client
from worker.sandbox.inbox import PermissionNotification
from worker.sandbox.messages import Request
from worker.sandbox.oauth.asks import is_address
from worker.sandbox.oauth.consent import Decision, consent
from worker.sandbox.researchers import find_record, grant, issue_code, revoke
from worker.sandbox.sandbox import CLIENT_SECRET, Sandbox, UnusableError


def _settle_client(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    form = ClientForm.model_validate(read_json(request))
    if wrong := sorted(uri for uri in form.redirect_uris if not is_address(uri)):
        raise UnusableError(f"redirect_uris: {wrong[0]!r} is not an absolute address without a fragment")
    if form.scopes - TWO_LEGGED:
        raise UnusableError(f"scopes: {', '.join(sorted(form.scopes - TWO_LEGGED))} is not one of a client's own")
    standing = sandbox.grants.clients.get(form.client_id, Client(form.client_id, CLIENT_SECRET))
    sandbox.change_client(replace(standing, **form.model_dump(exclude_unset=True)))
    return 200, {"client_id": form.client_id}


def _grant(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    return 201, grant(sandbox, GrantForm.model_validate(read_json(request)))


def _issue_code(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    return 201, {"code": issue_code(sandbox, CodeForm.model_validate(read_json(request)))}


def _consent(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    form = ConsentForm.model_validate(read_json(request))
    scopes = None if form.scopes is None else frozenset(form.scopes)
    decision = Decision(form.approve, scopes, form.persistent)
    return 201, {"location": consent(sandbox, form.url, form.orcid, decision, form.name)}


def _change_rules(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    form = PermissionForm.model_validate(read_json(request))
    sandbox.permission = replace(sandbox.permission, **form.model_dump(exclude_unset=True))
    return 204, None


def _revoke(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    return 200, {"ended": revoke(sandbox, RevocationForm.model_validate(read_json(request)))}


def _list_notifications(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request
    inbox = find_record(sandbox, words[1]).inbox
    return 200, {"notifications": [one.as_json() for one in inbox.notifications.values()]}


def _handle_notification(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    """The notification as it is afterwards, and where acting on it leads: a bare path is one of ours."""
    inbox = find_record(sandbox, words[1]).inbox
    found = inbox.notifications.get(read_number(words[3]))
    if found is None:
        raise UnusableError(f"notification: {words[3]} is not in the inbox of {words[1]}")
    handled = _handled(found, NotificationForm.model_validate(read_json(request)), sandbox.tick())
    inbox.keep(handled)
    address = found.document["authorization-url"]
    return 200, {**handled.as_json(), "leads-to": address["uri"] or f"{request.base_url}{address['path']}"}


def _handled(found: PermissionNotification, form: NotificationForm, now: int) -> PermissionNotification:
    match form.did:
        case "read":
            return replace(found, read=found.read or now)
        case "act":
            return replace(found, read=found.read or now, actioned=found.actioned or now)
        case "archive":
            return replace(found, archived=found.archived or now)


def _list_secrets(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request, words
    return 200, {"secrets": sorted(sandbox.secrets())}


PERMISSION_ROUTES: Final[tuple[Route, ...]] = (
    ("POST", ("clients",), _settle_client),
    ("POST", ("grants",), _grant),
    ("POST", ("codes",), _issue_code),
    ("POST", ("consents",), _consent),
    ("POST", ("permission",), _change_rules),
    ("POST", ("revocations",), _revoke),
    ("GET", ("records", "*", "notifications"), _list_notifications),
    ("POST", ("records", "*", "notifications", "*"), _handle_notification),
    ("GET", ("secrets",), _list_secrets),
)
