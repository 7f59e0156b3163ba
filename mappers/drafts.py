"""Drafts: documents to be, each with the people on whose records it shall stand."""

from collections.abc import Callable
from dataclasses import dataclass

from mappers.dates import FuzzyDate, OutOfRange
from mappers.documents import Document
from mappers.events.faults import escaped
from mappers.groups import GroupIdRecord
from mappers.identifiers import OrcidId, parse_orcid_id
from mappers.sections import Section
from mappers.wanted import Refusal


class Refused(Exception):  # noqa: N818 - no error of ours: it becomes a refused item
    """Raised while a document is made that ORCID's rules, or its model, can't take."""

    def __init__(self, field: str, value: str, rule: str) -> None:
        super().__init__(field, rule)
        self.refusal = Refusal(field, escaped(value), rule)


@dataclass(frozen=True, slots=True)
class Draft:
    """What one source record wants in one section: the same document for each of `persons`. `build` may raise Refused.

    `part` tells the drafts of one source record in one section apart. `looked_up` is the event's field and value by
    which the organization was found in the mapping file, if it was. `field` is the event's field that the document is
    made of, where the event is not all of it.
    """

    section: Section
    persons: tuple[str, ...]
    build: Callable[[], Document]
    part: str = ""
    looked_up: tuple[str, str] | None = None
    group: GroupIdRecord | None = None
    field: str = ""


def read_date(field: str, text: str | None) -> FuzzyDate | None:
    """A date of the right form, if there is one; raises Refused as `read_required_date` does."""
    return None if text is None else read_required_date(field, text)


def read_required_date(field: str, text: str) -> FuzzyDate:
    """A date of the right form; raises Refused when no calendar (ORCID 9049) or ORCID's schema (9047) has it."""
    try:
        return FuzzyDate.parse(text)
    except ValueError as error:
        code = 9047 if isinstance(error, OutOfRange) else 9049
        raise Refused(field, text, f"{error} (ORCID {code})") from None


def read_orcid_id(field: str, text: str | None) -> OrcidId | None:
    """A contributor's iD, bare; raises Refused for a text that is none (ORCID 9020)."""
    if text is None:
        return None
    try:
        return parse_orcid_id(text)
    except ValueError as error:
        raise Refused(field, text, f"{error} (ORCID 9020)") from None
