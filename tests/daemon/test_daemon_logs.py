"""A daemon whose log or whose state is not what it was: made anew, cut by retention, lost."""

from tests.benchmarks.institution import affiliation_event, work_event
from tests.daemon.site import Site, load, question, titles
from tests.kafka.brokers import require

PEOPLE = range(1, 9)
WORKS = range(3)


def test_a_topic_made_anew_is_read_from_its_beginning(site: Site) -> None:
    """Shorter or longer than what was read of the old one, under a running daemon or before its start: no gap."""
    require(site.topics.broker, "topic-ids")
    site.institution.permit(1)
    daemon = site.daemon()
    site.send(affiliation_event(1), affiliation_event(1, sequence=2), work_event(1, 0))
    site.until_titles({1: titles(1, [0])})

    site.topics.recreate(site.topic)
    site.send(*(work_event(1, number) for number in range(1, 6)))
    site.until_titles({1: titles(1, range(6))})

    assert daemon.stop() == 0
    site.topics.recreate(site.topic)
    site.send(work_event(1, 6))
    daemon.start()
    site.until_titles({1: titles(1, range(7))})

    assert daemon.stop() == 0
    site.topics.recreate(site.topic)
    site.send(*(work_event(1, number) for number in range(7, 12)))
    daemon.start()
    site.until_titles({1: titles(1, range(12))})
    assert (daemon.metric("orcid_sync_gaps"), daemon.said("recovery_began")) == (0, [])
    assert daemon.stop() == 0


def test_what_retention_took_before_it_was_read_is_a_gap_until_somebody_closes_it(site: Site) -> None:
    """The daemon goes on at the log's start, and everybody who looks is told what is missing."""
    require(site.topics.broker, "delete-records")
    site.institution.permit(1)
    daemon = site.daemon()
    site.send(affiliation_event(1))
    site.until_titles({1: ["Lecturer"]})
    assert daemon.stop() == 0
    site.send(*(work_event(1, number) for number in range(5)))
    site.topics.cut(site.topic, 4)

    daemon.start()
    site.until_titles({1: titles(1, [3, 4])})
    site.until(lambda: daemon.metric("orcid_sync_gaps") == 1)
    (gap,) = site.institution.json("gap", "list")["gaps"]
    assert (gap["log"], gap["first"], gap["last"]) == (f"{site.topic}/0", 1, 3)
    assert site.institution.json("status")["gaps"] == 1
    site.until_in_sync(3)
    site.institution.json("sync", code=3)

    assert site.institution.run("gap", "close", str(gap["id"])).returncode == 0
    site.until(lambda: daemon.metric("orcid_sync_gaps") == 0)
    site.institution.json("sync")
    assert daemon.stop() == 0


def test_a_state_that_was_lost_is_built_again_without_doubling_anything(site: Site) -> None:
    """Kafka knows that we had come further: records are listed before anything is added, and what stands is adopted."""
    site.institution.permit(*PEOPLE)
    daemon = site.daemon()
    site.send(*load(PEOPLE, WORKS))
    site.until_titles({person: titles(person, WORKS) for person in PEOPLE})
    site.until_in_sync(len(PEOPLE) * 4)
    before = {person: put_codes(site, person) for person in PEOPLE}
    assert daemon.stop() == 0
    for file in site.state.parent.glob("state.db*"):
        file.unlink()
    site.control.reset_statistics()
    site.institution.permit(*PEOPLE)
    site.send(work_event(1, 7), affiliation_event(2, sequence=2, title="Reader"))

    daemon.start()
    site.until(lambda: daemon.metric("orcid_sync_events_total") == len(PEOPLE) * 4 + 2)
    right = {person: titles(person, WORKS) for person in PEOPLE}
    right[1] = titles(1, [*WORKS, 7])
    right[2] = sorted(["Reader", *(question(2, number) for number in WORKS)])
    site.until_titles(right)
    site.until_in_sync(len(PEOPLE) * 4 + 1)

    assert len(daemon.said("recovery_began")) == 1
    site.until(lambda: bool(daemon.said("recovery_ended")))
    sent = [(seen.kind, seen.status) for seen in site.control.requests() if seen.kind in {"POST", "POST_BULK", "PUT"}]
    assert sorted(sent) == [("POST", 201), ("PUT", 200)]
    after = {person: put_codes(site, person) for person in PEOPLE}
    assert all(before[person] <= after[person] for person in PEOPLE)
    assert daemon.stop() == 0


def put_codes(site: Site, person: int) -> set[tuple[str, int]]:
    """What stands on a person's record."""
    record = site.control.record(site.institution.orcid(person))
    return {(item.section, item.put_code) for item in record.items}
