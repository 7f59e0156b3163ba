"""Alerts over the real metrics of a real state in real trouble, as a real Prometheus sees them.

Debian has it (package prometheus); without it this test is skipped.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from mappers.events.messages import LogId
from mappers.mapping_file import EMPTY
from state.sqlite_store import SqliteStore
from state.vault import Vault, new_key
from tests.benchmarks.institution import affiliation_event, person_id
from tests.cli.conftest import Institution
from tests.cli.preloaded import Preloaded
from tests.daemon.daemons import Daemon, wait_until
from tests.deploy.prometheus_server import PROMETHEUS, prometheus
from worker.intake.intake import Intake, Tempo
from worker.ports import Batch, Gap
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import SandboxSettings
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
    """Eight troubles at once, each brought about as in life."""
    events: list[dict[str, object] | bytes] = [b"not an event"]
    events += [affiliation_event(person, title="x" * 5000) for person in REFUSED]
    institution.run("replay", institution.log("bad.jsonl", *events))
    for person in BROKEN:
        institution.control.revoke_as_researcher(institution.orcid(person))
    changed = [affiliation_event(person, sequence=2, title="Reader") for person in BROKEN]
    gone = affiliation_event(LEFT, sequence=2) | {"type": "hr.affiliation.removed", "data": None}
    institution.run("replay", "--wait", "1", institution.log("changed.jsonl", *changed, gone))
    a_gap(institution)
    assert institution.run("pause", "--person", person_id(LEFT)).returncode == 0
    institution.control.fault("502-html")
    late = [affiliation_event(person, sequence=2, title="Reader") for person in LATE]
    institution.run("replay", "--wait", "1", institution.log("late.jsonl", *late))


def a_gap(institution: Institution) -> None:
    """The log's start has passed beyond what was read."""
    vault = Vault([institution.settings["ORCID_SYNC_VAULT_KEYS"]])
    store = SqliteStore(institution.folder / "state.db", vault, time.time)
    gap = Gap(LogId("cluster", "id", "hr.events", 0), 10, 19, "retention")
    Intake(store, EMPTY, Tempo(0.0, 0.0)).take(Batch(gaps=[gap]), time.time())
    store.close()


@pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not installed (Debian: prometheus)")
def test_prometheus_sees_each_trouble_and_no_other(institution: Institution, pages: Daemon, tmp_path: Path) -> None:
    """Nothing fires while all is well; then just what is the matter, with how many people it concerns."""
    all_is_well(institution)
    wait_until(lambda: pages.probe("/readyz") == 200, pages)
    address = pages.said("web_started")[0]["web"].removeprefix("http://")
    with prometheus(tmp_path / "prometheus", address) as watching:
        wait_until(watching.is_ready, pages)
        wait_until(watching.evaluated, pages)
        wait_until(lambda: watching.firing().keys() == ONLY_PAGES, pages)

        trouble(institution)

        expected = ONLY_PAGES | {
            "OrcidSyncCircuitOpen",
            "OrcidSyncDeadLetters",
            "OrcidSyncGap",
            "OrcidSyncGrantsBroken",
            "OrcidSyncHeld",
            "OrcidSyncInDoubt",
            "OrcidSyncPaused",
            "OrcidSyncRefusedShare",
        }
        with suppress(AssertionError):  # what is missing then, the comparison tells
            wait_until(lambda: expected <= watching.firing().keys(), pages, patience=30)
        firing = watching.firing()

    assert firing.keys() == expected
    assert f"They are of {len(REFUSED)} people" in firing["OrcidSyncRefusedShare"]
    assert f"tokens of {len(BROKEN)} people" in firing["OrcidSyncGrantsBroken"]
    assert "They are of 1 people" in firing["OrcidSyncHeld"]
