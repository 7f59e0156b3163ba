"""A person moves to another iD: everything goes to the new record once, and from the old one by the operator's word."""

import json
from typing import Any

import pytest

from tests.benchmarks.institution import person_id, work_event
from tests.cli.conftest import Institution
from tests.turning.worlds import employment

PERSON = person_id(1)


def grant(institution: Institution, record: int, expires_in: float | None = None) -> None:
    """The person gives permission on the n-th record, and it is imported."""
    given = institution.control.grant(institution.orcid(record), expires_in=expires_in)
    path = institution.inputs / f"grant-{record}.jsonl"
    path.write_text(json.dumps({"person_id": PERSON, **given}) + "\n")
    imported = institution.run("permission", "import", str(path))
    assert imported.returncode == 0, imported.stderr


def calls(summary: dict[str, Any]) -> int:
    """How many calls a run made."""
    return sum(summary["calls"].values())


def asked(institution: Institution, path: str) -> int:
    """How often the stand-in was asked for a path."""
    return sum(seen.path == path for seen in institution.control.requests())


@pytest.fixture
def moved(institution: Institution) -> Institution:
    """Three items stood on the first record; then the person connected the second one."""
    grant(institution, 1)
    log = institution.log("a.jsonl", employment(1), work_event(1, 0), work_event(1, 1))
    assert institution.json("replay", log)["items"]["in_sync"] == 3
    grant(institution, 2)
    return institution


def test_what_stands_on_the_old_record_goes_once_it_is_approved(moved: Institution) -> None:
    """Everything is on the new record at once; the old one is emptied by the operator's word, with its own grant."""
    before = moved.titles(1)
    synced = moved.json("sync", code=3)
    (row,) = moved.json("held", "list")["held"]
    status = moved.json("status", "--person", PERSON)
    shown = moved.run("held", "list").stdout.decode()
    approved = moved.run("approve", row["id"])
    planned = moved.json("plan")["plans"]
    cleared = moved.json("sync")
    again = moved.json("sync")

    assert moved.titles(2) == before
    assert (synced["items"]["in_sync"], synced["items"]["held"], synced["calls"]["DELETE"]) == (3, 3, 0)
    assert (row["cause"], row["removals"], row["updates"], row["source"]) == ("moved to another iD", 3, 0, None)
    assert row["id"] in shown
    assert {(one["state"], one["orcid"]) for one in status["list"]} == {
        ("in_sync", moved.orcid(2)),
        ("held", moved.orcid(1)),
    }
    assert approved.stdout.decode() == f"approved: {row['id']}\n"
    assert [(one["orcid"], {step["step"] for step in one["steps"]}) for one in planned] == [
        (moved.orcid(1), {"Remove"})
    ]
    assert (cleared["calls"]["DELETE"], calls(cleared), cleared["items"]["held"]) == (3, 3, 0)
    assert moved.titles(1) == []
    assert moved.titles(2) == before
    assert (calls(again), again["items"]["in_sync"], again["items"]["removed_by_researcher"]) == (0, 3, 0)
    assert moved.json("held", "list")["held"] == []


def test_what_is_rejected_stays_on_the_old_record(moved: Institution) -> None:
    """It is counted as held, and listed no more; approving it later is possible still."""
    moved.json("sync", code=3)
    (row,) = moved.json("held", "list")["held"]
    assert moved.run("reject", row["id"]).stdout.decode() == f"rejected: {row['id']}\n"
    left = moved.json("sync", code=3)

    assert (calls(left), left["items"]["held"], len(moved.titles(1))) == (0, 3, 3)
    assert moved.json("held", "list")["held"] == []
    assert moved.run("approve", row["id"]).returncode == 0
    assert moved.json("sync")["calls"]["DELETE"] == 3
    assert moved.titles(1) == []


