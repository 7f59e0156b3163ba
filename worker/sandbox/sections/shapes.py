"""A shape: what a JSON body must look like before ORCID's own rules see it (API_FACTS section 5, first paragraph).

Two layers, as at ORCID. `read` is Jackson's: unknown keys, wrong types, unknown enum values; it gives the canonical
document, with every key present, in order, and null where nothing was sent. `check` is the schema's (XSD): required
elements, lengths, blanks, ranges. Items of a bulk are read but not checked (section 1.4).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from worker.sandbox.errors import OrcidError
from worker.sandbox.messages import JsonObject


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule of the schema that a document breaks; `overlong` ones also break the database behind a bulk."""

    at: str
    rule: str
    overlong: bool = False


class Shape(Protocol):
    """What one JSON value may be."""

    def read(self, value: Any, at: str) -> Any:
        """The value in canonical form; raises 9047 when it has the wrong type, key or enum value."""
        ...

    def check(self, value: Any, at: str, found: list[Breach]) -> None:
        """Add to `found` what in the canonical value breaks the schema; the value is not null."""
        ...


def wrong_shape(at: str, rule: str) -> OrcidError:
    """9047 with the field and the rule; ORCID leaves `${error}` in the text."""
    return OrcidError(9047, f"{at}: {rule}")


def length_of(text: str) -> int:
    """As ORCID's program counts: a character beyond U+FFFF is two."""
    return len(text) + sum(character > "\uffff" for character in text)


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `shortest=1` also means that it is not blank."""

    longest: int | None = None
    shortest: int = 0
    pattern: re.Pattern[str] | None = None
    trimmed: bool = False

    def read(self, value: Any, at: str) -> str:
        """The text as sent, or trimmed where ORCID trims it."""
        if not isinstance(value, str):
            raise wrong_shape(at, f"a string is expected, not {type(value).__name__}")
        return value.strip() if self.trimmed else value

    def check(self, value: str, at: str, found: list[Breach]) -> None:
        """Length, blanks and pattern."""
        if self.shortest and not value.strip():
            found.append(Breach(at, "must not be blank"))
        if self.longest is not None and (length := length_of(value)) > self.longest:
            found.append(Breach(at, f"has {length} characters, the maximum is {self.longest}", overlong=True))
        if self.pattern is not None and self.pattern.fullmatch(value) is None:
            found.append(Breach(at, f"value {value!r} does not match pattern '{self.pattern.pattern}'"))


@dataclass(frozen=True, slots=True)
class Digits:
    """An integer written as a string, within bounds: a part of a date."""

    least: int
    most: int

    def read(self, value: Any, at: str) -> str:
        """The string as sent: `4` stays without its zero, and ORCID's date rule refuses it later."""
        if not isinstance(value, str):
            raise wrong_shape(at, f"a string is expected, not {type(value).__name__}")
        return value

    def check(self, value: str, at: str, found: list[Breach]) -> None:
        """A whole number between the bounds."""
        if not re.fullmatch(r"[+-]?\d{1,18}", value, re.ASCII):
            found.append(Breach(at, f"'{value}' is not a valid value for 'integer'"))
        elif not self.least <= int(value) <= self.most:
            found.append(Breach(at, f"{value} is not between {self.least} and {self.most}"))


@dataclass(frozen=True, slots=True)
class Whole:
    """A JSON integer."""

    def read(self, value: Any, at: str) -> int:
        """The number as sent."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong_shape(at, f"an integer is expected, not {value!r}")
        return value

    def check(self, value: int, at: str, found: list[Breach]) -> None:
        """Any integer will do."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of a vocabulary; an alias is read as the word it stands for."""

    words: frozenset[str]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def read(self, value: Any, at: str) -> str:
        """The canonical word."""
        if isinstance(value, str) and (word := self.aliases.get(value, value)) in self.words:
            return word
        raise wrong_shape(at, f"value {value!r} is not one of: {', '.join(sorted(self.words))}")

    def check(self, value: str, at: str, found: list[Breach]) -> None:
        """A word that was read is right."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A read-only field: accepted in whatever form it is sent back, and forgotten (section 5)."""

    def read(self, value: Any, at: str) -> None:
        """Nothing."""
        del value, at

    def check(self, value: Any, at: str, found: list[Breach]) -> None:
        """Nothing is kept, so nothing can be wrong."""


@dataclass(frozen=True, slots=True)
class Fields:
    """An object with these keys and no other; the schema wants the `required` ones and one of `one_of`.

    A shape with a `value` key also takes a plain string for the whole object (section 6.1).
    """

    shapes: Mapping[str, Shape]
    required: tuple[str, ...] = ()
    dropped: frozenset[str] = frozenset()
    one_of: tuple[str, ...] = ()

    def read(self, value: Any, at: str) -> JsonObject:
        """The object with all keys, those not sent being null."""
        if isinstance(value, str) and "value" in self.shapes:
            value = {"value": value}
        if not isinstance(value, dict):
            raise wrong_shape(at, f"an object is expected, not {type(value).__name__}")
        for key in value:
            if key not in self.shapes and key not in self.dropped:
                raise wrong_shape(at, f"Unrecognized field '{key}' (known: {', '.join(sorted(self.shapes))})")
        return {
            key: None if (part := value.get(key)) is None else shape.read(part, f"{at}.{key}")
            for key, shape in self.shapes.items()
        }

    def check(self, value: JsonObject, at: str, found: list[Breach]) -> None:
        """Required keys, then each value by its own shape."""
        if self.required:
            found.extend(Breach(f"{at}.{key}", "is required") for key in self.required if value[key] is None)
        if self.one_of and all(value[key] is None for key in self.one_of):
            found.append(Breach(at, f"needs one of: {', '.join(self.one_of)}"))
        for key, shape in self.shapes.items():
            if (part := value[key]) is not None:
                shape.check(part, f"{at}.{key}", found)


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one shape; a single object stands for a list of one (section 5)."""

    shape: Shape
    least: int = 0
    most: int | None = None

    def read(self, value: Any, at: str) -> list[Any]:
        """The elements in order."""
        elements = value if isinstance(value, list) else [value]
        if None in elements:
            raise wrong_shape(at, "an element is null")
        return [self.shape.read(element, f"{at}[{place}]") for place, element in enumerate(elements)]

    def check(self, value: list[Any], at: str, found: list[Breach]) -> None:
        """How many there are, then each element by its shape."""
        if len(value) < self.least or (self.most is not None and len(value) > self.most):
            found.append(Breach(at, f"has {len(value)} elements, allowed are {self.least} to {self.most or 'any'}"))
        for place, element in enumerate(value):
            self.shape.check(element, f"{at}[{place}]", found)


def wrapped(shape: Shape, **attributes: Shape) -> Fields:
    """A `{"value": …}` object with its XML attributes beside it (section 6.1); `_` in their names stands for `-`."""
    others = {name.replace("_", "-"): attribute for name, attribute in attributes.items()}
    return Fields({"value": shape, **others}, required=("value", *others))


ANY_TEXT: Final = Text()
