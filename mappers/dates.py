"""Fuzzy dates: a year, a month of a year, or a day, as ORCID keeps them."""

import calendar
import re
from dataclasses import dataclass
from typing import Self

FORM = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
"""The forms of a date in an event: YYYY, YYYY-MM or YYYY-MM-DD."""


class OutOfRange(ValueError):  # noqa: N818 - a kind of wrong value
    """A year, month or day that ORCID's schema has no place for (API_FACTS.md 5.1), whatever the calendar says."""


@dataclass(frozen=True, slots=True)
class FuzzyDate:
    """A date as precise as its source knew it. Always one that exists, between 1900 and 2100 (API_FACTS.md 5.1)."""

    year: int
    month: int | None = None
    day: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads a date; raises ValueError naming the rule that it breaks: form, calendar, or OutOfRange."""
        found = FORM.fullmatch(text)
        if found is None:
            raise ValueError("is not a date (YYYY, YYYY-MM or YYYY-MM-DD)")
        year, month, day = (int(part) if part else None for part in found.groups())
        if year is None or not 1900 <= year <= 2100:
            raise OutOfRange("has a year outside ORCID's range, 1900 to 2100")
        if not (month is None or 1 <= month <= 12) or not (day is None or 1 <= day <= 31):
            raise OutOfRange("is a date that does not exist")
        if month is not None and day is not None and day > calendar.monthrange(year, month)[1]:
            raise ValueError("is a date that does not exist")
        return cls(year, month, day)

    def __str__(self) -> str:
        parts = [f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)

    def is_after(self, other: "FuzzyDate") -> bool:
        """Surely later than `other`: compared as far as both are known."""
        ours, theirs = (self.year, self.month, self.day), (other.year, other.month, other.day)
        for mine, its in zip(ours, theirs, strict=True):
            if mine is None or its is None or mine == its:
                if mine is None or its is None:
                    return False
                continue
            return mine > its
        return False
