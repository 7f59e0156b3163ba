"""Mutations: what is right made wrong, by a seed: values of JSON within a document, its text, its bytes."""

import json
from collections.abc import Callable, MutableMapping, MutableSequence
from copy import deepcopy
from random import Random
from typing import Any

NASTY: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 7.5, -0.0, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**40, 1e308, 5e-324),
    *("", " ", "0", "-1", "null", "true", "NaN", "\x00", "\x1b[31mred\x1b[0m", "\x07", "\u202eevil\u202c", "\u2066x"),
    *("\ufeff", "\ufffe", "\uffff", "\ud800", "\udc00\ud800", "\U0001f9d1\u200d\U0001f52c", "e\u0301" * 40, "ﬀ", "İ"),
    *("a" * 256, "b" * 5_001, "c" * 100_001, "\n\r\n", "<b>x</b>", "<!ENTITY x>", "&amp;&#0;", "]]>", "${jndi:x}"),
    *("2024-02-30", "2024-13", "0000", "99999", "٢٠٢٤", "2024-1-1", "2024-02-31T25:61:61Z", "9999-12-31T23:59:60Z"),
    *("1970-01-01T00:00:00+99:99", "10.5555/\x00", "https://", "http://[::1", "javascript:alert(1)", "//x", "doi:"),
    *(
        "0000-0002-1825-0097",
        "0000-0002-1825-0098",
        "https://orcid.org/0000-0002-1825-0097",
        "self",
        "SELF",
        "\u017felf",
    ),
    *([], {}, [[]], [None], [{}], {"": None}, {"value": {"value": {}}}, [[[[]]]], ["x"] * 40),
)
"""Values that somebody once sent, or could."""
DEEP: Any = "bottom"
for _ in range(200):
    DEEP = [DEEP]
NAMES = (
    *("", "value", "put-code", "type", "title", "TITLE", "title ", "\x00", "__class__", "external-id", "person", "id"),
    *("data_base64", "datacontenttype"),
)
BYTES = (
    b"\x00",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b'"',
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"]",
    b"1e999",
    b",",
)

Place = tuple[MutableMapping[str, Any] | MutableSequence[Any], Any]


def mutated(value: Any, rng: Random, times: int) -> Any:
    """A copy with so many things wrong in it."""
    value = deepcopy(value)
    for _ in range(times):
        places = _places(value)
        if not places:
            return rng.choice(NASTY)
        holder, key = rng.choice(places)
        rng.choice(_WAYS)(holder, key, rng)
    return value


def _places(value: Any) -> list[Place]:
    """Everywhere something stands within; of what is endless, some."""
    found: list[Place] = []
    left = [value]
    while left and len(found) < 400:
        one = left.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        found.extend((one, key) for key in keys)
        left.extend(one[key] for key in keys)
    return found


def _replace(holder: Any, key: Any, rng: Random) -> None:
    holder[key] = deepcopy(rng.choice(NASTY))


def _drop(holder: Any, key: Any, rng: Random) -> None:
    del rng
    del holder[key]


def _wrap(holder: Any, key: Any, rng: Random) -> None:
    holder[key] = rng.choice(
        ([holder[key]], {"value": holder[key]}, [holder[key], deepcopy(holder[key])], str(holder[key]))
    )


def _unwrap(holder: Any, key: Any, rng: Random) -> None:
    inner = holder[key]
    if isinstance(inner, dict | list) and inner:
        holder[key] = rng.choice(list(inner.values()) if isinstance(inner, dict) else inner)


def _rename(holder: Any, key: Any, rng: Random) -> None:
    if isinstance(holder, dict):
        holder[rng.choice((*NAMES, str(key).upper(), f"{key} "))] = holder.pop(key)


def _spoil_text(holder: Any, key: Any, rng: Random) -> None:
    text = holder[key]
    if isinstance(text, str) and text:
        at = rng.randrange(len(text) + 1)
        odd = rng.choice(("\x00", "\x1b", "\u202e", "\ud83d", "é", " ", "\n", "<", "&", "'", '"', "\\", "٣", "", text))
        holder[key] = text[:at] + odd + text[at + rng.randrange(2) :]


def _repeat(holder: Any, key: Any, rng: Random) -> None:
    if isinstance(holder, list):
        holder.extend(deepcopy(holder[key]) for _ in range(rng.choice((1, 2, 30))))
    else:
        holder[rng.choice(NAMES)] = deepcopy(holder[key])


def _sink(holder: Any, key: Any, rng: Random) -> None:
    if rng.random() < 0.1:
        holder[key] = deepcopy(DEEP)


_WAYS: tuple[Callable[[Any, Any, Random], None], ...] = (
    *(_replace, _replace, _replace, _spoil_text, _spoil_text),
    *(_drop, _wrap, _unwrap, _rename, _repeat, _sink),
)


def written(value: Any, rng: Random) -> bytes:
    """As JSON, in one of its spellings."""
    text = json.dumps(value, ensure_ascii=rng.random() < 0.5, separators=rng.choice(((",", ":"), (", ", ": "))))
    return text.encode("utf-8", "surrogatepass")


def spoiled(content: bytes, rng: Random) -> bytes:
    """Bytes with a few of them wrong, missing, or too many."""
    found = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(found) + 1)
        match rng.randrange(5):
            case 0 if found:
                found[at % len(found)] ^= 1 << rng.randrange(8)
            case 1:
                found[at:at] = rng.choice(BYTES)
            case 2:
                del found[at:]
            case 3:
                del found[at : at + rng.randrange(1, 9)]
            case _:
                found[at:at] = found[at : at + rng.randrange(1, 40)]
    return bytes(found)
