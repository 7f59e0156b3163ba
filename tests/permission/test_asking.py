"""Asking in a researcher's inbox: when it is done, when it is not, and what is kept of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mappers.documents import Keyword
from mappers.forms import Version
from mappers.sections import Section
from state.brake_facts import Brake
from state.permission_facts import Ask, Forgetting, GrantState, KnownPerson, Suspension, SuspensionKind
from state.store import Store
from tests.fakes.set_clock import SetClock
from tests.permission.inbox import DAY, Inbox, Wire
from tests.worker.builders import (
    JOSIAH,
    LAURE,
    NOW,
    PERSON,
    POLICY,
    YEAR,
    a_work,
    an_employment,
    published,
    wanted,
    withdrawn,
)
from worker.calling.circuit import Cause, Circuit
from worker.note_names import CIRCUIT
from worker.permission.asking import Answered, NotAsked
from worker.permission.notification_replies import NOT_ALLOWED
from worker.ports import HttpCall, NoAnswer, NoToken, OAuthCall, Reply

LOST = NoAnswer("no reply in time", sent=True, late=True)
UNSENT = NoAnswer("no connection", sent=False, late=False)


@pytest.fixture
def inbox(store: Store, clock: SetClock) -> Inbox:
    """A work waits for a permission that never was."""
    made = Inbox(store, clock)
    made.wants()
    return made


@pytest.fixture
def expired(inbox: Inbox) -> Inbox:
    """The work waits, for the permission has expired."""
    inbox.gave(granted_at=NOW - 2 * YEAR, expires_at=NOW - YEAR)
    return inbox


@pytest.mark.parametrize("version", list(Version), ids=str)
def test_a_request_names_what_waits(expired: Inbox, version: Version) -> None:
    """At the iD of the last permission, with our own link; it is kept under its put-code."""
    expired.version, expired.policy = version, replace(POLICY, version=version)
    expired.wants("2", an_employment())

    answered = expired.ask()

    (notification,) = expired.notifications()
    assert answered == Answered(
        Ask(PERSON, JOSIAH, notification.put_code, NOW), NOW + 90 * DAY, is_new=True, listed=2, waiting=2
    )
    told: Any = notification.document
    assert told["authorization-url"]["uri"] == f"https://sync.example.edu/connect/{PERSON}?lang=en"
    assert [item["item-name"] for item in told["items"]["item"]] == ["Lecturer, Example University", "Title 1"]
    assert list(expired.store.asks.of_person(PERSON)) == [answered.ask]


def test_what_a_permission_is_not_needed_for_is_not_named(expired: Inbox) -> None:
    """What was withdrawn, is refused, stands as wanted, or cannot be named: it only counts if it waits."""
    expired.wants("2", Keyword(content="tides"))
    expired.wants("3")
    expired.store.items.publish(published(7, "3", a_work("10.1/3", "Title 3")))
    expired.store.items.want(withdrawn("4"), None)
    expired.store.items.publish(published(8, "4"))
    expired.store.items.want(wanted("5", None, digest=None, refusal="no such type"), None)

    answered = expired.ask()

    assert (answered.listed, answered.waiting) == (1, 2)


def test_an_operator_may_name_the_address(inbox: Inbox) -> None:
    """Of somebody who never connected an iD: an address is no permission, and becomes none."""
    inbox.refuses("no ORCID iD of E1024 is known: give one with --orcid, or send the link")

    inbox.ask(orcid=LAURE)

    assert len(inbox.notifications(LAURE)) == 1
    assert inbox.store.grants.of_person(PERSON) == []


def test_an_address_is_nobody_elses(expired: Inbox) -> None:
    """Neither another than the person's own, nor one that somebody else connected."""
    expired.refuses(f"E1024 connected {JOSIAH}", orcid=LAURE)
    expired.wants("2")
    with pytest.raises(NotAsked, match=f"{JOSIAH} is connected to E1024: E2 is not asked there"):
        expired.ask("E2", orcid=JOSIAH)


