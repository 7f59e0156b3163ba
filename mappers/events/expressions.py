"""Expressions of the mapping file: JMESPath over a message's JSON, with a few functions for rows and articles.

`key()`                the message's key: JSON when it is JSON, else its text
`text(x)`              a text without the white space around it, or a number as text
`lower(x)`             a text in lower case
`split(x, separator)`  the parts of a text, each without the white space around it; parts that are blank are left out
`plain(x)`             a text of HTML or JATS without its tags, with its entities resolved
`date(x)`              the date that an ISO date or time begins with
`from_epoch_days(n)`   the date of so many days since 1970-01-01 (Debezium's io.debezium.time.Date)
`from_epoch_millis(n)` the time of so many milliseconds since 1970 (Timestamp, ts_ms)
`from_epoch_micros(n)` the time of so many microseconds since 1970 (MicroTimestamp)
`date_parts(x)`        `[[2024,3,1]]`, as Crossref and CSL write dates, as `2024-03-01`

Each of them gives null for null, and for what is blank.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import jmespath
from jmespath import exceptions, functions
from jmespath.functions import signature
from jmespath.visitor import Options, TreeInterpreter

from mappers.events import markup

MAX_STEPS = 500_000
"""How many steps an evaluation may take: far more than a message of ten thousand contributors asks for."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:[T ].*)?", re.ASCII | re.DOTALL)


class EvaluationError(Exception):
    """An expression can't be evaluated: why, in words that hold nothing of the message."""


class Expression:
    """A compiled expression."""

    def __init__(self, text: str) -> None:
        """Raises ValueError saying what is wrong with it: its form, or a function that it calls."""
        self.text = text
        try:
            self._tree = jmespath.compile(text).parsed
        except exceptions.JMESPathError as error:
            raise ValueError(f"is not JMESPath: {_first_line(error)}") from None
        except RecursionError:
            raise ValueError("is nested too deep") from None
        for name, given in _calls(self._tree):
            _check_call(name, given)

    @property
    def literal(self) -> str | None:
        """The text that it always gives ('…'), None when it depends on the message."""
        value = self._tree["value"] if self._tree["type"] == "literal" else None
        return value if isinstance(value, str) else None

    def evaluate(self, value: Any, key: Any = None) -> Any:
        """What it gives for a message's value and key; raises EvaluationError, and nothing else."""
        try:
            return _Bounded(key).visit(self._tree, value)
        except EvaluationError:
            raise
        except exceptions.JMESPathTypeError as error:
            raise EvaluationError(f"can't be made: {error.function_name}() does not take {error.actual_type}") from None
        except RecursionError:
            raise EvaluationError("can't be made: it is nested too deep") from None
        except Exception as error:  # noqa: BLE001 - hostile data may break any function in its own way
            raise EvaluationError(f"can't be made of this message ({type(error).__name__})") from None

    def holds(self, value: Any, key: Any = None) -> bool:
        """Whether it gives something true, as JMESPath has it; raises EvaluationError."""
        found = self.evaluate(value, key)
        return not (found is None or found is False or found in ("", [], {}))


class _Functions(functions.Functions):
    """JMESPath's functions and ours. Fractions are Decimals, which its own functions don't count as numbers."""

    def __init__(self, key: Any) -> None:
        self._key = key

    @signature()
    def _func_key(self) -> Any:
        return self._key

    @signature({"types": []})
    def _func_to_string(self, value: Any) -> Any:
        return str(value) if isinstance(value, Decimal) else super()._func_to_string(value)  # type: ignore[misc]

    @signature({"types": []})
    def _func_to_number(self, value: Any) -> Any:
        return value if isinstance(value, Decimal) else super()._func_to_number(value)  # type: ignore[misc]

    @signature({"types": []})
    def _func_text(self, value: Any) -> str | None:
        if isinstance(value, bool | list | dict):
            raise EvaluationError("can't be made: text() takes a string or a number")
        return str(value).strip() or None if value is not None else None

    @signature({"types": ["string", "null"]})
    def _func_lower(self, value: str | None) -> str | None:
        return value.lower() if value else None

    @signature({"types": ["string", "null"]}, {"types": ["string"]})
    def _func_split(self, value: str | None, separator: str) -> list[str] | None:
        if not separator:
            raise EvaluationError("can't be made: split() takes a separator")
        return [part.strip() for part in (value or "").split(separator) if part.strip()] or None

    @signature({"types": ["string", "null"]})
    def _func_plain(self, value: str | None) -> str | None:
        if value is not None and len(value) > markup.MAX_MARKUP:
            raise EvaluationError(f"can't be made: plain() takes at most {markup.MAX_MARKUP} characters")
        return (value and markup.plain(value)) or None

    @signature({"types": ["string", "null"]})
    def _func_date(self, value: str | None) -> str | None:
        if value is None or not value.strip():
            return None
        found = _DATE.fullmatch(value.strip())
        if found is None:
            raise EvaluationError("can't be made: date() takes an ISO date or time, such as 2024-03-01T00:00:00")
        return found[1]

    @signature({"types": ["number", "null"]})
    def _func_from_epoch_days(self, value: int | None) -> str | None:
        return None if value is None else str(date(1970, 1, 1) + timedelta(days=_whole(value)))

    @signature({"types": ["number", "null"]})
    def _func_from_epoch_millis(self, value: int | None) -> str | None:
        return None if value is None else _time(timedelta(milliseconds=_whole(value)))

    @signature({"types": ["number", "null"]})
    def _func_from_epoch_micros(self, value: int | None) -> str | None:
        return None if value is None else _time(timedelta(microseconds=_whole(value)))

    @signature({"types": ["array", "null"]})
    def _func_date_parts(self, value: list[Any] | None) -> str | None:
        first = value[0] if value else None
        parts = first if isinstance(first, list) else []
        given = [_whole(part) for part in parts[:3] if part not in (None, "")]
        return "-".join(f"{part:0{4 if place == 0 else 2}d}" for place, part in enumerate(given)) or None


class _Bounded(TreeInterpreter):
    """Evaluates with an end, whatever expression and message meet."""

    def __init__(self, key: Any) -> None:
        super().__init__(Options(custom_functions=_Functions(key)))
        self._steps = 0

    def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise EvaluationError(f"can't be made in {MAX_STEPS} steps")
        return super().visit(node, *args, **kwargs)


def _whole(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 4:  # CSL also has "2024"
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise EvaluationError("can't be made: a date takes whole numbers")
    return value


def _time(since: timedelta) -> str:
    return (_EPOCH + since).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _calls(node: Any) -> Iterator[tuple[str, int]]:
    """The functions that an expression calls, each with how many arguments it is given."""
    if isinstance(node, dict):
        if node["type"] == "function_expression":
            yield node["value"], len(node["children"])
        for child in node.get("children", ()):
            yield from _calls(child)


def _check_call(name: str, given: int) -> None:
    """JMESPath itself finds out about these only when a message comes."""
    if name not in _Functions.FUNCTION_TABLE:
        raise ValueError(f"calls {name}(), which is no function")
    takes = _Functions.FUNCTION_TABLE[name]["signature"]
    variadic = bool(takes) and takes[-1].get("variadic", False)
    if given < len(takes) or (given > len(takes) and not variadic):
        raise ValueError(f"gives {name}() {given} values, not {len(takes)}{' or more' if variadic else ''}")


def _first_line(error: Exception) -> str:
    """JMESPath repeats the whole expression on further lines."""
    return str(error).splitlines()[0].partition(", for expression")[0].strip()
