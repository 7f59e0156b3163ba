"""`verify` in rough weather: many people, a slow or lying ORCID, another process at work, an interrupt."""

import http.client
import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest

from tests import events
from tests.benchmarks.institution import person_id
from tests.cli.conftest import COMMAND, Institution
from tests.ports.loopback import Visit, loopback, reply
from worker.calling.circuit import Cause, Circuit
from worker.note_names import CIRCUIT

PEOPLE = 1000


def _employed(institution: Institution, people: range) -> None:
    institution.permit(*people)
    log = [events.affiliation(person_id(one), f"A-{one}") for one in people]
    institution.json("replay", institution.log("all.jsonl", *log))
    institution.control.reset_statistics()


def test_a_thousand_people_are_two_requests_each_within_the_budget(institution: Institution) -> None:
    """As fast as the budget lets, and never faster."""
    rate, burst = 400, 30
    institution.permit(*range(1, PEOPLE + 1))
    institution.settings |= {"ORCID_SYNC_REQUESTS_PER_SECOND": str(rate), "ORCID_SYNC_BURST": str(burst)}
    institution.control.reset_statistics()
    began = time.monotonic()

    told = institution.json("verify")

    seconds = time.monotonic() - began
    statistics = institution.control.statistics()
    assert (told["people"], told["differences"], told["unread"]) == (PEOPLE, [], 0)
    assert statistics.requests == {"GET": 2 * PEOPLE}
    assert told["calls"]["GET"] == 2 * PEOPLE
    assert seconds >= (2 * PEOPLE - burst) / rate
    assert statistics.peak_in_flight <= 12


DEEP = b'{"a":' * 100_000
LIES = {
    "not JSON": b"<html>Bad gateway</html>",
    "a list": b"[]",
    "nothing": b"",
    "null": b"null",
    "no section": b"{}",
    "a list where an object should be": b'{"employments": [], "works": {"group": []}}',
    "a text where a list should be": b'{"employments": {"affiliation-group": "x"}}',
    "a put-code that is none": json.dumps(
        {"employments": {"affiliation-group": [{"summaries": [{"employment-summary": {"put-code": "x"}}]}]}}
    ).encode(),
    "10 MB": b'{"employments": "' + b"x" * 10_000_000 + b'"}',
    "nested deeply": DEEP,
    "half a character": b'{"employments": "\xff\xfe"}',
}


def test_lies_are_told_in_one_line_each_and_stop_nobody(institution: Institution) -> None:
    """Whatever comes instead of a record, with and without --repair: nothing is believed, and the others are read."""
    people = range(1, len(LIES) + 2)
    lies = {institution.orcid(one): lie for one, lie in zip(people, LIES.values(), strict=False)}
    honest = people[-1]
    with _front(institution, lies) as front:
        institution.base_url = front
        institution.settings["ORCID_SYNC_AUTH_URL"] = front
        _employed(institution, people)

        told = institution.json("verify", code=3)
        repaired = institution.json("verify", "--repair", code=3)
        words = institution.run("verify")

    skipped = {one["person"]: one["reason"] for one in told["skipped"]}
    assert skipped.keys() == {person_id(one) for one in people if one != honest}
    assert all(reason and len(reason) < 300 and "\n" not in reason for reason in skipped.values())
    assert (told["people"], told["differences"], repaired["differences"]) == (1, [], [])
    assert institution.json(
        "status",
    )["items"]["in_sync"] == len(people)
    assert (words.returncode, b"Traceback" in words.stderr + words.stdout) == (3, False)


@contextmanager
def _front(institution: Institution, lies: Mapping[str, bytes]) -> Iterator[str]:
    """ORCID, as it answers all but who asks for the activities of some people."""
    behind = urlsplit(institution.base_url)

    def answer(visit: Visit) -> None:
        head, _, body = visit.request.partition(b"\r\n\r\n")
        method, path, _ = head.split(b"\r\n")[0].decode().split(" ")
        lie = next((lies[one] for one in lies if path.endswith(f"{one}/activities")), None)
        if lie is not None:
            reply(body=lie)(visit)
            return
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        with closing(http.client.HTTPConnection(str(behind.hostname), behind.port)) as connection:
            connection.request(method, path, body or None, headers)
            got = connection.getresponse()
            told = [f"{name}: {value}" for name, value in got.getheaders() if name.lower() == "location"]
            content = got.read()
        reply(f"{got.status} {got.reason}", *told, body=content)(visit)

    with loopback(answer) as server:
        yield server.base_url


