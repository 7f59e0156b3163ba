"""Times of events: RFC 3339 text, made canonical so that it sorts as text."""

import re
from datetime import datetime, timedelta

_FORM = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)


def canonical_time(text: str) -> str:
    """The time in UTC with nine digits of fraction: text that sorts as the times do. Raises ValueError naming the rule.

    A leap second counts as the second after it.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError("is not a time (RFC 3339, such as 2026-03-01T09:00:00Z; at most nanoseconds)")
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    fraction, sign, hours, minutes = found.groups()[6:]
    leap = second == 60
    try:
        moment = datetime(year, month, day, hour, minute, 59 if leap else second)  # noqa: DTZ001 - as given, see _utc
        utc = _utc(moment, sign, hours, minutes)
        whole = _after_leap_second(utc) if leap else utc
    except (ValueError, OverflowError):
        raise ValueError("is a time that does not exist") from None
    return f"{whole.isoformat()}.{fraction or '0':0<9}Z"


def epoch(canonical: str) -> float:
    """Seconds since 1970 of a time made canonical."""
    whole = datetime.fromisoformat(f"{canonical[:19]}+00:00")
    return whole.timestamp() + int(canonical[20:29]) / 1e9


def _utc(moment: datetime, sign: str | None, hours: str | None, minutes: str | None) -> datetime:
    """The moment at its offset, in UTC; both without a zone of their own."""
    if hours is None or minutes is None:
        return moment
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return moment + offset if sign == "-" else moment - offset


def _after_leap_second(last: datetime) -> datetime:
    if (last.hour, last.minute) != (23, 59):
        raise ValueError
    return last + timedelta(seconds=1)
