"""A researcher gives permission in a real browser, at the real pages, and the stand-in plays ORCID's side."""

import re

from playwright.sync_api import expect

from tests.benchmarks.institution import person_id
from tests.browser.researcher import Researcher
from tests.browser.site import Site


def test_who_consents_and_confirms_gets_what_waited(site_of_run: Site) -> None:
    """From the link of an invitation to the record, by the daemon alone; nothing is sent before the confirmation."""
    site = site_of_run
    person = site.new_person()
    orcid = site.institution.orcid(person)
    with site.researcher() as researcher:
        researcher.open(site.link(person)).sees("connect")
        assert "Example University" in researcher.page.inner_text("body")
        researcher.continue_to_orcid()
        expect(researcher.page).to_have_title(re.compile("ORCID stand-in"))
        researcher.sign_in(orcid).decide("approve").sees("confirm")
        assert "Sofia Garcia" in researcher.text
        assert orcid in researcher.text
        assert site.institution.titles(person) == []
        assert site.grants(person) == []

        researcher.answer("yes").sees("granted")
        assert orcid in researcher.text
        assert "Trusted parties" in researcher.text

    site.until(lambda: site.has_all(person))
    assert site.grants(person) == [(orcid, "active")]
    assert site.logged("consent_granted") == 1


def test_who_denies_gives_nothing(site: Site) -> None:
    """The page says so, the log says so, and nothing is granted or sent."""
    person, before = site.new_person(), site.logged("consent_denied")
    with site.researcher() as researcher:
        researcher.open(site.link(person)).continue_to_orcid().sign_in(site.institution.orcid(person)).decide("deny")
        researcher.sees("denied")
        assert "You denied us access at ORCID" in researcher.text

    site.sync()
    assert (site.grants(person), site.institution.titles(person)) == ([], [])
    assert site.logged("consent_denied") == before + 1


def test_who_comes_with_a_colleagues_id_gets_nothing_and_changes_nothing(site: Site) -> None:
    """An iD belongs to one person: the page says that it is taken, and the colleague keeps all they had."""
    colleague, person = site.new_person(), site.new_person()
    site.institution.permit(colleague)
    site.sync()
    with site.researcher() as researcher:
        # Who is signed in at ORCID with an iD that has permitted all this already is sent back at once.
        researcher.open(site.link(person)).continue_to_orcid().sign_in(site.institution.orcid(colleague))
        researcher.sees("id_taken")
        assert person_id(colleague) not in researcher.page.content()

    site.sync()
    assert site.grants(person) == []
    assert site.grants(colleague) == [(site.institution.orcid(colleague), "active")]
    assert site.has_all(colleague)


def test_a_name_that_clearly_differs_is_held_until_an_operator_looked(site: Site) -> None:
    """The researcher confirmed, and nothing is sent before an approval."""
    person = site.new_person(name_at_orcid="Bertrand Quigley")
    with site.researcher() as researcher:
        researcher.consent(site.link(person), site.institution.orcid(person)).sees("confirm")
        assert "Bertrand Quigley" in researcher.text
        researcher.answer("yes").sees("held")

    site.sync()
    assert (site.grants(person), site.institution.titles(person)) == ([], [])
    site.approve(site.held("consent-", person))
    assert site.has_all(person)


def test_a_connected_person_moves_to_another_record_only_on_their_word(site: Site) -> None:
    """The page shows both iDs. A no leaves all as it is; a yes moves, and the old record's removal is held."""
    person = site.new_person()
    old, new = site.institution.orcid(person), site.institution.orcid(person + 500)
    site.institution.permit(person)
    site.sync()
    site.control.create_record(new, name="Sofia Garcia")
    with site.researcher() as researcher:
        researcher.consent(site.link(person), new).sees("moves")
        assert old in researcher.text
        assert new in researcher.text
        researcher.answer("no").sees("declined")
        assert site.grants(person) == [(old, "active")]

        # Signed in at ORCID still, and all is permitted there: it leads back at once.
        researcher.open(site.link(person)).continue_to_orcid().sees("moves").answer("yes").sees("granted")

    site.sync()
    assert (new, "active") in site.grants(person)
    on_new = site.control.record(new).items
    assert len(on_new) == len(site.control.record(old).items) == 2
    site.approve(site.held("move-", person))
    assert (len(site.control.record(new).items), len(site.control.record(old).items)) == (2, 0)


def test_a_reload_asks_orcid_for_nothing(site: Site) -> None:
    """The code is exchanged once: a second time would end the permission. Every reload shows what became of it."""
    person, before = site.new_person(), site.exchanges()
    with site.researcher() as researcher:
        researcher.consent(site.link(person), site.institution.orcid(person)).sees("confirm")
        assert "code=" not in researcher.page.url
        researcher.page.reload()
        researcher.sees("confirm").open(researcher.callback).sees("confirm")
        researcher.answer("yes").sees("granted").open(researcher.callback).sees("granted")
        researcher.page.reload()
        researcher.sees("granted")

    assert site.exchanges() == before + 1
    site.sync()
    assert site.has_all(person)


def test_the_back_button_does_no_harm(site: Site) -> None:
    """Back over ORCID's pages and ours, and forward again: what is granted stays granted, once."""
    person, before = site.new_person(), site.exchanges()
    with site.researcher() as researcher:
        researcher.consent(site.link(person), site.institution.orcid(person)).sees("confirm").answer("yes")
        researcher.sees("granted")
        researcher.page.go_back()
        researcher.sees("granted")
        researcher.page.go_back()
        researcher.page.go_forward()
        researcher.sees("granted")

    assert site.exchanges() == before + 1
    assert site.grants(person) == [(site.institution.orcid(person), "active")]


def test_without_javascript(site: Site) -> None:
    """The pages are forms and links."""
    person = site.new_person()
    with site.researcher(java_script_enabled=False) as researcher:
        researcher.consent(site.link(person), site.institution.orcid(person)).answer("yes").sees("granted")

    assert site.grants(person) == [(site.institution.orcid(person), "active")]


def test_with_the_keyboard_alone(site: Site) -> None:
    """Tab and Enter lead through our pages: every control is reached, in the order of the page."""
    person = site.new_person()
    with site.researcher() as researcher:
        researcher.open(site.link(person))
        _press(researcher, "continue")
        researcher.sign_in(site.institution.orcid(person)).decide("approve").sees("confirm")
        _press(researcher, "yes")
        researcher.sees("granted")


def _press(researcher: Researcher, wanted: str) -> None:
    """Tabs until the control has the focus, and presses Enter."""
    reached: list[str] = []
    while wanted not in reached:
        researcher.page.keyboard.press("Tab")
        reached.append(researcher.page.evaluate("document.activeElement.id"))
        assert len(reached) < 30, reached
        outline = researcher.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", "what has the focus is not to be seen"
    researcher.page.keyboard.press("Enter")


def test_another_browser_cannot_take_the_walk_over(site: Site) -> None:
    """Who was sent the answer's address has not the cookie: nothing is granted, and the first goes on unharmed."""
    person = site.new_person()
    with site.researcher() as researcher, site.researcher() as stranger:
        researcher.consent(site.link(person), site.institution.orcid(person)).sees("confirm")
        stranger.open(researcher.page.url).sees("other_browser")
        assert person_id(person) not in stranger.page.content()
        assert site.grants(person) == []
        researcher.answer("yes").sees("granted")
