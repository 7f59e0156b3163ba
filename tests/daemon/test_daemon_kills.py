"""The real daemon, killed again and again while events come in and calls go wrong."""

from random import Random

import pytest

from tests.daemon.site import Site
from tests.kafka.brokers import require
from tests.soak.ordeal import FAULTS, Ordeal
from tests.soak.university import University

KILLS = 10
PARTITIONS = 2
PEOPLE = range(1, 21)


@pytest.mark.timeout(300)
def test_ten_kills_at_random_moments_leave_every_record_exact(site: Site) -> None:
    """With faults on all the while: each wanted item once, others' untouched, what researchers removed stays away."""
    require(site.topics.broker, "eviction")
    random = Random(2026)
    site.use_topic(site.topics.create(partitions=PARTITIONS))
    ordeal = Ordeal(site, University(random, PEOPLE), random, PARTITIONS)
    ordeal.begin()
    daemon = site.daemon()
    ordeal.until_right()
    ordeal.research()

    ordeal.break_things()
    for _ in range(KILLS):
        ordeal.live(random.uniform(0.5, 4))
        ordeal.kill(daemon, evict=True)
        daemon.start()
    ordeal.live(2)
    ordeal.mend_things()
    ordeal.until_right()

    assert ordeal.done["kills"] == KILLS
    assert len(+ordeal.hits) > len(FAULTS) / 2
    assert site.control.statistics().overlaps == 0
    assert daemon.stop() == 0
    assert ordeal.faults_of_the_file() == []
    assert ordeal.differences(most=1) == []
