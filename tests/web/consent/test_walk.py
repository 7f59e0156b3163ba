"""The researcher's walk: from the link over ORCID's page to the last one, and all that may come in between."""

from urllib.parse import parse_qs, urlsplit

import pytest

from state.permission_facts import ConsentStage, GrantState
from tests.web.consent.browsers import Browser, elements, heading_of, names_e1, page_id, text_of
from tests.web.consent.site import DAY, REDIRECT_URI, ConsentSite
from worker.permission.grants import Permissions
from worker.permission.held import approve_consent, held_consents
from worker.sandbox.sandbox import CLIENT_ID, CLIENT_SECRET


def test_the_way_to_orcid(site: ConsentSite, browser: Browser) -> None:
    """The first page says what we ask for and how to end it; its button leads to ORCID's page."""
    page = browser.get(site.link())
    address = site.leave(browser, site.link())
    query = parse_qs(urlsplit(address).query)

    assert (page.status_code, page_id(page), heading_of(page)) == (200, "connect-page", "Connect your ORCID record")
    assert [one.get("href") for one in elements(page, "//a[@id='trusted-parties']")] == [
        f"{site.orcid}/trusted-parties"
    ]
    assert len(elements(page, "//ul[@id='sections']/li")) == 16
    assert address.startswith(f"{site.orcid}/oauth/authorize?")
    assert query["client_id"] == [CLIENT_ID]
    assert query["response_type"] == ["code"]
    assert query["redirect_uri"] == [REDIRECT_URI]
    assert query["scope"] == ["/activities/update /person/update /read-limited"]
    assert query["lang"] == ["en"]
    assert not names_e1(address)


