"""The texts of the consent pages: every language says the same, in good order."""

import re
from importlib.resources import files
from string import Formatter

import pytest

from mappers.sections import Section
from worker.permission.outcomes import Outcome
from worker.web.consent import texts
from worker.web.consent.pages import AWAY, FORM_REFUSED, NOTHING
from worker.web.consent.texts import CODES, choose_language, load_languages

LANGUAGES = load_languages()
MASTER = LANGUAGES[CODES[0]].texts
OTHERS = CODES[1:]
WITH_A_PAGE_OF_THEIR_OWN = {Outcome.OFFERED, Outcome.MOVES}


def placeholders(text: str) -> set[str]:
    """The names of the values that a text wants."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def used() -> set[str]:
    """Every key that the pages ask for."""
    templates = files(texts.__package__).joinpath("templates").iterdir()
    asked = {key for one in templates for key in re.findall(r"""\bt\("([\w.]+)"[,)]""", one.read_text("utf-8"))}
    outcomes = {*Outcome, NOTHING, FORM_REFUSED, AWAY} - WITH_A_PAGE_OF_THEIR_OWN
    asked |= {f"outcome.{outcome}.{part}" for outcome in outcomes for part in ("heading", "text")}
    asked |= {f"sections.{section}" for section in Section}
    return asked | {"page.language", "page.institution", "connect.heading", "confirm.heading", "moves.heading"}


def test_every_text_is_used_and_none_is_missing() -> None:
    """Each outcome has a page, each section a name, and no text lies about."""
    assert used() == set(MASTER)


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_is_whole(code: str) -> None:
    """The same keys as in English, and in each the same placeholders."""
    translated = LANGUAGES[code].texts

    assert set(translated) == set(MASTER)
    assert {key: placeholders(text) for key, text in translated.items()} == {
        key: placeholders(text) for key, text in MASTER.items()
    }


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_is_one(code: str) -> None:
    """Whole sentences are not left in English."""
    translated = LANGUAGES[code].texts

    assert [key for key, text in translated.items() if text == MASTER[key] and len(text.split()) > 2] == []


@pytest.mark.parametrize("code", CODES)
def test_a_text_is_in_good_order(code: str) -> None:
    """No text begins with the institution, whose neutral wording begins no sentence; none has loose ends."""
    for key, text in LANGUAGES[code].texts.items():
        assert not text.startswith("{institution}"), key
        assert text == text.strip(), key
        assert "  " not in text, key
        assert "'" not in text, f"{key}: an apostrophe is a curved one"


def test_french_signs_stay_with_their_word() -> None:
    """French sets a space before : ; ? ! », and no line breaks there."""
    loose = [key for key, text in LANGUAGES["fr"].texts.items() if re.search(r" [:;?!»]|« ", text)]

    assert loose == []


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "chosen"),
    [
        pytest.param(None, None, "", "en", id="nothing-said"),
        pytest.param(None, None, "es", "es", id="browser"),
        pytest.param(None, None, "fr-CA,fr;q=0.9,en;q=0.8", "fr", id="browser-with-a-country"),
        pytest.param(None, None, "ja, en;q=0.3, de;q=0.7", "de", id="the-weightiest-we-speak"),
        pytest.param(None, None, "ES-mx", "es", id="case-does-not-matter"),
        pytest.param(None, None, "es;q=0, fr", "fr", id="not-wanted"),
        pytest.param(None, None, "ja", "en", id="none-we-speak"),
        pytest.param(None, None, ";;q=x,,es;q=much,*", "en", id="nonsense"),
        pytest.param(None, "de", "es", "de", id="kept-before-browser"),
        pytest.param("fr", "de", "es", "fr", id="asked-before-kept"),
        pytest.param("xx", "yy", "es", "es", id="unknown-ones-do-not-count"),
    ],
)
def test_choosing_a_language(asked: str | None, kept: str | None, accepted: str, chosen: str) -> None:
    """The address goes before the cookie, and that before the browser's wishes."""
    assert choose_language(asked, kept, accepted) == chosen
