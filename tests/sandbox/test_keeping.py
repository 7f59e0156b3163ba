"""The file that the stand-in keeps what it has in (`orcid-sync sandbox --keep FILE`)."""

import os
import signal
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.leaks.scanner import INPUTS
from tests.sandbox.people import SMALLEST, Person, a_group, a_person, a_work, error_of
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.keeping import keep, recall
from worker.sandbox.sandbox import Sandbox, SandboxSettings, UnusableError
from worker.sandbox.server import serve

CALM = SandboxSettings(rate_limit=False)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where it is kept; tokens are in it, as they are at ORCID."""
    (tmp_path / INPUTS).mkdir()
    return tmp_path / INPUTS / "kept.json"


def run(kept: Path, does: Callable[[httpx.Client, SandboxControl], None]) -> None:
    """A stand-in from its start to the signal that ends it."""
    failed: list[BaseException] = []

    def announced(base_url: str) -> None:
        try:
            with SandboxControl(base_url) as control, httpx.Client(base_url=base_url, trust_env=False) as http:
                does(http, control)
        except BaseException as error:  # noqa: BLE001 - the stand-in ends first
            failed.append(error)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGTERM)).start()

    serve(0, announce=announced, settings=CALM, kept=kept)
    if failed:
        raise failed[0]


def test_records_and_permissions_are_there_again_after_a_restart(kept: Path) -> None:
    """Items of every section with their put-codes and times, the inbox, the token; and no put-code comes twice."""
    before: list[Person] = []
    saw: list[object] = []

    def first(http: httpx.Client, control: SandboxControl) -> None:
        person = a_person(http, control)
        before.append(person)
        for section, document in SMALLEST.items():
            person.has_added(section, document)
        control.add_item(person.orcid, "work", a_work("10.5555/own"), visibility="private")
        control.add_group(a_group())
        saw.extend((control.record(person.orcid), person.inbox(), control.groups()))

    def second(http: httpx.Client, control: SandboxControl) -> None:
        orcid, token = before[0].orcid, before[0].token
        person = Person(orcid, token, http, control)
        assert [control.record(orcid), person.inbox(), control.groups()] == saw
        assert error_of(person.post("work", SMALLEST["work"])) == (409, 9021)
        highest = max(item.put_code for item in control.record(orcid).items)
        assert person.has_added("work", a_work("10.5555/new")) > highest
        assert len(person.get("works").json()["group"]) == 2  # the researcher's own is private, and stayed so

    run(kept, first)
    run(kept, second)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_what_was_revoked_stays_revoked(kept: Path) -> None:
    """A token keeps its state, and a locked record its own."""
    before: list[Person] = []

    def first(http: httpx.Client, control: SandboxControl) -> None:
        before.extend(a_person(http, control) for _ in range(2))
        control.revoke_as_researcher(before[0].orcid)
        control.set_state(before[1].orcid, "locked")

    def second(http: httpx.Client, control: SandboxControl) -> None:
        told = [Person(one.orcid, one.token, http, control).get("works").status_code for one in before]
        assert told == [401, 409]

    run(kept, first)
    run(kept, second)


def test_lists_of_kept_records_are_not_staler_than_the_start(kept: Path) -> None:
    """The history of a record is not kept: what it held when the stand-in ended has always been there."""
    before: list[Person] = []

    def first(http: httpx.Client, control: SandboxControl) -> None:
        before.append(a_person(http, control))
        before[0].has_added("work", a_work())

    def second(http: httpx.Client, control: SandboxControl) -> None:
        control.fault("stale-lists:seconds=1000")
        person = Person(before[0].orcid, before[0].token, http, control)
        assert len(person.get("works").json()["group"]) == 1

    run(kept, first)
    run(kept, second)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1", b'{"records": 7}'], ids=["empty", "nothing", "cut", "other"])
def test_a_file_that_is_none_of_ours_is_named_and_left_alone(kept: Path, content: bytes) -> None:
    """One line; nothing is served and nothing written."""
    kept.write_bytes(content)
    with pytest.raises(UnusableError, match=r"kept\.json: not a file of the stand-in: .+") as refused:
        serve(0, announce=lambda _: pytest.fail("it served"), kept=kept)
    assert "\n" not in str(refused.value)
    assert kept.read_bytes() == content


def test_a_file_that_cannot_be_written_leaves_the_old_one(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new one takes its place only when it is whole."""
    keep(Sandbox(CALM), kept)
    old = kept.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        keep(Sandbox(CALM), kept)
    assert kept.read_bytes() == old
    recall(Sandbox(CALM), kept)
