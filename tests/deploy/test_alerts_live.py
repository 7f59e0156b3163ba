"""Alerts over the real metrics of a real state in real trouble, as a real Prometheus sees them.

Debian has it (package prometheus); without it this test is skipped.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from mappers.events.messages import LogId, Message, Place
from mappers.mapping_file import EMPTY
from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.benchmarks.institution import affiliation_event, person_id
from tests.cli.conftest import Institution
from tests.cli.preloaded import Preloaded
from tests.daemon.daemons import Daemon, wait_until
from tests.deploy.prometheus_server import PROMETHEUS, Prometheus, prometheus
from worker.intake.flood import FloodError, note_flood
from worker.intake.intake import Intake, Tempo
from worker.ports import Batch, Gap
from worker.recording.recovering import begin_recovery
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import CLIENT_ID, SandboxSettings
from worker.sandbox.server import start_sandbox

ONLY_PAGES = {"OrcidSyncNobodyReads"}
"""What is true where `web` runs alone, as here: no broker is needed for the rest."""

BROKEN = range(1, 8)
"""People who revoked their permission at ORCID."""
REFUSED = range(20, 35)
"""People whose role is longer than ORCID takes."""
LATE = range(40, 52)
"""People whose change comes while ORCID answers nobody."""
LEFT = 60
"""Somebody whose only item goes, though no removal is let go unasked."""


@pytest.fixture
def institution(tmp_path: Path, preloaded: Preloaded) -> Iterator[Institution]:
    """An institution with an empty state and a stand-in of its own."""
    with (
        start_sandbox(settings=SandboxSettings(rate_limit=False)) as stand_in,
        SandboxControl(stand_in.base_url) as control,
    ):
        settings = {
            "ORCID_SYNC_VAULT_KEYS": new_key(),
            "ORCID_SYNC_WEB_BIND": "127.0.0.1:0",
            "ORCID_SYNC_LOG_FORMAT": "json",
            "ORCID_SYNC_MAX_REMOVALS": "0",
        }
        yield Institution(tmp_path, control, stand_in.base_url, preloaded, settings)


@pytest.fixture
def pages(institution: Institution) -> Iterator[Daemon]:
    """`orcid-sync web` on that state, in a process of its own."""
    made = Daemon(institution.environ(), institution.folder / "web.log", ("web",)).start()
    yield made
    made.close()


def all_is_well(institution: Institution) -> None:
    """People with an employment each on their records."""
    institution.permit(*BROKEN, *LATE, LEFT)
    events = [affiliation_event(person) for person in (*BROKEN, *LATE, LEFT)]
    assert institution.run("replay", institution.log("well.jsonl", *events)).returncode == 0


def trouble(institution: Institution) -> None:
    """Eleven troubles at once, each brought about as in life."""
    of_somebody = institution.orcid(LEFT)
    institution.control.add_item(of_somebody, "keywords", {"content": "another system's"}, client_id=CLIENT_ID)
    first = institution.control.record(institution.orcid(LATE[0])).items[0]
    institution.control.remove_as_researcher(institution.orcid(LATE[0]), first.put_code)
    assert institution.run("verify").returncode == 3
    events: list[dict[str, object] | bytes] = [b"not an event"]
    events += [affiliation_event(person, title="x" * 5000) for person in REFUSED]
    institution.run("replay", institution.log("bad.jsonl", *events))
    for person in BROKEN:
        institution.control.revoke_as_researcher(institution.orcid(person))
    changed = [affiliation_event(person, sequence=2, title="Reader") for person in BROKEN]
    gone = affiliation_event(LEFT, sequence=2) | {"type": "hr.affiliation.removed", "data": None}
    institution.run("replay", "--wait", "1", institution.log("changed.jsonl", *changed, gone))
    assert institution.run("pause", "--person", person_id(LEFT)).returncode == 0
    institution.control.fault("502-html")
    late = [affiliation_event(person, sequence=2, title="Reader") for person in LATE]
    institution.run("replay", "--wait", "1", institution.log("late.jsonl", *late))
    in_the_logs(institution)


def in_the_logs(institution: Institution) -> None:
    """One's start has passed beyond what was read, another holds something else, and the state was lost once."""
    vault = Vault([institution.settings["ORCID_SYNC_VAULT_KEYS"]])
    store = SqliteStore(institution.folder / "state.db", vault, time.time)
    log = LogId("cluster", "id", "hr.events", 0)
    intake = Intake(store, EMPTY, Tempo(0.0, 0.0))
    intake.take(Batch(gaps=[Gap(log, 10, 19, "retention")]), time.time())
    flood = [Message(Place("hr.events", offset, log), b"no event") for offset in range(20, 420)]
    with pytest.raises(FloodError) as told:
        intake.take(Batch(flood), time.time())
    note_flood(store, str(told.value), intake.decided_by)
    with store.transaction():
        begin_recovery(store, time.time(), "it was lost")
    store.close()


