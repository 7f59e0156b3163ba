"""What guards the consent pages: headers, cookies, form tokens, single sign-on, and silence towards strangers."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from state.permission_facts import Forgetting
from tests.web.consent.browsers import Browser, elements, names_e1, page_id
from tests.web.consent.site import DAY, ConsentSite
from worker.permission.links import Links
from worker.web.security_headers import STRICT

SSO = "X-Remote-User"


def policy(page: httpx.Response) -> dict[str, str]:
    """The page's content security policy."""
    parts = (one.strip().partition(" ") for one in page.headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in parts}


def some_pages(site: ConsentSite, browser: Browser, orcid: str) -> dict[str, httpx.Response]:
    """One page of every kind."""
    confirm = site.offered(browser, orcid)
    return {
        "connect": browser.get(site.link()),
        "confirm": confirm,
        "granted": browser.follow(browser.press(confirm, "yes")),
        "nothing": browser.get("/callback"),
        "forged": browser.get("/connect/x"),
        "refused": browser.http.post("/callback/confirm"),
    }


def test_headers_of_every_page(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """Nothing runs, nothing is loaded, nothing is framed, kept or passed on; the one style is known by its hash."""
    for name, page in some_pages(site, browser, orcid).items():
        told = policy(page)
        strict = {header: value for header, value in STRICT.items() if header != "content-security-policy"}

        assert {header: page.headers[header] for header in strict} == strict, name
        assert (told["default-src"], told["base-uri"], told["frame-ancestors"]) == ("'none'",) * 3, name
        assert set(told) == {"default-src", "base-uri", "frame-ancestors", "style-src", "form-action"}, name
        assert re.fullmatch(r"'sha256-[A-Za-z0-9+/=]{44}'", told["style-src"]), name
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert not elements(page, "//script | //link | //img | //iframe | //@style"), name


def test_where_forms_may_lead(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """The first form may lead to ORCID and back, the second home, and pages without a form nowhere."""
    pages = some_pages(site, browser, orcid)
    allowed = {name: policy(page)["form-action"] for name, page in pages.items()}

    assert allowed == {
        "connect": f"'self' {site.orcid} http://127.0.0.1:9",
        "confirm": "'self'",
        "granted": "'none'",
        "nothing": "'none'",
        "forged": "'none'",
        "refused": "'none'",
    }


def test_cookies(browser: Browser, site: ConsentSite) -> None:
    """On plain http (this machine only) cookies are for this browser's own requests, and for no script."""
    given = [*browser.get(f"{site.link()}?lang=es").headers.get_list("set-cookie")]

    assert sorted(one.partition("=")[0] for one in given) == ["orcid-sync-browser", "orcid-sync-lang"]
    assert all(one.endswith("; HttpOnly; Path=/; SameSite=lax") for one in given)


def test_cookies_of_https(make_site: Callable[..., ConsentSite]) -> None:
    """On https nobody but this very host can set them, nor reads them in the clear."""
    site = make_site(redirect_uri="https://orcid.example.edu/callback")
    given = [*site.browser().get(f"{site.link()}?lang=es").headers.get_list("set-cookie")]

    assert sorted(one.partition("=")[0] for one in given) == ["__Host-orcid-sync-browser", "__Host-orcid-sync-lang"]
    assert all(one.endswith("; HttpOnly; Path=/; SameSite=lax; Secure") for one in given)


def test_the_cookie_stays(browser: Browser, site: ConsentSite) -> None:
    """A second look gives no second cookie, so that two windows don't spoil each other; instead of nonsense it does."""
    browser.get(site.link())
    again = browser.get(site.link("E2"))
    browser.http.cookies.set("orcid-sync-browser", "nonsense", domain="127.0.0.1")
    anew = site.browser({"cookie": "orcid-sync-browser=nonsense"}).get(site.link())

    assert "set-cookie" not in again.headers
    assert "orcid-sync-browser=" in anew.headers["set-cookie"]


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 43], ids=["none", "short", "not-ascii", "made-up"])
def test_a_form_of_another_site(site: ConsentSite, browser: Browser, orcid: str, token: str) -> None:
    """A form without this browser's token does nothing, whichever it is."""
    begun = browser.press(browser.get(site.link()), "continue", csrf=token)
    offered = site.offered(browser, orcid)
    confirmed = browser.press(offered, "yes", csrf=token)
    declined = browser.press(offered, "no", csrf=token)

    for reply in (begun, confirmed, declined):
        assert (reply.status_code, page_id(reply)) == (403, "form-refused-page")
    assert not site.store.grants.of_person("E1")
    assert page_id(browser.get(str(offered.url))) == "confirm-page"