def test_a_permission_that_lacks_a_scope_is_worth_asking(inbox: Inbox) -> None:
    """Only for what it lacks."""
    inbox.gave("/orcid-works/update")
    inbox.refuses("the permission of E1024 is enough: nothing waits for another")

    inbox.wants("2", an_employment())

    assert inbox.ask().waiting == 1


@pytest.mark.parametrize(
    ("prepare", "why"),
    [
        pytest.param(
            lambda it: it.store.people.put(KnownPerson(PERSON, denied_at=NOW - DAY)),
            "E1024 said no at ORCID on 2025-11-23, and is not asked again",
            id="denied",
        ),
        pytest.param(
            lambda it: it.store.people.put(KnownPerson(PERSON, revoked_at=NOW - DAY)),
            "the permission of E1024 was taken back on 2025-11-23: they are not asked again",
            id="revoked",
        ),
        pytest.param(
            lambda it: it.store.blocks.begin(Forgetting(PERSON, remove_items=False, since=NOW)),
            "E1024 was forgotten, or is being forgotten",
            id="being-forgotten",
        ),
        pytest.param(
            lambda it: it.store.grants.suspend(Suspension(JOSIAH, SuspensionKind.LOCKED, "spam", NOW + DAY)),
            f"the record {JOSIAH} is locked: spam",
            id="locked",
        ),
        pytest.param(
            lambda it: setattr(it, "policy", replace(POLICY, only=frozenset(), held_by="ORCID_SYNC_SEND is off")),
            "nothing was sent: ORCID_SYNC_SEND is off",
            id="off",
        ),
        pytest.param(
            lambda it: it.store.notes.put(
                CIRCUIT, Circuit(Cause.OURS, "ORCID has locked our client (9057)", NOW, NOW + 60).text()
            ),
            r"nothing was sent, sending is stopped: ORCID has locked our client \(9057\)",
            id="stopped",
        ),
        pytest.param(
            lambda it: it.store.brakes.put(Brake()),
            r"nothing was sent, paused by an operator: everything \(orcid-sync resume\)",
            id="paused",
        ),
        pytest.param(
            lambda it: it.store.items.want(wanted("1", None, digest=None), None),
            "nothing of E1024 waits for a permission",
            id="nothing-waits",
        ),
        pytest.param(
            lambda it: setattr(it, "policy", replace(POLICY, switched_off=frozenset(Section))),
            "nothing of E1024 waits for a permission",
            id="sections-are-off",
        ),
        pytest.param(
            lambda it: it.store.turns.slow_down(NOW + 100), "ORCID wants us to slow down: try again in 100 s", id="slow"
        ),
    ],
)
@pytest.mark.parametrize("again", [False, True])
def test_nobody_is_asked(expired: Inbox, prepare: Callable[[Inbox], None], why: str, *, again: bool) -> None:
    """Each reason in one line; nothing is sent, nothing is kept; insisting changes nothing."""
    prepare(expired)

    expired.refuses(why, again=again)


def test_a_newer_permission_outweighs_an_older_no(expired: Inbox) -> None:
    """Who came back may be asked for more."""
    expired.store.people.put(KnownPerson(PERSON, denied_at=NOW - 3 * YEAR, revoked_at=NOW - 3 * YEAR))

    assert expired.ask().is_new


@pytest.mark.parametrize("state", [GrantState.BROKEN, GrantState.REVOKED])
def test_who_may_have_said_no_is_asked_only_on_request(inbox: Inbox, state: GrantState) -> None:
    """ORCID's 401 cannot tell what ended by itself from what the researcher revoked."""
    inbox.gave(state=state, reason="invalid_token")
    inbox.refuses(rf"the permission of E1024 is {state} \(invalid_token\): perhaps they took it back at ORCID")

    assert inbox.ask(again=True).is_new


def test_only_facts_about_the_person_cannot_be_asked_for(store: Store, clock: SetClock) -> None:
    """An inbox request has no word for them: the link can be sent otherwise."""
    inbox = Inbox(store, clock)
    inbox.wants("1", Keyword(content="tides"))

    inbox.refuses(r"cannot name what waits for E1024 \(keywords\): `orcid-sync permission invite E1024`", orcid=JOSIAH)


