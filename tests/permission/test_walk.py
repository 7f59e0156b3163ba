"""The walk through the consent pages: from a link over ORCID's one answer to a grant."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from state.permission_facts import KnownPerson
from tests.permission.site import PERSON, REDIRECT_URI, SCOPES, Site
from tests.worker.builders import JOSIAH, NOW, grant
from worker.permission.consents import Arrival, Begun, Exchange, Invited, Shown
from worker.permission.grants import Permissions
from worker.permission.outcomes import Outcome
from worker.ports import Answer, NoAnswer
from worker.sandbox.sandbox import CLIENT_ID


def the_stage(site: Site) -> str:
    """Where the person's walk stands."""
    (walk,) = site.store.consents.of_person(PERSON)
    return walk.stage.value


def test_a_link_says_whose_it_is(site: Site) -> None:
    """With the institution's name, and the iD that is connected already."""
    assert site.consents.invited(site.link(), None, NOW) == Invited(PERSON, "Josiah S. Carberry", None)
    Permissions(site.store).grant(grant(granted_at=NOW - 5))
    assert site.consents.invited(site.link(), None, NOW) == Invited(PERSON, "Josiah S. Carberry", JOSIAH)


def test_a_walk_leads_to_orcid(site: Site) -> None:
    """With client id, scopes, redirect URI and a state of its own (API_FACTS.md 7.1)."""
    begun = site.consents.begin(site.link(), site.cookie, None, NOW, nonce="n", lang="es")
    assert isinstance(begun, Begun)
    url = urlsplit(begun.url)

    assert f"{url.scheme}://{url.netloc}{url.path}" == "https://orcid.test/oauth/authorize"
    assert "+" not in url.query
    assert parse_qs(url.query) == {
        "client_id": [CLIENT_ID],
        "response_type": ["code"],
        "scope": [" ".join(sorted(SCOPES))],
        "redirect_uri": [REDIRECT_URI],
        "state": [site.links.state("n")],
        "lang": ["es"],
    }


def test_nothing_is_granted_before_it_is_confirmed(site: Site) -> None:
    """ORCID's name and iD are shown beside ours first; the token is in no grant."""
    state = site.begin()
    shown = site.arrive(state, site.code())

    assert shown == Shown(Outcome.OFFERED, PERSON, "Josiah S. Carberry", JOSIAH, "Josiah Carberry", None, SCOPES, "")
    assert list(site.store.grants.all()) == []
    assert site.store.agenda.next_at() is None


def test_what_is_confirmed_is_granted(site: Site) -> None:
    """From the moment of ORCID's answer on."""
    state = site.offered()
    site.clock.advance(60)
    shown = site.confirm(state)
    (granted,) = site.store.grants.all()

    assert (shown.outcome, shown.orcid, shown.state) == (Outcome.GRANTED, JOSIAH, state)
    assert (granted.person, granted.orcid, granted.state, granted.granted_at) == (PERSON, JOSIAH, "active", NOW)
    assert granted.scopes == SCOPES
    assert granted.expires_at == pytest.approx(NOW + 631_138_518, abs=1)
    assert site.store.agenda.next_at() is not None
    assert site.lives() == 1


def test_what_was_granted_is_kept_in_no_walk(site: Site) -> None:
    """The token is in the grant, and nowhere else."""
    site.confirm(site.offered())
    (walk,) = site.store.consents.of_person(PERSON)

    assert walk.grant is not None
    assert (walk.grant.access_token, walk.grant.refresh_token) == (None, None)


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        pytest.param(Site.confirm, Outcome.GRANTED, id="confirmed"),
        pytest.param(Site.decline, Outcome.DECLINED, id="declined"),
        pytest.param(None, Outcome.OFFERED, id="offered"),
    ],
)
def test_a_callback_that_is_loaded_again_shows_what_became_of_it(
    site: Site, end: Callable[[Site, str], object] | None, outcome: Outcome
) -> None:
    """And exchanges nothing: ORCID would revoke the first token."""
    state, code = site.begin(), site.code()
    site.arrive(state, code)
    if end is not None:
        end(site, state)

    assert [site.arrive(state, code).outcome for _ in range(3)] == [outcome] * 3
    assert len(site.sent) == 1
    assert site.arrive(state, "another").outcome is Outcome.STATE_USED
    assert site.confirm(state).outcome is (Outcome.DECLINED if outcome is Outcome.DECLINED else Outcome.GRANTED)


def test_two_tabs_exchange_a_code_once(site: Site) -> None:
    """The second one is told to wait."""
    state, code = site.begin(), site.code()
    first, second = (site.consents.arrive(Arrival(state, code), site.cookie, None, NOW) for _ in range(2))

    assert isinstance(first, Exchange)
    assert isinstance(second, Shown)
    assert second.outcome is Outcome.BUSY
    assert site.exchange(first).outcome is Outcome.OFFERED
    assert site.arrive(state, code).outcome is Outcome.OFFERED


def test_an_exchange_that_a_crash_cut_off_is_never_repeated(site: Site) -> None:
    """Nobody knows what came of it: the researcher starts again."""
    state, code = site.begin(), site.code()
    first = site.consents.arrive(Arrival(state, code), site.cookie, None, NOW)
    assert isinstance(first, Exchange)
    site.clock.advance(120)

    assert [site.arrive(state, code).outcome for _ in range(2)] == [Outcome.UNAVAILABLE] * 2
    assert site.sent == []


