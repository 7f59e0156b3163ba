"""`pause` and `resume`: a durable brake that every process heeds."""

import shlex

import pytest

from tests.benchmarks.institution import affiliation_event, work_event
from tests.cli.conftest import Institution

WORK = "On the 0-th question of person 1"


def test_while_everything_is_paused_events_come_in_and_nothing_goes_out(institution: Institution) -> None:
    """A replay ends at once then, and says so; resumed, the next one sends."""
    institution.permit(1)
    log = institution.log("hr.jsonl", affiliation_event(1))
    paused = institution.json("pause")
    ran = institution.json("replay", log, code=3)
    rows = institution.json("status", "--person", "E00001")["list"]
    told = institution.run("status").stdout.decode()

    resumed = institution.json("resume")
    synced = institution.json("sync")

    assert paused["paused"][0] | {"since": ""} == {"person": None, "source": None, "section": None, "since": ""}
    assert (ran["events"], sum(ran["calls"].values()), ran["seconds"] < 10) == (1, 0, True)
    assert [(row["state"], row["reason"]) for row in rows] == [
        ("waiting", "paused by an operator: everything (orcid-sync resume)")
    ]
    assert "UTC: everything (`orcid-sync resume`)" in told
    assert (resumed["changed"], resumed["paused"]) == (True, [])
    assert (synced["items"]["in_sync"], institution.titles(1)) == (1, ["Lecturer"])


@pytest.mark.parametrize(
    ("option", "sent"),
    [
        pytest.param(["--person", "E00001"], {1: [], 2: ["Lecturer"]}, id="person"),
        pytest.param(["--source", "/hr"], {1: [WORK], 2: []}, id="source"),
        pytest.param(["--section", "work"], {1: ["Lecturer"], 2: ["Lecturer"]}, id="section"),
    ],
)
def test_a_part_may_be_paused(institution: Institution, option: list[str], sent: dict[int, list[str]]) -> None:
    """The rest goes out; resumed, the part does too."""
    institution.permit(1, 2)
    institution.json("pause", *option)
    log = institution.log("all.jsonl", affiliation_event(1), work_event(1, 0), affiliation_event(2))

    ran = institution.json("replay", log, code=3)
    found = {person: institution.titles(person) for person in (1, 2)}
    rows = institution.json("status", "--person", "E00001")["list"]
    institution.json("resume", *option)
    synced = institution.json("sync")

    assert found == sent
    name = " ".join(option).removeprefix("--")
    reasons = {row["reason"] for row in rows if row["state"] == "waiting"}
    assert reasons == {f"paused by an operator: {name} (orcid-sync resume {' '.join(option)})"}
    assert ran["items"]["waiting"] + ran["items"]["in_sync"] == 3
    assert synced["items"]["in_sync"] == 3
    assert institution.titles(1) == ["Lecturer", WORK]


def test_a_pause_shows_in_the_plan(institution: Institution) -> None:
    """Nothing would be sent, and why."""
    institution.permit(1)
    institution.json("replay", "--no-send", institution.log("hr.jsonl", affiliation_event(1)))
    before = institution.json("plan")["plans"]
    institution.json("pause", "--source", "/hr")

    assert len(before) == 1
    assert institution.json("plan")["plans"] == []
    assert "source /hr (`orcid-sync resume --source /hr`)" in institution.run("plan").stdout.decode()


def test_pausing_and_resuming_twice_is_once(institution: Institution) -> None:
    """Each says whether it changed anything; another brake stays."""
    institution.permit(1)
    institution.json("pause", "--source", "/hr")

    assert [institution.json("pause")["changed"], institution.json("pause")["changed"]] == [True, False]
    assert len(institution.json("status")["paused"]) == 2
    assert [institution.json("resume")["changed"], institution.json("resume")["changed"]] == [True, False]
    assert institution.json("status")["paused"] == [{"person": None, "source": "/hr", "section": None}]


def test_a_source_that_nothing_is_known_of_is_paused_and_told(institution: Institution) -> None:
    """It may be to come; or it was mistyped: then the nearest known ones help."""
    institution.json("replay", "--no-send", institution.log("a.jsonl", affiliation_event(1), work_event(1, 0)), code=0)

    stranger = institution.run("pause", "--source", "/repositry")
    known = institution.run("pause", "--source", "/repository")
    everything = institution.run("pause")

    assert (stranger.returncode, known.returncode, known.stderr, everything.stderr) == (0, 0, b"", b"")
    assert stranger.stderr.decode() == (
        "nothing of a source /repositry is known: no event of it was ever taken; known are, most like it: /repository\n"
    )
    assert [one["source"] for one in institution.json("status")["paused"]] == [None, "/repository", "/repositry"]


def test_the_command_that_ends_a_brake_is_fit_for_a_shell(institution: Institution) -> None:
    """A name comes from outside: what it says is given to `resume`, never run."""
    name = "/hr; echo 'x' $(id)"
    told = institution.run("pause", "--source", name).stdout.decode()
    _, command, _ = told.splitlines()[-1].split("`")
    words = shlex.split(command)

    assert words == ["orcid-sync", "resume", "--source", name]
    assert institution.json(*words[1:])["paused"] == []


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        pytest.param(["--person", "E1", "--source", "/hr"], 2, "at most one of", id="two"),
        pytest.param(["--source", ""], 2, "at most one of", id="empty"),
        pytest.param(["--section", "works"], 2, "works", id="no-section"),
        pytest.param(["--source", "/hr\n"], 2, "no person or source is called '/hr\\n'", id="control-character"),
        pytest.param(["--source", "/hr\u202e"], 2, "is called '/hr\\u202e'", id="reading-direction"),
        pytest.param(["--person", "E1\x1b[2J"], 2, "is called 'E1\\x1b[2J'", id="escape"),
        pytest.param(["--person", "E99"], 1, "nobody called E99 is known", id="stranger"),
    ],
)
def test_what_cannot_be_paused_is_told_in_a_line(
    institution: Institution, words: list[str], code: int, told: str
) -> None:
    """A brake on a name that was mistyped would stop nothing."""
    ran = institution.run("pause", *words)

    assert (ran.returncode, told in ran.stderr.decode()) == (code, True)
    assert institution.json("status")["paused"] == []
