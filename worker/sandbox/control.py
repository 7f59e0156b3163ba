"""The control API under `/sandbox/`: what tests, the demo and rehearsals do to the stand-in, and what they read of it.

JSON both ways; answered to loopback only, but for the first. What makes no sense is 400 with `{"error": one line}`.
The fields of each form are in `control_forms.py`; a typed client is `control_client.py`.

| method and path                               | does                                                          |
| --------------------------------------------- | ------------------------------------------------------------- |
| `GET /sandbox/healthz`                        | it answers: for the probes of Kubernetes                      |
| `POST /sandbox/records`                       | creates or changes a record: name, e-mail, visibility, state … |
| `GET /sandbox/records`                        | the iDs there are                                             |
| `GET /sandbox/records/{orcid}`                | the record: state, items with put-code, source, document      |
| `GET /sandbox/records/{orcid}/inbox`          | the researcher's messages                                     |
| `POST /sandbox/records/{orcid}/items`         | an item of the researcher, or of another client               |
| `PATCH /sandbox/records/{orcid}/items/{code}` | the researcher's edit: visibility, fields of the document     |
| `DELETE /sandbox/records/{orcid}/items/{code}` | the researcher deletes it                                    |
| `GET /sandbox/records/{orcid}/notifications`  | the permission notifications in the inbox                     |
| `POST /sandbox/records/{orcid}/notifications/{code}` | the researcher reads it, acts on it, archives it       |
| `POST /sandbox/clients`                       | a client: secret, name, redirect URIs, scopes of its own;     |
|                                               | public, locked, deactivated, user-OBO                         |
| `POST /sandbox/grants`                        | a token response for an iD, or the client's own               |
| `POST /sandbox/codes`                         | an authorization code, as if the researcher had agreed        |
| `POST /sandbox/consents`                      | the answer at an authorize address: where the browser is sent |
| `POST /sandbox/permission`                    | how permission works: `PermissionRules` in `grants.py`        |
| `POST /sandbox/revocations`                   | the researcher revokes, or the tokens run out                 |
| `GET`, `POST`, `DELETE /sandbox/faults`       | the faults in force; one more; none (grammar in `faults.py`)  |
| `DELETE /sandbox/faults/{id}`                 | one fault less                                                |
| `GET`, `DELETE /sandbox/statistics`           | counts, highest rate, overlaps; all from zero                 |
| `GET /sandbox/requests`                       | the latest requests, without headers and bodies               |
| `POST /sandbox/limit`                         | the rate limit: enabled, rate, burst                          |
| `POST /sandbox/organizations`                 | the identifiers of organizations that ORCID does not know     |
| `GET /sandbox/group-ids`                      | the group-id records there are                                |
| `POST /sandbox/group-ids`                     | a group-id record of ORCID, or of another client              |
| `POST /sandbox/issn-portal`                   | the ISSNs that the portal does not know; whether it answers   |
| `GET /sandbox/secrets`                        | every token, code and client secret that was ever good here   |
| `POST /sandbox/reset`                         | as at the start                                               |
"""

from dataclasses import replace
from typing import Final

from pydantic import ValidationError

from worker.sandbox.control_forms import (
    EditForm,
    FaultForm,
    GroupForm,
    ItemForm,
    LimitForm,
    OrganizationsForm,
    PortalForm,
    RecordForm,
)
from worker.sandbox.control_permission import PERMISSION_ROUTES
from worker.sandbox.control_reading import Act, Answer, Route, read_json, read_number
from worker.sandbox.errors import OrcidError
from worker.sandbox.faults import FaultSpecError
from worker.sandbox.groups import IssnPortal
from worker.sandbox.limits import RateLimit
from worker.sandbox.messages import Request, Response, json_response
from worker.sandbox.researchers import (
    add_group,
    add_item,
    delete_item,
    edit_item,
    find_record,
    group_json,
    item_json,
    record_json,
    settle_record,
)
from worker.sandbox.sandbox import Sandbox, UnusableError

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})


def answer_control(sandbox: Sandbox, request: Request) -> Response:
    """What the control API replies."""
    if (request.method, request.path) == ("GET", "/sandbox/healthz"):
        return json_response(200, {"status": "ok"})
    if request.peer not in LOOPBACK:
        return json_response(403, {"error": "the control API answers to loopback only"})
    words = request.path.strip("/").split("/")[1:]
    try:
        act = _find(request.method, words)
        status, content = act(sandbox, request, words)
    except ValidationError as error:
        return json_response(400, {"error": _one_line(error)})
    except (UnusableError, FaultSpecError) as error:
        return json_response(400, {"error": str(error)})
    except OrcidError as error:
        return json_response(400, {"error": error.body()["developer-message"]})
    return Response(status) if content is None else json_response(status, content)


