"""A daemon whose state is handed over to PostgreSQL while it runs: it stops, and another goes on where it was."""

from tests.benchmarks.institution import affiliation_event
from tests.daemon.daemons import Daemon
from tests.daemon.site import Site, load, titles

URL = "ORCID_SYNC_STATE_URL"
PEOPLE = range(1, 21)


def test_a_daemon_stops_when_its_state_is_handed_over_and_another_goes_on(site: Site, postgres_url: str) -> None:
    """So do the pages, in one line that says where to. No event is read twice or left out, no call is repeated."""
    site.institution.permit(*PEOPLE)
    daemon = site.daemon()
    pages = Daemon(site.institution.environ(), site.institution.folder / "pages.log", ("web",)).start()
    site.daemons.append(pages)
    site.send(*load(PEOPLE, range(2)))
    site.until_titles({person: titles(person, range(2)) for person in PEOPLE})
    site.until_in_sync(3 * len(PEOPLE))
    site.until(lambda: not site.institution.json("status")["items"]["pending"])
    before = site.control.statistics().requests

    def moved() -> bool:
        """Until no call is under way: a lease of one that just ended is let go at the next turn."""
        ran = site.institution.run("state", "copy", f"sqlite:///{site.state}", postgres_url)
        assert ran.returncode == 0 or b"a process is sending" in ran.stderr, ran.stderr
        return ran.returncode == 0

    site.until(moved)
    site.until(lambda: not (daemon.runs or pages.runs), patience=30)
    site.send(*(affiliation_event(person, sequence=2, title="Reader") for person in PEOPLE))

    for one in (daemon, pages):
        assert one.process is not None
        assert one.process.returncode == 1
        (line,) = [told["line"] for told in one.lines() if told["event"] == "not_json"]
        assert "was moved to postgresql://" in line
    assert site.topics.members(site.group) == 0
    site.institution.settings[URL] = postgres_url
    other = site.daemon()
    site.until_titles({person: sorted(["Reader", *titles(person, range(2))[1:]]) for person in PEOPLE})
    site.until(lambda: other.metric("orcid_sync_events_total") == len(PEOPLE))

    assert other.metric("orcid_sync_recovering") == 0
    sent = site.control.statistics()
    assert sent.requests == {**before, "PUT": before.get("PUT", 0) + len(PEOPLE)}
    assert sent.overlaps == 0
    assert other.stop() == 0
    assert site.lag() == 0
