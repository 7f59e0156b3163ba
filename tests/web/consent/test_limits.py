"""What the consent pages bear: any request, a store that is away, an ORCID that hangs, a missing setting."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from string import ascii_letters, digits

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from state.permission_facts import ConsentStage
from tests.web.consent.browsers import Browser, elements, page_id
from tests.web.consent.site import ConsentSite
from worker.web.consent.forms import LARGEST_FORM, MOST_FIELDS

FORM = {"content-type": "application/x-www-form-urlencoded"}


def test_methods(site: ConsentSite, browser: Browser) -> None:
    """What a page is not made for is refused; a GET where a form leads goes to the page before."""
    link = site.link()
    statuses = {
        (method, path): browser.http.request(method, path).status_code
        for method, path in [
            ("PUT", link),
            ("DELETE", "/callback"),
            ("POST", "/callback"),
            ("PUT", "/callback/confirm"),
        ]
    }
    reply = browser.http.get("/callback/confirm")

    assert set(statuses.values()) == {405}
    assert (reply.status_code, reply.headers["location"]) == (303, "../callback")


def test_head(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """HEAD shows no body, and never takes a code: who looks at links ahead of the researcher spoils nothing."""
    answer = site.agree(browser, site.link(), orcid)
    path = answer.removeprefix("http://127.0.0.1:9")
    heads = [browser.http.head(site.link()), browser.http.head(path)]

    assert [(head.status_code, head.content) for head in heads] == [(200, b""), (200, b"")]
    assert page_id(browser.follow(browser.get(answer))) == "confirm-page"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(b"csrf=" + b"x" * LARGEST_FORM, FORM, id="too-large"),
        pytest.param(b"a=1&" * (MOST_FIELDS + 1), FORM, id="too-many-fields"),
        pytest.param(b"\xff\xfe", FORM, id="not-ascii"),
        pytest.param(b"%FF=%00&csrf=%C3", FORM, id="not-utf8"),
        pytest.param(b'{"csrf":"x"}', {"content-type": "application/json"}, id="json"),
        pytest.param(b"csrf=x", {"content-type": "multipart/form-data; boundary=x"}, id="multipart"),
        pytest.param(b"", {}, id="nothing"),
    ],
)
def test_a_form_that_is_none(site: ConsentSite, browser: Browser, body: bytes, headers: Mapping[str, str]) -> None:
    """A body that is too large, or no form of ours, is refused like any other form without a token."""
    browser.get(site.link())
    replies = [browser.http.post(path, content=body, headers=headers) for path in (site.link(), "/callback/confirm")]

    assert [(reply.status_code, page_id(reply)) for reply in replies] == [(403, "form-refused-page")] * 2


def test_fields_that_nobody_asked_for(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """Unknown fields are left alone."""
    reply = browser.press(site.offered(browser, orcid), "yes", person="E2", orcid="0000-0002-1825-0097", is_admin="1")

    assert page_id(browser.follow(reply)) == "granted-page"


text = st.text(st.characters(codec="utf-8"), max_size=60)
header = st.lists(st.sampled_from([*range(0x21, 0x7F), *range(0x80, 0x100)]), max_size=60).map(bytes)
word = st.text(ascii_letters + digits + "._-", max_size=60)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST", "HEAD"]),
    path=st.one_of(
        st.sampled_from(["/callback", "/callback/confirm", "/connect/"]), word.map(lambda one: f"/connect/{one}")
    ),
    query=st.dictionaries(st.one_of(st.sampled_from(["state", "code", "error", "lang"]), word), text, max_size=4),
    fields=st.dictionaries(st.one_of(st.sampled_from(["state", "csrf", "answer"]), word), text, max_size=4),
    cookie=header,
    language=header,
)
def test_anything_is_answered(
    site: ConsentSite,
    browser: Browser,
    method: str,
    path: str,
    query: dict[str, str],
    fields: dict[str, str],
    cookie: bytes,
    language: bytes,
) -> None:
    """No request of a stranger makes anything fail inside us, or comes to anything."""
    browser.http.cookies.clear()
    headers = [(b"cookie", b"orcid-sync-browser=" + cookie), (b"accept-language", language)]
    form = fields if method == "POST" else None
    reply = browser.http.request(method, path, params=query, data=form, headers=headers)

    assert reply.status_code in {200, 303, 400, 403, 404, 405}
    assert not site.store.consents.expired(1e12, 10)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_tampered_state_is_refused(site: ConsentSite, browser: Browser, data: st.DataObject) -> None:
    """One character more, less or another, and a `state` is none of ours."""
    right = site.links.state("nonce")
    place = data.draw(st.integers(0, len(right) - 1))
    other = data.draw(st.sampled_from(ascii_letters + digits + "_-.").filter(lambda one: one != right[place]))
    wrong = data.draw(st.sampled_from([right[:place] + other + right[place + 1 :], right[:place], right + other]))
    reply = browser.http.get("/callback", params={"state": wrong, "code": "c" * 6})

    assert page_id(reply) == "state-forged-page"


def test_a_store_that_does_not_answer(make_site: Callable[..., ConsentSite]) -> None:
    """The visitor gets a page in their language, with a status that says later; afterwards all is well."""
    site = make_site(patience=0.3)
    browser = site.browser()
    page = browser.get(f"{site.link()}?lang=fr")
    with site.store.transaction():
        site.store.notes.put("a", "1")
        reply = browser.press(page, "continue")

    assert (reply.status_code, page_id(reply)) == (503, "away-page")
    assert elements(reply, "//html")[0].get("lang") == "fr"
    assert browser.press(page, "continue").status_code == 303


def test_what_orcid_gave_is_not_lost(make_site: Callable[..., ConsentSite], orcid: str) -> None:
    """A store that is busy when ORCID's token comes is asked again: the code serves only once."""
    site = make_site(patience=0.2)
    browser = site.browser()
    answer = site.agree(browser, site.link(), orcid)
    site.control.fault("slow:section=token,seconds=0.3")
    with ThreadPoolExecutor(1) as visitor:
        reply = visitor.submit(browser.get, answer)
        until(lambda: bool(site.store.consents.at(ConsentStage.EXCHANGING)))
        with site.store.transaction():
            site.store.notes.put("a", "1")
            time.sleep(1)
        page = browser.follow(reply.result(20))

    assert page_id(page) == "confirm-page"
    assert page_id(browser.follow(browser.press(page, "yes"))) == "granted-page"
    assert not site.store.tokens.to_revoke("E1")


