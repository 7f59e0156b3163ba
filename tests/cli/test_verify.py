"""`verify`: live records against what we published, in both versions and every section; and `--repair`."""

import json
import time
from typing import Any

import pytest

from state.sqlite.store import SqliteStore
from state.vault import Vault
from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution
from worker.note_names import DRIFT
from worker.sandbox.sandbox import CLIENT_ID

VERSIONS = [pytest.param("v3.0", id="v3.0"), pytest.param("v2.1", id="v2.1")]
ITEMS = {"v3.0": 19, "v2.1": 13}
"""What stands of one event for each section: v2.1 lacks six sections."""
WRITES = {"POST", "POST_BULK", "PUT", "DELETE"}
LEFT = {"v3.0": 0, "v2.1": 3}
"""The exit code where nothing differs: what v2.1 lacks waits."""


def _fill(institution: Institution, version: str = "v3.0") -> str:
    """Everything of one person stands on the record; returns the person."""
    institution.settings["ORCID_SYNC_API_VERSION"] = version
    institution.permit(1)
    person = person_id(1)
    log = institution.log("all.jsonl", *events.everything(person))
    institution.json("replay", log, code=LEFT[version])
    assert len(institution.control.record(institution.orcid(1)).items) == ITEMS[version]
    institution.control.reset_statistics()
    return person


def _kinds(told: dict[str, Any]) -> set[str]:
    return {row["kind"] for row in told["differences"]}


def _requests(institution: Institution) -> dict[str, int]:
    return dict(institution.control.statistics().requests)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_we_published_is_found_as_we_published_it(institution: Institution, version: str) -> None:
    """Two requests, whatever stands there; nothing is written."""
    _fill(institution, version)

    told = institution.json("verify", code=LEFT[version])

    assert told == {
        "people": 1,
        "differences": [],
        "skipped": [],
        "unread": 0,
        "refused": "",
        "calls": {"POST": 0, "POST_BULK": 0, "PUT": 0, "DELETE": 0, "GET": 2},
    }
    assert _requests(institution) == {"GET": 2}


@pytest.mark.parametrize("version", VERSIONS)
def test_what_was_written_in_one_version_is_found_by_the_other(institution: Institution, version: str) -> None:
    """What v2.1 left out is no difference."""
    _fill(institution, version)
    other = "v2.1" if version == "v3.0" else "v3.0"
    institution.settings["ORCID_SYNC_API_VERSION"] = other

    assert institution.json("verify", code=3 if version == "v2.1" else 0)["differences"] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_what_the_researcher_removed_is_found_and_respected(institution: Institution, version: str) -> None:
    """In every section: told without a word to the state, noted with --repair, and never added again."""
    person = _fill(institution, version)
    orcid = institution.orcid(1)
    for item in institution.control.record(orcid).items:
        institution.control.remove_as_researcher(orcid, item.put_code)
    before = institution.json("status", "--person", person)

    told = institution.json("verify", code=3)
    after = institution.json("status", "--person", person)
    repaired = institution.json("verify", "--person", person, "--repair", code=LEFT[version])

    assert (_kinds(told), len(told["differences"])) == ({"gone"}, ITEMS[version])
    assert after == before
    assert {row["outcome"] for row in repaired["differences"]} == {"removed_by_researcher"}
    assert not WRITES & _requests(institution).keys()
    institution.json("replay", institution.log("all.jsonl", *events.everything(person)), code=LEFT[version])
    assert institution.control.record(orcid).items == ()
    assert institution.json("verify", code=LEFT[version])["differences"] == []


EDITS: dict[str, dict[str, Any]] = {
    "work": {"title": {"title": {"value": "Said otherwise"}}},
    "funding": {"title": {"title": {"value": "Said otherwise"}}},
    "peer-review": {
        "convening-organization": {
            "name": "Elsewhere",
            "address": {"city": "Cork", "country": "IE"},
            "disambiguated-organization": {
                "disambiguated-organization-identifier": "https://ror.org/05gvnxz63",
                "disambiguation-source": "ROR",
            },
        }
    },
    "research-resource": {},
    "other-names": {"content": "Someone Else"},
    "keywords": {"content": "elsewhere"},
    "researcher-urls": {"url-name": "Elsewhere"},
    "address": {"country": {"value": "FR"}},
    "external-identifiers": {"external-id-url": {"value": "https://elsewhere.example.org"}},
}
"""By section, what another system that uses our client changed; a role title where nothing is said here."""


