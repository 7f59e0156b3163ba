"""`job`: what is queued, shown and taken back, while no daemon runs."""

from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.institution import person_id, work_event
from tests.cli.conftest import Institution


def jobs(institution: Institution) -> list[dict[str, Any]]:
    """All of them, as the list tells them."""
    found: list[dict[str, Any]] = institution.json("job", "list")["jobs"]
    return found


def test_jobs_are_queued_in_order_and_told_as_they_would_be_typed(institution: Institution) -> None:
    """A log by its whole path, wherever the command was called."""
    log = institution.log("events.jsonl", work_event(1, 1))
    institution.permit(1)
    asked = [
        institution.json("job", "add", "replay", log, "later.jsonl", "--complete", "/hr", "--no-send"),
        institution.json("job", "add", "replay", "--from-kafka", "--since", "2026-03-01T01:00:00+01:00"),
        institution.json("job", "add", "verify", "--person", person_id(1), "--repair"),
    ]

    later = str(Path("later.jsonl").absolute())
    assert asked == [{"id": 1, "not_here": [later]}, {"id": 2, "not_here": []}, {"id": 3}]
    assert [(job["job"], job["state"]) for job in jobs(institution)] == [
        (f"replay {log} {later} --complete /hr --no-send", "queued"),
        ("replay --from-kafka --since 2026-03-01T00:00:00+00:00", "queued"),
        (f"verify --repair --person {person_id(1)}", "queued"),
    ]
    assert institution.json("job", "show", "3") == jobs(institution)[2] | {"result": None}
    assert institution.json("status")["jobs"]["queued"] == 3


def test_people_are_told_what_to_do_next(institution: Institution) -> None:
    """Of a log that is not there, the queue, and how to see what becomes of it."""
    absent = institution.folder / "later.jsonl"
    added = institution.run("job", "add", "replay", str(absent)).stdout.decode()
    listed = institution.run("job", "list").stdout.decode()
    shown = institution.run("job", "show", "1").stdout.decode()
    status = institution.run("status").stdout.decode()

    assert f"{absent} is not here" in added
    assert "orcid-sync job show 1" in added
    assert f"replay {absent}" in listed
    assert "queued" in shown
    assert "1 queued" in status


def test_a_job_is_taken_out_of_the_queue(institution: Institution) -> None:
    """Once; after that it is over."""
    institution.json("job", "add", "verify")

    assert institution.json("job", "cancel", "1")["state"] == "cancelled"
    assert institution.run("job", "cancel", "1").stdout.decode() == "job 1 is over: cancelled\n"
    assert institution.json("job", "show", "1")["state"] == "cancelled"


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        pytest.param(("add", "replay", "-"), 2, "a job reads no standard input", id="standard-input"),
        pytest.param(("add", "replay"), 2, "give event logs, or --from-kafka", id="nothing"),
        pytest.param(("add", "replay", "a.jsonl", "--since", "2026"), 2, "goes with --from-kafka", id="since-of-a-log"),
        pytest.param(("add", "replay", "--from-kafka", "--since", "then"), 2, "no ISO time", id="no-time"),
        pytest.param(("add", "verify", "--person", "E9"), 1, "nobody called E9 is known", id="nobody"),
        pytest.param(("show", "7"), 1, "there is no job 7", id="show-none"),
        pytest.param(("cancel", "7"), 1, "there is no job 7", id="cancel-none"),
    ],
)
def test_what_makes_no_job_is_one_line(institution: Institution, words: tuple[str, ...], code: int, line: str) -> None:
    """And nothing is queued."""
    ran = institution.run("job", *words)

    assert ran.returncode == code
    assert line in ran.stderr.decode().replace("is not an ISO time", "is no ISO time")
    assert jobs(institution) == []
