"""`replay` as an operator runs it: the real command against the stand-in."""

import gzip
import itertools
import random
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tests.benchmarks.institution import affiliation_event, person_id, work_event
from tests.cli.conftest import Institution


def test_a_log_becomes_items_and_the_same_log_again_makes_no_call(institution: Institution) -> None:
    """Events in, items out; a second replay finds nothing to do."""
    institution.permit(1)
    log = institution.log("a.jsonl", affiliation_event(1), work_event(1, 0), work_event(1, 1))

    first = institution.json("replay", log)
    second = institution.json("replay", log)

    assert first["calls"] == {"POST": 1, "POST_BULK": 1, "PUT": 0, "DELETE": 0, "GET": 0}
    assert first["items"]["in_sync"] == 3
    assert first["inbox_messages"] == 2
    assert second["calls"] == dict.fromkeys(first["calls"], 0)
    assert second["events"] == 3
    assert institution.titles(1) == ["Lecturer", "On the 0-th question of person 1", "On the 1-th question of person 1"]


def test_many_events_of_one_item_are_one_call(institution: Institution) -> None:
    """A burst of changes goes out as the last of them."""
    institution.permit(1)
    events = [affiliation_event(1, sequence=number, title=f"Title {number}") for number in range(1, 6)]

    summary = institution.json("replay", institution.log("burst.jsonl", *events))

    assert summary["calls"]["POST"] == 1
    assert institution.titles(1) == ["Title 5"]


def test_a_change_is_one_put_and_a_removal_one_delete(institution: Institution) -> None:
    """Nothing is written twice, and what goes is taken away by its put-code."""
    institution.permit(1)
    institution.json("replay", institution.log("a.jsonl", affiliation_event(1), work_event(1, 0)))

    changed = institution.json("replay", institution.log("b.jsonl", affiliation_event(1, sequence=2, title="Reader")))
    removed = institution.json("replay", institution.log("c.jsonl", _removed(work_event(1, 0, sequence=2))))

    assert (changed["calls"]["PUT"], sum(changed["calls"].values())) == (1, 1)
    assert (removed["calls"]["DELETE"], sum(removed["calls"].values())) == (1, 1)
    assert institution.titles(1) == ["Reader"]


def _removed(event: dict[str, Any]) -> dict[str, Any]:
    return event | {"type": event["type"].replace("changed", "removed"), "data": {}}


def test_last_months_log_over_todays_state_changes_nothing_in_any_order_of_files(institution: Institution) -> None:
    """Superseded events, removed records and fan-outs stay as they are: 0 calls in every order."""
    institution.permit(1, 2)
    both = work_event(1, 0)
    both["data"]["contributors"].append({"person": {"id": person_id(2)}, "name": "Person 2"})
    months = [
        institution.log("1.jsonl", affiliation_event(1), affiliation_event(2), both, work_event(2, 1)),
        institution.log(
            "2.jsonl", affiliation_event(1, sequence=2, title="Reader"), _removed(work_event(2, 1, sequence=2))
        ),
        institution.log(
            "3.jsonl", work_event(1, 0, sequence=3, title="Alone"), affiliation_event(2, sequence=3, title="Dean")
        ),
    ]
    institution.json("replay", *months)
    before = institution.titles(1), institution.titles(2)
    institution.control.reset_statistics()

    for order in itertools.permutations(months):
        summary = institution.json("replay", *order)
        assert sum(summary["calls"].values()) == 0
    for month in months:
        institution.json("replay", month)

    assert (institution.titles(1), institution.titles(2)) == before == (["Alone", "Reader"], ["Dean"])
    assert sum(institution.control.statistics().requests.values()) == 0


