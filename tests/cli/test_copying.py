"""`state copy`: an institution at work goes to PostgreSQL and back. Nothing is sent twice, or from the old place."""

import json
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import pytest

from state.vault import new_key
from tests import events
from tests.benchmarks.institution import affiliation_event, person_id, work_event
from tests.cli.conftest import COMMAND, Institution

COPY_SECONDS = 0.5
"""How long the copy takes of the state that is copied here, about."""

URL, STATE_PASSWORD = "ORCID_SYNC_STATE_URL", "ORCID_SYNC_STATE_PASSWORD"


def without_password(url: str) -> str:
    """As the state is told of."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}"))


def file(institution: Institution, name: str = "state.db") -> str:
    """The URL of a state in a file of the test's folder."""
    return f"sqlite:///{institution.folder / name}"


def use(institution: Institution, url: str) -> None:
    """The settings name this state."""
    institution.settings[URL] = url


def both_halves() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Two logs of one institution; the second goes on with records of the first."""
    one, two, three = (person_id(number) for number in (1, 2, 3))
    first = [*events.everything(one), affiliation_event(2), work_event(2, 1), affiliation_event(3), work_event(3, 1)]
    second = [
        events.changed(first[0], sequence=2, role_title="Reader"),
        events.removal(first[1], sequence=2),
        events.changed(events.person(one, "P-1"), sequence=2, keywords=["shelf seas", "moorings"]),
        affiliation_event(2, sequence=2, title="Professor"),
        work_event(2, 2),
        events.funding(two, "F-2", "GRANT-2"),
        events.peer_review(two, "R-3", "review-3"),
        work_event(3, 2),
        events.publication(three, "W-9", "10.5555/nine"),
    ]
    return first, second


def records(institution: Institution) -> dict[int, list[tuple[str, str]]]:
    """What stands on each record: sections and documents, put-codes aside."""
    return {
        person: sorted((item.section, json.dumps(item.document, sort_keys=True)) for item in found.items)
        for person in (1, 2)
        for found in (institution.control.record(institution.orcid(person)),)
    }


def writes(institution: Institution) -> int:
    """How many requests that change a record the stand-in has had."""
    return sum(number for kind, number in institution.control.statistics().requests.items() if kind != "GET")


def test_an_institution_at_work_goes_to_postgresql_and_back(institution: Institution, postgres_url: str) -> None:
    """Half of its events before, a quarter there, a quarter after the way back: as if it had never moved."""
    institution.permit(1, 2)
    first, second = both_halves()
    log = institution.log("first.jsonl", *first, b"{}")
    institution.json("replay", log, code=3)
    institution.control.remove_as_researcher(institution.orcid(1), _put_code(institution, 1, "Another"))
    before = institution.json("status")

    told = institution.json("state", "copy", file(institution), postgres_url)
    use(institution, postgres_url)

    assert told["rows"] > 100
    assert institution.json("status") == before
    assert not any(institution.json("replay", log, code=3)["calls"].values())
    there = institution.log("there.jsonl", *second[:5])
    institution.json("replay", there, code=3)
    institution.json("state", "copy", postgres_url, file(institution, "back.db"))
    use(institution, file(institution, "back.db"))
    back = institution.log("back.jsonl", *second[5:])
    institution.json("replay", back, code=3)
    sent = writes(institution)

    again = institution.json("replay", log, there, back, code=3)

    assert not any(again["calls"].values())
    assert writes(institution) == sent
    assert records(institution) == _never_moved(institution, first, second)


def _put_code(institution: Institution, person: int, title: str) -> int:
    (found,) = [
        item.put_code
        for item in institution.control.record(institution.orcid(person)).items
        if item.section == "work" and item.document["title"]["title"]["value"] == title
    ]
    return found


def _never_moved(institution: Institution, first: list[Any], second: list[Any]) -> dict[int, list[tuple[str, str]]]:
    """The same people's records when one state sees it all: with records, and a state, of its own."""
    use(institution, file(institution, "never.db"))
    institution.first_orcid += 500
    institution.permit(1, 2)
    institution.json("replay", institution.log("all.jsonl", *first), code=3)
    institution.control.remove_as_researcher(institution.orcid(1), _put_code(institution, 1, "Another"))
    institution.json("replay", institution.log("then.jsonl", *second), code=3)
    return records(institution)


