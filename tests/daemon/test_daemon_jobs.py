"""Jobs: work that operators leave to the daemon, done beside its own."""

from tests.benchmarks.institution import person_id, work_event
from tests.daemon.site import Site, load, question, titles
from tests.daemon.workplace import Workplace

PEOPLE = range(1, 13)
WORKS = range(3)
ALL = {person: titles(person, WORKS) for person in PEOPLE}

SLOWLY = {"ORCID_SYNC_REQUESTS_PER_SECOND": "2", "ORCID_SYNC_BURST": "1"}
"""A replay of ALL takes 12 s then: nobody is too late to catch it in the middle."""


def right(workplace: Workplace) -> bool:
    """Whether every record holds just what the events of PEOPLE say."""
    return all(workplace.institution.titles(person) == wanted for person, wanted in ALL.items())


def test_jobs_are_done_beside_the_daemons_own_work(site: Site) -> None:
    """A replay and a drift check, while events come in; each ends with what its command would print."""
    workplace = Workplace(site.institution, site.daemons)
    site.institution.permit(*PEOPLE)
    site.institution.settings |= SLOWLY | {"ORCID_SYNC_REQUESTS_PER_SECOND": "8"}
    log = site.institution.log("events.jsonl", *load(PEOPLE, WORKS))
    daemon = site.daemon()
    site.until_reading(daemon)

    replayed, checked = workplace.add("replay", log), workplace.add("verify")
    site.send(work_event(1, 7))
    workplace.until_sending(replayed, 1)
    assert workplace.show(checked)["state"] == "queued"
    assert daemon.probe("/healthz") == 200
    first, second = workplace.until_over(replayed), workplace.until_over(checked)

    site.until_titles(ALL | {1: sorted([*ALL[1], question(1, 7)])})
    again = site.institution.json("replay", log)
    events = len(PEOPLE) * (1 + len(WORKS))
    assert (first["state"], first["exit_code"], first["failure"]) == ("done", 0, "")
    assert first["result"].keys() == again.keys()
    assert (first["result"]["events"], sum(again["calls"].values())) == (events, 0)
    assert (second["state"], second["exit_code"]) == ("done", 0)
    assert second["result"].keys() == site.institution.json("verify", "--person", person_id(1)).keys()
    assert daemon.metric("orcid_sync_jobs", state="done") == 2
    assert daemon.metric("orcid_sync_drift") == 0
    assert daemon.metric("orcid_sync_events_total") == events + 1
    assert daemon.metric("orcid_sync_calls_total", section="record") == 2 * len(PEOPLE)
    seen = site.control.statistics()
    assert seen.overlaps == 0
    assert daemon.metric("orcid_sync_calls_total", method="POST") == seen.requests["POST"] + seen.requests["POST_BULK"]
    assert daemon.stop() == 0


def test_a_job_is_begun_again_when_its_daemon_was_stopped_or_killed(workplace: Workplace) -> None:
    """After SIGTERM as if it had not been begun; after kill -9 when its lease is over. Each item stands once."""
    workplace.institution.settings |= SLOWLY
    workplace.institution.permit(*PEOPLE)
    log = workplace.institution.log("events.jsonl", *load(PEOPLE, WORKS))
    job = workplace.add("replay", log)

    daemon = workplace.daemon()
    workplace.until_sending(job, 1)
    assert daemon.stop() == 0
    stopped, sent = workplace.show(job), workplace.writes()
    daemon.start()
    workplace.until_sending(job, sent + 1)
    daemon.kill()
    killed = workplace.show(job)
    workplace.institution.settings |= {"ORCID_SYNC_REQUESTS_PER_SECOND": "1000"}
    daemon = workplace.daemon()
    ended = workplace.until_over(job)

    assert (stopped["state"], stopped["attempts"]) == ("queued", 0)
    assert (killed["state"], killed["attempts"]) == ("running", 1)
    assert (ended["state"], ended["exit_code"], ended["attempts"]) == ("done", 0, 2)
    assert right(workplace)
    seen = workplace.institution.control.statistics()
    assert seen.overlaps == 0
    assert workplace.institution.json("verify")["differences"] == []
    assert daemon.stop() == 0