def _find(method: str, words: list[str]) -> Act:
    for expected, pattern, act in _ROUTES:
        fits = len(pattern) == len(words) and all(
            want in {"*", word} for want, word in zip(pattern, words, strict=True)
        )
        if fits and expected == method:
            return act
    raise UnusableError(f"there is no {method} /sandbox/{'/'.join(words)}; see worker/sandbox/control.py")


def _settle_record(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    record = settle_record(sandbox, RecordForm.model_validate(read_json(request)))
    return 200, record_json(sandbox, record)


def _list_records(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request, words
    return 200, {"records": list(sandbox.records)}


def _show_record(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request
    return 200, record_json(sandbox, find_record(sandbox, words[1]))


def _show_inbox(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request
    return 200, {"messages": [message.as_json() for message in find_record(sandbox, words[1]).inbox.messages]}


def _add_item(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    item = add_item(sandbox, words[1], ItemForm.model_validate(read_json(request)))
    return 201, item_json(sandbox, item)


def _edit_item(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    item = edit_item(sandbox, words[1], read_number(words[3]), EditForm.model_validate(read_json(request)))
    return 200, item_json(sandbox, item)


def _delete_item(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request
    delete_item(sandbox, words[1], read_number(words[3]))
    return 204, None


def _list_faults(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request, words
    return 200, {"faults": sandbox.faults.as_json()}


def _arm_fault(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    return 201, {"id": sandbox.faults.arm(FaultForm.model_validate(read_json(request)).spec)}


def _disarm_faults(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request
    sandbox.faults.disarm(read_number(words[1]) if words[1:] else None)
    return 204, None


def _show_statistics(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request, words
    return 200, sandbox.traffic.as_json()


def _reset_statistics(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request, words
    sandbox.traffic.forget()
    return 204, None


def _list_requests(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request, words
    return 200, {"requests": [seen.as_json() for seen in sandbox.traffic.log]}


def _set_limit(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    form = LimitForm.model_validate(read_json(request))
    sandbox.limit = RateLimit(sandbox.monotonic, form.rate, form.burst, enabled=form.enabled)
    return 204, None


def _set_organizations(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    unknown = frozenset(OrganizationsForm.model_validate(read_json(request)).unknown)
    sandbox.organizations = replace(sandbox.organizations, unknown=unknown)
    return 204, None


def _list_groups(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request, words
    return 200, {"groups": [group_json(group) for group in sandbox.groups.all()]}


def _add_group(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    return 201, group_json(add_group(sandbox, GroupForm.model_validate(read_json(request))))


def _set_portal(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    form = PortalForm.model_validate(read_json(request))
    sandbox.groups.portal = IssnPortal(frozenset(form.unknown), form.reachable)
    return 204, None


def _reset(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request, words
    sandbox.reset()
    return 204, None


def _one_line(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())


_ROUTES: Final[tuple[Route, ...]] = (
    ("POST", ("records",), _settle_record),
    ("GET", ("records",), _list_records),
    ("GET", ("records", "*"), _show_record),
    ("GET", ("records", "*", "inbox"), _show_inbox),
    ("POST", ("records", "*", "items"), _add_item),
    ("PATCH", ("records", "*", "items", "*"), _edit_item),
    ("DELETE", ("records", "*", "items", "*"), _delete_item),
    ("GET", ("faults",), _list_faults),
    ("POST", ("faults",), _arm_fault),
    ("DELETE", ("faults",), _disarm_faults),
    ("DELETE", ("faults", "*"), _disarm_faults),
    ("GET", ("statistics",), _show_statistics),
    ("DELETE", ("statistics",), _reset_statistics),
    ("GET", ("requests",), _list_requests),
    ("POST", ("limit",), _set_limit),
    ("POST", ("organizations",), _set_organizations),
    ("GET", ("group-ids",), _list_groups),
    ("POST", ("group-ids",), _add_group),
    ("POST", ("issn-portal",), _set_portal),
    ("POST", ("reset",), _reset),
    *PERMISSION_ROUTES,
)
