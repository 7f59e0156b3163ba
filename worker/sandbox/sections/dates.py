"""A fuzzy date: year, year and month, or a full day (API_FACTS sections 5.2 and 6.1)."""

import re
from datetime import date

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject

DateParts = tuple[str, ...]


def date_parts(document_date: JsonObject) -> DateParts:
    """The texts of year, month and day, as far as they go."""
    parts = (document_date[key] for key in ("year", "month", "day"))
    return tuple(part["value"] for part in parts if part is not None and part["value"] is not None)


def check_date(document_date: JsonObject | None) -> None:
    """9049 unless it is a real calendar date in the pattern yyyy, yyyy-MM or yyyy-MM-dd."""
    if document_date is None:
        return
    text = "-".join(date_parts(document_date))
    if document_date["year"] is None or not _is_real(text):
        raise OrcidError(9049, dateString=text)


def check_order(start: JsonObject | None, end: JsonObject | None) -> None:
    """9055 when the start lies after the end, compared as far as both go; equal dates are fine (section 5.4)."""
    if start is None or end is None:
        return
    first, last = date_parts(start), date_parts(end)
    shared = min(len(first), len(last))
    if first[:shared] > last[:shared]:
        raise OrcidError(9055)


def _is_real(text: str) -> bool:
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text, re.ASCII):
        return False
    padded = text + "-01-01"[len(text) - 4 :]
    try:
        date.fromisoformat(padded)
    except ValueError:
        return False
    return True
