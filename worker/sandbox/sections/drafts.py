"""A draft: what a client wants on a record, as read from its body and before ORCID's rules have seen it."""

from collections.abc import Mapping
from dataclasses import dataclass

from worker.sandbox.errors import OrcidError
from worker.sandbox.groups import Groups
from worker.sandbox.messages import JsonObject
from worker.sandbox.records import Item
from worker.sandbox.sections.vocabulary import ORGANIZATION_SOURCES
from worker.sandbox.versions import V3_0


@dataclass(frozen=True, slots=True)
class Organizations:
    """ORCID's table of organizations, for the rule 9045.

    Without `known`, every well-formed identifier is in it but those in `unknown`; with `known`, only those are.
    """

    known: Mapping[str, frozenset[str]] | None = None
    unknown: frozenset[str] = frozenset()

    def has(self, source: str, identifier: str) -> bool:
        """Whether ORCID finds this identifier under this source; the match is exact (API_FACTS section 5.9)."""
        if source not in ORGANIZATION_SOURCES or identifier in self.unknown:
            return False
        if self.known is not None:
            return identifier in self.known.get(source, frozenset())
        return _is_well_formed(source, identifier)


@dataclass(frozen=True, slots=True)
class Draft:
    """One item to be: canonical content, and what else the body said. `replaces` is the item that a PUT is about."""

    section: str
    document: JsonObject
    organizations: Organizations
    groups: Groups
    version: str = V3_0
    put_code: int | None = None
    visibility: str | None = None
    replaces: Item | None = None

    def check_put_code(self) -> None:
        """9024: a new item has no put-code yet (API_FACTS section 2.2)."""
        if self.replaces is None and self.put_code is not None:
            raise OrcidError(9024)

    def check_visibility(self) -> None:
        """9035: only the researcher changes an item's visibility (API_FACTS section 5.8)."""
        if self.replaces is not None and self.visibility not in {None, self.replaces.visibility}:
            raise OrcidError(9035)


def _is_well_formed(source: str, identifier: str) -> bool:
    match source:
        case "ROR":
            return identifier.startswith("https://ror.org/0") and len(identifier) == len("https://ror.org/05gvnxz63")
        case "GRID":
            return identifier.startswith("grid.")
        case "FUNDREF":
            return "10.13039/" in identifier
        case "RINGGOLD":
            return identifier.isdecimal()
        case _:
            return identifier.isalnum() and len(identifier) == len("5493001KJTIIGC8Y1R12")
