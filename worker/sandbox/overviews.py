"""An overview: what ORCID answers for a whole record or a large part of it (API_FACTS section 1.2)."""

from collections.abc import Callable
from typing import Final

from worker.sandbox.forms.bodies import Kind
from worker.sandbox.listings import latest, listing
from worker.sandbox.messages import JsonObject
from worker.sandbox.records import Item, Record
from worker.sandbox.replies import HOST, Names
from worker.sandbox.sections.table import LISTS, Section

_ACTIVITIES: Final = (
    "distinctions",
    "educations",
    "employments",
    "fundings",
    "invited-positions",
    "memberships",
    "peer-reviews",
    "qualifications",
    "research-resources",
    "services",
    "works",
)
_Visible = Callable[[Section], list[Item]]


def overview(kind: Kind, record: Record, visible: _Visible, names: Names) -> JsonObject:
    """The overview of this kind; `visible` gives the items of a section that the caller may see."""
    match kind:
        case Kind.ACTIVITIES:
            return _activities(record, visible, names)
        case Kind.PERSON:
            return _person(record, visible, names)
        case Kind.PERSONAL_DETAILS:
            return _personal_details(record, visible, names)
        case _:
            return _whole(record, visible, names)


def _activities(record: Record, visible: _Visible, names: Names) -> JsonObject:
    items = {word: visible(LISTS[word]) for word in _ACTIVITIES}
    return {
        "last-modified-date": latest([item for part in items.values() for item in part]),
        **{word: listing(LISTS[word], record.orcid, part, names) for word, part in items.items()},
        "path": f"/{record.orcid}/activities",
    }


def _person(record: Record, visible: _Visible, names: Names) -> JsonObject:
    items = {word: visible(section) for word, section in LISTS.items() if not section.is_activity}
    lists = {word: listing(LISTS[word], record.orcid, part, names) for word, part in items.items()}
    return {
        "last-modified-date": latest([item for part in items.values() for item in part]),
        "name": _name(record),
        "other-names": lists["other-names"],
        "biography": None,
        "researcher-urls": lists["researcher-urls"],
        "emails": {"last-modified-date": None, "email": [], "path": f"/{record.orcid}/email"},
        "addresses": lists["address"],
        "keywords": lists["keywords"],
        "external-identifiers": lists["external-identifiers"],
        "path": f"/{record.orcid}/person",
    }


def _personal_details(record: Record, visible: _Visible, names: Names) -> JsonObject:
    section = LISTS["other-names"]
    items = visible(section)
    return {
        "last-modified-date": latest(items),
        "name": _name(record),
        "other-names": listing(section, record.orcid, items, names),
        "biography": None,
        "path": f"/{record.orcid}/personal-details",
    }


def _whole(record: Record, visible: _Visible, names: Names) -> JsonObject:
    return {
        "orcid-identifier": {"uri": f"https://{HOST}/{record.orcid}", "path": record.orcid, "host": HOST},
        "preferences": {"locale": "en"},
        "history": {
            "creation-method": "DIRECT",
            "completion-date": None,
            "submission-date": None,
            "last-modified-date": latest(record.items()),
            "claimed": True,
            "source": None,
            "deactivation-date": None,
            "verified-email": True,
            "verified-primary-email": True,
        },
        "person": _person(record, visible, names),
        "activities-summary": _activities(record, visible, names),
        "path": f"/{record.orcid}",
    }


def _name(record: Record) -> JsonObject | None:
    """The name in ORCID's two parts; the last word is the family name."""
    if record.name is None:
        return None
    given, _, family = record.name.rpartition(" ")
    return {
        "created-date": None,
        "last-modified-date": None,
        "given-names": {"value": given or family},
        "family-name": {"value": family} if given else None,
        "credit-name": None,
        "source": None,
        "visibility": "public",
        "path": record.orcid,
    }
