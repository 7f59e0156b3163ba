"""What jobs tell of people: shown to who asks, erased with them, and never written down once they are forgotten."""

import json
from typing import Any

import pytest

from state.job_facts import JobEnd, JobState
from state.store import Store
from tests.state.helpers import a_grant
from tests.worker.forgotten import ANN, SOFIA, TUI, about, forget, held, take
from worker.people.exporting import export_person
from worker.people.job_results import without
from worker.people.merging import merge_people


def told(*people: str) -> dict[str, Any]:
    """What a drift check tells of these people."""
    rows = [{"person": one, "kind": "gone", "detail": f"about {one}"} for one in people]
    return {"people": 9, "differences": rows, "skipped": [{"person": one, "reason": "locked"} for one in people]}


def ended(store: Store, result: dict[str, Any], person: str = "") -> int:
    """A drift check that is over; its id."""
    store.jobs.add("verify", "{}", person)
    job = store.jobs.take("a", 60.0)
    assert job is not None
    assert store.jobs.end(job.id, "a", JobEnd(JobState.DONE, 3, result=json.dumps(result)))
    return job.id


def test_a_person_is_taken_out_of_what_jobs_told(store: Store) -> None:
    """A job about them alone goes, queued or over; others keep what they say of others."""
    take(store, about(SOFIA), about(TUI, "P-2"))
    both = ended(store, told(SOFIA, TUI))
    alone = ended(store, told(SOFIA), SOFIA)
    untouched = ended(store, told(TUI), TUI)
    queued = store.jobs.add("verify", "{}", SOFIA)
    text = store.jobs.result(untouched)
    assert held(store, SOFIA)

    forget(store, SOFIA)

    assert held(store, SOFIA) == []
    assert json.loads(store.jobs.result(both)) == told(TUI)
    assert (store.jobs.job(alone), store.jobs.job(queued)) == (None, None)
    assert store.jobs.result(untouched) == text


def test_a_person_is_taken_out_under_every_id_they_had(store: Store) -> None:
    """A job that named the id which was merged into theirs."""
    take(store, about(SOFIA), about(ANN, "P-3"))
    job = ended(store, told(ANN, TUI))
    named = ended(store, told(ANN), ANN)
    merge_people(store, ANN, SOFIA)

    forget(store, SOFIA)

    assert held(store, ANN, SOFIA) == []
    assert (store.jobs.job(named), json.loads(store.jobs.result(job))) == (None, told(TUI))


def test_an_export_has_what_jobs_told(store: Store) -> None:
    """Of that person, and of nobody else."""
    store.grants.put(a_grant(SOFIA))
    job = ended(store, told(SOFIA, TUI))
    ended(store, told(TUI))

    (found,) = export_person(store, SOFIA)["jobs"]

    assert (found["id"], [row["person"] for row in found["told"]]) == (job, [SOFIA, SOFIA])
    assert TUI not in json.dumps(found)


@pytest.mark.parametrize("people", [pytest.param((), id="nobody"), pytest.param((TUI,), id="others")])
def test_a_result_without_them_stays_as_it_was(people: tuple[str, ...]) -> None:
    """To the letter: nothing is written for nothing."""
    text = json.dumps(told(*people), indent=1)

    assert without(text, {SOFIA}.__contains__) == text
    assert without("", {SOFIA}.__contains__) == ""