def came_to(watching: Prometheus, expected: set[str], pages: Daemon) -> dict[str, str]:
    """What fires when just these do; what fires in the end when it does not come to that."""
    seen: list[dict[str, str]] = [{}]

    def are_they() -> bool:
        seen.append(watching.firing())
        return seen[-1].keys() == expected

    with suppress(AssertionError):  # what is missing then, the comparison tells
        wait_until(are_they, pages)
    return seen[-1]


@pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not installed (Debian: prometheus)")
def test_prometheus_sees_each_trouble_and_no_other(institution: Institution, pages: Daemon, tmp_path: Path) -> None:
    """Nothing fires while all is well; then just what is the matter, with how many people it concerns."""
    all_is_well(institution)
    wait_until(lambda: pages.probe("/readyz") == 200, pages)
    address = pages.said("web_started")[0]["web"].removeprefix("http://")
    with prometheus(tmp_path / "prometheus", address) as watching:
        wait_until(watching.is_ready, pages)
        wait_until(watching.evaluated, pages)
        assert came_to(watching, ONLY_PAGES, pages).keys() == ONLY_PAGES

        trouble(institution)

        expected = ONLY_PAGES | {
            "OrcidSyncCircuitOpen",
            "OrcidSyncDeadLetters",
            "OrcidSyncDrift",
            "OrcidSyncGap",
            "OrcidSyncGrantsBroken",
            "OrcidSyncHeld",
            "OrcidSyncInDoubt",
            "OrcidSyncIntakeStopped",
            "OrcidSyncPaused",
            "OrcidSyncRecovering",
            "OrcidSyncRefusedShare",
        }
        firing = came_to(watching, expected, pages)

    assert firing.keys() == expected
    assert f"They are of {len(REFUSED)} people" in firing["OrcidSyncRefusedShare"]
    assert f"tokens of {len(BROKEN)} people" in firing["OrcidSyncGrantsBroken"]
    assert "They are of 1 people" in firing["OrcidSyncHeld"]


@pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not installed (Debian: prometheus)")
def test_prometheus_sees_that_sending_was_left_off(institution: Institution, tmp_path: Path) -> None:
    """Nobody is due then: nothing else fires, however long."""
    institution.settings["ORCID_SYNC_SEND"] = "off"
    institution.permit(*BROKEN)
    institution.run("replay", institution.log("some.jsonl", *(affiliation_event(person) for person in BROKEN)))
    expected = ONLY_PAGES | {"OrcidSyncNotSending"}
    pages = Daemon(institution.environ(), tmp_path / "web.log", ("web",)).start()
    try:
        wait_until(lambda: pages.probe("/readyz") == 200, pages)
        address = pages.said("web_started")[0]["web"].removeprefix("http://")
        with prometheus(tmp_path / "prometheus", address) as watching:
            wait_until(watching.is_ready, pages)
            firing = came_to(watching, expected, pages)
    finally:
        pages.close()

    assert firing.keys() == expected
    assert f"though {len(BROKEN)} people have permitted it" in firing["OrcidSyncNotSending"]
