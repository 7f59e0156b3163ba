"""A workplace: an institution whose daemons do jobs, with or without a topic beside."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from state.job_facts import Job
from state.sqlite.store import SqliteStore
from state.vault import Vault
from tests.cli.conftest import Institution
from tests.daemon.daemons import Daemon, wait_until

WRITES = ("POST", "POST_BULK", "PUT", "DELETE")


@dataclass
class Workplace:
    """What a test of jobs arranges and looks at."""

    institution: Institution
    daemons: list[Daemon] = field(default_factory=list)

    def daemon(self) -> Daemon:
        """A daemon with the settings of now, started."""
        log = self.institution.folder / f"daemon-{len(self.daemons) + 1}.log"
        daemon = Daemon(self.institution.environ(), log)
        self.daemons.append(daemon)
        return daemon.start()

    def add(self, *words: str) -> int:
        """Queues a job; its id."""
        return int(self.institution.json("job", "add", *words)["id"])

    def show(self, job: int) -> dict[str, Any]:
        """What `job show` tells."""
        return self.institution.json("job", "show", str(job))

    def until(self, job: int, done: Callable[[Job], bool]) -> dict[str, Any]:
        """Waits until the job is so; what is told of it then."""
        keys = self.institution.settings["ORCID_SYNC_VAULT_KEYS"].split(",")
        with closing(SqliteStore(self.institution.folder / "state.db", Vault(keys), time.time)) as store:

            def look() -> bool:
                found = store.jobs.job(job)
                return found is not None and done(found)

            try:
                wait_until(look, *self.daemons, patience=100)
            except AssertionError as error:
                raise AssertionError(f"{store.jobs.job(job)}\n{error}") from None
        return self.show(job)

    def until_over(self, job: int) -> dict[str, Any]:
        """Waits for its end."""
        return self.until(job, lambda told: told.ended_at is not None)

    def until_sending(self, job: int, least: int) -> None:
        """Waits until it sends, and so many writing requests reached the stand-in."""
        self.until(job, lambda told: told.progress.startswith("sending") and self.writes() >= least)

    def writes(self) -> int:
        """How many writing requests reached the stand-in."""
        return sum(Counter(self.institution.control.statistics().requests)[kind] for kind in WRITES)

    def complaint(self, *words: str) -> str:
        """The line that a command fails with."""
        ran = self.institution.run(*words)
        assert ran.returncode == 1
        return ran.stderr.decode().strip().splitlines()[-1].removeprefix("orcid-sync: ")