def test_a_job_is_cancelled_in_the_queue_and_under_way(workplace: Workplace) -> None:
    """What it did stays done, and the next that was not has its turn."""
    workplace.institution.settings |= SLOWLY
    workplace.institution.permit(*PEOPLE)
    log = workplace.institution.log("events.jsonl", *load(PEOPLE, WORKS))
    words = (("replay", log), ("verify",), ("verify", "--person", person_id(1)))
    first, second, third = (workplace.add(*one) for one in words)
    daemon = workplace.daemon()
    workplace.until_sending(first, 1)

    queued = workplace.institution.json("job", "cancel", str(second))
    under_way = workplace.institution.json("job", "cancel", str(first))
    cancelled, done = workplace.until_over(first), workplace.until_over(third)

    assert (queued["state"], queued["began_at"]) == ("cancelled", None)
    assert (under_way["state"], under_way["cancel_asked"]) == ("running", True)
    assert (cancelled["state"], cancelled["exit_code"], cancelled["result"]) == ("cancelled", None, None)
    assert (done["state"], done["result"]["people"]) == ("done", 1)
    assert [line["job"] for line in daemon.said("job_began")] == [first, third]
    assert workplace.writes() >= 1
    assert daemon.stop() == 0


def test_of_two_daemons_one_does_a_job_and_both_check_for_drift_once(workplace: Workplace) -> None:
    """Jobs are done one at a time, in order, and the regular drift check is one job for all."""
    workplace.institution.settings["ORCID_SYNC_VERIFY_HOURS"] = "24"
    workplace.institution.permit(*PEOPLE)
    log = workplace.institution.log("events.jsonl", *load(PEOPLE, WORKS))
    jobs = [workplace.add("replay", log) for _ in range(2)]
    daemons = [workplace.daemon() for _ in range(2)]
    check = jobs[-1] + 1
    for job in jobs:
        workplace.until_over(job)
    checked = workplace.until_over(check)

    began = sorted((line["job"], line["timestamp"]) for daemon in daemons for line in daemon.said("job_began"))
    ended = sorted((line["job"], line["timestamp"]) for daemon in daemons for line in daemon.said("job_ended"))
    assert [job for job, _ in began] == [job for job, _ in ended] == [*jobs, check]
    assert all(after >= before for (_, before), (_, after) in zip(ended, began[1:], strict=False))
    assert (checked["job"], checked["exit_code"], checked["result"]["people"]) == ("verify", 0, len(PEOPLE))
    assert len(workplace.institution.json("job", "list")["jobs"]) == check
    assert [daemon.stop() for daemon in daemons] == [0, 0]


def test_drifts_are_told_and_mended_and_failures_told_by_jobs(workplace: Workplace) -> None:
    """One daemon does job after job: what one finds, the next mends; what fails is told as its command would."""
    institution = workplace.institution
    institution.permit(1, 2)
    both, one = (institution.log(f"{len(people)}.jsonl", *load(people, WORKS)) for people in ((1, 2), (1,)))
    assert institution.run("replay", both).returncode == 0
    record = institution.control.record(institution.orcid(1))
    gone = next(item for item in record.items if "role-title" in item.document)
    institution.control.remove_as_researcher(institution.orcid(1), gone.put_code)
    flood = institution.log("flood.jsonl", *(b'{"no": "event"}' for _ in range(250)))
    absent = str(institution.folder / "absent.jsonl")
    looks = (("verify",), ("verify", "--person", person_id(1), "--repair"), ("verify",))
    orders = (("replay", absent), ("replay", flood), ("replay", "--complete", "/repository", absent))
    checks = [workplace.add(*words) for words in looks]
    told = institution.json("job", "add", *orders[0])
    failing = [told["id"], *(workplace.add(*order) for order in orders[1:])]
    fewer = workplace.add("replay", "--complete", "/repository", one)
    daemon = workplace.daemon()

    last = workplace.until_over(fewer)

    found, mended, again = map(workplace.show, checks)
    (row,) = found["result"]["differences"]
    where = (person_id(1), "gone", gone.put_code)
    assert (found["exit_code"], row["person"], row["kind"], row["put_code"]) == (3, *where)
    (row,) = mended["result"]["differences"]
    assert (mended["exit_code"], row["outcome"]) == (0, "removed_by_researcher")
    assert mended["job"] == f"verify --repair --person {person_id(1)}"
    assert (again["exit_code"], again["result"]["differences"]) == (0, [])
    assert daemon.metric("orcid_sync_drift") == 0
    assert told["not_here"] == [absent]
    failed = [workplace.show(job) for job in failing]
    assert [(job["state"], job["exit_code"]) for job in failed] == [("failed", 1)] * 3
    assert last["result"]["calls"]["DELETE"] + institution.control.statistics().requests["DELETE"] >= len(WORKS)
    assert (institution.titles(1), institution.titles(2)) == ([question(1, work) for work in WORKS], ["Lecturer"])
    assert daemon.stop() == 0
    assert [job["failure"] for job in failed] == [workplace.complaint(*order) for order in orders]
