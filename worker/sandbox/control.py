"""The control API under `/sandbox/`: what tests, the demo and rehearsals do to the stand-in, and what they read of it.

JSON both ways; answered to loopback only. A request that makes no sense is 400 with `{"error": one line}`.
The fields of each form are in `control_forms.py`; a typed client is `control_client.py`.

| method and path                               | does                                                          |
| --------------------------------------------- | ------------------------------------------------------------- |
| `POST /sandbox/records`                       | creates or changes a record: name, visibility, state, primary |
| `GET /sandbox/records`                        | the iDs there are                                             |
| `GET /sandbox/records/{orcid}`                | the record: state, items with put-code, source, document      |
| `GET /sandbox/records/{orcid}/inbox`          | the researcher's messages                                     |
| `POST /sandbox/records/{orcid}/items`         | an item of the researcher, or of another client               |
| `PATCH /sandbox/records/{orcid}/items/{code}` | the researcher's edit: visibility, fields of the document     |
| `DELETE /sandbox/records/{orcid}/items/{code}` | the researcher deletes it                                    |
| `POST /sandbox/clients`                       | a client: its secret and name; public, locked, user-OBO       |
| `POST /sandbox/grants`                        | a token response for an iD, or the client's own               |
| `POST /sandbox/codes`                         | an authorization code, as if the researcher had agreed        |
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
| `POST /sandbox/reset`                         | as at the start                                               |
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError

from worker.sandbox.control_forms import (
    ClientForm,
    CodeForm,
    EditForm,
    FaultForm,
    GrantForm,
    GroupForm,
    ItemForm,
    LimitForm,
    OrganizationsForm,
    PortalForm,
    RecordForm,
    RevocationForm,
)
from worker.sandbox.errors import OrcidError
from worker.sandbox.faults import FaultSpecError
from worker.sandbox.grants import Client
from worker.sandbox.groups import IssnPortal
from worker.sandbox.limits import RateLimit
from worker.sandbox.messages import Request, Response, json_response
from worker.sandbox.researchers import (
    add_group,
    add_item,
    delete_item,
    edit_item,
    find_record,
    grant,
    group_json,
    issue_code,
    item_json,
    record_json,
    revoke,
    settle_record,
)
from worker.sandbox.sandbox import Sandbox, UnusableError

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
Answer = tuple[int, object]
Act = Callable[[Sandbox, Request, list[str]], Answer]


def answer_control(sandbox: Sandbox, request: Request) -> Response:
    """What the control API replies."""
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
    record = settle_record(sandbox, RecordForm.model_validate(_json(request)))
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
    item = add_item(sandbox, words[1], ItemForm.model_validate(_json(request)))
    return 201, item_json(sandbox, item)


def _edit_item(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    item = edit_item(sandbox, words[1], _put_code(words[3]), EditForm.model_validate(_json(request)))
    return 200, item_json(sandbox, item)


def _delete_item(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request
    delete_item(sandbox, words[1], _put_code(words[3]))
    return 204, None


def _settle_client(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    form = ClientForm.model_validate(_json(request))
    sandbox.grants.clients[form.client_id] = Client(**form.model_dump())
    return 200, {"client_id": form.client_id}


def _grant(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    return 201, grant(sandbox, GrantForm.model_validate(_json(request)))


def _issue_code(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    return 201, {"code": issue_code(sandbox, CodeForm.model_validate(_json(request)))}


def _revoke(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    return 200, {"ended": revoke(sandbox, RevocationForm.model_validate(_json(request)))}


def _list_faults(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request, words
    return 200, {"faults": sandbox.faults.as_json()}


def _arm_fault(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    return 201, {"id": sandbox.faults.arm(FaultForm.model_validate(_json(request)).spec)}


def _disarm_faults(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request
    sandbox.faults.disarm(_put_code(words[1]) if words[1:] else None)
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
    form = LimitForm.model_validate(_json(request))
    sandbox.limit = RateLimit(sandbox.monotonic, form.rate, form.burst, enabled=form.enabled)
    return 204, None


def _set_organizations(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    unknown = frozenset(OrganizationsForm.model_validate(_json(request)).unknown)
    sandbox.organizations = replace(sandbox.organizations, unknown=unknown)
    return 204, None


def _list_groups(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request, words
    return 200, {"groups": [group_json(group) for group in sandbox.groups.all()]}


def _add_group(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    return 201, group_json(add_group(sandbox, GroupForm.model_validate(_json(request))))


def _set_portal(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del words
    form = PortalForm.model_validate(_json(request))
    sandbox.groups.portal = IssnPortal(frozenset(form.unknown), form.reachable)
    return 204, None


def _reset(sandbox: Sandbox, request: Request, words: list[str]) -> Answer:
    del request, words
    sandbox.reset()
    return 204, None


def _json(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        raise UnusableError("the body is not JSON") from None


def _put_code(text: str) -> int:
    if not text.isdecimal():
        raise UnusableError(f"{text!r} is not a number")
    return int(text)


def _one_line(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())


_ROUTES: Final[tuple[tuple[str, tuple[str, ...], Act], ...]] = (
    ("POST", ("records",), _settle_record),
    ("GET", ("records",), _list_records),
    ("GET", ("records", "*"), _show_record),
    ("GET", ("records", "*", "inbox"), _show_inbox),
    ("POST", ("records", "*", "items"), _add_item),
    ("PATCH", ("records", "*", "items", "*"), _edit_item),
    ("DELETE", ("records", "*", "items", "*"), _delete_item),
    ("POST", ("clients",), _settle_client),
    ("POST", ("grants",), _grant),
    ("POST", ("codes",), _issue_code),
    ("POST", ("revocations",), _revoke),
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
)
