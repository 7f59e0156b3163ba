"""`suppress`, `unsuppress` and `resend`: an operator's word on one source record of one person."""

from typing import Any

from tests.benchmarks.institution import affiliation_event, work_event
from tests.cli.conftest import Institution

WORK = "On the 0-th question of person 1"


def _subject(event: dict[str, Any]) -> tuple[str, str]:
    return event["source"], event["subject"]


def test_a_suppressed_item_is_never_sent_whatever_events_say(institution: Institution) -> None:
    """It is told why; taken back, it is sent as its source wants it by then."""
    institution.permit(1)
    event = affiliation_event(1)
    institution.json("replay", "--no-send", institution.log("a.jsonl", event, work_event(1, 0)))
    institution.json("suppress", "E00001", *_subject(event))

    first = institution.json("replay", institution.log("b.jsonl", affiliation_event(1, sequence=2)))
    rows = institution.json("status", "--person", "E00001")["list"]
    found = institution.titles(1)
    institution.json("unsuppress", "E00001", *_subject(event))
    institution.json("sync")

    assert found == [WORK]
    assert first["items"]["in_sync"] == 2  # the one of them stands as it shall: not at all
    assert [row["reason"] for row in rows if row["section"] == "employment"] == [
        "suppressed by an operator (orcid-sync unsuppress takes it back)"
    ]
    assert institution.titles(1) == ["Lecturer", WORK]


def test_what_stands_of_a_suppressed_item_stays_as_it_is(institution: Institution) -> None:
    """Frozen: a change is not sent, a withdrawal takes nothing away."""
    institution.permit(1)
    event = affiliation_event(1)
    institution.json("replay", institution.log("a.jsonl", event))
    institution.json("suppress", "E00001", *_subject(event))
    changed = affiliation_event(1, sequence=2)
    changed["data"]["role_title"] = "Professor"

    ran = institution.json("replay", institution.log("b.jsonl", changed))

    assert (sum(ran["calls"].values()), institution.titles(1)) == (0, ["Lecturer"])


def test_what_stands_of_it_is_taken_off_when_asked_for(institution: Institution) -> None:
    """With --remove; and it comes back when that is taken back."""
    institution.permit(1)
    event = affiliation_event(1)
    institution.json("replay", institution.log("a.jsonl", event))

    institution.json("suppress", "E00001", *_subject(event), "--remove")
    removed = institution.json("sync")
    found = institution.titles(1)
    institution.json("unsuppress", "E00001", *_subject(event))
    institution.json("sync")

    assert (removed["calls"]["DELETE"], found) == (1, [])
    assert institution.titles(1) == ["Lecturer"]


def test_a_record_may_be_suppressed_before_it_comes(institution: Institution) -> None:
    """With its entity, for nothing says it yet."""
    institution.permit(1)
    words = ("suppress", "E00001", "/hr", _subject(affiliation_event(1))[1])
    refused = institution.run(*words)
    institution.json(*words, "--entity", "hr.affiliation")

    ran = institution.json("replay", institution.log("a.jsonl", affiliation_event(1)))

    assert (refused.returncode, b"--entity" in refused.stderr) == (1, True)
    assert sum(ran["calls"].values()) == 0
    assert institution.titles(1) == []


def test_a_suppression_is_told_to_whom_it_concerns(institution: Institution) -> None:
    """It is held about a person, so it is exported with the rest."""
    institution.permit(1)
    event = affiliation_event(1)
    institution.json("replay", institution.log("a.jsonl", event))
    institution.json("suppress", "E00001", *_subject(event))
    institution.json("pause", "--person", "E00001")

    export = institution.run("export", "E00001")

    told = export.stdout.decode()
    assert export.returncode == 0
    assert '"suppressed"' in told
    assert _subject(event)[1] in told


def test_what_the_researcher_removed_is_sent_again_on_an_operators_word_alone(institution: Institution) -> None:
    """Not by events, not by a replay; by `resend`, once."""
    institution.permit(1)
    log = institution.log("a.jsonl", affiliation_event(1))
    institution.json("replay", log)
    (item,) = institution.control.record(institution.orcid(1)).items
    institution.control.remove_as_researcher(institution.orcid(1), item.put_code)
    changed = affiliation_event(1, sequence=2)
    changed["data"]["role_title"] = "Professor"
    respected = institution.json("replay", institution.log("b.jsonl", changed))
    found = institution.titles(1)

    told = institution.json("resend", "E00001", *_subject(changed))
    again = institution.json("sync")
    nothing = institution.run("resend", "E00001", *_subject(changed))

    assert (respected["items"]["removed_by_researcher"], found) == (1, [])
    assert (told["items"], again["items"]["in_sync"], institution.titles(1)) == (1, 1, ["Professor"])
    assert (nothing.returncode, b"was removed by" in nothing.stderr) == (1, True)


def test_what_orcid_refused_is_tried_again_on_an_operators_word(institution: Institution) -> None:
    """When the cause was ORCID's: the same document is sent once more."""
    institution.permit(1)
    event = affiliation_event(1)
    institution.control.fault("error:code=9001,times=1,method=POST")
    refused = institution.json("replay", institution.log("a.jsonl", event), code=3)

    told = institution.json("resend", "E00001", *_subject(event))
    again = institution.json("sync")

    assert (refused["items"]["refused"], told["items"], again["items"]["in_sync"]) == (1, 1, 1)
    assert institution.titles(1) == ["Lecturer"]


def test_words_on_what_is_not_there_are_an_error(institution: Institution) -> None:
    """One line each."""
    institution.permit(1)
    for words in (["resend", "E00001", "/hr", "X"], ["unsuppress", "E00001", "/hr", "X"], ["suppress", "E9", "/", "X"]):
        ran = institution.run(*words)
        assert (ran.returncode, len(ran.stderr.decode().splitlines())) == (1, 1)
