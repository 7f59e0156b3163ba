"""An ORCID iD: sixteen characters with a check digit (ISO 7064 MOD 11-2)."""

import re
from typing import Final

ORCID_PATTERN: Final = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", re.ASCII)


def is_orcid_id(text: str) -> bool:
    """Whether `text` is an iD in its four groups, check digit included."""
    return ORCID_PATTERN.fullmatch(text) is not None and check_digit(text) == text[-1]


def check_digit(text: str) -> str:
    """The check digit of the first fifteen digits of `text`."""
    total = 0
    for digit in text.replace("-", "")[:15]:
        total = (total + int(digit)) * 2
    remainder = (12 - total % 11) % 11
    return "X" if remainder == 10 else str(remainder)


def orcid_id(number: int) -> str:
    """The iD of a number: what demos and benchmarks use to have as many people as they like."""
    digits = f"{number:015d}"
    text = "-".join((digits[:4], digits[4:8], digits[8:12], digits[12:]))
    return text + check_digit(text)
