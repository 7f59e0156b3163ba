"""ORCID's rules for peer reviews and the groups that they belong to (API_FACTS.md 4.2, 5.5).

Rules that a peer review can't break here: an identifier, and a `self` beside a `version-of` (9023), for what has no
`self` carries our own.
"""

import re
from collections.abc import Callable

from stdnum import issn
from stdnum.exceptions import ValidationError

from mappers.documents import PeerReview
from mappers.groups import ISSN_PREFIX, GroupIdRecord
from mappers.rules.parts import (
    Refusals,
    external_id,
    external_ids,
    one_of,
    organization_texts,
    refusal,
    required,
    term,
    text,
    translated_title,
    web_address,
)
from mappers.vocabularies.activity_terms import GROUP_TYPES, REVIEW_TYPES, REVIEWER_ROLES, SUBJECT_TYPES

_GROUP_ID = re.compile(
    r"(?:ringgold:|issn:|orcid-generated:|fundref:|publons:)[0-9a-zA-Z^._~:/?#\[\]@!$&'()*+,;=-]{2,}", re.ASCII
)


def _terms(review: PeerReview) -> Refusals:
    yield from term("type", review.review_type, REVIEW_TYPES, "a review type", missing=9037, unknown=9047)
    yield from term("role", review.reviewer_role, REVIEWER_ROLES, "a reviewer's role", missing=9047, unknown=9047)


def _identifiers(review: PeerReview) -> Refusals:
    yield from external_ids("identifiers", review.external_ids)


def _subject(review: PeerReview) -> Refusals:
    if review.subject_external_id is not None:
        yield from external_id("subject.identifier", review.subject_external_id)
    yield from one_of("subject.type", review.subject_type, SUBJECT_TYPES, "a subject's type", 9047)
    yield from text("subject.name", review.subject_name, 1000)
    yield from text("subject.subtitle", review.subject_subtitle, 1000)
    yield from translated_title("subject.translated_name", review.subject_translated_name)
    yield from text("subject.container", review.subject_container_name, 1000)
    yield from web_address("subject.url", review.subject_url)


def _convener(review: PeerReview) -> Refusals:
    """Its identifier is looked up if there is one."""
    yield from organization_texts("organization", review.organization)


def _group(review: PeerReview) -> Refusals:
    group = review.review_group_id
    yield from required("group.id", group, 1000, 9047)
    if not _GROUP_ID.fullmatch(group):
        rule = (
            "is not a group-id (issn:, ringgold:, fundref:, publons: or orcid-generated:, and at least two characters)"
        )
        yield refusal("group.id", group, rule, 9047)
    if group.startswith(ISSN_PREFIX):
        try:
            issn.validate(group.removeprefix(ISSN_PREFIX))
        except ValidationError:
            yield refusal("group.id", group, "is not an ISSN with a right check digit", 9053)


def _texts(review: PeerReview) -> Refusals:
    yield from web_address("url", review.url)


def group_rules(group: GroupIdRecord) -> Refusals:
    """What ORCID asks of a group-id record; its id is the peer review's matter."""
    yield from text("group.name", group.name, 1000)
    yield from one_of("group.type", group.type, GROUP_TYPES, "a group type", 9047)
    yield from text("group.description", group.description, 1000)


PEER_REVIEW_RULES: tuple[Callable[[PeerReview], Refusals], ...] = (
    _terms,
    _identifiers,
    _subject,
    _convener,
    _group,
    _texts,
)
"""In the order in which ORCID asks them."""
