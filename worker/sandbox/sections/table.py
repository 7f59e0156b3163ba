"""A section: a row of ORCID's table of what can be written, where, with which scopes and by which rules.

(API_FACTS section 1.2.) Another section is another row, with its shape and its rules in a file of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from worker.sandbox.messages import JsonObject
from worker.sandbox.sections.affiliations import AFFILIATION, affiliation_name, check_affiliation
from worker.sandbox.sections.countries import ADDRESS, check_country
from worker.sandbox.sections.drafts import Draft
from worker.sandbox.sections.fundings import FUNDING, check_funding, finish_funding, funding_name, settle_funding
from worker.sandbox.sections.group_ids import GROUP_ID_RECORD, check_group, settle_group
from worker.sandbox.sections.keywords import KEYWORD, check_keyword, keyword_identity
from worker.sandbox.sections.notifications import NOTIFICATION, check_notification
from worker.sandbox.sections.other_names import OTHER_NAME, check_other_name, other_name_identity
from worker.sandbox.sections.peer_reviews import PEER_REVIEW, check_peer_review, finish_peer_review, peer_review_name
from worker.sandbox.sections.person_identifiers import (
    PERSON_IDENTIFIER,
    check_person_identifier,
    person_identifier_identity,
)
from worker.sandbox.sections.research_resources import (
    RESEARCH_RESOURCE,
    check_research_resource,
    research_resource_name,
)
from worker.sandbox.sections.researcher_urls import RESEARCHER_URL, check_researcher_url, researcher_url_identity
from worker.sandbox.sections.shapes import Fields
from worker.sandbox.sections.works import WORK, check_work, finish_work, settle_work, work_name
from worker.sandbox.versions import BOTH, ONLY_V3_0


def _as_sent(document: JsonObject) -> JsonObject:
    return document


def _finished(draft: Draft) -> JsonObject:
    return draft.document


def _nameless(document: JsonObject) -> str:
    del document
    return ""


@dataclass(frozen=True, slots=True)
class Scopes:
    """One of which a token needs to create, to update, to delete, and to read what is not public."""

    create: frozenset[str]
    update: frozenset[str]
    delete: frozenset[str]
    read: frozenset[str]


@dataclass(frozen=True, slots=True)
class Section:
    """What ORCID does in one section.

    `plural` is the word of its list, `element` the key of an item in the list of a section of the person; activities
    have none. Items of one `family` are loaded by put-code whatever word the address says.

    Rules: `check` raises what ORCID refuses, `settle` gives the form that it keeps, `finish` does what ORCID does only
    when it stores the item. `keeps_unchanged`: a PUT without an effective change is answered and forgotten (section
    2.4). In the versions of `source_first` the source is checked before the rules.

    Duplicates (section 4): `normalises` identifiers, `compares_updates`; in sections of the person `identity` is what
    is compared, `duplicate_words` are what POST and PUT call it, `duplicate_key` whose value they name.
    """

    name: str
    plural: str
    family: str
    shape: Fields
    check: Callable[[Draft], None]
    scopes: Scopes
    item_name: Callable[[JsonObject], str] = _nameless
    element: str = ""
    versions: frozenset[str] = BOTH
    settle: Callable[[JsonObject], JsonObject] = _as_sent
    finish: Callable[[Draft], JsonObject] = _finished
    keeps_unchanged: bool = False
    source_first: frozenset[str] = frozenset()
    normalises: bool = True
    compares_updates: bool = True
    identity: Callable[[JsonObject], tuple[str, str]] | None = None
    duplicate_words: tuple[str, str] = ("", "")
    duplicate_key: str = ""

    @property
    def is_activity(self) -> bool:
        """Whether its items are activities, which tell the researcher's inbox, and not facts of the person."""
        return not self.element


def _activity_scopes(area: str) -> Scopes:
    update = frozenset({f"/{area}/update", "/activities/update"})
    read = frozenset({f"/{area}/read-limited", "/activities/read-limited", "/read-limited"})
    return Scopes(update | {f"/{area}/create"}, update, update, read)


_READ_PERSON: Final = frozenset({"/orcid-bio/read-limited", "/person/read-limited", "/read-limited"})
_UPDATE_PERSON: Final = frozenset({"/orcid-bio/update", "/person/update"})
_CREATE_IDENTIFIER: Final = frozenset({"/orcid-bio/external-identifiers/create", "/person/update"})
_PERSON_SCOPES: Final = Scopes(_UPDATE_PERSON, _UPDATE_PERSON, _UPDATE_PERSON, _READ_PERSON)


def _affiliation(name: str, plural: str, versions: frozenset[str] = ONLY_V3_0) -> Section:
    return Section(
        name,
        plural,
        family="affiliation",
        shape=AFFILIATION,
        check=check_affiliation,
        item_name=affiliation_name,
        versions=versions,
        source_first=ONLY_V3_0,
        scopes=_activity_scopes("affiliations"),
    )


