"""Titles in another language, from events."""

from collections.abc import Mapping

from mappers.documents import TranslatedTitle
from mappers.events.data import TranslatedTitleData, trimmed
from mappers.vocabularies.languages import language_code


def translated_title(data: TranslatedTitleData | None, languages: Mapping[str, str]) -> TranslatedTitle | None:
    """The title, as far as it is given; None when there is neither text nor language."""
    value, language = (trimmed(data.value), trimmed(data.language)) if data else (None, None)
    if value is None and language is None:
        return None
    return TranslatedTitle(value=value or "", language=language_code(language or "", languages))
