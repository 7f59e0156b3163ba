"""Two daemons share one state, one group and one request budget."""

from time import monotonic

from tests.benchmarks.institution import affiliation_event, work_event
from tests.daemon.daemons import Daemon
from tests.daemon.site import Site, question

PEOPLE = range(1, 41)
PARTITIONS = 4
RATE, BURST = 23, 30


def wave(site: Site, number: int) -> None:
    """A new title for everybody, and a publication; a person's events are in one partition."""
    for partition in range(PARTITIONS):
        some = [person for person in PEOPLE if person % PARTITIONS == partition]
        changed = [affiliation_event(person, sequence=number, title=f"Title {number}") for person in some]
        site.send(*changed, *(work_event(person, number) for person in some), partition=partition)


def right(number: int) -> dict[int, list[str]]:
    """What stands on the records after so many waves."""
    waves = range(1, number + 1)
    return {person: sorted([f"Title {number}", *(question(person, one) for one in waves)]) for person in PEOPLE}


def work_done(daemon: Daemon) -> tuple[int, int]:
    """Events that a daemon took, and calls that it made, over all its runs."""
    text = daemon.log.read_text()
    return text.count('"log_taken_over"'), text.count('"call_made"')


def test_two_daemons_share_a_topic_while_one_comes_and_goes(site: Site) -> None:
    """Each item is there once, no record is written by both at a time, and ORCID's limit is never touched."""
    site.control.limit(rate=24, burst=40)
    site.institution.settings |= {"ORCID_SYNC_REQUESTS_PER_SECOND": str(RATE), "ORCID_SYNC_BURST": str(BURST)}
    site.use_topic(site.topics.create(partitions=PARTITIONS))
    site.institution.permit(*PEOPLE)
    began = monotonic()
    first = site.daemon()
    wave(site, 1)
    site.until(lambda: site.writes() >= 5)

    second = site.daemon()
    wave(site, 2)
    site.until(lambda: first.partitions() == second.partitions() == PARTITIONS // 2)
    wave(site, 3)
    site.until(lambda: bool(second.said("call_made")))
    assert first.stop() == 0
    wave(site, 4)
    site.until_reading(second, PARTITIONS)
    first.start()
    wave(site, 5)
    site.until_titles(right(5))
    site.until_in_sync(6 * len(PEOPLE))
    took = monotonic() - began

    seen = site.control.statistics()
    assert (seen.overlaps, seen.limited) == (0, 0)
    assert sum(seen.requests.values()) <= RATE * took + BURST
    assert seen.requests.get("GET", 0) == 0
    site.until(lambda: first.partitions() == second.partitions() == PARTITIONS // 2)
    assert all(min(work_done(daemon)) > 0 for daemon in (first, second))
    assert [line for daemon in site.daemons for line in daemon.lines() if line["level"] == "error"] == []
    assert (first.stop(), second.stop()) == (0, 0)
    assert site.lag() == 0
