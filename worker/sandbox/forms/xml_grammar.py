"""The grammar of ORCID's documents: which element follows which, in which namespace, and what JSON calls it.

The tables built from it (`xml_activities.py`, `xml_person.py`, `xml_roots.py`) serve every form but v3.0's JSON: XML is
read and written by them, and v2.1's JSON is what of v3.0's JSON its tables know, with its own words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

NAMESPACE: Final = "http://www.orcid.org/ns/"
"""Where the names of all namespaces start; the rest is the prefix that ORCID uses."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text, a plain string in JSON.

    With `words` it is one of them. `enum` is the Java enum behind the words where v3.0 has one: a wrong word is 9051
    there. `named`: v2.1's JSON has the enum's upper-case name instead of the word. What v2.1 shows for a word that only
    v3.0 has is in `shown_as`, else it is `otherwise`.
    """

    words: frozenset[str] | None = None
    enum: str | None = None
    named: bool = False
    shown_as: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None

    def down(self, word: str) -> str | None:
        """The word as v2.1 knows it."""
        if self.words is None or word in self.words:
            return word
        return self.shown_as.get(word, self.otherwise)

    def up(self, word: str) -> str:
        """The word of v3.0 that a word of v2.1 stands for."""
        return next((newer for newer, older in self.shown_as.items() if older == word), word)


@dataclass(frozen=True, slots=True)
class Number:
    """An integer; the display-index may be text in JSON."""


@dataclass(frozen=True, slots=True)
class Flag:
    """`true` or `false`."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time: `{"value": milliseconds}` in JSON, ISO 8601 with milliseconds and Z in XML (section 6.1)."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """A word that JSON and XML spell differently in both versions; only replies have it."""

    in_xml: Mapping[str, str]


Scalar = Text | Number | Flag | Renamed


@dataclass(frozen=True, slots=True)
class Value:
    """Text with attributes: `{"value": …, attribute: …}` in JSON; `ignored` attributes are taken and forgotten."""

    text: Text = field(default_factory=Text)
    attributes: Mapping[str, Scalar] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Group:
    """Elements in this order, and attributes; `json_only` are keys that no XML has."""

    children: tuple["Element | Run", ...]
    attributes: Mapping[str, Scalar] = field(default_factory=dict)
    json_only: frozenset[str] = frozenset()

    @cached_property
    def by_key(self) -> Mapping[str, "Element | Run"]:
        """The children by the key that JSON has for them."""
        known: dict[str, Element | Run] = {}
        for child in self.children:
            if isinstance(child, Run):
                known[child.key] = child
            elif child.unwrapped and isinstance(child.content, Group):
                known |= child.content.by_key
            else:
                known[child.name] = child
        return known


Content = Scalar | Moment | Value | Group


@dataclass(frozen=True, slots=True)
class Element:
    """One element: its namespace by prefix, its name, what is in it.

    `many` is a list in JSON. `required` is what the schema of v2.1 wants; v3.0's shapes know that by themselves.
    `unwrapped`: JSON has the children where XML has this element around them.
    """

    space: str
    name: str
    content: Content
    many: bool = False
    required: bool = False
    unwrapped: bool = False

    @property
    def tag(self) -> str:
        """The name in Clark notation."""
        return f"{{{NAMESPACE}{self.space}}}{self.name}"


@dataclass(frozen=True, slots=True)
class Run:
    """Any of some elements, over and over: in JSON a list of objects with one key each (section 6.1)."""

    key: str
    options: tuple[Element, ...]


def elements_of(child: Element | Run) -> tuple[Element, ...]:
    """The elements that may stand at a place."""
    return child.options if isinstance(child, Run) else (child,)


TEXT: Final = Text()
VALUE: Final = Value()
MOMENT: Final = Moment()
NUMBER: Final = Number()
FLAG: Final = Flag()
