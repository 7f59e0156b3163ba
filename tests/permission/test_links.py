"""Links, `state`, cookies and form tokens: whatever is forged, replayed, expired or swapped is refused."""

import string
from collections.abc import Callable
from zlib import decompress

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from itsdangerous.encoding import base64_decode

from state.memory.store import MemoryStore
from tests.fakes.set_clock import SetClock
from tests.permission.site import PERSON, Site
from tests.worker.builders import NOW
from worker.permission.consents import Shown
from worker.permission.links import LinkError, LinkFault, Links
from worker.permission.outcomes import Outcome

KEYS = (b"new key" * 5, b"old key" * 5)
LINKS = Links(KEYS)
UNTIL = NOW + 3600

Sign = Callable[[Links, str], str]
Read = Callable[[Links, str], str]
PURPOSES: dict[str, tuple[Sign, Read]] = {
    "person link": (
        lambda links, text: links.person_link(text, UNTIL),
        lambda links, text: links.read_person_link(text, NOW),
    ),
    "operator state": (
        lambda links, text: links.operator_state(text, UNTIL),
        lambda links, text: links.read_operator_state(text, NOW),
    ),
    "state": (lambda links, text: links.state(text), lambda links, text: links.read_state(text)),
    "browser": (lambda links, text: links.browser(text), lambda links, text: links.read_browser(text)),
}
purposes = st.sampled_from(sorted(PURPOSES))
places = st.floats(0.0, 1.0, exclude_max=True)
"""Parts of a text's length: no two links of one person are alike, nor as long."""
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
ALPHABET = f"{string.ascii_letters}{string.digits}-_.=+/ \n\0é"


def refused(purpose: str, text: str, links: Links = LINKS) -> bool:
    """Whether a text is refused as forged."""
    try:
        PURPOSES[purpose][1](links, text)
    except LinkError as error:
        return error.fault is LinkFault.FORGED
    return False


@given(purposes, anything)
def test_what_was_signed_reads_back(purpose: str, text: str) -> None:
    """Persons may have any id; the text goes into an address as it is."""
    sign, read = PURPOSES[purpose]
    signed = sign(LINKS, text)

    assert read(LINKS, signed) == text
    assert set(signed) <= set(f"{string.ascii_letters}{string.digits}-_.")


@pytest.mark.parametrize("purpose", ["person link", "operator state"])
@pytest.mark.parametrize("person", ["E1024", "\U0001f344" * 255, "é" * 255], ids=["short", "longest", "accents"])
def test_whose_link_it_is_cannot_be_read_in_it(purpose: str, person: str) -> None:
    """An address passes proxies, mail servers and ORCID. The longest id that an event may have has room in it."""
    sign, read = PURPOSES[purpose]
    signed = sign(LINKS, person)
    packed, _, body = signed.rpartition(".")[0].rpartition(".")
    plain = base64_decode(body)
    sealed = decompress(plain) if packed == "" and signed.startswith(".") else plain

    assert read(LINKS, signed) == person
    assert person.encode() not in sealed + base64_decode(sealed.strip(b'"'))
    assert sign(LINKS, person) != signed


@given(purposes, anything, st.data())
def test_one_changed_character_is_a_forgery(purpose: str, text: str, data: st.DataObject) -> None:
    """Also in the last one, where base64 could spell the same bytes otherwise."""
    signed = PURPOSES[purpose][0](LINKS, text)
    at = min(int(data.draw(places | st.just(1.0)) * len(signed)), len(signed) - 1)
    char = data.draw(st.sampled_from(ALPHABET))
    assume(signed[at] != char)

    assert refused(purpose, signed[:at] + char + signed[at + 1 :])


@given(purposes, anything, st.data())
def test_a_part_of_it_or_more_than_it_is_a_forgery(purpose: str, text: str, data: st.DataObject) -> None:
    """Cut, doubled or with something around it."""
    signed = PURPOSES[purpose][0](LINKS, text)
    cut = int(data.draw(places) * len(signed))
    more = data.draw(st.text(st.sampled_from(ALPHABET), min_size=1, max_size=5))

    assert refused(purpose, signed[:cut])
    assert refused(purpose, signed[cut + 1 :])
    assert refused(purpose, signed + more)
    assert refused(purpose, more + signed)
    assert refused(purpose, signed * 2)


@given(purposes, anything, anything)
def test_the_signature_of_another_is_a_forgery(purpose: str, one: str, other: str) -> None:
    """Nobody makes another person's link out of two of their own."""
    assume(one != other)
    sign = PURPOSES[purpose][0]
    (mine, _, _), (_, _, theirs) = sign(LINKS, one).rpartition("."), sign(LINKS, other).rpartition(".")

    assert refused(purpose, f"{mine}.{theirs}")


@given(purposes, purposes, anything)
def test_what_was_signed_for_another_purpose_is_a_forgery(purpose: str, other: str, text: str) -> None:
    """A cookie is no state, and a state no link."""
    assume(purpose != other)

    assert refused(purpose, PURPOSES[other][0](LINKS, text))