def test_any_order_of_events_ends_in_the_same_records(institution: Institution) -> None:
    """An empty state fed with the same events shuffled wants the same."""
    institution.permit(1)
    events = [affiliation_event(1, sequence=number, title=f"Title {number}") for number in range(1, 5)]
    events += [_removed(work_event(1, 0, sequence=9)), work_event(1, 0, sequence=8), work_event(1, 1, sequence=2)]
    random.Random(7).shuffle(events)

    institution.json("replay", institution.log("shuffled.jsonl", *events))

    assert institution.titles(1) == ["On the 1-th question of person 1", "Title 4"]


@pytest.mark.parametrize("ending", [pytest.param(".gz", id="gzip"), pytest.param(".zst", id="zstandard")])
def test_compressed_logs_are_read_as_they_are(institution: Institution, ending: str) -> None:
    """`.gz` and `.zst` need no unpacking."""
    plain = Path(institution.log("a.jsonl", affiliation_event(1))).read_bytes()
    packed = institution.folder / f"a.jsonl{ending}"
    packed.write_bytes(gzip.compress(plain) if ending == ".gz" else zstandard.compress(plain))

    assert institution.json("replay", str(packed), code=3)["items"]["waiting"] == 1


def test_standard_input_is_a_log(institution: Institution) -> None:
    """`-` reads a pipe."""
    plain = Path(institution.log("a.jsonl", affiliation_event(1))).read_bytes()

    ran = institution.run("replay", "--no-send", "--json", "-", stdin=plain)

    assert ran.returncode == 0
    assert b'"waiting": 1' in ran.stdout


def test_a_truncated_log_is_one_clear_line_and_what_came_before_it_is_taken(institution: Institution) -> None:
    """A cut gzip file ends the replay with its name and line; its whole lines are in the state."""
    events = [affiliation_event(number) for number in range(2000)]
    whole = gzip.compress(Path(institution.log("a.jsonl", *events)).read_bytes())
    cut = institution.folder / "cut.jsonl.gz"
    cut.write_bytes(whole[: len(whole) // 2])

    institution.settings["ORCID_SYNC_LOG_LEVEL"] = "error"
    ran = institution.run("replay", "--no-send", str(cut))

    assert ran.returncode == 1
    assert ran.stderr.decode().count("\n") == 1
    assert "cut.jsonl.gz: cannot be read on after line" in ran.stderr.decode()
    assert institution.json("status")["items"]["waiting"] + institution.json("status")["items"]["pending"] > 100


def test_items_wait_for_permission_and_go_out_when_it_comes(institution: Institution) -> None:
    """Without a grant nothing is sent and nothing is lost."""
    log = institution.log("a.jsonl", affiliation_event(1), work_event(1, 0))
    waiting = institution.json("replay", log, code=3)
    institution.permit(1)

    synced = institution.json("sync")

    assert waiting["items"]["waiting"] == 2
    assert sum(waiting["calls"].values()) == 0
    assert synced["items"]["in_sync"] == 2


def test_a_dropped_author_loses_the_item_and_the_others_keep_theirs(institution: Institution) -> None:
    """A publication is an item for each of our people on it; the new snapshot replaces the old fan-out."""
    institution.permit(1, 2)
    both = work_event(1, 0)
    both["data"]["contributors"].append({"person": {"id": person_id(2)}, "name": "Person 2"})
    institution.json("replay", institution.log("a.jsonl", both))
    assert institution.titles(2) == ["On the 0-th question of person 1"]

    summary = institution.json("replay", institution.log("b.jsonl", work_event(1, 0, sequence=2)))

    assert summary["calls"]["DELETE"] == 1
    assert (institution.titles(1), institution.titles(2)) == (["On the 0-th question of person 1"], [])


def test_no_subject_and_no_person_id_is_on_a_public_record(institution: Institution) -> None:
    """HR keys stay with HR."""
    institution.permit(1)
    institution.json("replay", institution.log("a.jsonl", affiliation_event(1), work_event(1, 0)))

    seen = repr(institution.control.record(institution.orcid(1)))

    assert "APPT-1" not in seen
    assert "eprint-1-0" not in seen
    assert person_id(1) not in seen
