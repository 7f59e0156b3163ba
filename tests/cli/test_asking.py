"""`permission ask`: a request in the researcher's inbox, and how it stands."""

import re
from typing import Any

import pytest

from tests.benchmarks.institution import person_id, work_event
from tests.cli.conftest import Institution
from worker.sandbox.grants import TWO_LEGGED
from worker.sandbox.sandbox import CLIENT_ID

PERSON = person_id(1)


@pytest.fixture
def waiting(institution: Institution) -> Institution:
    """Two works wait for a permission."""
    institution.settings["ORCID_SYNC_REDIRECT_URI"] = "https://connect.example.edu/orcid/callback"
    institution.control.create_record(institution.orcid(1))
    institution.json("replay", institution.log("a.jsonl", work_event(1, 0), work_event(1, 1)), code=3)
    return institution


def ask(institution: Institution, *words: str, code: int = 0) -> dict[str, Any]:
    """Asks, at the address that an operator knows."""
    return institution.json("permission", "ask", PERSON, "--orcid", institution.orcid(1), *words, code=code)


def test_a_researcher_is_asked_reads_and_acts(waiting: Institution) -> None:
    """One request, whose link is ours; later calls tell how it stands, and put no second one there."""
    orcid = waiting.orcid(1)
    asked = ask(waiting, "--lang", "fr")
    (notification,) = waiting.control.notifications(orcid)

    assert (asked["result"], asked["put_code"], asked["items"], asked["waiting"]) == (
        "asked",
        notification.put_code,
        2,
        2,
    )
    assert notification.subject == "Actualiser votre ORCID"
    assert re.fullmatch(r"https://connect\.example\.edu/orcid/connect/[\w.-]+\?lang=fr", notification.authorization_url)
    assert [kind for kind, _ in notification.items] == ["work", "work"]

    assert ask(waiting)["read_at"] is None
    waiting.control.read_notification(orcid, notification.put_code)
    read = ask(waiting)
    waiting.control.act_on_notification(orcid, notification.put_code)
    acted = ask(waiting)

    assert (read["result"], bool(read["read_at"]), read["acted_on_at"]) == ("asked_before", True, None)
    assert acted["acted_on_at"]
    assert len(waiting.control.notifications(orcid)) == 1


def test_what_an_operator_reads(waiting: Institution) -> None:
    """Two lines, of which the second says when one may ask again."""
    orcid = waiting.orcid(1)

    first = waiting.run("permission", "ask", PERSON, "--orcid", orcid)
    second = waiting.run("permission", "ask", PERSON)
    again = waiting.run("permission", "ask", PERSON, "--again", "--orcid", orcid)

    (notification,) = waiting.control.notifications(orcid)
    told, until = first.stdout.decode().splitlines()
    assert told == f"asked {PERSON} at {orcid}, request {notification.put_code}: 2 of 2 items that wait are named"
    assert until.startswith("  again from ")
    assert "read not yet, acted on not yet, archived not yet" in second.stdout.decode()
    assert (again.returncode, again.stdout) == (1, b"")
    assert again.stderr.decode().startswith(f"orcid-sync: {PERSON} was asked on ")


def test_nobody_knows_where_to_ask(waiting: Institution) -> None:
    """One line that says what to do."""
    ran = waiting.run("permission", "ask", PERSON)

    assert ran.returncode == 1
    assert ran.stderr.decode() == (
        f"orcid-sync: no ORCID iD of {PERSON} is known: give one with --orcid, or send the link that"
        f" `orcid-sync permission invite {PERSON}` prints\n"
    )


def test_who_gave_permission_is_not_asked(waiting: Institution) -> None:
    """Nothing waits any more."""
    waiting.permit(1)

    refused = waiting.json("permission", "ask", PERSON, code=1)

    assert refused == {
        "person": PERSON,
        "result": "not_asked",
        "reason": f"the permission of {PERSON} is enough: nothing waits for another",
    }


def test_nothing_is_sent_while_sending_is_off(waiting: Institution) -> None:
    """The line says so."""
    waiting.settings["ORCID_SYNC_SEND"] = "off"

    assert ask(waiting, code=1)["reason"] == "nothing was sent: ORCID_SYNC_SEND is off"
    assert waiting.control.notifications(waiting.orcid(1)) == []


def test_a_client_that_may_not_ask_is_told_what_to_do(waiting: Institution) -> None:
    """ORCID gives no token for it."""
    waiting.control.change_client(CLIENT_ID, scopes=["/read-public"])
    try:
        refused = ask(waiting, code=1)
    finally:
        waiting.control.change_client(CLIENT_ID, scopes=TWO_LEGGED)

    assert "is not allowed to send permission notifications: ask ORCID for the scope /premium" in refused["reason"]
    assert ask(waiting)["result"] == "asked"


def test_a_lost_reply_is_told_and_not_repeated(waiting: Institution) -> None:
    """The request may have arrived; it had."""
    waiting.control.fault("reset-after:section=notification-permission,times=1")

    lost, later = ask(waiting, code=1), ask(waiting, code=1)

    assert (lost["result"], later["result"], lost["put_code"]) == ("in_doubt", "in_doubt", None)
    assert len(waiting.control.notifications(waiting.orcid(1))) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("--orcid", "0000-0002-1825-0098"), "is not an ORCID iD", id="orcid"),
        pytest.param(("--lang", "xx"), "'xx' is not one of", id="language"),
    ],
)
def test_wrong_usage(waiting: Institution, words: tuple[str, ...], told: str) -> None:
    """Exit code 2, and the rule."""
    ran = waiting.run("permission", "ask", PERSON, *words)

    assert ran.returncode == 2
    assert told in ran.stderr.decode()


def test_what_it_needs_set_is_told_at_once(waiting: Institution) -> None:
    """The secret for its token, the landing page for its link."""
    ran = waiting.preloaded.run(
        ["permission", "ask", PERSON],
        {
            name: value
            for name, value in waiting.environ().items()
            if name not in {"ORCID_SYNC_REDIRECT_URI", "ORCID_SYNC_CLIENT_SECRET"}
        },
        waiting.folder,
        None,
    )

    assert ran.returncode == 2
    lines = ran.stderr.decode().splitlines()
    assert [line.split(": ")[1] for line in lines] == ["ORCID_SYNC_CLIENT_SECRET", "ORCID_SYNC_REDIRECT_URI"]
