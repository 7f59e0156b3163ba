"""A daemon that is told to stop, and one that dies, go on where they were."""

from functools import partial
from time import monotonic

from tests.benchmarks.institution import affiliation_event
from tests.daemon.site import Site, load, titles
from tests.kafka.brokers import require

PEOPLE = range(1, 41)
WORKS = range(5)


def test_a_daemon_told_to_stop_leaves_in_order_and_goes_on_where_it_was(site: Site) -> None:
    """Calls in flight are finished, the group is left, what was not sent is sent by the next run, and all only once."""
    site.institution.permit(*PEOPLE)
    site.control.fault("slow:seconds=0.3")
    daemon = site.daemon()
    site.send(*load(PEOPLE, WORKS))
    site.until(lambda: site.writes() >= 10)

    began = monotonic()
    code = daemon.stop()
    took = monotonic() - began
    arrived = site.writes()
    in_doubt = site.institution.json("status")["items"]["in_doubt"]
    members = site.topics.members(site.group)

    assert (code, members, in_doubt) == (0, 0, 0)
    assert took < 5
    assert arrived < 2 * len(PEOPLE)
    assert [line["event"] for line in daemon.lines()][-1] == "daemon_stopped"
    daemon.start()
    site.until_titles({person: titles(person, WORKS) for person in PEOPLE})
    site.until_in_sync(len(PEOPLE) * (1 + len(WORKS)))
    seen = site.control.statistics()
    assert seen.requests == {"POST": len(PEOPLE), "POST_BULK": len(PEOPLE)}
    assert seen.overlaps == 0
    assert daemon.stop() == 0
    assert site.lag() == 0

    daemon.start()
    site.send(affiliation_event(1))  # the same again: when it was taken, all before it was
    site.until(lambda: daemon.metric("orcid_sync_events_total") == 1)
    assert daemon.metric("orcid_sync_events_total", result="unchanged") == 1
    assert daemon.stop() == 0
    assert site.control.statistics().requests == seen.requests


def test_a_daemon_killed_again_and_again_leaves_each_item_once(site: Site) -> None:
    """What the dying run had sent is found on the records, whether it heard of it or not."""
    site.institution.permit(*PEOPLE)
    site.control.fault("slow:seconds=0.3")
    daemon = site.daemon()
    site.send(*load(PEOPLE, WORKS))

    for least in (5, 30):
        site.until(partial(reached, site, least))
        daemon.kill()
        daemon.start()
    site.until_titles({person: titles(person, WORKS) for person in PEOPLE})
    site.until_in_sync(len(PEOPLE) * (1 + len(WORKS)))

    assert site.control.statistics().overlaps == 0
    assert daemon.stop() == 0


def test_a_daemon_told_to_stop_while_it_joins_the_group_leaves_it_too(site: Site) -> None:
    """Its group waits for a member that died, and need not wait for this one as well; then events come in again."""
    require(site.topics.broker, "eviction")
    site.institution.permit(1)
    daemon = site.daemon()
    site.until_reading(daemon)
    daemon.kill()
    site.send(affiliation_event(1))
    daemon.start()
    site.until(lambda: bool(daemon.said("source_troubled")))
    members = site.topics.members(site.group)

    assert "joining" in daemon.said("source_troubled")[0]["why"]
    assert daemon.stop() == 0
    assert site.topics.members(site.group) < members
    daemon.start()
    site.until_titles({1: ["Lecturer"]}, patience=100)
    assert daemon.stop() == 0


def reached(site: Site, least: int) -> bool:
    """Whether so many writing requests reached the stand-in."""
    return site.writes() >= least
