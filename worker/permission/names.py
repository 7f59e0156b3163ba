"""Names: whether ORCID's name of a record and the institution's name of a person clearly are of two people."""

import re
import unicodedata

_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h"}
    | {"\N{LATIN SMALL LETTER DOTLESS I}": "i"}
    | {"\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{MODIFIER LETTER APOSTROPHE}": "'"}
)
_NOBODYS = re.compile(
    "dr|prof|professor|mr|mrs|ms|sir|phd|md|msc|jr|sr|ii|iii"
    "|de|del|der|den|des|di|da|do|dos|das|du|la|le|el|al|y|van|von"
)
"""Titles, and particles that half a country's names have."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
SHORTEST_MISSPELT = 5
"""Letters from which on two words that differ by one letter count as the same."""


def differ_clearly(ours: str, theirs: str) -> bool:
    """Whether two names share nothing that names a person: no word, spelt alike or nearly so, whatever their order.

    Accents, case, titles and hyphens say nothing, and initials stand for words. Names that are not known, or written
    in scripts that share no letter, can't be compared: they don't differ clearly. Marriage changes a family name, so
    one word in common is enough.
    """
    mine, others = _telling(_words(ours), _words(theirs))
    if not mine or not others or not _scripts(mine) & _scripts(others):
        return False
    full, other_full = _long(mine), _long(others)
    if full and other_full:
        joined = {"".join(mine), "".join(others)}
        return len(joined) > 1 and not any(_alike(one, other) for one in full for other in other_full)
    return not {word[0] for word in mine} & {word[0] for word in others}


def _words(name: str) -> list[str]:
    apart = unicodedata.normalize("NFKD", name[:500].casefold().translate(_LETTERS))
    plain = "".join(char for char in apart if not unicodedata.combining(char))
    return [word.replace("'", "") for word in _WORD.findall(plain)]


def _telling(mine: list[str], others: list[str]) -> tuple[list[str], list[str]]:
    """Without titles and particles, unless one of the names is nothing else."""
    bare, other_bare = ([word for word in words if not _NOBODYS.fullmatch(word)] for words in (mine, others))
    return (bare, other_bare) if bare and other_bare else (mine, others)


def _long(words: list[str]) -> list[str]:
    """Words, not initials; one letter is a whole word where writing has no alphabet."""
    return [word for word in words if len(word) > 1 or not _scripts([word]) & _ALPHABETS]


_ALPHABETS = frozenset({"LATIN", "GREEK", "CYRILLIC"})


def _scripts(words: list[str]) -> set[str]:
    return {unicodedata.name(char, "UNKNOWN").partition(" ")[0] for word in words for char in word}


def _alike(one: str, other: str) -> bool:
    """The same word, the German way to write umlauts included, or a letter away from it."""
    if one == other or _without_e(one) == _without_e(other):
        return True
    longer, shorter = sorted((one, other), key=len, reverse=True)
    if len(shorter) < SHORTEST_MISSPELT or len(longer) - len(shorter) > 1:
        return False
    same = next((at for at in range(len(shorter)) if longer[at] != shorter[at]), len(shorter))
    rest = shorter[same:] if len(longer) > len(shorter) else shorter[same + 1 :]
    return longer[same + 1 :] == rest


def _without_e(word: str) -> str:
    return re.sub("(?<=[aou])e", "", word)
