"""A long ordeal: daemons on one state, killed again and again, with their broker and ORCID's stand-in restarted.

Run by `make soak MINUTES=30 SEED=1`: two daemons on a file; with STATE=postgresql three on a PostgreSQL that is killed
as well, and events of one source record are in any partition. Rounds of a minute or two: researchers act, then
everything goes wrong at once, then all must come right. Prints figures; exits 1 at the first difference, and says where
states and logs are.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from shutil import rmtree
from time import monotonic, sleep

from state.vault import new_key
from tests.cli.conftest import Institution
from tests.cli.preloaded import Preloaded
from tests.daemon.site import Site
from tests.kafka.brokers import Broker, choose_broker, running
from tests.kafka.topics import Topics
from tests.postgres.servers import Server, running_postgres
from tests.soak.ordeal import Ordeal
from tests.soak.stand_in import StandIn
from tests.soak.university import University

PEOPLE = range(1, 31)
PARTITIONS = 4
DAEMONS = {"sqlite": 2, "postgresql": 3}
PATIENCE = 300.0
"""Seconds in which all must be right after the faults end; a session of 15 s and a drain at 23 calls a second."""

NO_DATABASE = "orcid-sync: the state postgresql://"
"""How the last line begins of who starts without one."""

LONG = 30 * 60.0
KILLS = 100
"""So long a soak has so many kills at least; else it proves less than it is asked for."""

PACE = {
    "ORCID_SYNC_REQUESTS_PER_SECOND": "23",
    "ORCID_SYNC_BURST": "30",
}


class Soak:
    """Rounds on one site, until the time is over."""

    def __init__(
        self, site: Site, stand_in: StandIn, broker: Broker, random: Random, database: Server | None = None
    ) -> None:
        self.site = site
        self.database = database
        self.stand_in = stand_in
        self.broker = broker
        scattered = database is not None
        self.ordeal = Ordeal(site, University(random, PEOPLE), random, PARTITIONS, scattered=scattered)
        self.drains: list[float] = []
        self._can_restart_broker = "restart" in broker.abilities
        self._random = random

    def run(self, seconds: float) -> None:
        """At least one round. Raises `AssertionError` at the first difference."""
        until = monotonic() + seconds
        self.site.use_topic(self.site.topics.create(partitions=PARTITIONS))
        self.ordeal.begin()
        for _ in range(DAEMONS["sqlite" if self.database is None else "postgresql"]):
            self.site.daemon()
        self._come_right()
        while not self.ordeal.done["rounds"] or monotonic() < until:
            self.ordeal.research()
            self._suffer(min(60.0, max(20.0, until - monotonic())))
            self._come_right()
            self.ordeal.done["rounds"] += 1
            sys.stdout.write(f"round {self.ordeal.done['rounds']}: right {self.drains[-1]:.1f} s after the faults;")
            sys.stdout.write(f" {self.ordeal.done['kills']} kills so far\n")
            sys.stdout.flush()
        self._supervise()
        for daemon in self.site.daemons:
            assert daemon.stop() == 0, daemon.tail()
        assert not (short := shortfall(seconds, self.ordeal.done["kills"])), short

    def _suffer(self, seconds: float) -> None:
        """Kills at random moments, broker, stand-in and database restarted once each, faults all the while."""
        self.ordeal.break_things()
        hands = [self._restart_broker, self._restart_stand_in, self._restart_database]
        restarts = {hand: self._random.uniform(0.1, 0.9) * seconds for hand in hands}
        began = monotonic()
        while (past := monotonic() - began) < seconds:
            for restart in [one for one, moment in restarts.items() if moment < past]:
                del restarts[restart]
                restart()
            self.ordeal.live(self._random.uniform(0.3, 6))
            self._supervise()
            victims = self._random.sample(self.site.daemons, self._random.choice([1, 1, 1, 2]))
            for victim in victims:
                self.ordeal.kill(victim, evict=self._random.random() < 0.7)
            self.ordeal.live(self._random.choice([0, 0, 1, 3]))
            for victim in victims:
                victim.start()

    def _supervise(self) -> None:
        """Starts again who ended because there was no database when it started, as Kubernetes would."""
        for daemon in self.site.daemons:
            ended = not daemon.runs and not daemon.said("daemon_started")
            if ended and self.database is not None and daemon.tail().splitlines()[-1].startswith(NO_DATABASE):
                daemon.start()
                self.ordeal.done["starts without a database"] += 1

    def _come_right(self) -> None:
        self._supervise()
        self.ordeal.mend_things()
        self.drains.append(self.ordeal.until_right(PATIENCE))
        self.stand_in.count()
        wrong = [*self.ordeal.differences(most=20), *self.ordeal.faults_of_the_file()]
        wrong += [f"{self.stand_in.overlaps} writes overlapped"] if self.stand_in.overlaps else []
        wrong += [f"ORCID's limit was touched {self.stand_in.limited} times"] if self.stand_in.limited else []
        assert not wrong, "\n".join(wrong)

    def _restart_broker(self) -> None:
        """Killed; what it had acknowledged is there again."""
        if not self._can_restart_broker:
            return
        self.site.topics.close()
        self.broker.stop()
        sleep(self._random.uniform(0.5, 4))
        try:
            self.broker.start()
        except RuntimeError as error:
            raise AssertionError(f"the broker could not be restarted: {error}") from error
        self.site.topics = Topics(self.broker)
        self.ordeal.done["restarts of the broker"] += 1

    def _restart_database(self) -> None:
        """Killed, as a power failure would; what it had committed is there again."""
        if self.database is None or not self.database.is_ours:
            return
        self.database.stop()
        sleep(self._random.uniform(0.2, 4))
        self.database.start()
        self.ordeal.done["restarts of PostgreSQL"] += 1

    def _restart_stand_in(self) -> None:
        self.ordeal.note_hits()
        self.stand_in.stop()
        sleep(self._random.uniform(0.2, 3))
        self.stand_in.start()
        self.ordeal.break_things()
        self.ordeal.done["restarts of the stand-in"] += 1

    def figures(self) -> Iterator[str]:
        """What happened, a line each."""
        yield from (f"{name}: {number}" for name, number in sorted(self.ordeal.done.items()))
        if not self._can_restart_broker:
            yield f"restarts of the broker: none, as {self.broker.name} cannot be restarted from here"
        yield f"calls: {dict(sorted(self.stand_in.requests.items()))}"
        yield f"replies: {dict(sorted(self.stand_in.statuses.items()))}"
        yield f"overlapping writes: {self.stand_in.overlaps}; calls over ORCID's limit: {self.stand_in.limited}"
        yield "faults: " + ", ".join(f"{spec} {hits} times" for spec, hits in sorted(self.ordeal.hits.items()))
        if drains := sorted(self.drains[1:]):
            middle = drains[len(drains) // 2]
            yield f"seconds until all was right: {middle:.1f} in the middle, {drains[-1]:.1f} at most"


def shortfall(seconds: float, kills: int) -> str:
    """What a soak of so many seconds is short of; empty when it is enough."""
    if seconds < LONG or kills >= KILLS:
        return ""
    return f"only {kills} kills in {seconds / 60:.0f} minutes, and there have to be {KILLS}"


@contextmanager
def soaking(folder: Path, seed: int, state: str) -> Iterator[Soak]:
    """Everything that is needed, running; nothing is left running."""
    broker = choose_broker(Path(".cache"), folder)
    if broker is None:
        raise SystemExit(
            "there is no Kafka broker here (no KAFKA_BOOTSTRAP_SERVERS, Docker, Java with Maven, or noida-db)"
        )
    (folder / "site").mkdir()
    with ExitStack() as stack:
        stack.enter_context(running(broker))
        stand_in = stack.enter_context(StandIn(folder / "stand-in.json"))
        preloaded = stack.enter_context(Preloaded())
        settings = {"ORCID_SYNC_VAULT_KEYS": new_key()}
        institution = Institution(folder / "site", stand_in.control, stand_in.base_url, preloaded, settings)
        site = Site(institution, Topics(broker), "")
        institution.settings |= PACE
        database = None
        if state == "postgresql":
            databases = stack.enter_context(running_postgres(settings=()))
            institution.settings["ORCID_SYNC_STATE_URL"] = databases.new_database()
            database = databases.server
        stack.callback(_close, site)
        parts = ", ".join([broker.name, *([database.name] if database else [])])
        sys.stdout.write(f"seed {seed}; {parts}; states and logs in {folder}\n")
        sys.stdout.flush()
        yield Soak(site, stand_in, broker, Random(seed), database)


def _close(site: Site) -> None:
    for daemon in site.daemons:
        daemon.close()
    site.topics.close()


def main() -> int:
    """The exit code: 1 when anything was not as it should be."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", choices=DAEMONS, default="sqlite")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="orcid-sync-soak-"))
    with soaking(folder, asked.seed, asked.state) as soak:
        try:
            soak.run(asked.minutes * 60)
            wrong = ""
        except AssertionError as error:
            wrong = str(error)
        for line in soak.figures():
            sys.stdout.write(f"  {line}\n")
    if wrong:
        sys.stdout.write(f"NOT RIGHT (seed {asked.seed}; states and logs in {folder}):\n{wrong}\n")
        return 1
    rmtree(folder)
    sys.stdout.write("every record exact\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