def test_a_token_that_comes_too_late_is_revoked(site: Site) -> None:
    """The walk was given up meanwhile."""
    state, code = site.begin(), site.code()
    first = site.consents.arrive(Arrival(state, code), site.cookie, None, NOW)
    assert isinstance(first, Exchange)
    site.clock.advance(120)
    site.arrive(state, code)

    assert site.exchange(first).outcome is Outcome.UNAVAILABLE
    assert site.to_revoke() == 1


@pytest.mark.parametrize(
    ("error", "outcome", "stage"),
    [
        pytest.param("access_denied", Outcome.DENIED, "denied", id="denied"),
        pytest.param("invalid_scope", Outcome.CLIENT_REFUSED, "failed", id="scope"),
        pytest.param("client_locked", Outcome.CLIENT_REFUSED, "failed", id="locked"),
        pytest.param("client_deactivated", Outcome.CLIENT_REFUSED, "failed", id="deactivated"),
        pytest.param("login_required", Outcome.UNAVAILABLE, "failed", id="login"),
        pytest.param("interaction_required", Outcome.UNAVAILABLE, "failed", id="interaction"),
        pytest.param("<script>", Outcome.UNAVAILABLE, "failed", id="anything"),
        pytest.param("", Outcome.UNAVAILABLE, "failed", id="neither code nor error"),
    ],
)
def test_orcid_may_send_no_code(site: Site, error: str, outcome: Outcome, stage: str) -> None:
    """Each of API_FACTS.md 7.1; a reload shows the same."""
    state = site.begin()

    assert [site.arrive(state, error=error).outcome for _ in range(2)] == [outcome] * 2
    assert site.arrive(state, site.code()).outcome is outcome
    assert the_stage(site) == stage
    assert site.sent == []


def test_a_denial_is_remembered_until_a_grant(site: Site) -> None:
    """So nobody is asked again against their word."""
    site.arrive(site.begin(), error="access_denied")
    assert site.store.people.person(PERSON).denied_at == NOW
    site.clock.advance(1)
    site.confirm(site.offered())

    assert site.store.people.person(PERSON) == KnownPerson(PERSON, "Josiah S. Carberry")


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        pytest.param((400, "invalid_grant", "Reused authorization code: x"), Outcome.CODE_REUSED, id="reused"),
        pytest.param((400, "invalid_grant", "Invalid authorization code: x"), Outcome.CODE_EXPIRED, id="unknown"),
        pytest.param((400, "invalid_request", "Authorization code has expired"), Outcome.CODE_EXPIRED, id="expired"),
        pytest.param((400, "invalid_grant", "Redirect URI mismatch."), Outcome.REDIRECT_MISMATCH, id="redirect"),
        pytest.param((401, "invalid_client", "Bad client credentials"), Outcome.CLIENT_REFUSED, id="secret"),
        pytest.param((400, "unauthorized_client", "Client is locked"), Outcome.CLIENT_REFUSED, id="locked"),
        pytest.param((400, "invalid_scope", "Invalid scope"), Outcome.CLIENT_REFUSED, id="scope"),
        pytest.param((401, "server_error", ""), Outcome.UNAVAILABLE, id="forwarder"),
        pytest.param((502, "", ""), Outcome.UNAVAILABLE, id="proxy"),
    ],
)
def test_an_exchange_may_fail(site: Site, reply: tuple[int, str, str], outcome: Outcome) -> None:
    """Each has its own outcome, stored: a reload shows it and sends nothing."""
    state, code = site.begin(), site.code()
    begun = site.consents.arrive(Arrival(state, code), site.cookie, None, NOW)
    assert isinstance(begun, Exchange)
    status, word, text = reply
    body = json.dumps({"error": word, "error_description": text}).encode()
    shown = site.consents.exchanged(begun.walk, Answer(status, {}, body), NOW)

    assert shown.outcome is outcome
    assert site.arrive(state, code).outcome is outcome
    assert site.confirm(state).outcome is outcome
    assert list(site.store.grants.all()) == []


def test_no_reply_to_an_exchange_is_no_answer(site: Site) -> None:
    """Nor is a token without an iD."""
    lost = site.consents.arrive(Arrival(site.begin(), site.code()), site.cookie, None, NOW)
    own = site.consents.arrive(Arrival(site.begin(), site.code()), site.cookie, None, NOW)
    assert isinstance(lost, Exchange)
    assert isinstance(own, Exchange)
    cut = NoAnswer("the connection was cut", sent=True, late=False)
    without = Answer(200, {}, b'{"access_token": "a-token", "expires_in": 9, "orcid": null}')

    assert site.consents.exchanged(lost.walk, cut, NOW).outcome is Outcome.UNAVAILABLE
    assert site.consents.exchanged(own.walk, without, NOW).outcome is Outcome.UNAVAILABLE


def test_one_code_in_two_walks_is_exchanged_once(site: Site) -> None:
    """Whoever brings it second is refused, and the first is not harmed."""
    code = site.code()
    first = site.begin()
    site.arrive(first, code)
    second = site.begin("E2")

    assert [site.arrive(second, code).outcome for _ in range(2)] == [Outcome.CODE_REUSED] * 2
    assert len(site.sent) == 1
    assert site.lives() == 1
    assert site.confirm(first).outcome is Outcome.GRANTED


@pytest.mark.parametrize("code", ["x" * 500, "é", "a\nb", "\udcff"])
def test_what_is_no_code_is_not_sent(site: Site, code: str) -> None:
    """ORCID's are a few letters and digits."""
    assert site.arrive(site.begin(), code).outcome is Outcome.CODE_EXPIRED
    assert site.sent == []