def test_coming_back_finds_everything_where_it_was(moved: Institution) -> None:
    """A new permission for the old record keeps every put-code; what was added to the other one is held then."""
    moved.json("sync", code=3)
    grant(moved, 1)
    back = moved.json("sync", code=3)
    (row,) = moved.json("held", "list")["held"]
    assert moved.run("approve", row["id"]).returncode == 0
    cleared = moved.json("sync")

    assert (calls(back), back["items"]["in_sync"], back["items"]["held"]) == (0, 3, 3)
    assert (cleared["calls"]["DELETE"], calls(cleared)) == (3, 3)
    assert (len(moved.titles(1)), moved.titles(2)) == (3, [])


def test_a_token_that_the_researcher_revoked_still_removes(moved: Institution) -> None:
    """ORCID accepts a DELETE with it."""
    moved.json("sync", code=3)
    (row,) = moved.json("held", "list")["held"]
    moved.control.revoke_as_researcher(moved.orcid(1))
    moved.run("approve", row["id"])

    assert moved.json("sync")["calls"]["DELETE"] == 3
    assert moved.titles(1) == []


@pytest.mark.parametrize(
    ("reason", "makes"),
    [
        pytest.param("does not accept the token", "expired", id="the token is dead"),
        pytest.param("is deprecated", "deprecated", id="the old record was merged into the new one"),
        pytest.param("is deactivated", "deactivated", id="the old record was closed"),
    ],
)
def test_what_cannot_be_removed_is_stranded(moved: Institution, reason: str, makes: str) -> None:
    """It is told with the reason, counted, and not tried again by itself."""
    moved.json("sync", code=3)
    (row,) = moved.json("held", "list")["held"]
    if makes == "expired":
        moved.control.expire(moved.orcid(1))
    else:
        moved.control.set_state(moved.orcid(1), makes, primary=moved.orcid(2) if makes == "deprecated" else None)
    moved.run("approve", row["id"])
    tried = moved.json("sync", code=3)
    again = moved.json("sync", code=3)
    status = moved.json("status", "--person", PERSON)

    assert (tried["items"]["stranded"], tried["items"]["in_sync"], tried["items"]["held"]) == (3, 3, 0)
    assert (tried["calls"]["DELETE"], calls(again)) == (1, 0)
    assert len(moved.titles(2)) == 3
    assert [reason in one["reason"] for one in status["list"] if one["state"] == "stranded"] == [True] * 3
    assert moved.json("held", "list")["held"] == []


def test_a_revocation_ends_what_is_left_everywhere(moved: Institution) -> None:
    """Its tokens on both records are revoked at ORCID; what stands there keeps its put-codes, and nothing is sent."""
    moved.json("sync", code=3)
    before = asked(moved, "/oauth/revoke")
    assert moved.run("permission", "revoke", PERSON).returncode in (0, 3)
    synced = moved.run("sync", "--json")
    ended = moved.json("status")["persons"]

    assert json.loads(synced.stdout)["calls"] == dict.fromkeys(json.loads(synced.stdout)["calls"], 0)
    assert (ended["with_permission"], ended["permission_ending"]) == (0, 0)
    assert asked(moved, "/oauth/revoke") == before + 2
    assert (len(moved.titles(1)), len(moved.titles(2))) == (3, 3)


def test_a_token_that_ends_soon_is_renewed_first(institution: Institution) -> None:
    """Then everything goes out with the new one; it is no call of the summary."""
    before = asked(institution, "/oauth/token")
    grant(institution, 1, expires_in=300.0)
    institution.json("replay", "--no-send", institution.log("a.jsonl", employment(1)))
    (planned,) = institution.json("plan")["plans"]
    shown = institution.run("plan").stdout.decode()
    replayed = institution.json("sync")
    again = institution.json("sync")

    assert [(step["step"], step["section"]) for step in planned["steps"]] == [("Refresh", None), ("Add", "employment")]
    assert "  Refresh: the access token expires soon\n" in shown
    assert (replayed["items"]["in_sync"], calls(replayed), calls(again)) == (1, 1, 0)
    assert asked(institution, "/oauth/token") == before + 1
