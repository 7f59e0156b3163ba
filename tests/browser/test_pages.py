"""Every page: accessible, narrow enough for a telephone, and in each language."""

import tomllib
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.pages import LANGUAGES, OPERATORS, TEXTS, WAYS, fill
from tests.browser.site import Site
from worker.permission.outcomes import Outcome

NARROW = {"width": 320, "height": 640}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}


def violations(page: Page) -> list[str]:
    """What axe finds against the Web Content Accessibility Guidelines, levels A and AA."""
    axe: Any = Axe()
    found = axe.run(page, options=RULES).response["violations"]
    return [f"{one['id']}: {one['help']}: {node['html']}" for one in found for node in one["nodes"]]


def too_wide(page: Page) -> int:
    """Pixels that one would have to scroll sideways."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("name", WAYS)
def test_a_page_is_accessible_and_fits_a_telephone(site: Site, name: str) -> None:
    """No violation of WCAG A and AA, nothing to scroll sideways at 320 pixels, a title, and one heading."""
    with site.researcher(viewport=NARROW) as researcher:
        WAYS[name].walk(site, researcher)
        page = researcher.sees(name).page

        assert violations(page) == []
        assert too_wide(page) == 0
        assert page.title()
        assert page.locator("h1").count() == 1


def test_the_operators_pages_are_accessible(site: Site) -> None:
    """No violation of WCAG A and AA, and nothing to scroll sideways on a telephone."""
    with site.researcher(viewport=NARROW) as researcher:
        fill(site, researcher)
        for path in OPERATORS.values():
            page = researcher.open(site.web + path).page
            assert (path, violations(page), too_wide(page)) == (path, [], 0)
            assert page.locator("h1").count() == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_walk_in_each_language(site: Site, language: str) -> None:
    """The browser's language is that of our pages, from the first to the last; long words fit, too."""
    texts = tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8"))
    person = site.new_person()
    seen = []
    with site.researcher(language=language, viewport=NARROW) as researcher:
        for page in ("connect", "confirm", "granted"):
            match page:
                case "connect":
                    researcher.open(site.link(person))
                case "confirm":
                    researcher.continue_to_orcid().sign_in(site.institution.orcid(person)).decide("approve")
                case _:
                    researcher.answer("yes")
            shown = researcher.sees(page).page
            assert shown.get_attribute("html", "lang") == language
            assert too_wide(shown) == 0
            seen.append(shown.inner_text("h1"))

    assert seen == [texts["connect"]["heading"], texts["confirm"]["heading"], texts["outcome"]["granted"]["heading"]]


def test_another_language_is_a_link_away(site: Site) -> None:
    """And it stays so to the end of the walk."""
    person = site.new_person()
    with site.researcher(language="pt-BR") as researcher:
        researcher.open(site.link(person))
        assert researcher.page.get_attribute("html", "lang") == "en"
        researcher.page.click("#languages a[hreflang=es]")
        researcher.continue_to_orcid().sign_in(site.institution.orcid(person)).decide("approve").sees("confirm")
        assert researcher.page.get_attribute("html", "lang") == "es"


def test_every_outcome_has_its_way() -> None:
    """A new outcome needs a walk that leads to it, and gets its picture by that."""
    offered = {"offered"}  # the page `confirm`

    assert {one.value for one in Outcome} - offered <= set(WAYS)
