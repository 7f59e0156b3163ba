"""Where a walk through the consent pages may come to besides a grant: whoever has to decide, or nobody does."""

from dataclasses import replace

import pytest

from state.permission_facts import ConsentStage, Forgetting, GrantState
from tests.permission.site import KEYS, PERSON, Site
from tests.worker.builders import JOSIAH, LAURE, NOW, grant
from worker.people.forgetting import begin_forgetting, hindrances
from worker.permission.consents import Arrival, Exchange, Invited, Shown
from worker.permission.grants import Permissions
from worker.permission.held import approve_consent, held_consents, reject_consent
from worker.permission.links import Links
from worker.permission.outcomes import LINES, Outcome
from worker.permission.walks import DAY, end_walks, tidy

HOUR = 3600.0


def test_an_id_of_another_person_is_refused_and_nobody_is_named(site: Site) -> None:
    """The token that ORCID gave is revoked; the other person's stays."""
    site.confirm(site.offered("E1"))
    state = site.begin()
    shown = site.arrive(state, site.code())

    assert (shown.outcome, shown.orcid, shown.former) == (Outcome.ID_TAKEN, JOSIAH, None)
    assert "E1" not in repr(replace(shown, person="", name=""))
    assert site.to_revoke() == 1
    assert site.to_revoke("E1") == 0
    assert site.store.agenda.of(PERSON) is not None
    assert site.confirm(state).outcome is Outcome.ID_TAKEN


def test_an_id_that_another_person_connected_meanwhile_is_refused(site: Site) -> None:
    """Between the question and the answer."""
    state = site.offered()
    Permissions(site.store).grant(grant(person="E1", orcid=JOSIAH, granted_at=NOW - 1))

    assert site.confirm(state).outcome is Outcome.ID_TAKEN
    assert site.to_revoke() == 1
    assert [one.person for one in site.store.grants.all()] == ["E1"]


def test_a_person_moves_to_another_id_only_on_their_word(site: Site) -> None:
    """Both iDs are shown."""
    site.confirm(site.offered())
    state = site.begin()
    shown = site.arrive(state, site.code(LAURE))
    assert (shown.outcome, shown.orcid, shown.former) == (Outcome.MOVES, LAURE, JOSIAH)
    assert site.confirm(state).outcome is Outcome.MOVES
    assert site.store.grants.current(PERSON) == site.store.grants.active(PERSON)

    site.clock.advance(1)
    assert site.confirm(site.offered(orcid=LAURE), move=True).outcome is Outcome.GRANTED
    found = {one.orcid: one.state for one in site.store.grants.of_person(PERSON)}
    assert found == {JOSIAH: GrantState.REPLACED, LAURE: GrantState.ACTIVE}


def test_who_connected_another_id_meanwhile_is_asked_again(site: Site) -> None:
    """A confirmation says nothing of a move that nobody asked about."""
    state = site.offered()
    Permissions(site.store).grant(grant(orcid=LAURE, granted_at=NOW - 1))

    assert site.confirm(state).outcome is Outcome.MOVES
    assert site.confirm(state, move=True).outcome is Outcome.GRANTED


def test_a_new_permission_for_the_same_id_is_no_move(site: Site) -> None:
    """Also when the former one is broken."""
    site.confirm(site.offered())
    site.store.grants.mark(PERSON, JOSIAH, GrantState.BROKEN, "401")
    site.clock.advance(1)

    assert site.confirm(site.offered()).outcome is Outcome.GRANTED
    assert len(site.store.tokens.of_person(PERSON)) == 2


def test_what_was_revoked_meanwhile_is_superseded(site: Site) -> None:
    """The token that was never used goes, too."""
    state = site.offered()
    site.clock.advance(1)
    Permissions(site.store).revoke(PERSON, site.clock.now(), "by an event")

    assert site.confirm(state).outcome is Outcome.SUPERSEDED
    assert list(site.store.grants.all()) == []
    assert site.to_revoke() == 1


@pytest.mark.parametrize("end", ["revoked", "moved", "broken"])
def test_a_page_does_not_tell_of_what_has_ended_since(site: Site, end: str) -> None:
    """Who loads the last page again is told the truth; only a broken permission may mend by itself."""
    state = site.offered()
    site.confirm(state)
    site.clock.advance(1)
    match end:
        case "revoked":
            Permissions(site.store).revoke(PERSON, site.clock.now(), "by an event")
        case "moved":
            site.confirm(site.offered(orcid=LAURE), move=True)
        case _:
            site.store.grants.mark(PERSON, JOSIAH, GrantState.BROKEN, "401")

    shown = site.arrive(state).outcome
    assert shown is (Outcome.GRANTED if end == "broken" else Outcome.SUPERSEDED)


