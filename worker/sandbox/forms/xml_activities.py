"""The activities in XML: items, summaries and lists of both versions (API_FACTS section 6.3; activities-*.xsd)."""

from typing import Final

from worker.sandbox.forms.v2_1_words import RENAMED_WORK_TYPES, WORK_TYPES_2_1
from worker.sandbox.forms.xml_common import COUNTRY, ENUMS, LAST_MODIFIED, PATH, Common
from worker.sandbox.forms.xml_grammar import TEXT, VALUE, Element, Group, Run, Text, Value
from worker.sandbox.sections.vocabulary import (
    CITATION_TYPES,
    CONTRIBUTOR_ROLES,
    CONTRIBUTOR_SEQUENCES,
    FUNDING_ROLES,
    FUNDING_TYPES,
    RESOURCE_TYPES,
    REVIEW_TYPES,
    REVIEWER_ROLES,
    SUBJECT_TYPES,
    WORK_TYPE_ALIASES,
    WORK_TYPES,
)

AFFILIATIONS: Final = {
    "distinction": "distinctions",
    "education": "educations",
    "employment": "employments",
    "invited-position": "invited-positions",
    "membership": "memberships",
    "qualification": "qualifications",
    "service": "services",
}
"""The kinds of affiliation and their lists; v2.1 has educations and employments only."""

_ACCEPTED_WORK_TYPES: Final = WORK_TYPES | WORK_TYPE_ALIASES.keys()


def activity_items(common: Common) -> dict[str, Element]:
    """Each section's item."""
    sections = AFFILIATIONS if common.newer else ("education", "employment")
    items = {section: _affiliation(common, section, section) for section in sections}
    if common.newer:
        items["research-resource"] = _research_resource(common)
    return {**items, "work": _work(common), "funding": _funding(common), "peer-review": _peer_review(common)}


def activity_summaries(common: Common) -> dict[str, Element]:
    """Each section's item as it stands in lists."""
    sections = AFFILIATIONS if common.newer else ("education", "employment")
    summaries = {section: _affiliation(common, section, f"{section}-summary") for section in sections}
    if common.newer:
        content = common.item(_proposal(common))
        summaries["research-resource"] = Element("research-resource", "research-resource-summary", content, many=True)
    return {
        **summaries,
        "work": _work_summary(common),
        "funding": _funding_summary(common),
        "peer-review": _peer_review_summary(common),
    }


def activity_lists(common: Common) -> dict[str, Element]:
    """Each section's list, in the order of the activities summary."""
    summaries = activity_summaries(common)
    ids = common.external_ids(required=True)
    lists: dict[str, Element] = {}
    for section, plural in AFFILIATIONS.items():
        if section in summaries and common.newer:
            grouped = Group((LAST_MODIFIED, ids, Run("summaries", (summaries[section],))))
            lists[section] = _list(plural, Element("activities", "affiliation-group", grouped, many=True))
        elif section in summaries:
            lists[section] = _list(plural, _repeated(summaries[section]))
    for section in ("funding", "research-resource", "work"):
        if section in summaries:
            group = Group((LAST_MODIFIED, ids, summaries[section]))
            lists[section] = _list(f"{section}s", Element("activities", "group", group, many=True))
    inner = summaries["peer-review"]
    if common.newer:
        inner = Element("activities", "peer-review-group", Group((LAST_MODIFIED, ids, inner)), many=True)
    lists["peer-review"] = _list(
        "peer-reviews", Element("activities", "group", Group((LAST_MODIFIED, ids, inner)), many=True)
    )
    return dict(sorted(lists.items(), key=lambda entry: entry[1].name))


def _list(plural: str, members: Element) -> Element:
    return Element("activities", plural, Group((LAST_MODIFIED, members), PATH))


def _repeated(element: Element) -> Element:
    return Element(element.space, element.name, element.content, many=True)


def _work_type(common: Common) -> Text:
    if common.newer:
        return Text(frozenset(_ACCEPTED_WORK_TYPES), f"{ENUMS}WorkType")
    return Text(WORK_TYPES_2_1, named=True, shown_as=RENAMED_WORK_TYPES, otherwise="other")


def _words(common: Common, words: frozenset[str], enum: str) -> Text:
    """Words that are the same in both versions."""
    return Text(words, f"{ENUMS}{enum}") if common.newer else Text(words, named=True)


def _role(common: Common, words: frozenset[str]) -> Text:
    return TEXT if common.newer else Text(words, named=True)


def _titles(common: Common, space: str, name: str, *, subtitle: bool, required: bool) -> Element:
    between = (common.subtitle,) if subtitle else ()
    return Element(space, name, Group((common.title, *between, common.translated)), required=required)


def _work(common: Common) -> Element:
    citation = Group(
        (
            Element("work", "citation-type", _words(common, CITATION_TYPES, "CitationType"), required=True),
            Element("work", "citation-value", TEXT, required=True),
        )
    )
    sequence = _words(common, CONTRIBUTOR_SEQUENCES, "SequenceType")
    content = common.item(
        _titles(common, "work", "title", subtitle=True, required=True),
        Element("work", "journal-title", VALUE),
        Element("work", "short-description", TEXT),
        Element("work", "citation", citation),
        Element("work", "type", _work_type(common), required=True),
        common.date("common", "publication-date"),
        common.external_ids(),
        common.url("work"),
        common.contributors(
            "work",
            Element("work", "contributor-sequence", sequence),
            Element("work", "contributor-role", _role(common, CONTRIBUTOR_ROLES)),
        ),
        common.language,
        Element("common", "country", Value(COUNTRY, ignored=frozenset({"visibility"}))),
    )
    return Element("work", "work", content)


