"""The same broken document as ORCID would get it: what we would write of the event if we left out our own check."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from mappers.documents import Document
from mappers.drafts import Draft, Refused
from mappers.families.registry import FAMILIES
from mappers.forms import Form, Format, Version
from mappers.identifiers import opaque_id
from mappers.mapping_file import EMPTY
from mappers.wire.writing import write, write_group
from tests.mappers.broken_events import BrokenEvent
from tests.mappers.builders import Json, organization_data, record_event
from tests.sandbox.people import a_date

JSON = Form(Version.V3_0, Format.JSON)
OWN_ID = opaque_id("rules", "any", "1")
GROUPS = "group-id-record"
"""Where a group is sent to, which stands on no record."""

_OF_A_GROUP = frozenset({"group.name", "group.type", "group.description"})
_PLACES = {
    "hr.affiliation.changed": {"organization": "organization", "start_date": "start-date", "end_date": "end-date"},
    "publication.changed": {
        "publication_date": "publication-date",
        "identifiers[1]": "external-ids.external-id.1",
        "contributors[0]": "contributors.contributor.0",
    },
    "funding.changed": {
        "funder": "organization",
        "start_date": "start-date",
        "end_date": "end-date",
        "identifiers[1]": "external-ids.external-id.1",
        "holders[0]": "contributors.contributor.0",
    },
    "peer-review.changed": {
        "completion_date": "review-completion-date",
        "identifiers[1]": "review-identifiers.external-id.1",
        "organization": "convening-organization",
    },
    "research-resource.changed": {
        "proposal.start_date": "proposal.start-date",
        "proposal.identifiers[1]": "proposal.external-ids.external-id.1",
        "proposal.hosts[1]": "proposal.hosts.organization.1",
        "resources[0].identifiers[1]": "resource-item.0.external-ids.external-id.1",
        "resources[0].hosts[1]": "resource-item.0.hosts.organization.1",
    },
}
"""Where ORCID's message has the fields that can't even be built wrongly."""
_PARTS: dict[str, tuple[str, Any, Callable[[str | None], Any]]] = {
    "name": ("name", "Moas", lambda text: text),
    "ror": (
        "disambiguated-organization.disambiguated-organization-identifier",
        "https://ror.org/05gvnxz63",
        lambda text: text,
    ),
    "identifier_source": ("disambiguated-organization.disambiguation-source", "RINGGOLD", lambda text: text),
    "relationship": ("external-id-relationship", "self", lambda text: text),
    "orcid": ("contributor-orcid", None, lambda text: {"path": text}),
    "sequence": ("contributor-attributes.contributor-sequence", None, lambda text: text),
}
"""Of a part's field: its place in the message, a right value in the event, and how the message has the wrong one."""


def draft_of(event_type: str, data: Json) -> Draft:
    """The first draft of an event's data."""
    found = record_event(data, type=event_type)
    family = FAMILIES[found.record.entity]
    return family.drafts(family.model.model_validate(found.data), EMPTY)[0]


def built(broken: BrokenEvent) -> Document | None:
    """The document, which breaks the rule; None where it can't be built."""
    try:
        return draft_of(broken.type, broken.data).build()
    except Refused:
        return None


def body_of(broken: BrokenEvent) -> tuple[str, Json]:
    """The section, and the message in JSON of v3.0. A group has its own message.

    What can't be built with the wrong value is built with a right one, and the wrong one put in its place.
    """
    draft = draft_of(broken.type, broken.data)
    if broken.field in _OF_A_GROUP and draft.group is not None:
        return GROUPS, json.loads(write_group(draft.group, JSON))
    document = built(broken)
    if document is not None:
        return draft.section.value, json.loads(write(document, JSON, own_id=OWN_ID))
    return draft.section.value, _body_with_the_wrong_value(broken)


def _body_with_the_wrong_value(broken: BrokenEvent) -> Json:
    steps = [int(step) if step.isdigit() else step for step in re.findall(r"\w+", broken.field)]
    wrong = _value_at(broken.data, steps)
    place, right, spelled = _repair(broken.type, broken.field)
    data = deepcopy(broken.data)
    _put(data, steps, right)
    document = draft_of(broken.type, data).build()
    body: Json = json.loads(write(document, JSON, own_id=OWN_ID))
    _put(body, [int(step) if step.isdigit() else step for step in place.split(".")], spelled(wrong))
    return body


def _repair(event_type: str, field: str) -> tuple[str, Any, Callable[[str | None], Any]]:
    places = _PLACES[event_type]
    if field.endswith("_date"):
        return places[field], "2024-06", lambda text: a_date(text or "")
    if field in places:
        return places[field], organization_data(), lambda _: None
    part, _, last = field.rpartition(".")
    place, right, spelled = _PARTS[last]
    return f"{places[part]}.{place}", right, spelled


def _value_at(data: Any, steps: list[str | int]) -> Any:
    for step in steps:
        data = data[step] if isinstance(step, int) else (data or {}).get(step)
    return data


def _put(data: Any, steps: list[str | int], value: Any) -> None:
    *way, last = steps
    for step in way:
        data = data[step] if isinstance(step, int) else data.setdefault(step, {})
    data[last] = value
