"""An affiliation, one shape for its seven kinds, and ORCID's rules for it (API_FACTS section 5.4)."""

from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.common_shapes import DATE, EXTERNAL_IDS, LONG_TEXT, ORGANIZATION, URL, item_shape
from worker.sandbox.sections.dates import check_date, check_order
from worker.sandbox.sections.documents import external_ids
from worker.sandbox.sections.drafts import Draft, Organizations
from worker.sandbox.sections.rules import check_known_if_named, check_organization
from worker.sandbox.versions import V2_1

AFFILIATION: Final = item_shape(
    {
        "department-name": LONG_TEXT,
        "role-title": LONG_TEXT,
        "start-date": DATE,
        "end-date": DATE,
        "organization": ORGANIZATION,
        "url": URL,
        "external-ids": EXTERNAL_IDS,
    }
)

PLACED_KINDS: Final = frozenset({"education", "employment"})
"""The kinds that need a disambiguated organization with city and country."""


def check_affiliation(draft: Draft) -> None:
    """Raise the first of ORCID's rules that the affiliation breaks; identifiers are not checked by type."""
    affiliation = draft.document
    draft.check_put_code()
    draft.check_visibility()
    organization = affiliation["organization"]
    if organization is None:
        raise OrcidError(9046)
    if draft.version == V2_1:
        check_known_if_named(organization, draft.organizations)
    elif draft.section in PLACED_KINDS:
        _check_placed(organization, draft.organizations)
    else:
        _check_professional(affiliation, draft.organizations)
    check_date(affiliation["start-date"])
    check_date(affiliation["end-date"])
    check_order(affiliation["start-date"], affiliation["end-date"])


def affiliation_name(affiliation: JsonObject) -> str:
    """What the inbox calls the affiliation."""
    return str(affiliation["organization"]["name"])


def _check_placed(organization: JsonObject, organizations: Organizations) -> None:
    check_organization(organization, organizations)
    address = organization["address"] or {}
    if not address.get("city") or not address.get("country"):
        raise OrcidError(9060)


def _check_professional(affiliation: JsonObject, organizations: Organizations) -> None:
    organization = affiliation["organization"]
    if organization["disambiguated-organization"] is None and not organization["name"]:
        raise OrcidError(9046)
    if organization["disambiguated-organization"] is None and not external_ids(affiliation):
        raise OrcidError(9062)
    check_known_if_named(organization, organizations)
    address = organization["address"] or {}
    if (address.get("city") or address.get("region")) and not address.get("country"):
        raise OrcidError(9061)
