"""An HR system that gives all its records new keys: what stands on people's records stays where it is."""

from typing import Any

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import Institution

JOBS_EACH = 4


def _jobs(people: int, key: str, **data: Any) -> list[events.Event]:
    return [
        events.affiliation(
            person_id(person),
            f"{key}-{person}-{job}",
            **(
                {"start_date": f"{2000 + job}-09-01", "end_date": f"{2001 + job}-08-31", "department": f"Unit {job}"}
                | data
            ),
        )
        for person in range(1, people + 1)
        for job in range(JOBS_EACH)
    ]


@pytest.mark.parametrize("version", ["v3.0", "v2.1"])
def test_a_thousand_rekeyed_jobs_cause_no_call(institution: Institution, version: str) -> None:
    """Removals under the old keys and the same jobs under new ones: the put-codes are taken over."""
    institution.settings["ORCID_SYNC_API_VERSION"] = version
    people = 1000 // JOBS_EACH
    institution.permit(*range(1, people + 1))
    old = _jobs(people, "OLD")
    first = institution.json("replay", institution.log("old.jsonl", *old))
    assert first["items"]["in_sync"] == 1000

    removals = [events.removal(one, sequence=2) for one in old]
    rekeyed = institution.json("replay", institution.log("new.jsonl", *removals, *_jobs(people, "NEW")))

    assert rekeyed["items"]["in_sync"] == 1000
    assert sum(rekeyed["calls"].values()) == 0


def test_rekeyed_jobs_whose_content_changed_too_are_one_put_each(institution: Institution) -> None:
    """No DELETE and no POST: one PUT for what differs, none for what doesn't, and each job keeps its put-code."""
    people = 5
    institution.permit(*range(1, people + 1))
    old = _jobs(people, "OLD")
    institution.json("replay", institution.log("old.jsonl", *old))
    stood = {
        (person, item.document["start-date"]["year"]["value"]): item.put_code
        for person in range(1, people + 1)
        for item in institution.control.record(institution.orcid(person)).items
    }

    removals = [events.removal(one, sequence=2) for one in old]
    new = _jobs(people, "NEW")
    for one in new[::2]:
        one["data"]["role_title"] = "Professor"
    rekeyed = institution.json("replay", institution.log("new.jsonl", *new, *removals))

    assert rekeyed["calls"] == {"POST": 0, "POST_BULK": 0, "PUT": len(new[::2]), "DELETE": 0, "GET": 0}
    there = {
        (person, item.document["start-date"]["year"]["value"]): item.put_code
        for person in range(1, people + 1)
        for item in institution.control.record(institution.orcid(person)).items
    }
    assert there == stood


def test_a_key_that_comes_back_is_a_job_of_its_own(institution: Institution) -> None:
    """The old key, used again for another job, neither takes the first job's put-code nor doubles it."""
    institution.permit(1)
    old = events.affiliation(person_id(1), "OLD")
    institution.json("replay", institution.log("old.jsonl", old))
    new = events.affiliation(person_id(1), "NEW")
    institution.json("replay", institution.log("new.jsonl", events.removal(old, sequence=2), new))

    again = events.changed(old, sequence=3, role_title="Reader", start_date="2025-01", end_date=None)
    summary = institution.json("replay", institution.log("again.jsonl", again))

    assert summary["calls"]["POST"] == sum(summary["calls"].values()) == 1
    assert institution.titles(1) == ["Lecturer", "Reader"]