def test_a_declined_token_is_revoked(site: Site) -> None:
    """Not me, or not this record."""
    state = site.offered()

    assert site.decline(state).outcome is Outcome.DECLINED
    assert site.decline(state).outcome is Outcome.DECLINED
    assert site.to_revoke() == 1
    assert site.store.agenda.of(PERSON) is not None


def test_what_nobody_confirms_in_time_is_let_go(site: Site) -> None:
    """By whoever looks first: the researcher, or the daemon."""
    late, silent = site.offered(), site.offered()
    site.clock.advance(HOUR + 1)

    assert site.confirm(late).outcome is Outcome.STATE_EXPIRED
    tidy(site.store, site.clock.now())
    assert site.arrive(silent).outcome is Outcome.STATE_EXPIRED
    assert site.arrive(silent, error="access_denied").outcome is Outcome.STATE_USED
    assert site.confirm(silent).outcome is Outcome.STATE_EXPIRED
    assert site.to_revoke() == 2


def test_names_that_differ_clearly_are_held(site: Site) -> None:
    """An operator's word takes it, or lets it go."""
    approved = site.offered(name="Laure Haak")
    assert site.confirm(approved).outcome is Outcome.HELD
    assert site.confirm(approved).outcome is Outcome.HELD
    assert list(site.store.grants.all()) == []
    (held,) = held_consents(site.store)
    assert (held.person, held.orcid) == (PERSON, JOSIAH)
    assert held.reason == "ORCID's name is 'Laure Haak', ours 'Josiah S. Carberry'"

    assert approve_consent(site.store, held.id, site.clock.now()) is Outcome.GRANTED
    assert site.confirm(approved).outcome is Outcome.GRANTED
    assert held_consents(site.store) == []
    with pytest.raises(LookupError, match=held.id):
        approve_consent(site.store, held.id, site.clock.now())


@pytest.mark.parametrize("end", ["reject", "decline", "expire"])
def test_a_held_consent_may_end_otherwise(site: Site, end: str) -> None:
    """Its token is revoked then."""
    state = site.offered(name="Laure Haak")
    site.confirm(state)
    (held,) = held_consents(site.store)
    match end:
        case "reject":
            assert reject_consent(site.store, held.id, NOW) is Outcome.DECLINED
        case "decline":
            site.decline(state)
        case _:
            site.clock.advance(31 * DAY)
            assert approve_consent(site.store, held.id, site.clock.now()) is Outcome.STATE_EXPIRED

    assert site.confirm(state).outcome in (Outcome.DECLINED, Outcome.STATE_EXPIRED)
    assert held_consents(site.store) == []
    assert list(site.store.grants.all()) == []
    assert site.to_revoke() == 1


@pytest.mark.parametrize("name", ["", None, "J. Carberry", "CARBERRY, Josiah"])
def test_names_that_may_be_the_same_are_not_held(site: Site, name: str | None) -> None:
    """A name that is not public says nothing."""
    assert site.confirm(site.offered(name=name)).outcome is Outcome.GRANTED


def test_a_walk_is_of_its_browser(site: Site) -> None:
    """And nothing comes of another's."""
    state, code = site.begin(), site.code()
    other = site.links.browser("another browser")

    assert site.arrive(state, code, cookie=other) == Shown(Outcome.OTHER_BROWSER)
    assert site.arrive(state, code, cookie="") == Shown(Outcome.OTHER_BROWSER)
    assert site.sent == []
    site.arrive(state, code)
    assert site.consents.confirm(state, other, None, NOW) == Shown(Outcome.OTHER_BROWSER)
    assert site.consents.decline(state, other, None, NOW) == Shown(Outcome.OTHER_BROWSER)
    assert site.consents.begin(site.link(), "", None, NOW, nonce="n") == Shown(Outcome.OTHER_BROWSER)


@pytest.mark.parametrize("user", ["E2", "", "e1024"])
def test_a_walk_is_of_who_is_signed_in(site: Site, user: str) -> None:
    """Where there is single sign-on: at every step."""
    other = Shown(Outcome.OTHER_USER)
    assert site.consents.invited(site.link(), user, NOW) == other
    assert site.consents.begin(site.link(), site.cookie, user, NOW, nonce="n") == other
    state, code = site.begin(), site.code()
    assert site.arrive(state, code, user=user) == other
    assert site.arrive(state, code, user=PERSON).outcome is Outcome.OFFERED
    assert site.consents.confirm(state, site.cookie, user, NOW) == other
    assert site.consents.confirm(state, site.cookie, PERSON, NOW).outcome is Outcome.GRANTED


