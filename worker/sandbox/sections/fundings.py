"""A funding: its shape, and ORCID's rules for it in the order they fire (API_FACTS section 5.3)."""

import re
from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.common_shapes import (
    CONTRIBUTOR_EMAIL,
    CONTRIBUTOR_ORCID,
    CREDIT_NAME,
    DATE,
    EXTERNAL_IDS,
    ORGANIZATION,
    TITLE,
    TRANSLATED_TITLE,
    URL,
    item_shape,
)
from worker.sandbox.sections.dates import check_date
from worker.sandbox.sections.documents import contributors, external_ids
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.rules import (
    check_contributors,
    check_identifiers,
    check_known_if_named,
    check_organization,
    check_roles,
    check_title,
    check_translated_title,
    settle_role,
)
from worker.sandbox.sections.shapes import ANY_TEXT, Choice, Fields, Many, Text, wrapped
from worker.sandbox.sections.vocabulary import CURRENCIES, FUNDING_ROLES, FUNDING_TYPES
from worker.sandbox.versions import V3_0

_DOUBLE: Final = re.compile(
    r"[+-]?(NaN|Infinity|(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?[fFdD]?)",
    re.ASCII,
)
"""What Java's `Double.parseDouble` takes."""

CONTRIBUTOR: Final = Fields(
    {
        "contributor-orcid": CONTRIBUTOR_ORCID,
        "credit-name": CREDIT_NAME,
        "contributor-email": CONTRIBUTOR_EMAIL,
        "contributor-attributes": Fields({"contributor-role": ANY_TEXT}),
    }
)

FUNDING: Final = item_shape(
    {
        "type": Choice(FUNDING_TYPES),
        "organization-defined-type": wrapped(Text(255)),
        "title": Fields({"title": TITLE, "translated-title": TRANSLATED_TITLE}, required=("title",)),
        "short-description": Text(5000),
        "amount": Fields({"value": ANY_TEXT, "currency-code": Choice(CURRENCIES)}, required=("currency-code",)),
        "url": URL,
        "start-date": DATE,
        "end-date": DATE,
        "external-ids": EXTERNAL_IDS,
        "contributors": Fields({"contributor": Many(CONTRIBUTOR)}),
        "organization": ORGANIZATION,
    },
    required=("type", "organization"),
)


def check_funding(draft: Draft) -> None:
    """Raise the first of ORCID's rules that the funding breaks; an end before the start is none of them."""
    funding = draft.document
    check_title(funding["title"])
    check_translated_title(funding["title"])
    identifiers = external_ids(funding)
    if not identifiers:
        raise OrcidError(9023)
    _check_amount(funding["amount"], draft.version)
    check_contributors(contributors(funding))
    draft.check_put_code()
    if draft.version == V3_0:
        check_organization(funding["organization"], draft.organizations)
        if funding["end-date"] is not None and funding["start-date"] is None:
            raise OrcidError(9050)
    else:
        check_known_if_named(funding["organization"], draft.organizations)
    check_date(funding["start-date"])
    check_date(funding["end-date"])
    draft.check_visibility()
    check_identifiers(identifiers)


def settle_funding(funding: JsonObject) -> JsonObject:
    """The funding as ORCID stores it: CRediT roles have their own case."""
    if funding["contributors"] is None:
        return funding
    return {**funding, "contributors": {"contributor": [settle_role(person) for person in contributors(funding)]}}


def finish_funding(draft: Draft) -> JsonObject:
    """What ORCID stores; 9058 for a contributor's role that it does not know, which it notices only now."""
    check_roles(contributors(draft.document), FUNDING_ROLES)
    return draft.document


def funding_name(funding: JsonObject) -> str:
    """What the inbox calls the funding."""
    return str(funding["title"]["title"]["value"])


def _check_amount(amount: JsonObject | None, version: str) -> None:
    if amount is None:
        return
    if not amount["value"]:
        raise OrcidError(9020, "Please specify an amount or remove the amount tag")
    if not amount["currency-code"]:
        raise OrcidError(9020, "Please specify a currency code")
    if version == V3_0 and not _DOUBLE.fullmatch(amount["value"].strip()):
        raise OrcidError(9054)
