"""Drafts: documents to be, each with the people on whose records it shall stand."""

from collections.abc import Callable
from dataclasses import dataclass

from mappers.dates import FuzzyDate
from mappers.documents import Document
from mappers.faults import escaped
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

    `looked_up` is the event's field and value by which the organization was found in the mapping file, if it was.
    """

    section: Section
    persons: tuple[str, ...]
    build: Callable[[], Document]
    part: str = ""
    looked_up: tuple[str, str] | None = None


def read_date(field: str, text: str | None) -> FuzzyDate | None:
    """A date of the right form, read; raises Refused when it does not exist (ORCID 9049) or is out of range."""
    if text is None:
        return None
    try:
        return FuzzyDate.parse(text)
    except ValueError as error:
        raise Refused(field, text, f"{error} (ORCID 9049)") from None
