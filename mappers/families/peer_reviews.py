"""Peer review events (`peer-review`): their data, the peer review that each becomes, and the group it belongs to."""

import re

from mappers.documents import PeerReview
from mappers.drafts import Draft, read_required_date
from mappers.events.data import DateForm, IdentifierData, Identifiers, OrganizationData, Part, Person, Text, trimmed
from mappers.families.external_ids import external_id, external_ids
from mappers.groups import GroupIdRecord
from mappers.mapping_file import MappingFile
from mappers.organizations import organization
from mappers.sections import Section
from mappers.vocabularies.activity_terms import (
    GROUP_TYPE_SPELLINGS,
    REVIEW_TYPE_SPELLINGS,
    REVIEWER_ROLE_SPELLINGS,
    SUBJECT_TYPE_SPELLINGS,
)
from mappers.vocabularies.terms import known_term
from mappers.vocabularies.work_types import work_type

_PREFIX = re.compile(r"(ringgold|issn|orcid-generated|fundref|publons):\s*", re.IGNORECASE | re.ASCII)
_ISSN = re.compile(r"issn:(\d{4})-?(\d{3}[\dx])", re.IGNORECASE | re.ASCII)


class GroupData(Part):
    """The group that a peer review belongs to: a journal, a conference, a funder's panel."""

    id: Text
    name: Text | None = None
    type: Text | None = None
    description: Text | None = None


class SubjectData(Part):
    """What was reviewed."""

    name: Text | None = None
    type: Text | None = None
    url: Text | None = None
    container: Text | None = None
    identifier: IdentifierData | None = None


class PeerReviewData(Part):
    """The data of `peer-review.changed`."""

    person: Person
    role: Text
    type: Text
    completion_date: DateForm
    group: GroupData
    organization: OrganizationData
    identifiers: Identifiers | None = None
    subject: SubjectData | None = None
    url: Text | None = None


def draft_peer_review(data: PeerReviewData, mapping: MappingFile) -> tuple[Draft, ...]:
    """One peer review, with what the event says of its group."""
    return (
        Draft(
            section=Section.PEER_REVIEW,
            persons=(data.person.id,),
            build=lambda: _peer_review(data, mapping),
            group=_group(data.group, mapping),
        ),
    )


def _group(data: GroupData, mapping: MappingFile) -> GroupIdRecord:
    kind = trimmed(data.type)
    return GroupIdRecord(
        id=group_id(data.id),
        name=trimmed(data.name),
        type=known_term(kind, GROUP_TYPE_SPELLINGS, mapping.group_types) if kind else None,
        description=trimmed(data.description),
    )


def group_id(text: str) -> str:
    """A group-id as ORCID spells it: its prefix in lower case, an ISSN with its dash (API_FACTS.md 4.2)."""
    spelled = _PREFIX.sub(lambda found: f"{found[1].lower()}:", text.strip(), count=1)
    found = _ISSN.fullmatch(spelled)
    return f"issn:{found[1]}-{found[2].upper()}" if found else spelled


def _peer_review(data: PeerReviewData, mapping: MappingFile) -> PeerReview:
    subject = data.subject or SubjectData()
    kind = trimmed(subject.type)
    return PeerReview(
        reviewer_role=known_term(data.role, REVIEWER_ROLE_SPELLINGS, mapping.reviewer_roles),
        review_type=known_term(data.type, REVIEW_TYPE_SPELLINGS, mapping.review_types),
        completion_date=read_required_date("completion_date", data.completion_date),
        review_group_id=group_id(data.group.id),
        organization=organization(data.organization, mapping.countries),
        external_ids=external_ids("identifiers", data.identifiers, mapping),
        url=trimmed(data.url),
        subject_external_id=external_id("subject.identifier", subject.identifier, mapping)
        if subject.identifier
        else None,
        subject_container_name=trimmed(subject.container),
        subject_type=_subject_type(kind, mapping) if kind else None,
        subject_name=trimmed(subject.name),
        subject_url=trimmed(subject.url),
    )


def _subject_type(term: str, mapping: MappingFile) -> str:
    """A work type, or one of a funding or a proposal."""
    return known_term(work_type(term, mapping.work_types), SUBJECT_TYPE_SPELLINGS, mapping.funding_types)