def test_a_walk_takes_an_hour_at_most(site: Site) -> None:
    """Then it starts again."""
    state = site.begin()
    site.clock.advance(HOUR + 1)

    assert site.arrive(state, site.code()) == Shown(Outcome.STATE_EXPIRED)
    assert site.sent == []


def test_a_walk_that_was_not_asked_about_cannot_be_confirmed(site: Site) -> None:
    """A form that no page of ours held."""
    state = site.begin()

    assert site.confirm(state).outcome is Outcome.STATE_FORGED
    assert site.decline(state).outcome is Outcome.STATE_FORGED


def test_who_was_merged_is_who_they_are_now(site: Site) -> None:
    """A link of the former id serves the person."""
    link, state = site.link("E7"), site.offered("E7")
    site.store.people.merge("E7", PERSON)

    assert site.consents.invited(link, "E7", NOW) == Invited(PERSON, "Josiah S. Carberry", None)
    assert site.confirm(state).outcome is Outcome.GRANTED
    assert [one.person for one in site.store.grants.all()] == [PERSON]


def test_who_was_forgotten_has_no_link(site: Site) -> None:
    """It looks as if it were forged, at every step; tokens go."""
    link, begun, offered = site.link(), site.begin(), site.offered()
    site.store.blocks.begin(Forgetting(PERSON, remove_items=False, since=NOW))
    end_walks(site.store, PERSON, NOW)

    assert site.consents.invited(link, None, NOW) == Shown(Outcome.LINK_FORGED)
    assert site.arrive(begun, site.code()) == Shown(Outcome.STATE_FORGED)
    assert site.confirm(offered) == Shown(Outcome.STATE_FORGED)
    assert list(site.store.grants.all()) == []
    assert site.to_revoke() == 1


def test_who_is_forgotten_during_the_exchange_leaves_no_token(site: Site) -> None:
    """Forgetting waits for it."""
    begun = site.consents.arrive(Arrival(site.begin(), site.code()), site.cookie, None, NOW)
    assert isinstance(begun, Exchange)
    begin_forgetting(site.store, PERSON, remove_items=False, now=NOW)
    assert hindrances(site.store, PERSON) == ("ORCID is being asked for a token at this moment",)

    assert site.exchange(begun).outcome is Outcome.STATE_FORGED
    assert hindrances(site.store, PERSON) == ("1 tokens are not revoked at ORCID yet",)
    assert site.to_revoke() == 1


def test_walks_are_forgotten_some_days_after_they_ended(site: Site) -> None:
    """With the digests of their codes, which lasted a day."""
    site.confirm(site.offered())
    site.begin()
    site.clock.advance(6 * DAY)
    tidy(site.store, site.clock.now())
    assert len(site.store.consents.of_person(PERSON)) == 2
    site.clock.advance(2 * DAY)
    tidy(site.store, site.clock.now())

    assert site.store.consents.of_person(PERSON) == []
    assert site.lives() == 1


def test_a_code_is_known_under_the_key_before(site: Site) -> None:
    """New vault keys don't make a code good twice."""
    code = site.code()
    site.arrive(site.begin(), code)
    site.links = Links((b"n" * 32, *KEYS))

    assert site.arrive(site.begin("E2"), code).outcome is Outcome.CODE_REUSED


def test_a_walk_that_is_exchanging_shows_no_code(site: Site) -> None:
    """The store knows a keyed digest of it; what holds it meanwhile doesn't show it."""
    state, code = site.begin(), site.code()
    arrival = Arrival(state, code)
    exchange = site.consents.arrive(arrival, site.cookie, None, NOW)
    (walk,) = site.store.consents.at(ConsentStage.EXCHANGING)

    assert walk.code
    assert isinstance(exchange, Exchange)
    assert code not in repr((walk, arrival, exchange))
    assert "access_token" not in repr(site.orcid.send(exchange.call))


def test_every_outcome_has_a_line_and_an_event() -> None:
    """For the command line, and for the log."""
    assert LINES.keys() == set(Outcome)
    assert len(set(LINES.values())) == len(Outcome)
    assert {outcome.event for outcome in Outcome} == {f"consent_{outcome}" for outcome in Outcome}