def test_who_was_asked_is_not_asked_again_at_once(expired: Inbox) -> None:
    """Until the time has passed, and then only on request; without it, ORCID is asked how it stands."""
    first = expired.ask()
    expired.clock.at = NOW + 89 * DAY
    expired.refuses("E1024 was asked on 2025-11-24, and is not asked again before 2026-02-22", again=True)
    assert not expired.ask().is_new

    expired.clock.at = NOW + 90 * DAY
    assert not expired.ask().is_new
    second = expired.ask(again=True)

    assert second.is_new
    assert [one.put_code for one in expired.notifications()] == [first.ask.put_code, second.ask.put_code]
    assert expired.store.asks.newest(PERSON) == second.ask


def test_what_became_of_a_request_is_told_and_kept(expired: Inbox) -> None:
    """Read, acted on, archived: as ORCID has it, and as it had it last when it doesn't tell."""
    put_code = expired.ask().ask.put_code
    (sent,) = expired.notifications()
    expired.sandbox.records[JOSIAH].inbox.keep(
        replace(sent, read=int((NOW + 1) * 1000), actioned=int((NOW + 2) * 1000), archived=int((NOW + 3) * 1000))
    )
    expired.clock.at = NOW + DAY

    told = expired.ask()
    seen = Ask(PERSON, JOSIAH, put_code, NOW, NOW + DAY, NOW + 1, NOW + 2, NOW + 3)
    assert (told.ask, told.trouble, told.is_new) == (seen, "", False)
    assert expired.store.asks.newest(PERSON) == seen

    expired.wire.instead = UNSENT
    assert expired.ask() == replace(told, sent_at=None, trouble="no connection")


@pytest.mark.parametrize("reply", [pytest.param(LOST, id="lost"), pytest.param(replace(UNSENT, sent=True), id="cut")])
def test_a_lost_reply_is_no_reason_to_send_a_second_one(expired: Inbox, reply: Reply) -> None:
    """It may be in the inbox: that is told, and waits as long as if it were; then another may follow."""
    expired.wire.after = reply
    answered = expired.ask()
    expired.wire.after = None

    assert (answered.in_doubt, answered.trouble) == (True, reply.why if isinstance(reply, NoAnswer) else "")
    expired.refuses("was asked on", again=True)
    assert expired.ask().in_doubt
    expired.clock.at = NOW + 91 * DAY
    assert not expired.ask(again=True).in_doubt
    assert [one.put_code == 0 for one in expired.store.asks.of_person(PERSON)] == [False]


def test_a_crash_while_sending_counts_as_asked(expired: Inbox) -> None:
    """The note is there before the request leaves."""

    class Crash(Exception):  # noqa: N818 - stands for the end of the process
        pass

    class Crashing(Wire):
        def send(self, call: HttpCall | OAuthCall) -> Reply:
            super().send(call)
            raise Crash

    whole = expired.wire
    expired.wire = Crashing(whole.orcid)
    with pytest.raises(Crash):
        expired.ask()
    expired.wire = whole

    assert expired.ask().in_doubt
    assert len(expired.notifications()) == 1


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(UNSENT, "no connection", id="unsent"),
        pytest.param(NoToken("invalid_scope", ""), NOT_ALLOWED, id="not-allowed"),
    ],
)
def test_what_surely_was_not_sent_is_forgotten(expired: Inbox, reply: Reply, why: str) -> None:
    """It may be tried again at once."""
    expired.wire.instead = reply
    with pytest.raises(NotAsked, match=why):
        expired.ask()
    assert list(expired.store.asks.of_person(PERSON)) == []

    expired.wire.instead = None
    assert expired.ask().is_new


def test_a_merged_person_is_asked_as_who_they_are_now(expired: Inbox) -> None:
    """By any id they ever had."""
    expired.store.people.merge(PERSON, "E2")

    assert expired.ask().ask.person == "E2"
    assert not expired.ask("E2").is_new
