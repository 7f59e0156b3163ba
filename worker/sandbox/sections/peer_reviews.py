"""A peer review: its shape, and ORCID's rules for it in the order they fire (API_FACTS sections 4.2 and 5.5)."""

import re
from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.groups import is_journal
from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.common_shapes import (
    DATE,
    EXTERNAL_ID,
    EXTERNAL_IDS,
    ORGANIZATION,
    SUBTITLE,
    TITLE,
    TRANSLATED_TITLE,
    URL,
    item_shape,
)
from worker.sandbox.sections.dates import check_date
from worker.sandbox.sections.documents import external_ids
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.rules import check_identifiers, check_known_if_named
from worker.sandbox.sections.shapes import Choice, Fields, Text, wrapped
from worker.sandbox.sections.vocabulary import REVIEW_TYPES, REVIEWER_ROLES, SUBJECT_TYPES, WORK_TYPE_ALIASES
from worker.sandbox.versions import V3_0

GROUP_ID: Final = Text(
    1000,
    1,
    re.compile(
        r"(ringgold:|issn:|orcid-generated:|fundref:|publons:)([0-9a-zA-Z\^._~:/?#\[\]@!$&'()*+,;=-]){2,}", re.ASCII
    ),
)

PEER_REVIEW: Final = item_shape(
    {
        "reviewer-role": Choice(REVIEWER_ROLES),
        "review-identifiers": EXTERNAL_IDS,
        "review-url": URL,
        "review-type": Choice(REVIEW_TYPES),
        "review-completion-date": DATE,
        "review-group-id": GROUP_ID,
        "subject-external-identifier": EXTERNAL_ID,
        "subject-container-name": wrapped(Text(1000, 1)),
        "subject-type": Choice(SUBJECT_TYPES, WORK_TYPE_ALIASES),
        "subject-name": Fields(
            {"title": TITLE, "subtitle": SUBTITLE, "translated-title": TRANSLATED_TITLE}, required=("title",)
        ),
        "subject-url": URL,
        "convening-organization": ORGANIZATION,
    },
    required=(
        "reviewer-role",
        "review-identifiers",
        "review-type",
        "review-completion-date",
        "review-group-id",
        "convening-organization",
    ),
)


def check_peer_review(draft: Draft) -> None:
    """Raise the first of ORCID's rules that the peer review breaks; its group is looked at when it is stored."""
    review = draft.document
    identifiers = external_ids(review)
    if not identifiers:
        raise OrcidError(9023)
    draft.check_put_code()
    check_identifiers(identifiers)
    relationships = {identifier["external-id-relationship"] for identifier in identifiers}
    if "version-of" in relationships and "self" not in relationships:
        raise OrcidError(9023, "version-of requires at least one self identifier")
    if review["subject-external-identifier"] is not None:
        check_identifiers([review["subject-external-identifier"]])
    draft.check_visibility()
    check_known_if_named(review["convening-organization"], draft.organizations)
    check_date(review["review-completion-date"])


def finish_peer_review(draft: Draft) -> JsonObject:
    """What ORCID stores: an `issn:` group in its normal form, made when it is missing; other groups must be there.

    9020 for a group that does not exist, 9053 for an ISSN that the portal does not confirm. An update in v3.0 looks for
    the group as it was sent before any is made, so that one to a new ISSN is 9020.
    """
    review = draft.document
    group_id = review["review-group-id"]
    missing = draft.groups.find(group_id) is None
    updates = draft.replaces is not None and draft.version == V3_0
    if missing and (updates or not is_journal(group_id)):
        raise OrcidError(9020, "The given group id does not exist in our records")
    if not is_journal(group_id):
        return review
    return {**review, "review-group-id": draft.groups.find_journal(group_id).group_id}


def peer_review_name(review: JsonObject) -> str:
    """What the inbox calls the peer review."""
    name = review["subject-name"]
    return str(review["review-group-id"] if name is None else name["title"]["value"])
