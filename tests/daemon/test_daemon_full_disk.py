"""A disk that fills up under the daemon: it says so, waits, and goes on when there is room; nothing lost or doubled."""

import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND
from tests.daemon.daemons import Daemon
from tests.daemon.site import Site, load, titles
from tests.small_disks import BALLAST, UNSHARED, can_mount, fill
from worker.daemon import STORE_REST_SECONDS

FAILING = "orcid_sync_turns_failing_seconds"


@pytest.mark.skipif(not can_mount(), reason="a full disk: no disk can be mounted here (unshare --user --mount)")
def test_a_full_disk_is_waited_out(site: Site) -> None:
    """The state is on a real disk of 4 MB, in memory, that only the daemon sees."""
    disk = site.institution.folder / "disk"
    disk.mkdir()
    people = range(1, 4)
    site.institution.permit(*people)
    environ = site.institution.environ() | {"ORCID_SYNC_STATE_URL": f"sqlite:///{disk / 'state.db'}"}
    daemon = Alone(environ, site.institution.folder / "alone.log", site.state, disk)
    site.daemons.append(daemon)
    daemon.start()
    site.until_reading(daemon)
    site.send(*load([1], range(3)))
    site.until_titles({1: titles(1, range(3))})

    inside = Path(f"/proc/{daemon.pid}/root{disk}")
    fill(inside)
    site.send(*load([2, 3], range(3)))
    site.until(lambda: bool(daemon.said("store_failed")))
    assert "full" in daemon.said("store_failed")[0]["why"]
    assert (daemon.probe("/healthz"), daemon.probe("/readyz")) == (200, 200), "a restart mends no disk, nor does a rest"
    site.until(lambda: (daemon.metric(FAILING) or 0.0) > STORE_REST_SECONDS)
    assert daemon.metric("orcid_sync_store_up") == 1, "what can be read is read"
    site.until(lambda: daemon.metric("orcid_sync_consumer_lag") == 8)
    assert site.institution.titles(3) == []
    (inside / BALLAST).unlink()

    site.until_titles({person: titles(person, range(3)) for person in people})
    assert (daemon.metric(FAILING), daemon.metric("orcid_sync_consumer_lag")) == (0, 0)
    assert daemon.stop() == 0
    assert daemon.said("event_buried") == []


class Alone(Daemon):
    """A daemon that sees a small disk of its own, with a copy of the state on it."""

    def __init__(self, environ: dict[str, str], log: Path, state: Path, disk: Path) -> None:
        super().__init__(environ, log)
        begin = f'mount -t tmpfs -o size=4m none {disk} && cp {state} {disk} && exec "$0" run'
        self._command = [*UNSHARED, "sh", "-c", begin, str(COMMAND)]

    def start(self) -> "Alone":
        """Starts it, and returns at once."""
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                self._command, env=self.environ, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        return self

    @property
    def pid(self) -> int:
        """Its process."""
        assert self.process is not None
        return self.process.pid