def test_a_call_without_a_reply_is_in_doubt_in_the_new_place(institution: Institution, postgres_url: str) -> None:
    """And found there: it is not sent a second time as if nothing had been."""
    institution.permit(1)
    institution.control.fault("reset-after:method=POST")
    log = institution.log("one.jsonl", affiliation_event(1))
    ran = institution.json("replay", "--wait", "1", log, code=3)
    assert ran["items"]["in_doubt"] == 1, ran

    institution.json("state", "copy", file(institution), postgres_url)
    use(institution, postgres_url)
    institution.control.clear_faults()

    assert institution.json("status")["items"]["in_doubt"] == 1
    assert institution.json("sync")["items"]["in_sync"] == 1
    assert institution.titles(1) == ["Lecturer"]


def test_who_goes_on_with_the_old_state_is_told_where_it_went(institution: Institution, postgres_url: str) -> None:
    """Every command, in one line, and nothing is sent; its backup may still be made, and restored."""
    institution.permit(1)
    institution.json("replay", institution.log("one.jsonl", affiliation_event(1)))
    institution.json("state", "copy", file(institution), postgres_url)
    sent = writes(institution)
    more = institution.log("more.jsonl", affiliation_event(1, sequence=2, title="Reader"))

    for words in (
        ["replay", more],
        ["sync"],
        ["run"],
        ["web"],
        ["status"],
        ["forget", person_id(1)],
        ["state", "rebind"],
    ):
        ran = institution.run(*words)
        assert ran.returncode == 1, words
        (line,) = ran.stderr.decode().splitlines()
        assert f"was moved to {without_password(postgres_url)} on " in line
    assert writes(institution) == sent

    backup = institution.folder / "rescued.db"
    assert institution.run("state", "backup", str(backup)).returncode == 0
    use(institution, file(institution, "new.db"))
    assert institution.run("state", "restore", str(backup)).returncode == 0
    institution.json("replay", more)
    assert institution.titles(1) == ["Reader"]


@pytest.fixture
def shop(institution: Institution) -> Institution:
    """With something in its state."""
    institution.json("replay", institution.log("one.jsonl", affiliation_event(1)), code=3)
    return institution


@pytest.mark.parametrize(
    ("old", "new", "code", "told"),
    [
        pytest.param("sqlite:///nowhere.db", "sqlite:///new.db", 1, "FROM: there is no state at", id="no such state"),
        pytest.param("state.db", "sqlite:///new.db", 2, "FROM: … is neither sqlite:///PATH nor", id="no URL"),
        pytest.param("sqlite:///state.db", "mysql://u:hidden@h/x", 2, "TO: mysql://… is neither", id="another kind"),
        pytest.param("sqlite:///state.db", "sqlite:///./state.db", 2, "FROM and TO are the same", id="the same"),
        pytest.param(
            "sqlite:///state.db", "sqlite:///link.db", 2, "FROM and TO are the same", id="the same by another name"
        ),
        pytest.param("sqlite:///other.db", "sqlite:///new.db", 1, "another program's", id="another program's"),
        pytest.param("sqlite:///state.db", "sqlite:///newer.db", 1, "newer orcid-sync (9999_later)", id="a newer one"),
        pytest.param("sqlite:///state.db", "sqlite:///locked.db", 1, "none of the keys opens", id="other keys"),
        pytest.param("sqlite:///state.db", "sqlite:///no/folder/new.db", 1, "cannot be opened", id="no folder"),
        pytest.param(
            "sqlite:///state.db", "postgresql://u:hidden@127.0.0.1:9/x", 1, "cannot be reached", id="no server"
        ),
    ],
)
def test_what_cannot_be_is_told_in_one_line(shop: Institution, old: str, new: str, code: int, told: str) -> None:
    """Before anything is written, and without a password; the state goes on."""
    (shop.folder / "link.db").symlink_to(shop.folder / "state.db")
    with closing(sqlite3.connect(shop.folder / "other.db")) as other, other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    use(shop, file(shop, "newer.db"))
    shop.run("status")
    use(shop, file(shop, "locked.db"))
    key, shop.settings["ORCID_SYNC_VAULT_KEYS"] = shop.settings["ORCID_SYNC_VAULT_KEYS"], new_key()
    shop.run("status")
    shop.settings["ORCID_SYNC_VAULT_KEYS"] = key
    use(shop, file(shop))
    with closing(sqlite3.connect(shop.folder / "newer.db")) as newer, newer:
        newer.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('orcid-sync', '9999_later', '')"
        )

    words = [url.replace("sqlite:///", f"sqlite:///{shop.folder}/") for url in (old, new)]
    ran = shop.run("state", "copy", *words)

    complaint = ran.stderr.decode()
    assert (ran.returncode, ran.stdout) == (code, b""), complaint
    assert told in complaint
    assert "hidden" not in complaint
    assert len([line for line in complaint.splitlines() if not line.startswith(("Usage", "Try", " "))]) <= 2
    assert shop.json("status")["items"]["waiting"] == 1


