"""The guard: too many removals at once wait for the operator's word, and nothing of them is sent before."""

from typing import Any

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution

JOBS_EACH = 10


def _jobs(number: int, **data: Any) -> list[events.Event]:
    """So many jobs, ten for each person."""
    return [
        events.affiliation(
            person_id(1 + job // JOBS_EACH),
            f"APPT-{job}",
            start_date=f"{1990 + job % JOBS_EACH}-09-01",
            department=f"Unit {job}",
            **data,
        )
        for job in range(number)
    ]


def _publish(institution: Institution, jobs: list[events.Event]) -> None:
    institution.permit(*range(1, 2 + (len(jobs) - 1) // JOBS_EACH))
    told = institution.json("replay", institution.log("jobs.jsonl", *jobs))
    assert told["items"]["in_sync"] == len(jobs)


def _remove(institution: Institution, jobs: list[events.Event], sequence: int = 2, code: int = 0) -> dict[str, Any]:
    log = institution.log(f"gone-{sequence}.jsonl", *(events.removal(job, sequence=sequence) for job in jobs))
    return institution.json("replay", log, code=code)


def _standing(institution: Institution, people: int) -> int:
    return sum(len(institution.titles(person)) for person in range(1, people + 1))


def _held(institution: Institution) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = institution.json("held", "list")["held"]
    return rows


def test_an_export_that_lost_most_of_its_jobs_is_held_whole(institution: Institution) -> None:
    """20 of 150 jobs in a complete export: no DELETE is sent; approved, exactly those listed go."""
    jobs = _jobs(150)
    _publish(institution, jobs)
    export = institution.log("export.jsonl", *(events.changed(job, sequence=2) for job in jobs[:20]))

    told = institution.json("replay", "--complete", "/hr", export, code=3)
    again = institution.json("sync", code=3)
    (row,) = _held(institution)

    assert (told["items"]["held"], sum(told["calls"].values()), sum(again["calls"].values())) == (130, 0, 0)
    assert (row["source"], row["cause"], row["removals"], row["updates"]) == ("/hr", "removals", 130, 0)
    assert {item["subject"] for item in row["items"]} == {job["subject"] for job in jobs[20:]}
    assert "130 removals" in row["reason"]
    assert "150 items" in row["reason"]

    assert institution.run("approve", row["id"]).returncode == 0
    gone = institution.json("sync")
    assert (gone["calls"]["DELETE"], sum(gone["calls"].values()), gone["items"]["in_sync"]) == (130, 130, 20)
    assert _held(institution) == []
    assert _standing(institution, 15) == 20


def test_a_hundred_of_a_thousand_go_out_and_one_more_holds_all(institution: Institution) -> None:
    """101 removals are held, all of them; with one restored 100 go out; then the next is held again."""
    jobs = _jobs(1000)
    _publish(institution, jobs)

    told = _remove(institution, jobs[:101], code=3)
    restored = institution.json("replay", institution.log("back.jsonl", events.changed(jobs[100], sequence=3)))
    more = _remove(institution, jobs[101:102], sequence=4, code=3)
    (row,) = _held(institution)

    assert (sum(told["calls"].values()), told["items"]["held"], told["items"]["in_sync"]) == (0, 101, 899)
    assert (restored["calls"]["DELETE"], restored["items"]["held"], restored["items"]["in_sync"]) == (100, 0, 900)
    assert (sum(more["calls"].values()), more["items"]["held"], row["removals"]) == (0, 1, 1)
    assert "after 100 in the same 24 h" in row["reason"]


@pytest.mark.parametrize(
    ("published", "removed", "held"),
    [
        pytest.param(10, 9, 0, id="9 of 10 are few"),
        pytest.param(12, 10, 10, id="10 of 12 are more than a fifth"),
    ],
)
def test_from_ten_removals_on_their_share_counts(
    institution: Institution, published: int, removed: int, held: int
) -> None:
    """Of what the source had published when the window began."""
    jobs = _jobs(published)
    _publish(institution, jobs)

    told = _remove(institution, jobs[:removed], code=3 if held else 0)

    assert (told["calls"]["DELETE"], told["items"]["held"]) == (0 if held else removed, held)


def test_the_settings_move_the_limits(institution: Institution) -> None:
    """Raised, what was held goes out by itself."""
    jobs = _jobs(20)
    _publish(institution, jobs)
    institution.settings |= {"ORCID_SYNC_MAX_REMOVALS": "2"}
    assert _remove(institution, jobs[:3], code=3)["items"]["held"] == 3

    institution.settings |= {"ORCID_SYNC_MAX_REMOVALS": "30", "ORCID_SYNC_MAX_REMOVAL_SHARE": "1"}
    assert institution.json("sync")["calls"]["DELETE"] == 3


def test_what_the_source_restores_goes_on_standing_and_the_rest_goes(institution: Institution) -> None:
    """Of 12 removals 3 are taken back: 9 are few, and the hold dissolves."""
    jobs = _jobs(12)
    _publish(institution, jobs)
    assert _remove(institution, jobs, code=3)["items"]["held"] == 12

    restored = [events.changed(job, sequence=3) for job in jobs[:3]]
    told = institution.json("replay", institution.log("back.jsonl", *restored))

    assert (told["calls"]["DELETE"], sum(told["calls"].values()), told["items"]["in_sync"]) == (9, 9, 3)
    assert _held(institution) == []


def test_all_restored_leaves_nothing_held_and_makes_no_call(institution: Institution) -> None:
    """The put-codes are where they were."""
    jobs = _jobs(12)
    _publish(institution, jobs)
    stood = {item.put_code for item in institution.control.record(institution.orcid(1)).items}
    _remove(institution, jobs, code=3)

    told = institution.json("replay", institution.log("back.jsonl", *(events.changed(job, sequence=3) for job in jobs)))

    assert (sum(told["calls"].values()), told["items"]["in_sync"]) == (0, 12)
    assert {item.put_code for item in institution.control.record(institution.orcid(1)).items} == stood


def test_an_approval_lets_exactly_what_was_listed_go(institution: Institution) -> None:
    """What joined the hold afterwards is held still, under another id."""
    jobs = _jobs(15)
    _publish(institution, jobs)
    _remove(institution, jobs[:12], code=3)
    (listed,) = _held(institution)
    _remove(institution, jobs[12:14], sequence=3, code=3)

    approved = institution.run("approve", listed["id"])
    told = institution.json("sync", code=3)
    (left,) = _held(institution)

    assert approved.stdout.decode() == f"approved: {listed['id']}: 12 removals let go\n"
    assert (told["calls"]["DELETE"], told["items"]["held"], left["removals"]) == (12, 2, 2)
    assert left["id"] != listed["id"]
    assert institution.run("approve", listed["id"]).returncode == 1
    assert institution.run("approve", left["id"]).returncode == 0
    assert institution.json("sync")["calls"]["DELETE"] == 2


def test_approved_removals_count_no_more(institution: Institution) -> None:
    """The next few go out unasked."""
    jobs = _jobs(15)
    _publish(institution, jobs)
    _remove(institution, jobs[:12], code=3)
    institution.run("approve", _held(institution)[0]["id"])
    institution.json("sync")

    assert _remove(institution, jobs[12:14], sequence=3)["calls"]["DELETE"] == 2


def test_what_is_rejected_stays_until_its_source_speaks_again(institution: Institution) -> None:
    """It is listed no more; removed once more, one alone goes out."""
    jobs = _jobs(12)
    _publish(institution, jobs)
    _remove(institution, jobs, code=3)
    (row,) = _held(institution)
    assert institution.run("reject", row["id"]).stdout.decode() == f"rejected: {row['id']}: 12 removals left\n"

    left = institution.json("sync", code=3)
    spoken = _remove(institution, jobs[:1], sequence=3, code=3)

    assert _held(institution) == []
    assert (left["items"]["held"], sum(left["calls"].values())) == (12, 0)
    assert (spoken["items"]["held"], spoken["calls"]["DELETE"], sum(spoken["calls"].values())) == (11, 1, 1)


def test_keywords_that_are_replaced_are_no_removals(institution: Institution) -> None:
    """Twelve people get other keywords: 24 go, 24 come, and nothing is held. Keywords that only go are counted."""
    people = range(1, 13)
    institution.permit(*people)
    said = [
        events.person(person_id(one), f"P-{one}", keywords=["a", "b"], other_names=[], websites=[], identifiers=[])
        for one in people
    ]
    institution.json("replay", institution.log("a.jsonl", *said))

    other = [events.changed(one, sequence=2, keywords=["c", "d"]) for one in said]
    replaced = institution.json("replay", institution.log("b.jsonl", *other))
    fewer = [events.changed(one, sequence=3, keywords=["c"]) for one in said]
    dropped = institution.json("replay", institution.log("c.jsonl", *fewer), code=3)

    assert (replaced["calls"]["DELETE"], replaced["calls"]["POST"], replaced["items"]["held"]) == (24, 24, 0)
    assert (sum(dropped["calls"].values()), dropped["items"]["held"]) == (0, 12)


def test_updates_that_only_empty_fields_count_as_removals(institution: Institution) -> None:
    """Twelve departments gone from twelve jobs are held; changed ones go out; approved, they are updates."""
    jobs = _jobs(12)
    _publish(institution, jobs)
    moved = [events.changed(job, sequence=2, department="Elsewhere") for job in jobs]
    assert institution.json("replay", institution.log("b.jsonl", *moved))["calls"]["PUT"] == 12

    emptied = [events.changed(job, sequence=3, department=None) for job in jobs]
    told = institution.json("replay", institution.log("c.jsonl", *emptied), code=3)
    (row,) = _held(institution)

    assert (sum(told["calls"].values()), told["items"]["held"], row["removals"]) == (0, 12, 12)
    assert "12 of them updates that only empty fields" in row["reason"]
    institution.run("approve", row["id"])
    assert institution.json("sync")["calls"]["PUT"] == 12


def test_what_needs_the_identifier_of_a_held_item_waits_and_says_why(institution: Institution) -> None:
    """Eleven works are withdrawn, and another takes the DOI of one of them."""
    institution.permit(1)
    works = [events.publication(person_id(1), f"W-{number}", f"10.5555/w.{number}") for number in range(12)]
    institution.json("replay", institution.log("a.jsonl", *works))
    gone = [events.removal(work, sequence=2) for work in works[:11]]
    taken = events.changed(works[11], sequence=2, identifiers=works[0]["data"]["identifiers"])

    told = institution.json("replay", institution.log("b.jsonl", *gone, taken), code=3)
    person = institution.json("status", "--person", person_id(1))
    (waiting,) = [row for row in person["list"] if row["state"] == "waiting"]

    assert (sum(told["calls"].values()), told["items"]["held"], told["items"]["waiting"]) == (0, 11, 1)
    assert waiting["subject"] == "W-11"
    assert "still carries doi:10.5555/w.0" in waiting["reason"]
    institution.run("approve", _held(institution)[0]["id"])
    done = institution.json("sync")
    assert (done["calls"]["DELETE"], done["calls"]["PUT"], done["items"]["in_sync"]) == (11, 1, 1)


def test_a_work_that_another_source_still_wants_is_no_removal(institution: Institution) -> None:
    """A source withdraws a dozen works; the other has them too, and takes the put-codes over."""
    institution.permit(1)
    ours = [events.publication(person_id(1), f"W-{number}", f"10.5555/w.{number}") for number in range(12)]
    theirs = [work | {"source": "/cris"} for work in ours]
    institution.json("replay", institution.log("a.jsonl", *ours, *theirs))

    told = institution.json("replay", institution.log("b.jsonl", *(events.removal(one, sequence=2) for one in ours)))

    assert (sum(told["calls"].values()), told["items"]["held"], told["items"]["in_sync"]) == (0, 0, 12)


def test_leavers_are_counted_like_any_removal(institution: Institution) -> None:
    """The mapping file takes off what stands of those who left; a source that says it of all is asked back."""
    mapping = institution.folder / "mapping.toml"
    mapping.write_text('[leavers]\naction = "withdraw"\nsections = ["employment"]\n')
    institution.settings["ORCID_SYNC_MAPPING_FILE"] = str(mapping)
    jobs = _jobs(20)
    _publish(institution, jobs)

    left = [
        events.event("hr.person.left", f"L-{one}", {"person": {"id": person_id(one)}}, source="/hr") for one in (1, 2)
    ]
    told = institution.json("replay", institution.log("left.jsonl", *left), code=3)

    assert (sum(told["calls"].values()), told["items"]["held"]) == (0, 20)


def test_an_exclusion_in_the_mapping_file_is_counted_before_any_of_it_is_sent(institution: Institution) -> None:
    """A new line of the file would take a dozen items off."""
    jobs = _jobs(12)
    _publish(institution, jobs)
    mapping = institution.folder / "mapping.toml"
    mapping.write_text('[[exclusions]]\nsources = ["/hr"]\naction = "withdraw"\n')
    institution.settings["ORCID_SYNC_MAPPING_FILE"] = str(mapping)

    told = institution.json("sync", code=3)

    assert (sum(told["calls"].values()), told["items"]["held"]) == (0, 12)


def test_forgetting_somebody_asks_nobody_else(institution: Institution) -> None:
    """It is that person's order: all ten items go, held or not."""
    jobs = _jobs(10)
    _publish(institution, jobs)
    _remove(institution, jobs, code=3)

    assert institution.json("forget", person_id(1), "--remove-items")["state"] == "forgotten"
    assert institution.titles(1) == []
    assert _held(institution) == []


def test_a_permission_that_is_revoked_does_not_wait_for_a_hold(institution: Institution) -> None:
    """What is held stays on the record, and the token is revoked all the same."""
    jobs = _jobs(10)
    _publish(institution, jobs)
    _remove(institution, jobs, code=3)

    assert institution.run("permission", "revoke", person_id(1)).returncode == 0
    institution.run("sync")

    assert len(institution.titles(1)) == 10
    assert institution.json("status")["persons"]["with_permission"] == 0


def test_items_found_again_after_the_state_was_lost_are_removed_by_the_operators_word(institution: Institution) -> None:
    """They may be another system's that shares our client: listed apart, and approved they go without further ado."""
    jobs = _jobs(3)
    _publish(institution, jobs)
    (institution.folder / "state.db").unlink()
    for left in institution.folder.glob("state.db-*"):
        left.unlink()
    institution.permit(1)
    found = institution.json("replay", institution.log("jobs.jsonl", *jobs))

    told = _remove(institution, jobs[:2], code=3)
    (row,) = _held(institution)
    approved = institution.run("approve", row["id"])
    gone = institution.json("sync")

    assert (found["items"]["in_sync"], len(institution.titles(1))) == (3, 1)
    assert (told["calls"]["DELETE"], told["items"]["held"]) == (0, 2)
    assert (row["id"][:8], row["source"], row["cause"], row["removals"]) == ("adopted-", "/hr", "adopted", 2)
    assert approved.returncode == 0
    assert (gone["calls"]["DELETE"], _held(institution)) == (2, [])
