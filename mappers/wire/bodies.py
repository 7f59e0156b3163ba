"""Bodies: ORCID's message for one item of each section, by its own names and order (API_FACTS.md 6.2, 6.3).

One description of each document, from which every version and format is written and read.
"""

from dataclasses import dataclass

from pydantic import BaseModel

from mappers.documents import (
    Address,
    Affiliation,
    Document,
    ExternalId,
    Funding,
    Keyword,
    OtherName,
    PeerReview,
    PersonExternalId,
    Relationship,
    ResearcherUrl,
    ResearchResource,
    Resource,
    Work,
)
from mappers.sections import AFFILIATIONS, Section
from mappers.wire.body_parts import (
    AMOUNT,
    CITATION,
    CONTRIBUTORS,
    DATE,
    EXTERNAL_ID,
    EXTERNAL_IDS,
    FUNDING_CONTRIBUTORS,
    HOSTS,
    ORGANIZATION,
    TERM,
    TEXT,
    TRANSLATED_TITLE,
    VALUE,
    Entries,
    Field,
    Fixed,
    Json,
    Within,
    many,
    one,
    read_entries,
    write_entries,
)
from mappers.wire.json_reply import JsonReply

_TITLE = Field("title", "title", VALUE)
_TRANSLATED_TITLE = Field("translated-title", "translated_title", TRANSLATED_TITLE)
_START, _END = Field("start-date", "start_date", DATE), Field("end-date", "end_date", DATE)
_EXTERNAL_IDS = Field("external-ids", "external_ids", EXTERNAL_IDS)
_ORGANIZATION = Field("organization", "organization", ORGANIZATION)
_URL = Field("url", "url", VALUE)
_CONTENT = Field("content", "content", TEXT)

_AFFILIATION: Entries = (
    Field("department-name", "department_name", TEXT),
    Field("role-title", "role_title", TEXT),
    _START,
    _END,
    _ORGANIZATION,
    _URL,
    _EXTERNAL_IDS,
)
_WORK: Entries = (
    Within("title", (_TITLE, Field("subtitle", "subtitle", VALUE), _TRANSLATED_TITLE)),
    Field("journal-title", "journal_title", VALUE),
    Field("short-description", "short_description", TEXT),
    Field("citation", "citation", CITATION),
    Field("type", "type", TERM),
    Field("publication-date", "publication_date", DATE),
    _EXTERNAL_IDS,
    _URL,
    Field("contributors", "contributors", CONTRIBUTORS),
    Field("language-code", "language_code", TEXT),
    Field("country", "country", VALUE),
)
_FUNDING: Entries = (
    Field("type", "type", TERM),
    Field("organization-defined-type", "organization_defined_type", VALUE),
    Within("title", (_TITLE, _TRANSLATED_TITLE)),
    Field("short-description", "short_description", TEXT),
    Field("amount", "amount", AMOUNT),
    _URL,
    _START,
    _END,
    _EXTERNAL_IDS,
    Field("contributors", "contributors", FUNDING_CONTRIBUTORS),
    _ORGANIZATION,
)
_PEER_REVIEW: Entries = (
    Field("reviewer-role", "reviewer_role", TERM),
    Field("review-identifiers", "external_ids", EXTERNAL_IDS),
    Field("review-url", "url", VALUE),
    Field("review-type", "review_type", TERM),
    Field("review-completion-date", "completion_date", DATE),
    Field("review-group-id", "review_group_id", TEXT),
    Field("subject-external-identifier", "subject_external_id", one(ExternalId, EXTERNAL_ID)),
    Field("subject-container-name", "subject_container_name", VALUE),
    Field("subject-type", "subject_type", TERM),
    Within(
        "subject-name",
        (
            Field("title", "subject_name", VALUE),
            Field("subtitle", "subject_subtitle", VALUE),
            Field("translated-title", "subject_translated_name", TRANSLATED_TITLE),
        ),
    ),
    Field("subject-url", "subject_url", VALUE),
    Field("convening-organization", "organization", ORGANIZATION),
)
_HOSTS = Field("hosts", "hosts", HOSTS)
_RESOURCE: Entries = (
    Field("resource-name", "name", TEXT),
    Field("resource-type", "type", TERM),
    _HOSTS,
    _EXTERNAL_IDS,
    _URL,
)
_PROPOSAL = Within(
    "proposal", (Within("title", (_TITLE, _TRANSLATED_TITLE)), _HOSTS, _EXTERNAL_IDS, _START, _END, _URL)
)
_PERSON_EXTERNAL_ID: Entries = (
    Field("external-id-type", "type", TEXT),
    Field("external-id-value", "value", TEXT),
    Field("external-id-url", "url", VALUE),
    Fixed("external-id-relationship", Relationship.SELF.value),
)


@dataclass(frozen=True, slots=True)
class _Shape:
    """`name` is the message's own name: XML's root, and the key of an item in a person section's list."""

    name: str
    model: type[BaseModel]
    entries: Entries


_SHAPES = {
    Section.WORK: _Shape("work", Work, _WORK),
    Section.FUNDING: _Shape("funding", Funding, _FUNDING),
    Section.PEER_REVIEW: _Shape("peer-review", PeerReview, _PEER_REVIEW),
    Section.RESEARCH_RESOURCE: _Shape(
        "research-resource",
        ResearchResource,
        (_PROPOSAL, Field("resource-item", "resources", many(Resource, _RESOURCE))),
    ),
    Section.OTHER_NAMES: _Shape("other-name", OtherName, (_CONTENT,)),
    Section.KEYWORDS: _Shape("keyword", Keyword, (_CONTENT,)),
    Section.RESEARCHER_URLS: _Shape("researcher-url", ResearcherUrl, (Field("url-name", "name", TEXT), _URL)),
    Section.ADDRESS: _Shape("address", Address, (Field("country", "country", VALUE),)),
    Section.EXTERNAL_IDENTIFIERS: _Shape("external-identifier", PersonExternalId, _PERSON_EXTERNAL_ID),
    **{section: _Shape(section.value, Affiliation, _AFFILIATION) for section in AFFILIATIONS},
}


def message_name(section: Section) -> str:
    """What ORCID calls one item of the section: `employment`, `keyword`."""
    return _SHAPES[section].name


def body_of(document: Document) -> Json:
    """The document in JSON of v3.0, without what is not set."""
    return write_entries(_SHAPES[document.section].entries, document)


def document_of(section: Section, reply: JsonReply) -> Document:
    """Reads an item of either version; raises Unreadable naming the field. Identifiers of ours are still in it."""
    shape = _SHAPES[section]
    read: Document = read_entries(shape.model, shape.entries, reply, section=section)  # type: ignore[assignment]
    return read