@given(purposes, anything)
def test_what_another_key_signed_is_a_forgery(purpose: str, text: str) -> None:
    """Only ours count; the one before the newest still does."""
    signed = PURPOSES[purpose][0]

    assert refused(purpose, signed(Links((b"a stranger's",)), text))
    assert PURPOSES[purpose][1](LINKS, signed(Links(KEYS[1:]), text)) == text
    assert refused(purpose, signed(Links(KEYS[:1]), text), Links(KEYS[1:]))


@given(purposes, st.text(max_size=300))
@example("state", "a.b")
@example("state", "." * 50)
@example("state", ".eJwDAAAAAAE.AAAA")
def test_what_anybody_writes_is_a_forgery(purpose: str, text: str) -> None:
    """And raises nothing else."""
    assert refused(purpose, text)


@pytest.mark.parametrize("purpose", ["person link", "operator state"])
def test_a_link_expires(purpose: str) -> None:
    """At its time, and it says so only to whom it was made for."""
    links, until = Links(KEYS), NOW - 1
    sign = links.person_link if purpose == "person link" else links.operator_state
    with pytest.raises(LinkError, match="expired") as raised:
        PURPOSES[purpose][1](links, sign(PERSON, until))

    assert raised.value.fault is LinkFault.EXPIRED
    assert PERSON not in str(raised.value)
    assert refused(purpose, sign(PERSON, until)[:-2])


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_a_forms_token_is_of_one_browser_and_purpose(cookie: str, purpose: str, other: str, more: str) -> None:
    """However cookie and purpose are cut."""
    assume(cookie)
    token = LINKS.csrf(cookie, purpose)

    assert LINKS.csrf_fits(token, cookie, purpose)
    assert not LINKS.csrf_fits(token, "", purpose)
    assert LINKS.csrf_fits(token, other, purpose) is (other == cookie)
    assert LINKS.csrf_fits(token, cookie, other) is (other == purpose)
    assert not LINKS.csrf_fits(token, cookie + more, purpose[len(more) :]) or not more
    assert not LINKS.csrf_fits(more, cookie, purpose)
    assert not LINKS.csrf_fits(token[:-1], cookie, purpose)
    assert Links(KEYS[1:]).csrf(cookie, purpose) != token
    assert LINKS.csrf_fits(Links(KEYS[1:]).csrf(cookie, purpose), cookie, purpose)


def test_keys_are_not_shown() -> None:
    """A repr may come into a log."""
    assert "key" not in repr(LINKS).replace("keys", "")


def test_a_digest_needs_the_key() -> None:
    """A code has six characters: a plain digest of it would be guessed."""
    (new, old), (own,) = LINKS.digests("Q70Y3A"), Links(KEYS[1:]).digests("Q70Y3A")

    assert old == own
    assert len({new, old, *LINKS.digests("Q70Y3B")}) == 4


def changed(signed: str, at: int, char: str) -> str:
    """With another character somewhere."""
    return signed[: at % len(signed)] + char + signed[at % len(signed) + 1 :]


@given(st.integers(0, 500), st.sampled_from(ALPHABET))
def test_no_walk_goes_on_with_a_tampered_state(at: int, char: str) -> None:
    """No code is exchanged, no grant taken, and nothing is told of the person."""
    site = Site(MemoryStore(lambda: NOW), SetClock(NOW))
    state, code = site.begin(), site.code()
    forged = changed(state, at, char)
    assume(forged != state)

    assert site.arrive(forged, code) == Shown(Outcome.STATE_FORGED)
    site.arrive(state, code)
    assert site.confirm(forged) == Shown(Outcome.STATE_FORGED)
    assert site.decline(forged) == Shown(Outcome.STATE_FORGED)
    assert len(site.sent) == 1
    assert list(site.store.grants.all()) == []
    site.store.close()


@given(st.integers(0, 500), st.sampled_from(ALPHABET))
def test_no_walk_goes_on_with_a_tampered_cookie_or_link(at: int, char: str) -> None:
    """The same of the other two that a browser brings."""
    site = Site(MemoryStore(lambda: NOW), SetClock(NOW))
    state, code, link = site.begin(), site.code(), site.link()
    cookie, forged = changed(site.cookie, at, char), changed(link, at, char)

    if cookie != site.cookie:
        assert site.arrive(state, code, cookie=cookie) == Shown(Outcome.OTHER_BROWSER)
        assert site.consents.begin(link, cookie, None, NOW, nonce="n") == Shown(Outcome.OTHER_BROWSER)
    if forged != link:
        assert site.consents.invited(forged, None, NOW) == Shown(Outcome.LINK_FORGED)
        assert site.consents.begin(forged, site.cookie, None, NOW, nonce="n") == Shown(Outcome.LINK_FORGED)
    assert site.sent == []
    site.store.close()


def test_states_of_two_walks_cannot_be_swapped() -> None:
    """Each is of one browser and one person, and good for one code."""
    site = Site(MemoryStore(lambda: NOW), SetClock(NOW))
    mine, code = site.begin("E1"), site.code()
    site.arrive(mine, code)
    other = Site(site.store, site.clock, links=site.links, nonces=10)
    theirs = other.begin("E2")

    assert site.arrive(theirs, code).outcome is Outcome.CODE_REUSED
    assert site.arrive(mine, site.code()).outcome is Outcome.STATE_USED
    with pytest.raises(LinkError):
        site.links.read_person_link(mine, NOW)
    site.store.close()