@pytest.mark.parametrize("version", VERSIONS)
def test_what_another_changed_is_found_and_written_again(institution: Institution, version: str) -> None:
    """In every section."""
    _fill(institution, version)
    orcid, changed = institution.orcid(1), set()
    for item in institution.control.record(orcid).items:
        edit = EDITS.get(item.section, {"role-title": "Said otherwise"})
        if edit and item.section not in changed:
            institution.control.edit_as_researcher(orcid, item.put_code, document=edit)
            changed.add(item.section)
    told = institution.json("verify", code=3)
    repaired = institution.json("verify", "--repair", code=LEFT[version])

    assert {(row["section"], row["kind"]) for row in told["differences"]} == {(one, "differs") for one in changed}
    assert len(changed) == (15 if version == "v3.0" else 10)
    assert all(row["source"] and row["put_code"] and row["detail"] for row in told["differences"])
    assert {row["outcome"] for row in repaired["differences"]} == {"in_sync"}
    assert repaired["calls"]["PUT"] == len(changed)
    assert institution.json("verify", code=LEFT[version])["differences"] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_unknown_items_of_our_client_are_told_and_left_alone(institution: Institution, version: str) -> None:
    """Another system may share our client. What other sources put there is nobody's business here."""
    person = _fill(institution, version)
    orcid = institution.orcid(1)
    work = {
        "title": {"title": {"value": "Not of ours"}},
        "type": "book",
        "external-ids": {
            "external-id": [
                {"external-id-type": "isbn", "external-id-value": "9780306406157", "external-id-relationship": "self"}
            ]
        },
    }
    institution.control.add_item(orcid, "work", work)
    institution.control.add_item(orcid, "work", work, client_id="APP-OTHER")
    put_code = institution.control.add_item(orcid, "work", work, client_id=CLIENT_ID)
    keyword = institution.control.add_item(orcid, "keywords", {"content": "not of ours"}, client_id=CLIENT_ID)
    before = institution.control.record(orcid).items

    told = institution.json("verify", "--repair", code=3)

    found = {(row["section"], row["put_code"], row["kind"], row["outcome"]) for row in told["differences"]}
    assert found == {("work", put_code, "unknown", "left alone"), ("keywords", keyword, "unknown", "left alone")}
    assert all(row["source"] is None and row["person"] == person for row in told["differences"])
    assert institution.control.record(orcid).items == before
    assert noted_drift(institution) == "0", "it stays there for good, and is no drift"


def test_an_item_that_stands_there_twice_is_told(institution: Institution) -> None:
    """Once by its identifier, once by all that it says; which one stays is the one we know."""
    _fill(institution, "v2.1")
    orcid = institution.orcid(1)
    items = institution.control.record(orcid).items
    doubled = {item.section: item for item in items if item.section in ("employment", "funding")}
    for item in doubled.values():
        document = {key: value for key, value in item.document.items() if key not in ("put-code", "path")}
        institution.control.add_item(orcid, item.section, document, client_id=CLIENT_ID)

    told = institution.json("verify", code=3)

    assert {(row["section"], row["kind"]) for row in told["differences"]} == {
        ("employment", "doubled"),
        ("funding", "doubled"),
    }
    for row in told["differences"]:
        assert row["detail"] == f"it is the same as put-code {doubled[row['section']].put_code}"


def test_a_removal_that_was_none_is_found(institution: Institution) -> None:
    """A put-code that we took for removed stands there: it counts again, and is kept right."""
    person = _fill(institution)
    orcid = institution.orcid(1)
    (work, _) = (item for item in institution.control.record(orcid).items if item.section == "work")
    institution.control.fault(f"stale-lists:seconds=3600,orcid={orcid}")
    institution.control.fault(f"error:code=9016,method=PUT,orcid={orcid}")
    changed = events.changed(events.publication(person, "W-1", "10.5555/one"), sequence=2, title="Said anew")
    institution.json("replay", institution.log("two.jsonl", changed))
    institution.control.clear_faults()

    told = institution.json("verify", code=3)
    repaired = institution.json("verify", "--repair")

    assert [(row["put_code"], row["kind"]) for row in told["differences"]] == [(work.put_code, "returned")]
    assert [row["outcome"] for row in repaired["differences"]] == ["in_sync"]
    assert "Said anew" in json.dumps([item.document for item in institution.control.record(orcid).items])


