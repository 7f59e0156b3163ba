"""Group-id records, which peer reviews belong to, and the ISSN portal that ORCID asks about journals (section 4.2)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject
from worker.sandbox.records import Source

ISSN_PREFIX: Final = "issn:"
_ISSN: Final = re.compile(r"(\d{4})-?(\d{3}[\dX])", re.ASCII)


@dataclass(frozen=True, slots=True)
class IssnPortal:
    """What the portal knows: every ISSN with a right check digit but those in `unknown`, while it is reachable."""

    unknown: frozenset[str] = frozenset()
    reachable: bool = True

    def find(self, text: str) -> str:
        """The ISSN in the form NNNN-NNNX; 9053 when it is none, is unknown, or the portal gives no answer."""
        found = _ISSN.fullmatch(text.strip().upper())
        if found is None or not self.reachable:
            raise OrcidError(9053)
        issn = f"{found[1]}-{found[2]}"
        if issn in self.unknown or not _has_right_check_digit(found[1] + found[2]):
            raise OrcidError(9053)
        return issn


@dataclass(frozen=True, slots=True)
class GroupIdRecord:
    """One group; `document` has name, group-id, description and type. ORCID's own has an empty source."""

    put_code: int
    source: Source
    created: int
    modified: int
    document: JsonObject

    @property
    def group_id(self) -> str:
        """The group-id as it was sent."""
        return str(self.document["group-id"])


@dataclass(slots=True)
class Groups:
    """All group-id records; `tick` gives the time of a change and `next_put_code` a put-code never used before."""

    tick: Callable[[], int]
    next_put_code: Callable[[], int]
    portal: IssnPortal = field(default_factory=IssnPortal)
    _by_put_code: dict[int, GroupIdRecord] = field(default_factory=dict)
    _put_codes: dict[str, int] = field(default_factory=dict)

    def all(self) -> list[GroupIdRecord]:
        """Every group in put-code order."""
        return sorted(self._by_put_code.values(), key=lambda group: group.put_code)

    def get(self, put_code: int) -> GroupIdRecord:
        """The group with this put-code; 9026 when there is none."""
        if put_code not in self._by_put_code:
            raise OrcidError(9026)
        return self._by_put_code[put_code]

    def find(self, group_id: str) -> GroupIdRecord | None:
        """The group with this group-id, whatever its case and the blanks around it."""
        put_code = self._put_codes.get(comparable(group_id))
        return None if put_code is None else self._by_put_code[put_code]

    def fill(self, groups: Iterable[GroupIdRecord]) -> None:
        """These groups have always been there."""
        for group in groups:
            self._keep(group)

    def add(self, document: JsonObject, source: Source) -> GroupIdRecord:
        """A new group."""
        now = self.tick()
        group = GroupIdRecord(self.next_put_code(), source, now, now, document)
        self._keep(group)
        return group

    def change(self, group: GroupIdRecord, document: JsonObject) -> GroupIdRecord:
        """The group with another content."""
        self.remove(group)
        changed = replace(group, document=document, modified=self.tick())
        self._keep(changed)
        return changed

    def remove(self, group: GroupIdRecord) -> None:
        """No such group any more."""
        del self._by_put_code[group.put_code]
        del self._put_codes[comparable(group.group_id)]

    def find_journal(self, group_id: str) -> GroupIdRecord:
        """The group of an `issn:` group-id, which ORCID makes itself when it is missing; 9053 as the portal says."""
        standing = self.find(group_id)
        if standing is not None:
            return standing
        normalised = ISSN_PREFIX + self.portal.find(group_id.strip()[len(ISSN_PREFIX) :])
        standing = self.find(normalised)
        if standing is not None:
            return standing
        name = f"Journal {normalised.removeprefix(ISSN_PREFIX)}"
        document = {"name": name, "group-id": normalised, "description": name, "type": "journal"}
        return self.add(document, Source())

    def _keep(self, group: GroupIdRecord) -> None:
        self._by_put_code[group.put_code] = group
        self._put_codes[comparable(group.group_id)] = group.put_code


def comparable(group_id: str) -> str:
    """What of a group-id is compared."""
    return group_id.strip().lower()


def is_journal(group_id: str) -> bool:
    """Whether the group-id is an ISSN's."""
    return comparable(group_id).startswith(ISSN_PREFIX)


def _has_right_check_digit(issn: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(range(8, 1, -1), issn[:7], strict=True))
    return issn[7] == "0123456789X"[-total % 11]
