"""Which document has which element at its root, in both versions (API_FACTS section 6.3)."""

from typing import Final

from worker.sandbox.forms.xml_activities import activity_items, activity_lists, activity_summaries
from worker.sandbox.forms.xml_common import CREATED, IDENTITY, LAST_MODIFIED, PATH, VISIBILITY, Common
from worker.sandbox.forms.xml_grammar import FLAG, MOMENT, NUMBER, TEXT, Element, Group, Renamed, Run, Text
from worker.sandbox.forms.xml_notifications import notification, notifications
from worker.sandbox.forms.xml_person import person_items, person_lists, person_page, personal_details
from worker.sandbox.sections.vocabulary import GROUP_TYPES
from worker.sandbox.versions import V2_1, V3_0

_CREATION_METHODS: Final = {
    "API": "API",
    "DIRECT": "Direct",
    "MEMBER_REFERRED": "Member-referred",
    "WEBSITE": "website",
}
_LOCALES: Final = frozenset({"en", "es", "fr", "ko", "pt", "ru", "zh_CN", "zh_TW", "it", "ja"})


class Roots:
    """The root elements of one version, by section where there is one."""

    def __init__(self, version: str) -> None:
        """Build them for `v3.0` or `v2.1`."""
        common = Common(version)
        record = _group_id_record()
        self.items = {
            **activity_items(common),
            **person_items(common),
            "group-id-record": record,
            "notification-permission": notification(common),
        }
        self.summaries = activity_summaries(common)
        activities = activity_lists(common)
        self.lists = {
            **activities,
            **person_lists(common),
            "group-id-record": _group_id_records(record),
            "notification-permission": notifications(common),
        }
        self.activities = Element(
            "activities", "activities-summary", Group((LAST_MODIFIED, *activities.values()), PATH)
        )
        self.person = person_page(common)
        self.personal_details = personal_details(common)
        self.bulk = Element("bulk", "bulk", Group((Run("bulk", (self.items["work"], _ERROR)),)))
        self.record = _record(common, self.person, self.activities)

    @property
    def tags(self) -> frozenset[str]:
        """The tags of what a client may send."""
        return frozenset(element.tag for element in (*self.items.values(), self.bulk))


def _group_id_record() -> Element:
    """The schema has neither dates nor a source here, whatever the records of other sections have."""
    children = (
        Element("group-id", "name", TEXT, required=True),
        Element("group-id", "group-id", TEXT, required=True),
        Element("group-id", "description", TEXT, required=True),
        Element("group-id", "type", Text(GROUP_TYPES), required=True),
    )
    newer = frozenset({CREATED.name, LAST_MODIFIED.name, "source", "visibility", "path", "display-index"})
    return Element("group-id", "group-id-record", Group(children, {"put-code": NUMBER}, json_only=newer))


def _group_id_records(record: Element) -> Element:
    numbers = (Element("group-id", name, NUMBER) for name in ("total", "page", "page-size"))
    members = Element(record.space, record.name, record.content, many=True)
    return Element("group-id", "group-id-records", Group((LAST_MODIFIED, *numbers, members)))


def _record(common: Common, person: Element, activities: Element) -> Element:
    locale = Element("preferences", "locale", TEXT if common.newer else Text(_LOCALES, named=True))
    history = Group(
        (
            Element("history", "creation-method", Renamed(_CREATION_METHODS)),
            Element("history", "completion-date", MOMENT),
            Element("history", "submission-date", MOMENT),
            LAST_MODIFIED,
            Element("history", "claimed", FLAG),
            common.source,
            Element("history", "deactivation-date", MOMENT),
            Element("history", "verified-email", FLAG),
            Element("history", "verified-primary-email", FLAG),
        ),
        {"visibility": VISIBILITY},
    )
    children = (
        Element("common", "orcid-identifier", IDENTITY),
        Element("preferences", "preferences", Group((locale,))),
        Element("history", "history", history),
        person,
        activities,
    )
    return Element("record", "record", Group(children, PATH))


_ERROR: Final = Element(
    "error",
    "error",
    Group(
        (
            Element("error", "response-code", NUMBER),
            Element("error", "developer-message", TEXT),
            Element("error", "user-message", TEXT),
            Element("error", "error-code", NUMBER),
            Element("error", "more-info", TEXT),
        )
    ),
)

ROOTS: Final = {version: Roots(version) for version in (V3_0, V2_1)}
"""By version."""