def test_who_cannot_be_looked_at_is_told_and_skipped(institution: Institution) -> None:
    """Without permission, or on a record that takes no writes: the others are looked at."""
    institution.permit(1, 2, 3)
    log = [events.affiliation(person_id(one), f"A-{one}") for one in (1, 2, 3)]
    institution.json("replay", institution.log("all.jsonl", *log))
    institution.control.set_state(institution.orcid(2), "locked")
    changed = events.changed(log[1], sequence=2, role_title="Reader")
    institution.json("replay", institution.log("two.jsonl", changed), code=3)
    revoked = institution.run("permission", "revoke", person_id(3), "--json")
    assert revoked.returncode == 0

    told = institution.json("verify", code=3)

    assert told["people"] == 1
    skipped = {one["person"]: one["reason"] for one in told["skipped"]}
    assert skipped.keys() == {person_id(2), person_id(3)}
    assert "locked" in skipped[person_id(2)]
    assert "revoked" in skipped[person_id(3)]


def test_one_person_is_looked_at_alone(institution: Institution) -> None:
    """And one whom nobody knows is an error in one line."""
    institution.permit(1, 2)
    log = [events.affiliation(person_id(one), f"A-{one}") for one in (1, 2)]
    institution.json("replay", institution.log("all.jsonl", *log))
    institution.control.reset_statistics()

    assert institution.json("verify", "--person", person_id(2))["people"] == 1
    assert _requests(institution) == {"GET": 2}
    ran = institution.run("verify", "--person", "nobody")
    assert (ran.returncode, ran.stderr.decode().count("\n")) == (1, 1)
    assert "nobody called nobody" in ran.stderr.decode()


def test_a_list_that_lags_is_not_believed(institution: Institution) -> None:
    """Lists come from a replica: what is not there yet is told, and not taken for removed."""
    _fill(institution)
    institution.control.fault("stale-lists:seconds=3600,method=GET,times=2")

    told = institution.json("verify", "--repair", code=0)

    assert _kinds(told) == {"gone"}
    assert {row["outcome"] for row in told["differences"]} == {"in_sync"}
    assert not WRITES & _requests(institution).keys()


def test_many_people_without_what_we_published_are_not_many_removals(institution: Institution) -> None:
    """It looks like another ORCID: nothing is noted, and an operator may say so person by person."""
    people = range(1, 13)
    institution.permit(*people)
    log = [events.affiliation(person_id(one), f"A-{one}") for one in people]
    institution.json("replay", institution.log("all.jsonl", *log))
    for one in people:
        (item,) = institution.control.record(institution.orcid(one)).items
        institution.control.remove_as_researcher(institution.orcid(one), item.put_code)

    told = institution.json("verify", "--repair", code=3)
    alone = institution.json("verify", "--person", person_id(1), "--repair")

    assert "12 of 12 people lack what we published" in told["refused"]
    assert {row["outcome"] for row in told["differences"]} == {"in_sync"}
    assert [row["outcome"] for row in alone["differences"]] == ["removed_by_researcher"]


def test_people_read_in_words_what_machines_read_in_json(institution: Institution) -> None:
    """A table, the numbers, and what to do about it."""
    person = _fill(institution)
    orcid = institution.orcid(1)
    (item,) = (one for one in institution.control.record(orcid).items if one.section == "funding")
    institution.control.remove_as_researcher(orcid, item.put_code)

    ran = institution.run("verify")

    told = ran.stdout.decode()
    assert ran.returncode == 3
    assert all(word in told for word in (person, str(item.put_code), "F-1", "gone", "1 records read", "--repair"))


def test_those_who_watch_hear_what_a_look_at_everybody_left(institution: Institution) -> None:
    """How much differs after the last one; a look at one person says nothing of the others."""
    person = _fill(institution)
    orcid = institution.orcid(1)
    institution.control.remove_as_researcher(orcid, institution.control.record(orcid).items[0].put_code)

    institution.json("verify", "--person", person, code=3)
    after_one = noted_drift(institution)
    institution.json("verify", code=3)
    found = noted_drift(institution)
    institution.json("verify", "--repair")

    assert (after_one, found, noted_drift(institution)) == (None, "1", "0")


def noted_drift(institution: Institution) -> str | None:
    """What the last look at everybody noted for those who watch."""
    vault = Vault([institution.settings["ORCID_SYNC_VAULT_KEYS"]])
    store = SqliteStore(institution.folder / "state.db", vault, time.time)
    try:
        return store.notes.get(DRIFT)
    finally:
        store.close()