def test_the_settings_of_the_new_state_serve_for_the_copy(shop: Institution, postgres_url: str) -> None:
    """They name it with its password; that of the old one takes none."""
    (shop.inputs / "password").write_text(unquote(urlsplit(postgres_url).password or ""))
    url, config = without_password(postgres_url), shop.folder / "new.toml"
    config.write_text(
        f"{URL} = {json.dumps(url)}\n{STATE_PASSWORD}_FILE = {json.dumps(str(shop.inputs / 'password'))}\n"
    )

    ran = shop.run("--config", str(config), "state", "copy", file(shop), url)

    assert ran.returncode == 0, ran.stderr
    use(shop, postgres_url)
    assert shop.json("status")["items"]["waiting"] == 1


def test_a_password_has_a_setting_of_its_own(shop: Institution, postgres_url: str) -> None:
    """So that no list of processes shows it; a wrong one is told, and how to mend it. It is never told itself."""
    url, password = without_password(postgres_url), unquote(urlsplit(postgres_url).password or "")
    in_file = shop.inputs / "password"
    in_file.write_text("not the password")
    shop.settings |= {f"{STATE_PASSWORD}_FILE": str(in_file), URL: url}

    ran = shop.run("state", "copy", file(shop), url)
    assert ran.returncode == 1
    (line,) = ran.stderr.decode().splitlines()
    assert "password authentication failed" in line
    assert STATE_PASSWORD in line
    in_file.write_text(password)
    ran = shop.run("state", "copy", file(shop), url)

    assert ran.returncode == 0, ran.stderr
    assert password.encode() not in ran.stdout + ran.stderr
    assert shop.json("status")["items"]["waiting"] == 1


@pytest.fixture
def crowd(institution: Institution) -> Institution:
    """With so much in its state that a copy takes a while."""
    said = (work_event(person, work) for person in range(1, 41) for work in range(30))
    institution.json("replay", "--no-send", institution.log("crowd.jsonl", *said))
    return institution


def is_locked(path: Path) -> bool:
    """Whether somebody writes to the state at this moment."""
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False


def test_a_copy_that_is_killed(crowd: Institution, postgres_url: str) -> None:
    """Whenever that is, both places can be used only while nothing is in the new one; the same command ends it."""
    words = [str(COMMAND), "state", "copy", file(crowd), postgres_url]
    for share, number in ((0.0, signal.SIGKILL), (0.2, signal.SIGINT), (0.5, signal.SIGKILL), (0.8, signal.SIGKILL)):
        with subprocess.Popen(words, env=crowd.environ(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            while process.poll() is None and not is_locked(crowd.folder / "state.db"):
                time.sleep(0.001)
            time.sleep(share * COPY_SECONDS)
            process.send_signal(number)
            complaint = process.stderr.read() if process.stderr else b""
        assert complaint.count(b"\n") == (process.returncode == 1), complaint
        usable = []
        for url in (file(crowd), postgres_url):
            use(crowd, url)
            usable.append(crowd.run("status").returncode == 0)
        assert usable != [True, True] or crowd.json("status")["items"]["waiting"] == 0

    ran = crowd.run("state", "copy", file(crowd), postgres_url)

    assert ran.returncode == 0 or b"was moved to" in ran.stderr
    assert crowd.json("status")["items"]["waiting"] == 40 * 30
    use(crowd, file(crowd))
    assert crowd.run("status").returncode == 1
