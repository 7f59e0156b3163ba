"""Texts: what the pages say, a TOML file for each language, and which language a visitor gets."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

CODES = ("en", "es", "fr", "de")
"""The languages, by ORCID's codes for them; the first serves who speaks none of them."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its code, what it calls itself, and its texts by dotted key (`outcome.denied.heading`)."""

    code: str
    name: str
    texts: Mapping[str, str] = field(repr=False)

    def say(self, key: str, **values: str) -> str:
        """The text with its placeholders filled; raises KeyError when the text or a value is missing."""
        return self.texts[key].format_map(values)


def load_languages() -> dict[str, Language]:
    """Every language by its code, in the order in which pages offer them."""
    return {code: _load(code) for code in CODES}


def choose_language(asked: str | None, kept: str | None, accepted: str) -> str:
    """The code of the language to speak: asked for in the address, else kept in the cookie, else the browser's."""
    for code in (asked, kept):
        if code in CODES:
            return code
    wanted = [code for code, _ in sorted(_accepted(accepted), key=lambda one: -one[1]) if code in CODES]
    return wanted[0] if wanted else CODES[0]


def _accepted(header: str) -> Iterator[tuple[str, float]]:
    """The main languages of an Accept-Language header with their weights; what can't be read is left out."""
    for part in header[:1000].split(","):
        tag, _, parameter = part.partition(";")
        name, _, weight = parameter.strip().partition("=")
        try:
            quality = float(weight) if name.strip() == "q" else 1.0
        except ValueError:
            continue
        if quality > 0:
            yield tag.strip().lower().partition("-")[0], quality


def _load(code: str) -> Language:
    content = tomllib.loads(files(__package__).joinpath("texts", f"{code}.toml").read_text("utf-8"))
    return Language(code, content["page"]["language"], dict(_flat(content)))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
