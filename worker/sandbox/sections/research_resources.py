"""A research resource: its shape, and ORCID's rules for it in the order they fire (API_FACTS section 5.6).

Only v3.0 has it.
"""

from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.common_shapes import (
    DATE,
    EXTERNAL_IDS,
    ORGANIZATION,
    TITLE,
    TRANSLATED_TITLE,
    URL,
    item_shape,
)
from worker.sandbox.sections.documents import listed_ids
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.rules import check_identifiers, check_organization
from worker.sandbox.sections.shapes import Choice, Fields, Many, Text
from worker.sandbox.sections.vocabulary import RESOURCE_TYPES

MOST_HOSTS: Final = 10
HOSTS: Final = Fields({"organization": Many(ORGANIZATION, least=1, most=MOST_HOSTS)}, required=("organization",))

RESEARCH_RESOURCE: Final = item_shape(
    {
        "proposal": Fields(
            {
                "title": Fields({"title": TITLE, "translated-title": TRANSLATED_TITLE}, required=("title",)),
                "hosts": HOSTS,
                "external-ids": EXTERNAL_IDS,
                "start-date": DATE,
                "end-date": DATE,
                "url": URL,
            },
            required=("title", "hosts", "external-ids"),
        ),
        "resource-item": Many(
            Fields(
                {
                    "resource-name": Text(1000, 1),
                    "resource-type": Choice(RESOURCE_TYPES),
                    "hosts": HOSTS,
                    "external-ids": EXTERNAL_IDS,
                    "url": URL,
                },
                required=("resource-name", "resource-type", "hosts", "external-ids"),
            ),
            least=1,
        ),
    },
    required=("proposal", "resource-item"),
)


def check_research_resource(draft: Draft) -> None:
    """Raise the first of ORCID's rules that the research resource breaks."""
    proposal = draft.document["proposal"]
    _check_identifiers(proposal, "Proposal")
    _check_hosts(proposal, draft)
    if proposal["end-date"] is not None and proposal["start-date"] is None:
        raise OrcidError(9050)
    for item in draft.document["resource-item"]:
        _check_identifiers(item, "Item")
        _check_hosts(item, draft)
    draft.check_put_code()
    draft.check_visibility()


def research_resource_name(resource: JsonObject) -> str:
    """What the inbox calls the research resource."""
    return str(resource["proposal"]["title"]["title"]["value"])


def _check_identifiers(part: JsonObject, name: str) -> None:
    identifiers = listed_ids(part["external-ids"])
    if not identifiers:
        raise OrcidError(9023, f"Missing external ID in Research Resource {name}")
    check_identifiers(identifiers)


def _check_hosts(part: JsonObject, draft: Draft) -> None:
    for organization in part["hosts"]["organization"]:
        check_organization(organization, draft.organizations)
