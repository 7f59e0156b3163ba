"""The languages of the consent pages: every page in each, and the one that was chosen stays through the walk."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mappers.identifiers import parse_orcid_id
from mappers.sections import Section
from state.permission_facts import KnownPerson
from tests.web.consent.browsers import Browser, elements, heading_of, page_id
from tests.web.consent.site import ConsentSite
from worker.permission.outcomes import Outcome
from worker.web.consent.pages import AWAY, FORM_REFUSED, NOTHING, Pages, Visit
from worker.web.consent.texts import CODES

ORCID = parse_orcid_id("0000-0002-1825-0097")
FORMER = parse_orcid_id("0000-0001-5109-3700")


def pages_of(institution: str | None) -> Pages:
    """The pages of an institution."""
    where = {"auth_url": "https://orcid.org", "redirect_uri": "https://orcid.example.edu/callback"}
    return Pages(institution=institution, sections=list(Section), **where)


def all_pages(pages: Pages, visit: Visit) -> dict[str, str]:
    """Every page there is, in one language."""
    known, nameless = KnownPerson("E1", "<b>Josiah</b>"), KnownPerson("E1")
    made = {
        "connect": pages.connect(visit, "c"),
        "confirm": pages.confirm(visit, state="s", csrf="c", known=known, orcid=ORCID, name="", former=None),
        "moves": pages.confirm(visit, state="s", csrf="c", known=nameless, orcid=ORCID, name="<i>J", former=FORMER),
        "granted-page": pages.granted(visit, known, ORCID),
        **{one: pages.outcome(visit, one) for one in (*Outcome, NOTHING, FORM_REFUSED, AWAY) if one not in _OFFERS},
    }
    return {name: bytes(page.body).decode() for name, page in made.items()}


_OFFERS = {Outcome.OFFERED, Outcome.MOVES}


@pytest.mark.parametrize("institution", ["Universität <Ü> & Söhne", None], ids=["named", "neutral"])
@pytest.mark.parametrize("code", CODES)
def test_every_page_in_every_language(code: str, institution: str | None) -> None:
    """Each is whole, says its language, and shows names as text, never as markup."""
    pages = pages_of(institution)
    for name, text in all_pages(pages, Visit(pages.languages[code])).items():
        assert f'<html lang="{code}">' in text, name
        assert "{" not in text.partition("</style>")[2], name
        assert "<b>Josiah" not in text, name
        assert "<i>J" not in text, name
        assert "<Ü>" not in text, name


@pytest.mark.parametrize("code", CODES)
def test_the_browsers_language(site: ConsentSite, code: str) -> None:
    """The browser's wish counts where nobody chose, and goes on to ORCID."""
    browser = site.browser({"accept-language": f"{code},xx;q=0.5"})
    page = browser.get(site.link())
    query = parse_qs(urlsplit(site.leave(browser, site.link())).query)

    assert elements(page, "//html")[0].get("lang") == code
    assert page.headers["content-language"] == code
    assert query["lang"] == [code]


def test_the_chosen_language_stays(site: ConsentSite, orcid: str) -> None:
    """Chosen on the first page, it is that of the last, whatever the browser prefers."""
    browser = site.browser({"accept-language": "fr"})
    page = browser.get(site.link() + "?lang=es")
    reply = browser.press(page, "continue")
    back = browser.follow(browser.get(site.control.consent(reply.headers["location"], orcid)))
    end = browser.follow(browser.press(back, "yes"))

    assert parse_qs(urlsplit(reply.headers["location"]).query)["lang"] == ["es"]
    assert heading_of(back) == "¿Es usted, y es este su registro ORCID?"
    assert heading_of(end) == "Gracias: su registro ORCID está conectado"


def test_changing_the_language_later(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """Every page links to itself in the other languages, so that nothing is lost by a change."""
    page = site.offered(browser, orcid)
    [french] = elements(page, "//a[@hreflang='fr']")
    [current] = elements(page, "//*[@aria-current='true']")
    translated = browser.get(f"/callback{french.get('href')}")

    assert current.text == "English"
    assert heading_of(translated) == "Est-ce bien vous, et votre dossier ORCID\u00a0?"
    assert page_id(browser.follow(browser.press(translated, "yes"))) == "granted-page"


def test_the_institutions_name(make_site: Callable[..., ConsentSite], tmp_path: Path) -> None:
    """The mapping file's name stands in the pages; sections that it switches off do not."""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('name = "Example University"\n[sections.keywords]\nenabled = false\n')
    site = make_site(mapping_file=mapping)
    page = site.browser().get(site.link())

    assert "This page comes from Example University." in page.text
    assert [one.text for one in elements(page, "//*[@id='institution']")] == ["Example University"]
    assert "Keywords" not in page.text
    assert "Works" in page.text


def test_without_a_name(site: ConsentSite) -> None:
    """Where the mapping file names none, the wording is neutral."""
    page = site.browser().get(site.link())

    assert "This page comes from your institution." in page.text
    assert not elements(page, "//*[@id='institution']")
