"""A daemon that is told to stop in the worst moment: with calls in flight that get no answer, and a job that hangs."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.daemon.workplace import Workplace
from tests.jobs.test_foreman import Hanging
from worker.daemon import run_daemon
from worker.jobs import foreman
from worker.jobs.orders import kind_of, packed
from worker.settings.settings import load_settings
from worker.wiring import open_store

CALL_SECONDS, GRACE_SECONDS = 4.0, 1.0


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    """A log whose reading does not come back."""
    log = Hanging()
    with log.stdin:
        monkeypatch.setattr(sys, "stdin", log.stdin)
        yield log
        log.until_nobody_reads()


def test_calls_in_flight_and_a_job_that_hangs_are_waited_for_at_the_same_time(
    workplace: Workplace, hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call's deadline, and the grace of a job, are all that a stop takes; Kubernetes kills soon after."""
    monkeypatch.setattr(foreman, "GRACE_SECONDS", GRACE_SECONDS)
    institution = workplace.institution
    institution.settings["ORCID_SYNC_CALL_SECONDS"] = str(CALL_SECONDS)
    institution.permit(1)
    log = institution.log("one.jsonl", events.affiliation(person_id(1), "A-1"))
    institution.run("replay", "--no-send", log)
    institution.control.fault("slow:seconds=30")
    settings = load_settings(institution.environ())
    told_at: list[float] = []
    is_over = threading.Event()

    with closing(open_store(settings)) as store:
        job = store.jobs.add(kind_of(hanging.ORDER), packed(hanging.ORDER))

        def tell() -> None:
            with closing(store.twin()) as twin:
                deadline = time.monotonic() + 60
                while time.monotonic() < deadline and not is_over.is_set():
                    found = twin.jobs.job(job)
                    if twin.intents.open_count() and found is not None and found.progress.startswith("opening"):
                        break
                    time.sleep(0.02)
            told_at.append(time.monotonic())
            if not is_over.is_set():
                os.kill(os.getpid(), signal.SIGTERM)

        teller = threading.Thread(target=tell)
        teller.start()
        try:
            run_daemon(settings, store)
        finally:
            is_over.set()
            ended_at = time.monotonic()
            teller.join()
        left = store.jobs.job(job)

    assert left is not None
    assert left.state.value == "running"
    assert GRACE_SECONDS < ended_at - told_at[0] < CALL_SECONDS + GRACE_SECONDS + 3