def _work_summary(common: Common) -> Element:
    newer = (Element("work", "journal-title", VALUE),)
    content = common.item(
        _titles(common, "work", "title", subtitle=True, required=True),
        common.external_ids(),
        *((common.url("work"),) if common.newer else ()),
        Element("work", "type", _work_type(common), required=True),
        common.date("common", "publication-date"),
        *(newer if common.newer else ()),
    )
    return Element("work", "work-summary", content, many=True)


def _funding(common: Common) -> Element:
    role = Element("funding", "contributor-role", _role(common, FUNDING_ROLES))
    content = common.item(
        Element("funding", "type", _words(common, FUNDING_TYPES, "FundingType"), required=True),
        Element("funding", "organization-defined-type", VALUE),
        _titles(common, "funding", "title", subtitle=False, required=False),
        Element("funding", "short-description", TEXT),
        Element("funding", "amount", Value(attributes={"currency-code": common.currency})),
        common.url("funding"),
        common.date("common", "start-date"),
        common.date("common", "end-date"),
        common.external_ids(),
        common.contributors("funding", role),
        common.organization("common" if common.newer else "funding"),
    )
    return Element("funding", "funding", content)


def _funding_summary(common: Common) -> Element:
    content = common.item(
        _titles(common, "funding", "title", subtitle=False, required=True),
        common.external_ids(),
        *((common.url("funding"),) if common.newer else ()),
        Element("funding", "type", _words(common, FUNDING_TYPES, "FundingType"), required=True),
        common.date("common", "start-date"),
        common.date("common", "end-date"),
        common.organization("common" if common.newer else "funding"),
    )
    return Element("funding", "funding-summary", content, many=True)


def _affiliation(common: Common, space: str, name: str) -> Element:
    own = "common" if common.newer else space
    newer = (common.url(space), common.external_ids())
    content = common.item(
        Element(own, "department-name", TEXT),
        Element(own, "role-title", TEXT),
        common.date("common", "start-date"),
        common.date("common", "end-date"),
        common.organization(own, required=not common.newer),
        *(newer if common.newer else ()),
    )
    return Element(space, name, content)


def _peer_review(common: Common) -> Element:
    space = "peer-review"
    if common.newer:
        subject_type = Text(frozenset(SUBJECT_TYPES | WORK_TYPE_ALIASES.keys()), f"{ENUMS}PeerReviewSubjectType")
    else:
        subject_type = _work_type(common)
    content = common.item(
        Element(space, "reviewer-role", _words(common, REVIEWER_ROLES, "Role"), required=True),
        common.external_ids(space, "review-identifiers", required=True),
        Element(space, "review-url", VALUE),
        Element(space, "review-type", _words(common, REVIEW_TYPES, "PeerReviewType"), required=True),
        common.date(space, "review-completion-date", required=True),
        Element(space, "review-group-id", TEXT, required=True),
        Element(space, "subject-external-identifier", Group(common.identifier)),
        Element(space, "subject-container-name", VALUE),
        Element(space, "subject-type", subject_type),
        _titles(common, space, "subject-name", subtitle=True, required=False),
        Element(space, "subject-url", VALUE),
        common.organization(space, "convening-organization"),
    )
    return Element(space, "peer-review", content)


def _peer_review_summary(common: Common) -> Element:
    space = "peer-review"
    role = Element(space, "reviewer-role", _words(common, REVIEWER_ROLES, "Role"), required=True)
    kind = Element(space, "review-type", _words(common, REVIEW_TYPES, "PeerReviewType"), required=True)
    content = common.item(
        *((role,) if common.newer else ()),
        common.external_ids(),
        *((Element(space, "review-url", VALUE), kind) if common.newer else ()),
        common.date(space, "completion-date", required=True),
        Element(space, "review-group-id", TEXT, required=True),
        common.organization(space, "convening-organization"),
    )
    return Element(space, "peer-review-summary", content, many=True)


def _hosts(common: Common) -> Element:
    organization = common.organization("common")
    return Element("research-resource", "hosts", Group((_repeated(organization),)), required=True)


def _proposal(common: Common) -> Element:
    content = Group(
        (
            _titles(common, "research-resource", "title", subtitle=False, required=True),
            _hosts(common),
            common.external_ids(required=True),
            common.date("common", "start-date"),
            common.date("common", "end-date"),
            common.url("research-resource"),
        )
    )
    return Element("research-resource", "proposal", content, required=True)


def _research_resource(common: Common) -> Element:
    space = "research-resource"
    item = Group(
        (
            Element(space, "resource-name", TEXT, required=True),
            Element(space, "resource-type", _words(common, RESOURCE_TYPES, "ResourceType"), required=True),
            _hosts(common),
            common.external_ids(required=True),
            common.url(space),
        )
    )
    items = Group((Element(space, "resource-item", item, many=True),))
    content = common.item(_proposal(common), Element(space, "resource-items", items, unwrapped=True))
    return Element(space, "research-resource", content)
