"""An address of the member API: which version, whose record, which section, and what of it (API_FACTS section 1)."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import Request
from worker.sandbox.sections import LISTS, SECTIONS, WORKS, Section

SERVED_VERSIONS: Final = frozenset({"v3.0"})
"""Versions that have their shapes here."""

_KNOWN_VERSIONS: Final = frozenset({"v2.0", "v2.1", "v3.0"})
_VERSION: Final = re.compile(r"v?\d[\w.]*")


class Part(Enum):
    """What of a section an address names."""

    SECTION = "section"
    ITEM = "item"
    SUMMARY = "summary"
    LIST = "list"
    BULK_READ = "bulk read"


METHODS: Final = {
    Part.SECTION: frozenset({"POST"}),
    Part.ITEM: frozenset({"GET", "PUT", "DELETE"}),
    Part.SUMMARY: frozenset({"GET"}),
    Part.LIST: frozenset({"GET"}),
    Part.BULK_READ: frozenset({"GET"}),
}


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed path; `codes` is the text where put-codes stand, not yet known to be numbers."""

    version: str
    orcid: str
    section: Section
    part: Part
    codes: str = ""


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
    if address.section is WORKS and address.part is Part.LIST:
        allowed |= {"POST"}
    if request.method not in allowed:
        raise OrcidError(9001, status=405)
    return address


def find_address(path: str) -> Address | None:
    """The address that a path spells, or None."""
    match path.strip("/").split("/"):
        case [version, orcid, word] if version in SERVED_VERSIONS and word in SECTIONS:
            return Address(version, orcid, SECTIONS[word], Part.SECTION)
        case [version, orcid, word] if version in SERVED_VERSIONS and word in LISTS:
            return Address(version, orcid, LISTS[word], Part.LIST)
        case [version, orcid, word, codes] if version in SERVED_VERSIONS and word in SECTIONS:
            return Address(version, orcid, SECTIONS[word], Part.ITEM, codes)
        case [version, orcid, word, codes] if version in SERVED_VERSIONS and word == WORKS.plural:
            return Address(version, orcid, WORKS, Part.BULK_READ, codes)
        case [version, orcid, word, "summary", codes] if version in SERVED_VERSIONS and word in SECTIONS:
            return Address(version, orcid, SECTIONS[word], Part.SUMMARY, codes)
        case _:
            return None


def parse_put_code(text: str) -> int:
    """The put-code in an address; 9034 when it is no number."""
    if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
        raise OrcidError(9034, f"'{text}' is not a valid put code")
    return int(text)


def _query(request: Request) -> str:
    return f"?{request.query}" if request.query else ""