def test_yes(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """Nothing is granted before the researcher has said that the record is theirs; then it is."""
    site.know("E1", "Josiah Carberry")
    page = site.offered(browser, orcid, name="Josiah Carberry")
    before = site.store.grants.of_person("E1")
    end = browser.follow(browser.press(page, "yes"))
    [grant] = site.store.grants.of_person("E1")

    assert (page_id(page), text_of(page, "known-name"), text_of(page, "orcid-name"), text_of(page, "orcid")) == (
        "confirm-page",
        "Josiah Carberry",
        "Josiah Carberry",
        orcid,
    )
    assert not before
    assert (end.status_code, page_id(end)) == (200, "granted-page")
    assert (text_of(end, "known-name"), text_of(end, "orcid")) == ("Josiah Carberry", orcid)
    assert (grant.orcid, grant.state) == (orcid, GrantState.ACTIVE)


def test_a_person_without_a_name(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """Where the institution told no name, the page shows the identifier instead."""
    page = site.offered(browser, orcid, name="Josiah Carberry")

    assert text_of(page, "known-id") == "E1"


def test_no(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """Who says that it is not them, or not their record, is connected to nothing; the token is to be revoked."""
    page = browser.follow(browser.press(site.offered(browser, orcid), "no"))

    assert (page.status_code, page_id(page)) == (200, "declined-page")
    assert not site.store.grants.of_person("E1")
    assert len(site.store.tokens.to_revoke("E1")) == 1


def test_denied(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """Who says no at ORCID sees that nothing happened, also when they look again."""
    answer = site.agree(browser, site.link(), orcid, approve=False)
    page, again = browser.follow(browser.get(answer)), browser.follow(browser.get(answer))

    assert (page.status_code, page_id(page)) == (200, "denied-page")
    assert again.text == page.text
    assert not site.store.grants.of_person("E1")


def test_denied_in_the_fragment(browser: Browser) -> None:
    """What stands behind a # no server sees: the page fits a denial all the same."""
    page = browser.get("/callback")

    assert (page.status_code, page_id(page)) == (200, "nothing-page")
    assert "denied" in page.text


def test_the_code_leaves_the_address(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """After the exchange the browser is sent to an address without the code."""
    answer = site.agree(browser, site.link(), orcid)
    reply = browser.get(answer)
    code = parse_qs(urlsplit(answer).query)["code"][0]

    assert reply.status_code == 303
    assert reply.headers["location"].startswith("?state=")
    assert code not in str(reply.headers)
    assert code not in browser.follow(reply).text


def test_a_reload_exchanges_nothing(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """ORCID revokes the token of a code that comes twice: a reload shows what was stored, at every step."""
    answer = site.agree(browser, site.link(), orcid)
    first = browser.follow(browser.get(answer))
    second = browser.follow(browser.get(answer))
    end = browser.follow(browser.press(second, "yes"))
    last = browser.follow(browser.get(answer))

    assert (page_id(first), page_id(second)) == ("confirm-page", "confirm-page")
    assert (page_id(end), page_id(last)) == ("granted-page", "granted-page")
    exchanges = [seen for seen in site.control.requests() if seen.path == "/oauth/token" and seen.at > site.began]
    assert len(exchanges) == 1


def test_a_form_sent_twice(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """A double click grants once; a late No after Yes changes nothing."""
    page = site.offered(browser, orcid)
    ends = [browser.follow(browser.press(page, button)) for button in ("yes", "yes", "no")]

    assert [page_id(end) for end in ends] == ["granted-page"] * 3
    assert [one.state for one in site.store.grants.of_person("E1")] == [GrantState.ACTIVE]


def test_names_that_differ(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """A colleague's record is held for an operator; the page says so, and shows the operator's word later."""
    site.know("E1", "Josiah Carberry")
    page = browser.follow(browser.press(site.offered(browser, orcid, name="Sofia Garcia"), "yes"))
    [held] = held_consents(site.store)
    grants = site.store.grants.of_person("E1")
    approve_consent(site.store, held.id, site.clock())

    assert (page.status_code, page_id(page)) == (200, "held-page")
    assert not grants
    assert page_id(browser.get(str(page.url))) == "granted-page"


def test_an_id_of_another_person(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """An iD that is connected to somebody else is not offered, and the page names nobody."""
    other = site.browser()
    site.know("E2", "Sofia Garcia")
    other.press(site.offered(other, orcid, "E2", name="Sofia Garcia"), "yes")
    page = site.offered(browser, orcid)

    assert (page.status_code, page_id(page)) == (200, "id-taken-page")
    assert "Sofia" not in page.text
    assert "E2" not in page.text
    assert not site.store.grants.of_person("E1")


def test_a_move(site: ConsentSite, browser: Browser, orcid: str, other_orcid: str) -> None:
    """Who is connected already sees both iDs, and moves only by the button that says so."""
    browser.press(site.offered(browser, orcid), "yes")
    site.clock.time += 1
    page = site.offered(browser, other_orcid)
    unsaid = browser.follow(browser.press(page, "yes", answer="yes"))
    kept = site.store.grants.current("E1")
    end = browser.follow(browser.press(page, "yes"))
    moved = site.store.grants.current("E1")

    assert (page_id(page), text_of(page, "former-orcid"), text_of(page, "orcid")) == ("moves-page", orcid, other_orcid)
    assert page_id(unsaid) == "moves-page"
    assert kept is not None
    assert kept.orcid == orcid
    assert page_id(end) == "granted-page"
    assert moved is not None
    assert moved.orcid == other_orcid


def test_no_move(site: ConsentSite, browser: Browser, orcid: str, other_orcid: str) -> None:
    """Who says no to a move stays where they were."""
    browser.press(site.offered(browser, orcid), "yes")
    site.clock.time += 1
    page = browser.follow(browser.press(site.offered(browser, other_orcid), "no"))
    kept = site.store.grants.current("E1")

    assert page_id(page) == "declined-page"
    assert kept is not None
    assert kept.orcid == orcid


def test_another_browser(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """ORCID's answer in another browser is nobody's: it is not exchanged there, and names nobody; here it still is."""
    site.know("E1", "Josiah Carberry")
    answer = site.agree(browser, site.link(), orcid)
    page = site.browser().get(answer)

    assert (page.status_code, page_id(page)) == (403, "other-browser-page")
    assert "Josiah" not in page.text
    assert page_id(browser.follow(browser.get(answer))) == "confirm-page"


def test_taking_too_long_at_orcid(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """A `state` expires; the page says so."""
    answer = site.agree(browser, site.link(), orcid)
    site.clock.time += DAY
    page = browser.follow(browser.get(answer))

    assert (page.status_code, page_id(page)) == (400, "state-expired-page")


def test_taking_too_long_to_confirm(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """What nobody confirms is let go of."""
    page = site.offered(browser, orcid)
    site.clock.time += DAY
    end = browser.follow(browser.press(page, "yes"))

    assert page_id(end) == "state-expired-page"
    assert not site.store.grants.of_person("E1")


def test_another_answer_for_the_same_state(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """A `state` serves once: another code with it is not exchanged."""
    answer = site.agree(browser, site.link(), orcid)
    browser.get(answer)
    state = parse_qs(urlsplit(answer).query)["state"][0]
    reply = browser.get(f"/callback?state={state}&code={site.control.code(orcid)}")

    assert (reply.status_code, page_id(reply)) == (200, "state-used-page")
    assert len(site.store.consents.at(ConsentStage.OFFERED)) == 1


@pytest.mark.parametrize(
    ("error", "page", "status"),
    [
        pytest.param("invalid_scope", "client-refused-page", 502, id="scope"),
        pytest.param("client_locked", "client-refused-page", 502, id="locked"),
        pytest.param("server_error", "unavailable-page", 503, id="trouble"),
        pytest.param("<b>x", "unavailable-page", 503, id="anything"),
    ],
)
def test_other_errors_of_orcids_page(site: ConsentSite, browser: Browser, error: str, page: str, status: int) -> None:
    """What ORCID says instead of asking the researcher is ours, or passes; it is never shown itself."""
    state = parse_qs(urlsplit(site.leave(browser, site.link())).query)["state"][0]
    reply = browser.follow(browser.http.get("/callback", params={"state": state, "error": error}))

    assert (reply.status_code, page_id(reply)) == (status, page)
    assert "<b>x" not in reply.text


@pytest.mark.parametrize(
    ("fault", "page", "status"),
    [
        pytest.param("502-html:section=token", "unavailable-page", 503, id="proxy"),
        pytest.param("reset-after:section=token", "unavailable-page", 503, id="lost-reply"),
        pytest.param("forwarder:error=server_error", "unavailable-page", 503, id="trouble"),
        pytest.param("forwarder:error=invalid_scope", "client-refused-page", 502, id="scope"),
        pytest.param("forwarder:error=invalid_grant", "code-expired-page", 200, id="unknown-code"),
    ],
)
def test_an_exchange_that_fails(
    site: ConsentSite, browser: Browser, orcid: str, fault: str, page: str, status: int
) -> None:
    """What goes wrong in the exchange has a page, and a code is never tried twice."""
    answer = site.agree(browser, site.link(), orcid)
    site.control.fault(fault)
    replies = [browser.follow(browser.get(answer)) for _ in range(2)]
    exchanges = [seen for seen in site.control.requests() if seen.path == "/oauth/token" and seen.at > site.began]

    assert [(reply.status_code, page_id(reply)) for reply in replies] == [(status, page)] * 2
    assert len(exchanges) == 1


def test_a_wrong_secret(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """A client that ORCID does not accept is our fault, and the page says so."""
    answer = site.agree(browser, site.link(), orcid)
    site.control.change_client(secret="another-secret")
    try:
        page = browser.follow(browser.get(answer))
    finally:
        site.control.change_client(secret=CLIENT_SECRET)

    assert (page.status_code, page_id(page)) == (502, "client-refused-page")


def test_a_code_that_orcid_knows_used(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """A code that somebody exchanged before us: ORCID has ended the permission, and the page says so."""
    answer = site.agree(browser, site.link(), orcid)
    code = parse_qs(urlsplit(answer).query)["code"][0]
    form = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "authorization_code", "code": code}
    browser.http.post(f"{site.orcid}/oauth/token", data={**form, "redirect_uri": REDIRECT_URI})
    page = browser.follow(browser.get(answer))

    assert (page.status_code, page_id(page)) == (200, "code-reused-page")


@pytest.mark.parametrize(
    ("redirect_uri", "expires_in", "page", "status"),
    [
        pytest.param("http://127.0.0.1:9/elsewhere", None, "redirect-mismatch-page", 502, id="redirect-mismatch"),
        pytest.param(REDIRECT_URI, 0.0, "code-expired-page", 200, id="expired"),
    ],
)
def test_a_code_that_orcid_refuses(
    site: ConsentSite,
    browser: Browser,
    orcid: str,
    redirect_uri: str,
    expires_in: float | None,
    page: str,
    status: int,
) -> None:
    """Each refusal has its own page."""
    state = parse_qs(urlsplit(site.leave(browser, site.link())).query)["state"][0]
    code = site.control.code(orcid, redirect_uri=redirect_uri, expires_in=expires_in)
    reply = browser.follow(browser.get(f"/callback?state={state}&code={code}"))

    assert (reply.status_code, page_id(reply)) == (status, page)


def test_something_newer(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """A permission that was withdrawn with the institution while the page stood open does not come back by a Yes."""
    page = site.offered(browser, orcid)
    Permissions(site.store).revoke("E1", site.clock() + 1, "withdrawn")
    site.clock.time += 2
    end = browser.follow(browser.press(page, "yes"))

    assert (end.status_code, page_id(end)) == (200, "superseded-page")
    assert site.store.grants.current("E1") is None
