"""A section: a row of ORCID's table of what can be written, where, with which scopes and by which rules.

(API_FACTS section 1.2.) Another section is another row, with its shape and its rules in a file of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from worker.sandbox.affiliations import AFFILIATION, affiliation_name, check_affiliation
from worker.sandbox.drafts import Draft
from worker.sandbox.messages import JsonObject
from worker.sandbox.shapes import Fields
from worker.sandbox.works import WORK, check_roles, check_work, settle_work, work_name


def _as_sent(document: JsonObject) -> JsonObject:
    return document


def _nothing_more(document: JsonObject) -> None:
    del document


@dataclass(frozen=True, slots=True)
class Scopes:
    """One of which a token needs to create, to update or delete, and to read what is not public."""

    create: frozenset[str]
    update: frozenset[str]
    read: frozenset[str]


@dataclass(frozen=True, slots=True)
class Section:
    """What ORCID does in one section.

    Items of one `family` are loaded by put-code whatever word the address says. `keeps_unchanged`: a PUT without an
    effective change is answered and forgotten (section 2.4). `source_first`: the source is checked before the rules.
    `settle` gives the form that ORCID stores; `check_stored` is what it notices only when it stores the item.
    """

    name: str
    plural: str
    family: str
    shape: Fields
    check: Callable[[Draft], None]
    item_name: Callable[[JsonObject], str]
    scopes: Scopes
    settle: Callable[[JsonObject], JsonObject] = _as_sent
    check_stored: Callable[[JsonObject], None] = _nothing_more
    keeps_unchanged: bool = False
    source_first: bool = False


def _activity_scopes(area: str) -> Scopes:
    update = frozenset({f"/{area}/update", "/activities/update"})
    read = frozenset({f"/{area}/read-limited", "/activities/read-limited", "/read-limited"})
    return Scopes(update | {f"/{area}/create"}, update, read)


def _affiliation(name: str, plural: str) -> Section:
    return Section(
        name,
        plural,
        family="affiliation",
        shape=AFFILIATION,
        check=check_affiliation,
        item_name=affiliation_name,
        source_first=True,
        scopes=_activity_scopes("affiliations"),
    )


WORKS: Final = Section(
    "work",
    "works",
    family="work",
    shape=WORK,
    check=check_work,
    settle=settle_work,
    check_stored=check_roles,
    item_name=work_name,
    keeps_unchanged=True,
    scopes=_activity_scopes("orcid-works"),
)

SECTIONS: Final = {
    section.name: section
    for section in (
        WORKS,
        _affiliation("employment", "employments"),
        _affiliation("education", "educations"),
        _affiliation("qualification", "qualifications"),
        _affiliation("invited-position", "invited-positions"),
        _affiliation("distinction", "distinctions"),
        _affiliation("membership", "memberships"),
        _affiliation("service", "services"),
    )
}
"""Every section the stand-in serves, by the word that writes go to."""

LISTS: Final = {section.plural: section for section in SECTIONS.values()}
"""The same, by the word of the list."""


def family_of(section: Section) -> tuple[str, ...]:
    """The names of all sections whose items a put-code of this one may find."""
    return tuple(other.name for other in SECTIONS.values() if other.family == section.family)
