"""An address of the member API: which version, whose record, which section, and what of it (API_FACTS section 1)."""

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.forms.bodies import Kind
from worker.sandbox.messages import Request
from worker.sandbox.sections.table import GROUP_IDS, LISTS, NOTIFICATIONS, SECTIONS, WORKS, Section
from worker.sandbox.versions import BOTH

_KNOWN_VERSIONS: Final = frozenset({"v2.0", "v2.1", "v3.0"})
_VERSION: Final = re.compile(r"v?\d[\w.]*")


class Part(Enum):
    """What of a section an address names."""

    SECTION = "section"
    ITEM = "item"
    SUMMARY = "summary"
    LIST = "list"
    BULK_READ = "bulk read"
    OVERVIEW = "overview"
    GROUPS = "groups"
    GROUP = "group"
    NOTIFICATIONS = "notifications"
    NOTIFICATION = "notification"


METHODS: Final = {
    Part.SECTION: frozenset({"POST"}),
    Part.ITEM: frozenset({"GET", "PUT", "DELETE"}),
    Part.SUMMARY: frozenset({"GET"}),
    Part.LIST: frozenset({"GET"}),
    Part.BULK_READ: frozenset({"GET"}),
    Part.OVERVIEW: frozenset({"GET"}),
    Part.GROUPS: frozenset({"GET", "POST"}),
    Part.GROUP: frozenset({"GET", "PUT", "DELETE"}),
    Part.NOTIFICATIONS: frozenset({"GET", "POST"}),
    Part.NOTIFICATION: frozenset({"GET", "DELETE"}),
}
OVERVIEWS: Final = {kind.value: kind for kind in (Kind.ACTIVITIES, Kind.PERSON, Kind.PERSONAL_DETAILS, Kind.RECORD)}
"""Overviews of a record by their word."""


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed path; `codes` is the text where put-codes stand, not yet known to be numbers.

    `orcid` is empty for groups, which are on no record. Overviews have no `section` but an `overview`.
    """

    version: str
    orcid: str
    part: Part
    of: Section | None = None
    codes: str = ""
    overview: Kind | None = None

    @property
    def section(self) -> Section:
        """The section; there is one unless this is an overview."""
        if self.of is None:
            raise LookupError(f"{self.part.value} has no section")
        return self.of


class Redirected(Exception):  # noqa: N818  # an answer, not a fault of ours
    """The version filter sends the client elsewhere before anything else happens (section 0, step 2)."""

    def __init__(self, status: int, location: str) -> None:
        """Remember where to."""
        super().__init__(location)
        self.status = status
        self.location = location


def check_version(request: Request) -> None:
    """302 for an address without version, 308/9056 for one that is no longer served."""
    first, _, rest = request.path.lstrip("/").partition("/")
    if first in _KNOWN_VERSIONS:
        return
    if not _VERSION.fullmatch(first):
        raise Redirected(302, f"{request.base_url}/v3.0/{request.path.lstrip('/')}{_query(request)}")
    newer = "v2.1" if first.removeprefix("v").startswith("2") else "v3.0"
    raise Redirected(308, f"{request.base_url}/{newer}/{rest}{_query(request)}")


def parse_address(request: Request) -> Address:
    """The address of a request; raises 404/9001 for one that leads nowhere, 405/9001 for a wrong method."""
    address = find_address(request.path)
    if address is None:
        raise OrcidError(9001, status=404)
    allowed = METHODS[address.part]
    if address.part is Part.LIST and address.section is WORKS:
        allowed |= {"POST"}
    if address.part is Part.SECTION and address.section.plural == address.section.name:
        if request.method == "GET":
            return replace(address, part=Part.LIST)
        allowed |= {"GET"}
    if request.method not in allowed:
        raise OrcidError(9001, status=405)
    return address


def find_address(path: str) -> Address | None:
    """The address that a path spells, or None. A word for both section and list is told as the section."""
    version, *words = path.strip("/").split("/")
    if version not in BOTH:
        return None
    match words:
        case [GROUP_IDS.name]:
            return Address(version, "", Part.GROUPS, GROUP_IDS)
        case [GROUP_IDS.name, codes]:
            return Address(version, "", Part.GROUP, GROUP_IDS, codes)
        case [orcid, NOTIFICATIONS.name] if orcid:
            return Address(version, orcid, Part.NOTIFICATIONS, NOTIFICATIONS)
        case [orcid, NOTIFICATIONS.name, codes] if orcid:
            return Address(version, orcid, Part.NOTIFICATION, NOTIFICATIONS, codes)
        case [orcid] if orcid:
            return Address(version, orcid, Part.OVERVIEW, overview=Kind.RECORD)
        case [orcid, word] if word in OVERVIEWS:
            return Address(version, orcid, Part.OVERVIEW, overview=OVERVIEWS[word])
        case [orcid, word, *rest]:
            return _find_in_section(version, orcid, word, rest)
        case _:
            return None


def _find_in_section(version: str, orcid: str, word: str, rest: list[str]) -> Address | None:
    section = SECTIONS.get(word) or LISTS.get(word)
    if section is None or version not in section.versions:
        return None
    match rest:
        case []:
            return Address(version, orcid, Part.SECTION if word == section.name else Part.LIST, section)
        case [codes] if word == section.name:
            return Address(version, orcid, Part.ITEM, section, codes)
        case [codes] if section is WORKS:
            return Address(version, orcid, Part.BULK_READ, section, codes)
        case ["summary", codes] if word == section.name and section.is_activity:
            return Address(version, orcid, Part.SUMMARY, section, codes)
        case _:
            return None


def parse_put_code(text: str) -> int:
    """The put-code in an address; 9034 when it is no number."""
    if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
        raise OrcidError(9034, f"'{text}' is not a valid put code")
    return int(text)


def _query(request: Request) -> str:
    return f"?{request.query}" if request.query else ""
