"""Terms: a vocabulary, written down as words, and the way to it from how systems spell its words."""

import re
from collections.abc import Iterable, Mapping

_BETWEEN_WORDS = re.compile(r"[\s_-]+")


def words(text: str) -> frozenset[str]:
    """The words of a text, each once."""
    return frozenset(text.split())


def folded(term: str) -> str:
    """A term as vocabularies compare it: lower case, a dash between words (`CO_LEAD` and `Co Lead` are `co-lead`)."""
    return _BETWEEN_WORDS.sub("-", term.strip().lower())


def spellings(terms: Iterable[str]) -> dict[str, str]:
    """The terms by how they compare."""
    return {folded(term): term for term in terms}


def known_term(term: str, known: Mapping[str, str], extra: Mapping[str, str]) -> str:
    """ORCID's spelling of a term: the mapping file's word for it (`extra`) first, then `known`, by how terms compare.

    A term nobody knows comes back as it is, for the rules to refuse by its name: never guessed.
    """
    text = term.strip()
    if (mapped := extra.get(text.lower())) is not None:
        return mapped
    return known.get(folded(text), text)