def test_a_busy_orcid_is_asked_again_and_a_broken_record_is_told(institution: Institution) -> None:
    """503 passes; what ORCID fails on is told, and looked at another day."""
    _employed(institution, range(1, 5))
    institution.control.fault("503:times=2,retry-after=0")
    institution.control.fault(f"500:orcid={institution.orcid(3)},method=GET")

    told = institution.json("verify", code=3)

    assert told["people"] == 3
    assert [(one["person"], "500 9008" in one["reason"]) for one in told["skipped"]] == [(person_id(3), True)]


def test_an_orcid_out_of_reach_is_not_asked_for_everybody(institution: Institution) -> None:
    """After a few calls without any answer it is given up, and told how many were not looked at."""
    _employed(institution, range(1, 41))
    institution.control.fault("reset-before:method=GET")

    told = institution.json("verify", "--repair", code=3)

    assert (told["people"], told["differences"]) == (0, [])
    assert "no answer 10 times in a row" in told["refused"]
    assert told["unread"] >= 10
    assert told["unread"] + len(told["skipped"]) == 40
    institution.control.clear_faults()
    assert institution.json("verify")["people"] == 40


def test_an_orcid_that_is_too_busy_is_not_asked_for_everybody(institution: Institution) -> None:
    """An answer that says "slow down" is none either."""
    _employed(institution, range(1, 41))
    institution.control.fault("503:method=GET,retry-after=0")

    told = institution.json("verify", code=3)

    assert "no answer 10 times in a row" in told["refused"]
    assert told["unread"] + len(told["skipped"]) == 40
    assert institution.control.statistics().requests["GET"] <= 10 + 3 * 12


@pytest.mark.parametrize("command", [pytest.param("verify", id="verify"), pytest.param("adopt", id="adopt")])
def test_nobody_is_asked_while_all_sending_is_held_back(institution: Institution, command: str) -> None:
    """One line says why, and how many were not looked at."""
    _employed(institution, range(1, 4))
    circuit = Circuit(Cause.OURS, "our client is locked", 1.0, 9e9)
    with closing(sqlite3.connect(institution.folder / "state.db")) as connection, connection:
        connection.execute("INSERT INTO notes (name, text) VALUES (?, ?)", (CIRCUIT, circuit.text()))

    told, words = institution.json(command, code=3), institution.run(command)

    assert (told["people"], told["unread"], told["calls"]["GET"]) == (0, 3, 0)
    assert words.returncode == 3
    assert "our client is locked" in words.stdout.decode().splitlines()
    assert institution.control.statistics().requests == {}


def test_a_record_that_another_process_writes_is_not_repaired(institution: Institution) -> None:
    """Its lease is respected; without --repair none is needed."""
    _employed(institution, range(1, 2))
    orcid = institution.orcid(1)
    (item,) = institution.control.record(orcid).items
    institution.control.remove_as_researcher(orcid, item.put_code)
    with sqlite3.connect(institution.folder / "state.db") as connection:
        connection.execute("UPDATE leases SET holder = 'somebody', free_at = 9e9")

    told = institution.json("verify", "--repair", code=3)

    assert [row["outcome"] for row in told["differences"]] == ["in_sync"]
    assert ["another process" in one["reason"] for one in told["skipped"]] == [True]


@pytest.mark.parametrize("repair", [pytest.param(False, id="look"), pytest.param(True, id="repair")])
def test_an_interrupt_loses_nothing(institution: Institution, *, repair: bool) -> None:
    """One line, exit code 1, no lease left behind; the next one does it all."""
    people = range(1, 9)
    _employed(institution, people)
    for one in people:
        (item,) = institution.control.record(institution.orcid(one)).items
        institution.control.edit_as_researcher(
            institution.orcid(one), item.put_code, document={"role-title": "Said otherwise"}
        )
    institution.control.fault("slow-reply:seconds=0.3,method=GET" + (",after=16" if repair else ""))
    words = ["verify", *(["--repair"] if repair else [])]
    process = subprocess.Popen(
        [COMMAND, *words], env=institution.environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    _until_asked(institution, 18 if repair else 2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "interrupted" in err.decode().splitlines()[-1]
    assert b"Traceback" not in err
    institution.control.clear_faults()
    told = institution.json("verify", "--repair")
    assert all(row["outcome"] == "in_sync" for row in told["differences"])
    assert institution.json("verify")["differences"] == []
    assert all(institution.titles(one) == ["Lecturer"] for one in people)


def _until_asked(institution: Institution, requests: int) -> None:
    end = time.monotonic() + 60
    while institution.control.statistics().requests.get("GET", 0) < requests:
        assert time.monotonic() < end
        time.sleep(0.05)
