"""`adopt`, and a state that was lost or restored: what stands on the record is taken over, and never added again."""

from typing import Any

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution
from worker.sandbox.sandbox import CLIENT_ID

VERSIONS = [pytest.param("v3.0", id="v3.0"), pytest.param("v2.1", id="v2.1")]
LEFT = {"v3.0": 0, "v2.1": 3}
"""The exit code where nothing is left to be done: what v2.1 lacks waits."""
POSTS = {"POST", "POST_BULK"}


def _posts(institution: Institution) -> int:
    requests = institution.control.statistics().requests
    return sum(requests.get(kind, 0) for kind in POSTS)


def _stands(institution: Institution) -> set[tuple[str, int]]:
    return {(item.section, item.put_code) for item in institution.control.record(institution.orcid(1)).items}


def _filled(institution: Institution, version: str = "v3.0") -> str:
    """Everything of one person stands on the record; returns the log."""
    institution.settings["ORCID_SYNC_API_VERSION"] = version
    institution.permit(1)
    log = institution.log("all.jsonl", *events.everything(person_id(1)))
    institution.json("replay", log, code=LEFT[version])
    return log


def _lose(institution: Institution) -> None:
    """The state is gone; permissions come back."""
    for file in institution.folder.glob("state.db*"):
        file.unlink()
    institution.permit(1)
    institution.control.reset_statistics()


@pytest.mark.parametrize("version", VERSIONS)
def test_after_a_lost_store_all_is_adopted_and_nothing_added(institution: Institution, version: str) -> None:
    """Events replayed into an empty state: every section is taken over without one POST, and is in sync at once."""
    log = _filled(institution, version)
    before = _stands(institution)
    _lose(institution)
    institution.json("replay", "--no-send", log)

    told = institution.json("adopt", code=LEFT[version])
    synced = institution.json("sync", code=LEFT[version])

    adopted = {(row["section"], row["put_code"]) for row in told["adopted"]}
    assert adopted == before == _stands(institution)
    assert {row["state"] for row in told["adopted"]} == {"in_sync"}
    assert (told["unknown"], told["owned"], _posts(institution)) == (0, 0, 0)
    assert {kind: number for kind, number in synced["calls"].items() if number and kind != "GET"} == {}
    assert institution.json("verify", code=LEFT[version])["differences"] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_lost_store_that_nobody_noticed_adds_nothing_either(institution: Institution, version: str) -> None:
    """Replayed as if for the first time: ORCID's own answers, and lists where it has none, lead to what stands."""
    log = _filled(institution, version)
    before = _stands(institution)
    _lose(institution)

    institution.json("replay", log, code=LEFT[version])

    assert _stands(institution) == before
    statuses = institution.control.statistics().statuses
    assert statuses.get("201", 0) == 0
    assert institution.json("verify", code=LEFT[version])["differences"] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_events_that_come_one_by_one_add_nothing_to_a_lost_store(institution: Institution, version: str) -> None:
    """Nor where ORCID would take an item twice: one of ours that nothing wants yet may be the next event's."""
    institution.settings["ORCID_SYNC_API_VERSION"] = version
    institution.permit(1)
    person = person_id(1)
    said = [
        events.affiliation(person, "A-1"),
        events.affiliation(person, "A-2", role_title="Reader"),
        events.affiliation(person, "A-3", role_title="Professor", end_date=None),
    ]
    logs = [institution.log(f"{place}.jsonl", one) for place, one in enumerate(said)]
    institution.json("replay", *logs)
    before = _stands(institution)
    _lose(institution)

    for log in logs:
        institution.json("replay", log)
        assert _stands(institution) == before

    assert institution.json("status")["items"]["in_sync"] == 3


def test_what_was_withdrawn_is_adopted_by_our_own_id_and_goes_with_own(institution: Institution) -> None:
    """It is held until an operator says that all of our client is ours; then nothing wants it."""
    log = _filled(institution)
    kept = _stands(institution)
    gone = events.affiliation(person_id(1), "GONE-1", role_title="Long gone")
    institution.json("replay", institution.log("gone.jsonl", gone))
    (left,) = _stands(institution) - kept
    _lose(institution)
    institution.json("replay", "--no-send", log, institution.log("end.jsonl", events.removal(gone, sequence=2)))

    told = institution.json("adopt", code=3)
    held = institution.json("sync", code=3)
    owned = institution.json("adopt", "--person", person_id(1), "--own", code=3)
    institution.json("sync")

    (row,) = (row for row in told["adopted"] if (row["section"], row["put_code"]) == left)
    assert (row["subject"], row["state"]) == ("GONE-1", "held")
    assert (held["items"]["held"], held["calls"]["DELETE"]) == (1, 0)
    assert owned["owned"] == len(kept) + 1
    assert _stands(institution) == kept
    assert _posts(institution) == 0


