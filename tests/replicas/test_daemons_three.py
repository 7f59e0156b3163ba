"""Three real workers on one broker and one PostgreSQL: restarted in turn, killed, and every record exact."""

import re
import signal
from dataclasses import dataclass
from datetime import datetime
from math import inf
from random import Random
from time import monotonic, sleep, time

import pytest

from tests.daemon.daemons import Daemon
from tests.daemon.site import Site
from tests.kafka.brokers import require
from tests.replicas.lease_watch import LeaseWatch
from tests.soak.ordeal import Ordeal
from tests.soak.university import University
from worker.sandbox.control_client import SeenRequest

PEOPLE = range(1, 301)
PARTITIONS = 6
REPLICAS = 3
RATE, BURST = 40.0, 30.0
ON_THE_WAY = 10.0
"""By how many requests ORCID's burst (40) is larger than ours (30) by default: they bunch on their way."""
PACE = {
    "ORCID_SYNC_REQUESTS_PER_SECOND": f"{RATE:g}",
    "ORCID_SYNC_BURST": f"{BURST:g}",
    "ORCID_SYNC_CALL_SECONDS": "4",
}
"""Leases end 8 s after a crash: on a slow machine three that start wait for each other's writing for seconds."""
CALL_SECONDS = 1.5
"""No call that goes on takes so long."""
SLOW = "slow:seconds=0.4"
"""So that whoever is killed has calls under way."""

TAKEN_OVER = re.compile(r'"timestamp": "([^"]+)".*"event": "log_taken_over".*"partition": (\d+)')


@pytest.mark.timeout(300)
def test_three_replicas_restarted_in_turn_and_killed_leave_every_record_exact(
    consortium: Site, postgres_url: str, told: list[str]
) -> None:
    """Nobody's events stay in one partition; no two writes for one iD overlap; the budget is one for all.

    What is granted never exceeds rate and burst in any stretch of time (tests/replicas/test_shared_budget.py proves it
    of the grants). What arrives may, by what was held up on its way and comes together with what was granted after it:
    so ORCID admits a burst of 40 (API_FACTS.md 9) where we send 30, and not one request more may arrive at once.
    """
    site, random = consortium, Random(2026)
    require(site.topics.broker, "eviction")
    site.control.limit(rate=RATE, burst=BURST + ON_THE_WAY)
    site.institution.settings |= PACE
    site.use_topic(site.topics.create(partitions=PARTITIONS))
    ordeal = Ordeal(site, university := University(random, PEOPLE), random, PARTITIONS, scattered=True)
    ordeal.begin(university.begin(publications=1, described=False))

    with LeaseWatch(postgres_url) as watch:
        first = [site.daemon() for _ in range(REPLICAS)]
        site.until(lambda: watch.holders() == REPLICAS)
        running = [replaced(ordeal, old) for old in first]
        site.control.fault(SLOW)
        deaths = [killed(ordeal, victim, watch) for victim in running[:2]]
        site.control.clear_faults()
        ordeal.until_right()
        items = [seconds for death in deaths for seconds in watch.item_waits(death.at)]

    partitions = [seconds for death in deaths for seconds in death.partition_waits(site)]
    seen = site.control.statistics()
    burst = BURST + most_over_budget(site.control.requests())
    calls, admitted = sum(seen.requests.values()), BURST + ON_THE_WAY
    told.append(f"three replicas: {calls} calls, at the most {burst:.0f} at once, {admitted:g} are admitted")
    told.append(f"  a killed replica's items waited {spread(items)}, its partitions {spread(partitions)}")
    assert (seen.overlaps, seen.limited) == (0, 0)
    assert burst <= admitted
    assert items, "nobody that was killed had a call under way"
    assert partitions, "nobody that was killed was reading"
    assert ordeal.differences(most=10) == []
    assert [one.stop() for one in site.daemons if one.runs] == [0] * REPLICAS
    assert site.lag() == 0


def replaced(ordeal: Ordeal, old: Daemon) -> Daemon:
    """A new one that came before the old one went, as a Deployment does it; events come in meanwhile."""
    new = ordeal.site.daemon()
    ordeal.site.until(lambda: new.probe("/readyz") == 200)
    ordeal.live(0.5)
    assert old.stop() == 0
    return new


@dataclass(frozen=True, slots=True)
class Death:
    """Who was killed, and when."""

    victim: Daemon
    at: float

    def partition_waits(self, site: Site) -> list[float]:
        """For each partition that it read then: seconds until another took it over; without end until it has."""
        moves = sorted(
            ((*move, daemon) for daemon in site.daemons for move in moves_of(daemon)), key=lambda move: move[0]
        )
        readers = {partition: daemon for at, partition, daemon in moves if at <= self.at}
        return [
            min((at for at, taken, _ in moves if at > self.at and taken == partition), default=inf) - self.at
            for partition, reader in readers.items()
            if reader is self.victim
        ]


def killed(ordeal: Ordeal, victim: Daemon, watch: LeaseWatch) -> Death:
    """Killed in the middle of its work; another comes soon, and work goes on till its partitions are read again."""
    site = ordeal.site
    until = monotonic() + 60
    while watch.holders() < REPLICAS:
        assert monotonic() < until, "they are not all at work"
        ordeal.live(0.5, most=0.05)
    death = Death(victim, caught(ordeal, victim, watch, until))
    ordeal.kill(victim, evict=False)
    ordeal.live(2)
    site.daemon()
    while inf in death.partition_waits(site):
        assert monotonic() < until, "nobody took its partitions over"
        ordeal.live(1, most=1)
    return death


def caught(ordeal: Ordeal, victim: Daemon, watch: LeaseWatch, until: float) -> float:
    """Stops it for good while it has calls under way, which shows when others' calls are over; returns when it was."""
    while True:
        assert victim.process is not None
        at = time()
        victim.process.send_signal(signal.SIGSTOP)
        sleep(CALL_SECONDS)
        if watch.open_calls(at):
            return at
        victim.process.send_signal(signal.SIGCONT)
        assert monotonic() < until, "it never has a call under way"
        ordeal.live(0.5, most=0.05)


def moves_of(daemon: Daemon) -> list[tuple[float, int]]:
    """When it took over which partition."""
    found = TAKEN_OVER.findall(daemon.log.read_text())
    return [(datetime.fromisoformat(at).timestamp(), int(partition)) for at, partition in found]


def most_over_budget(requests: list[SeenRequest]) -> float:
    """The most requests by which any stretch of time had more than its rate and one burst; below 0 when none had."""
    at = sorted(one.at for one in requests if not one.kind.startswith("OAUTH"))
    level, most, last = 0.0, -BURST, at[0]
    for moment in at:
        level = max(0.0, level - (moment - last) * RATE) + 1
        last = moment
        most = max(most, level - BURST)
    return most


def spread(seconds: list[float]) -> str:
    """The shortest to the longest."""
    return f"{min(seconds):.1f} to {max(seconds):.1f} s ({len(seconds)})" if seconds else "for nobody"
