"""What operators read of held removals, item by item, and of their own word on them."""

import time
from dataclasses import replace

import pytest

from mappers.identifiers import OrcidId
from state.facts import Origin
from state.removal_facts import RemovalState
from state.sqlite.store import SqliteStore
from state.vault import Vault
from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution
from tests.state.helpers import a_grant, a_key, a_published
from worker.sandbox.control_client import ItemOnRecord


@pytest.fixture
def holding(institution: Institution) -> Institution:
    """Of four jobs on a record two are withdrawn and one loses its department; one such is let go unasked."""
    institution.settings |= {"ORCID_SYNC_MAX_REMOVALS": "1"}
    institution.permit(1)
    jobs = [
        events.affiliation(person_id(1), f"APPT-{one}", start_date=f"{2000 + one}-09-01", department="Physics")
        for one in range(4)
    ]
    institution.json("replay", institution.log("a.jsonl", *jobs))
    gone = [events.removal(job, sequence=2) for job in jobs[:2]]
    emptied = events.changed(jobs[2], sequence=2, department=None)
    institution.json("replay", institution.log("b.jsonl", *gone, emptied), code=3)
    return institution


def _id(institution: Institution) -> str:
    (row,) = institution.json("held", "list")["held"]
    return str(row["id"])


def test_a_hold_is_shown_item_by_item(holding: Institution) -> None:
    """Whose it is, where it stands, which source record it comes from, and what would become of it."""
    held = _id(holding)
    shown = holding.run("held", "show", held).stdout.decode()
    told = holding.json("held", "show", held)
    assert holding.json("held", "list")["held"] == [told]
    codes = {item.document["start-date"]["year"]["value"]: item.put_code for item in _items(holding)}

    assert held in shown
    assert "3 removals would leave records" in shown
    for number, what in ((0, "remove"), (1, "remove"), (2, "empty fields")):
        (line,) = [line for line in shown.splitlines() if f"APPT-{number}" in line]
        words = (person_id(1), "employment", "/hr", "hr.affiliation", str(codes[f"{2000 + number}"]), what)
        assert [word for word in words if word not in line] == []
    assert "APPT-3" not in shown
    assert {item["subject"]: item["what"] for item in told["items"]} == {
        "APPT-0": "remove",
        "APPT-1": "remove",
        "APPT-2": "empty fields",
    }


def _items(institution: Institution) -> tuple[ItemOnRecord, ...]:
    return institution.control.record(institution.orcid(1)).section("employment")


@pytest.mark.parametrize("words", [("held", "show"), ("approve",), ("reject",)], ids=" ".join)
def test_a_number_that_was_never_listed_is_not_known(holding: Institution, words: tuple[str, ...]) -> None:
    """One line, and nothing is decided."""
    held = f"{_id(holding).rpartition('-')[0]}-99999"

    ran = holding.run(*words, held)

    assert ran.returncode == 1
    line = f"orcid-sync: nothing is held as {held}: `orcid-sync held list` shows what is\n"
    assert ran.stderr.decode() == line
    assert len(holding.json("held", "list")["held"]) == 1


def test_what_was_rejected_is_told_of_and_can_be_approved(holding: Institution) -> None:
    """Nothing else says that it stays; by the same id it goes after all."""
    held = _id(holding)
    assert holding.json("held", "list")["rejected"] == 0

    assert holding.run("reject", held).stdout.decode() == f"rejected: {held}: 3 removals left\n"
    said = {row["reason"] for row in holding.json("status", "--person", person_id(1))["list"]} - {""}
    listed = holding.run("held", "list").stdout.decode()
    told = holding.json("held", "list")
    assert said == {"rejected: it stays as it stands until its source speaks again"}
    assert "0 held\n3 removals were rejected, and stay until their sources speak again" in listed
    assert told == {"held": [], "rejected": 3}

    assert holding.run("approve", held).stdout.decode() == f"approved: {held}: 3 removals let go\n"
    sent = holding.json("sync")
    assert (sent["calls"]["DELETE"], sent["calls"]["PUT"], sent["items"]["held"]) == (2, 1, 0)
    assert holding.json("held", "list")["rejected"] == 0


@pytest.fixture
def much(institution: Institution) -> Institution:
    """Of each kind 60 removals are held, of one person."""
    institution.json("held", "list")
    store = SqliteStore(
        institution.folder / "state.db", Vault([institution.settings["ORCID_SYNC_VAULT_KEYS"]]), time.time
    )
    orcid = OrcidId(institution.orcid(1))
    with store.transaction():
        store.grants.put(a_grant("p1", orcid))
        for code in range(60):
            removal = store.removals.add(orcid, code, a_key(part=f"r{code}"), "", time.time())
            store.removals.put(replace(removal, state=RemovalState.HELD))
            store.items.publish(a_published(1000 + code, a_key(part=f"a{code}"), orcid, origin=Origin.ADOPTED))
    store.close()
    return institution


def test_of_much_the_first_are_shown_and_json_has_all(much: Institution) -> None:
    """Fifty rows, and how many more there are."""
    listed = much.json("held", "list")["held"]
    assert [(row["cause"], row["removals"], len(row["items"])) for row in listed] == [
        ("removals", 60, 60),
        ("adopted", 60, 60),
    ]
    for row in listed:
        shown = much.run("held", "show", row["id"]).stdout.decode()

        assert sum("remove" in line and "work" in line for line in shown.splitlines()) == 50
        assert shown.endswith("… and 10 more: --json tells all\n")
        assert much.json("held", "show", row["id"]) == row


def test_a_word_on_much_is_told_in_one_line(much: Institution) -> None:
    """How many it was about."""
    for row in much.json("held", "list")["held"]:
        assert much.run("reject", row["id"]).stdout.decode() == f"rejected: {row['id']}: 60 removals left\n"
        assert much.run("approve", row["id"]).stdout.decode() == f"approved: {row['id']}: 60 removals let go\n"
        assert much.run("approve", row["id"]).returncode == 1