def test_what_belongs_to_nobody_we_know_is_left_alone(institution: Institution) -> None:
    """Another system may share our client: its items are told, and never taken over, not even with --own."""
    _filled(institution)
    orcid = institution.orcid(1)
    strange: dict[str, Any] = {"content": "not of ours"}
    institution.control.add_item(orcid, "keywords", strange, client_id=CLIENT_ID)
    institution.control.add_item(orcid, "keywords", {"content": "the researcher's own"})
    before = _stands(institution)

    told = institution.json("adopt", "--own")
    institution.json("sync")

    assert (told["adopted"], told["unknown"], told["owned"]) == ([], 1, 0)
    assert _stands(institution) == before


def test_adopting_twice_is_adopting_once(institution: Institution) -> None:
    """And a person without permission is none of its business."""
    log = _filled(institution)
    _lose(institution)
    institution.json("replay", "--no-send", log, institution.log("b.jsonl", events.affiliation(person_id(2), "B")))

    first, second = institution.json("adopt", code=3), institution.json("adopt", code=3)

    assert (len(first["adopted"]), second["adopted"]) == (19, [])
    assert (second["people"], second["calls"]["GET"]) == (1, 2)
    ran = institution.run("adopt", "--person", person_id(1))
    assert (ran.returncode, "1 records read: 0 items adopted, 0 left alone" in ran.stdout.decode()) == (0, True)


@pytest.mark.parametrize("version", VERSIONS)
def test_put_codes_that_a_backup_knows_no_more_are_found_in_every_section(
    institution: Institution, version: str
) -> None:
    """Removed and added again since, word for word: every section is listed, though nothing seems to be due there."""
    institution.settings["ORCID_SYNC_MAX_REMOVAL_SHARE"] = "1"
    log = _filled(institution, version)
    institution.run("state", "backup", str(institution.folder / "backup.db"))
    said = events.everything(person_id(1))
    removals = institution.log("gone.jsonl", *(events.removal(one, sequence=2) for one in said))
    again = institution.log("again.jsonl", *(events.changed(one, sequence=3) for one in said))
    institution.json("replay", removals)
    institution.json("replay", again, code=LEFT[version])
    before = _stands(institution)
    institution.run("state", "restore", str(institution.folder / "backup.db"))
    institution.control.reset_statistics()

    lasting = institution.json("status")["recovery"]
    synced = institution.json("sync", code=LEFT[version])

    assert lasting["left"] == (16 if version == "v3.0" else 10)
    assert institution.json("status")["recovery"] is None
    assert synced["items"]["removed_by_researcher"] == 0
    assert _stands(institution) == before
    told = institution.json("verify", code=LEFT[version])
    assert told["differences"] == []
    assert not {"POST", "POST_BULK", "DELETE"} & institution.control.statistics().requests.keys()
    assert institution.json("replay", log, removals, again, code=LEFT[version])["items"]["removed_by_researcher"] == 0


def test_while_a_recovery_lasts_what_is_gone_is_not_the_researcher_s_doing(institution: Institution) -> None:
    """We may have removed it ourselves since the backup: the logs will tell."""
    institution.permit(1)
    said = events.affiliation(person_id(1), "A-1")
    log = institution.log("one.jsonl", said)
    institution.json("replay", log)
    institution.run("state", "backup", str(institution.folder / "backup.db"))
    gone = institution.log("gone.jsonl", events.removal(said, sequence=2))
    institution.json("replay", gone)
    institution.run("state", "restore", str(institution.folder / "backup.db"))

    told = institution.json("verify", "--repair", code=3)
    institution.json("replay", log, gone)
    again = institution.json("replay", institution.log("again.jsonl", events.changed(said, sequence=3)))

    assert "may have been removed by us" in told["refused"]
    assert (again["items"]["in_sync"], again["items"]["removed_by_researcher"]) == (1, 0)
    assert institution.titles(1) == ["Lecturer"]


def test_a_recovery_lasts_until_all_that_can_be_listed_was(institution: Institution) -> None:
    """Who gives permission later is listed then, and is not waited for."""
    log = _filled(institution)
    institution.json("replay", institution.log("b.jsonl", events.affiliation(person_id(2), "B")), code=3)
    institution.run("state", "backup", str(institution.folder / "backup.db"))
    institution.run("state", "restore", str(institution.folder / "backup.db"))
    institution.control.fault(f"500:section=keywords,method=GET,orcid={institution.orcid(1)}")

    institution.json("sync", "--wait", "0", code=3)
    lasting = institution.json("status")["recovery"]
    institution.control.clear_faults()
    institution.json("sync", code=3)

    assert 1 <= lasting["left"] <= 16
    assert institution.json("status")["recovery"] is None
    assert institution.json("replay", log, code=3)["calls"]["POST"] == 0
