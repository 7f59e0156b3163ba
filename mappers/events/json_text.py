"""JSON text from outside: read strictly, once, into plain data."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from json import JSONDecodeError, JSONDecoder
from typing import Any, Never

from mappers.events.faults import Fault, Rule, escaped

MAX_DEPTH = 64
"""How deep lists and objects may be nested."""

_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""Escapes that may stand for NUL or half of a surrogate pair; in the bytes themselves neither can stand."""
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")


def read_json(value: bytes, field: str) -> Any:
    """Reads JSON; raises Fault naming `field` for what two readers could understand in two ways, or could not keep.

    That is: bytes that aren't UTF-8, keys given twice, NaN and infinities, numbers without bounds, NUL and halves of
    surrogate pairs, nesting without bounds. A byte order mark is passed over. Fractions are read as Decimal.
    """
    try:
        text = value.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault(Rule.NOT_UTF8, field, None, f"is not UTF-8 (byte {error.start})") from None
    try:
        found = _DECODER.decode(text)
    except _Refused as refused:
        raise Fault(refused.rule, field, None, refused.text) from None
    except JSONDecodeError as error:
        raise Fault(Rule.NOT_JSON, field, None, f"is not JSON ({error.msg}, character {error.pos})") from None
    except RecursionError:
        raise Fault(Rule.TOO_DEEP, field, None, _TOO_DEEP) from None
    except ValueError:  # Python's bound on the digits of an integer
        raise Fault(Rule.BAD_NUMBER, field, None, "holds a number of too many digits") from None
    if value.count(b"{") + value.count(b"[") > MAX_DEPTH and _depth(found) > MAX_DEPTH:
        raise Fault(Rule.TOO_DEEP, field, None, _TOO_DEEP)
    if _SUSPECT.search(value) and _has_unusable(found):
        raise Fault(Rule.BAD_CHARACTER, field, None, "holds a NUL or half of a surrogate pair")
    return found


_TOO_DEEP = f"is nested deeper than {MAX_DEPTH} levels"


class _Refused(Exception):  # noqa: N818 - becomes a Fault
    def __init__(self, rule: Rule, text: str) -> None:
        super().__init__(text)
        self.rule = rule
        self.text = text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    raise _Refused(Rule.DUPLICATE_KEY, f"holds the key {escaped(_repeated(pairs))} twice")


def _repeated(pairs: list[tuple[str, Any]]) -> str:
    seen = set()
    for key, _ in pairs:
        if key in seen:
            return key
        seen.add(key)
    return ""


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise _Refused(Rule.BAD_NUMBER, "holds a number out of all bounds") from None


def _constant(text: str) -> Never:
    raise _Refused(Rule.BAD_NUMBER, f"holds {text}, which is no number in JSON")


_DECODER = JSONDecoder(object_pairs_hook=_object, parse_float=_fraction, parse_constant=_constant)


def _children(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _depth(value: Any) -> int:
    """How deep it is nested, at most one more than allowed."""
    level: list[Any] = [value]
    depth = 0
    while depth <= MAX_DEPTH and (level := [one for one in level if isinstance(one, dict | list)]):
        level = [child for one in level for child in _children(one)]
        depth += 1
    return depth


def _has_unusable(value: Any) -> bool:
    """Whether any text within can't be kept: an object's keys count as well."""
    match value:
        case str():
            return _UNUSABLE.search(value) is not None
        case dict():
            return any(_has_unusable(one) for pair in value.items() for one in pair)
        case list():
            return any(_has_unusable(one) for one in value)
        case _:
            return False