def test_a_token_of_another_form(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """A form's token serves that form in that browser."""
    [first] = elements(browser.get(site.link()), "//input[@name='csrf']")
    page = site.offered(browser, orcid)
    elsewhere = site.browser()
    elsewhere.get(site.link())
    other_form = browser.press(page, "yes", csrf=first.get("value", ""))
    other_browser = elsewhere.press(page, "yes")

    assert [page_id(reply) for reply in (other_form, other_browser)] == ["form-refused-page"] * 2
    assert not site.store.grants.of_person("E1")


def test_a_form_without_cookies(site: ConsentSite, browser: Browser) -> None:
    """Who has switched cookies off is told that one is needed."""
    page = browser.get(site.link())
    browser.http.cookies.clear()
    reply = browser.press(page, "continue")

    assert (reply.status_code, page_id(reply)) == (403, "form-refused-page")
    assert "cookie" in reply.text


@pytest.mark.parametrize("user", [None, "", "E2", "E1, E2"], ids=["absent", "empty", "another", "two"])
def test_single_sign_on(make_site: Callable[..., ConsentSite], orcid: str, user: str | None) -> None:
    """Where the institution signs people in, a link serves the person that it was made for, at every step."""
    site = make_site(sso_header=SSO)
    right, wrong = site.browser({SSO: "E1"}), site.browser({} if user is None else {SSO: user})
    pages = [wrong.get(site.link())]
    offered = site.offered(right, orcid)
    wrong.http.cookies = right.http.cookies
    pages += [wrong.get(str(offered.url)), wrong.press(offered, "yes"), wrong.press(offered, "no")]
    answer = site.agree(right, site.link(), orcid)
    pages += [wrong.get(answer)]

    assert [(page.status_code, page_id(page)) for page in pages] == [(403, "other-user-page")] * 5
    assert page_id(right.follow(right.press(offered, "yes"))) == "granted-page"


def test_a_header_that_came_twice(make_site: Callable[..., ConsentSite]) -> None:
    """A proxy that adds its header to one from outside names nobody."""
    site = make_site(sso_header=SSO)
    reply = httpx.get(site.url + site.link(), headers=[(SSO, "E1"), (SSO, "E1")], trust_env=False)

    assert page_id(reply) == "other-user-page"


def test_a_name_beyond_ascii(make_site: Callable[..., ConsentSite]) -> None:
    """Identifiers in the header are UTF-8."""
    site = make_site(sso_header=SSO)
    reply = httpx.get(site.url + site.link("Zoë"), headers=[(SSO.encode(), "Zoë".encode())], trust_env=False)

    assert page_id(reply) == "connect-page"


def test_strangers_learn_nothing(site: ConsentSite, browser: Browser) -> None:
    """A link that nobody signed, one that was changed, and one of a person who was forgotten look all the same."""
    right = site.link().removeprefix("/connect/")
    site.store.blocks.begin(Forgetting("E9", remove_items=False, since=site.clock()))
    links = [
        "x",
        right[:-1],
        right + "x",
        right.swapcase(),
        "x" * 5000,
        Links([b"k" * 32]).person_link("E1", site.clock() + DAY),
        site.link("E9").removeprefix("/connect/"),
    ]
    replies = [browser.get(f"/connect/{link}") for link in links]

    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.text for reply in replies}) == 1
    assert page_id(replies[0]) == "link-forged-page"


def test_an_unknown_person(site: ConsentSite, browser: Browser) -> None:
    """A link that the institution signed is as good for a person of whom no event has told yet."""
    assert page_id(browser.get(site.link("nobody-knows"))) == "connect-page"


def test_an_old_link(site: ConsentSite, browser: Browser) -> None:
    """A rightly signed link may say that it is too old; it tells no more."""
    reply = browser.get(site.link(days=-1))

    assert (reply.status_code, page_id(reply)) == (404, "link-expired-page")
    assert not names_e1(reply.text)


def test_a_link_that_was_changed_cannot_begin(site: ConsentSite, browser: Browser) -> None:
    """The form's token is for one link."""
    page = browser.get(site.link())
    [token] = elements(page, "//input[@name='csrf']")
    reply = browser.http.post(site.link("E2"), data={"csrf": token.get("value", "")})

    assert page_id(reply) == "form-refused-page"


def test_forgotten_in_between(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """Who is forgotten while their page stands open is told what a stranger is told."""
    page = site.offered(browser, orcid)
    site.store.blocks.begin(Forgetting("E1", remove_items=False, since=site.clock()))
    reply = browser.press(page, "yes")

    assert (reply.status_code, page_id(reply)) == (400, "state-forged-page")
    assert not site.store.grants.of_person("E1")


def test_no_secret_in_any_page(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """Codes, tokens and our own secret stand in no page or header, and no address that we make names a person."""
    pages = some_pages(site, browser, orcid)
    seen = "\n".join(f"{page.headers} {page.text}" for page in pages.values())
    addresses = [str(one) for page in pages.values() for one in elements(page, "//@href | //@action")]

    assert [secret for secret in site.control.secrets() if secret in seen] == []
    assert not any(names_e1(address) for address in addresses)
    assert set(parse_qs(urlsplit(str(pages["granted"].url)).query)) == {"state"}