WORKS: Final = Section(
    "work",
    "works",
    family="work",
    shape=WORK,
    check=check_work,
    settle=settle_work,
    finish=finish_work,
    item_name=work_name,
    keeps_unchanged=True,
    scopes=_activity_scopes("orcid-works"),
)

FUNDINGS: Final = Section(
    "funding",
    "fundings",
    family="funding",
    shape=FUNDING,
    check=check_funding,
    settle=settle_funding,
    finish=finish_funding,
    item_name=funding_name,
    normalises=False,
    scopes=_activity_scopes("funding"),
)

PEER_REVIEWS: Final = Section(
    "peer-review",
    "peer-reviews",
    family="peer-review",
    shape=PEER_REVIEW,
    check=check_peer_review,
    finish=finish_peer_review,
    item_name=peer_review_name,
    scopes=_activity_scopes("peer-review"),
)

RESEARCH_RESOURCES: Final = Section(
    "research-resource",
    "research-resources",
    family="research-resource",
    shape=RESEARCH_RESOURCE,
    check=check_research_resource,
    item_name=research_resource_name,
    versions=ONLY_V3_0,
    compares_updates=False,
    scopes=_activity_scopes("affiliations"),
)

OTHER_NAMES: Final = Section(
    "other-names",
    "other-names",
    family="other-names",
    element="other-name",
    shape=OTHER_NAME,
    check=check_other_name,
    identity=other_name_identity,
    duplicate_words=("other-name", "otherName"),
    duplicate_key="content",
    scopes=_PERSON_SCOPES,
)

KEYWORDS: Final = Section(
    "keywords",
    "keywords",
    family="keywords",
    element="keyword",
    shape=KEYWORD,
    check=check_keyword,
    identity=keyword_identity,
    duplicate_words=("keyword", "keyword"),
    duplicate_key="content",
    scopes=_PERSON_SCOPES,
)

RESEARCHER_URLS: Final = Section(
    "researcher-urls",
    "researcher-urls",
    family="researcher-urls",
    element="researcher-url",
    shape=RESEARCHER_URL,
    check=check_researcher_url,
    identity=researcher_url_identity,
    duplicate_words=("researcher-url", "researcher-url"),
    duplicate_key="url",
    scopes=_PERSON_SCOPES,
)

ADDRESSES: Final = Section(
    "address",
    "address",
    family="address",
    element="address",
    shape=ADDRESS,
    check=check_country,
    source_first=BOTH,
    scopes=_PERSON_SCOPES,
)

PERSON_IDENTIFIERS: Final = Section(
    "external-identifiers",
    "external-identifiers",
    family="external-identifiers",
    element="external-identifier",
    shape=PERSON_IDENTIFIER,
    check=check_person_identifier,
    identity=person_identifier_identity,
    duplicate_words=("external-identifier", "external-identifier"),
    duplicate_key="external-id-url",
    scopes=Scopes(_CREATE_IDENTIFIER, _CREATE_IDENTIFIER, _UPDATE_PERSON, _READ_PERSON),
)

_UPDATE_GROUPS: Final = frozenset({"/group-id-record/update"})
GROUP_IDS: Final = Section(
    "group-id-record",
    "group-id-record",
    family="group-id-record",
    shape=GROUP_ID_RECORD,
    check=check_group,
    settle=settle_group,
    scopes=Scopes(_UPDATE_GROUPS, _UPDATE_GROUPS, _UPDATE_GROUPS, _UPDATE_GROUPS | {"/group-id-record/read"}),
)
"""Groups of peer reviews: written like a section, and on nobody's record."""

_ASK: Final = frozenset({"/premium-notification"})
NOTIFICATIONS: Final = Section(
    "notification-permission",
    "notification-permission",
    family="notification-permission",
    shape=NOTIFICATION,
    check=lambda draft: check_notification(draft.document),
    scopes=Scopes(_ASK, _ASK, _ASK, _ASK),
)
"""Permission notifications: posted like an item, to the inbox and not to the record."""

SECTIONS: Final = {
    section.name: section
    for section in (
        WORKS,
        _affiliation("employment", "employments", BOTH),
        _affiliation("education", "educations", BOTH),
        _affiliation("qualification", "qualifications"),
        _affiliation("invited-position", "invited-positions"),
        _affiliation("distinction", "distinctions"),
        _affiliation("membership", "memberships"),
        _affiliation("service", "services"),
        FUNDINGS,
        PEER_REVIEWS,
        RESEARCH_RESOURCES,
        OTHER_NAMES,
        KEYWORDS,
        RESEARCHER_URLS,
        ADDRESSES,
        PERSON_IDENTIFIERS,
    )
}
"""Every section of a record, by the word that writes go to."""

LISTS: Final = {section.plural: section for section in SECTIONS.values()}
"""The same, by the word of the list."""


def family_of(section: Section) -> tuple[str, ...]:
    """The names of all sections whose items a put-code of this one may find."""
    return tuple(other.name for other in SECTIONS.values() if other.family == section.family)