def test_looking_while_the_code_is_exchanged(site: ConsentSite, browser: Browser, orcid: str) -> None:
    """An impatient reload finds a page that asks for a moment, and takes nothing from the first."""
    answer = site.agree(browser, site.link(), orcid)
    site.control.fault("slow:section=token,seconds=1")
    with ThreadPoolExecutor(1) as visitor:
        reply = visitor.submit(browser.get, answer)
        until(lambda: bool(site.store.consents.at(ConsentStage.EXCHANGING)))
        other_window = site.browser()
        other_window.http.cookies = browser.http.cookies
        busy = other_window.follow(other_window.get(answer))
        [again] = elements(busy, "//a[@id='again']")
        page = browser.follow(reply.result(20))

    assert (busy.status_code, page_id(busy)) == (200, "busy-page")
    assert page_id(page) == page_id(other_window.get(f"/callback{again.get('href')}")) == "confirm-page"


def test_without_a_secret(make_site: Callable[..., ConsentSite]) -> None:
    """Without all that the exchange needs there are no pages."""
    browser = make_site(client_secret=None).browser()

    assert [browser.get(path).status_code for path in ("/connect/x", "/callback", "/callback/confirm")] == [404] * 3


def until(done: Callable[[], bool]) -> None:
    """Waits until it is so, for ten seconds at most."""
    end = time.monotonic() + 10
    while not done():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)
