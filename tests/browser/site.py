"""A site with a browser before it: the real `orcid-sync web`, a state with waiting items, and a stand-in with pages."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import time
from typing import Any

from playwright.sync_api import Browser

from state.vault import Vault, new_key
from tests import events
from tests.benchmarks.institution import affiliation_event, person_id, work_event
from tests.browser.researcher import Researcher
from tests.cli.conftest import Institution
from tests.cli.preloaded import Preloaded
from tests.daemon.daemons import Daemon, wait_until
from worker.permission.links import Links
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.grants import PermissionRules
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import start_sandbox

MAPPING = """
name = "Example University"

[organization]
name = "Example University"
city = "Boston"
region = "MA"
country = "US"
ror = "https://ror.org/05gvnxz63"
"""

NAME = "Sofia Garcia"
PEOPLE = 100


@dataclass
class Site:
    """What a test arranges and looks at. Each person is used once: `new_person` gives the next."""

    institution: Institution
    browser: Browser
    web: str
    daemons: list[Daemon] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def control(self) -> SandboxControl:
        """The stand-in's other side."""
        return self.institution.control

    def know_people(self) -> None:
        """The institution's people, each with a name, an employment and a work that wait."""
        told = []
        for number in range(1, PEOPLE + 1):
            known = {"person": {"id": person_id(number)}, "name": NAME}
            told += [events.event("hr.person.changed", f"P-{number}", known), affiliation_event(number)]
            told += [work_event(number, 0)]
        self.institution.json("replay", "--no-send", self.institution.log("people.jsonl", *told))

    def new_person(self, name_at_orcid: str = NAME) -> int:
        """The number of the next of them, and a record at ORCID under this name."""
        number = next(self._numbers)
        assert number <= PEOPLE
        self.control.create_record(self.institution.orcid(number), name=name_at_orcid)
        return number

    def link(self, person: int) -> str:
        """The link of a person, as `permission invite` tells it."""
        ran = self.institution.run("permission", "invite", person_id(person))
        assert ran.returncode == 0, ran.stderr.decode()
        return ran.stdout.decode().strip()

    def researcher(self, **profile: Any) -> Researcher:
        """Somebody at a browser of their own."""
        return Researcher(self.browser, **profile)

    def start(self, command: str, **settings: str) -> Daemon:
        """Starts `web` or `run`, with settings of its own besides, and waits until it answers."""
        log = self.institution.folder / f"{command}-{len(self.daemons)}.log"
        daemon = Daemon(self.institution.environ() | settings, log, (command,)).start()
        self.daemons.append(daemon)
        self.until(lambda: daemon.probe("/readyz") == 200 or not daemon.runs)
        assert daemon.runs, daemon.tail()
        return daemon

    def old_link(self, person: int) -> str:
        """A link as it was sent to the person, whose days are over."""
        links = Links(Vault([self.institution.settings["ORCID_SYNC_VAULT_KEYS"]]).derived(b"orcid-sync links"))
        return f"{self.web}/connect/{links.person_link(person_id(person), time() - 1)}"

    def exchanges(self) -> int:
        """How often ORCID was asked for a token."""
        return sum(seen.path == "/oauth/token" for seen in self.control.requests())

    def until(self, done: Callable[[], bool]) -> None:
        """Waits until it is so; else fails with the logs of what was started."""
        wait_until(done, *self.daemons)

    def sync(self) -> None:
        """Sends what is due; what waits, of this person or of another, is no error."""
        ran = self.institution.run("sync")
        assert ran.returncode in {0, 3}, ran.stderr.decode()

    def has_all(self, person: int) -> bool:
        """Whether all that waited for the person stands on their record, and nothing else."""
        return self.institution.titles(person) == ["Lecturer", f"On the 0-th question of person {person}"]

    def held(self, prefix: str, person: int) -> str:
        """The id of what is held of this person, of one kind."""
        (row,) = [
            one
            for one in self.institution.json("held", "list")["held"]
            if one["id"].startswith(prefix) and person_id(person) in json.dumps(one)
        ]
        return str(row["id"])

    def approve(self, held: str) -> None:
        """Approves it, and sends."""
        ran = self.institution.run("approve", held)
        assert ran.returncode == 0, ran.stderr.decode()
        self.sync()

    def logged(self, event: str) -> int:
        """How many lines of one event stand in the logs of what was started."""
        return sum(len(daemon.said(event)) for daemon in self.daemons)

    def grants(self, person: int) -> list[tuple[str, str]]:
        """The iD and state of what a person allowed."""
        told = self.institution.json("permission", "list")["permissions"]
        return [(one["orcid"], one["state"]) for one in told if one["person"] == person_id(person)]


@contextmanager
def site_in(folder: Path, browser: Browser, preloaded: Preloaded) -> Iterator[Site]:
    """An institution with an empty state; nothing of ours runs yet."""
    port = free_port()
    rules = PermissionRules(code_length=32)  # as long as nothing else by chance, for the leak scan
    settings = SandboxSettings(rate_limit=False, permission=rules)
    (folder / "mapping.toml").write_text(MAPPING)
    with start_sandbox(settings=settings) as stand_in, SandboxControl(stand_in.base_url) as control:
        ours = {
            "ORCID_SYNC_VAULT_KEYS": new_key(),
            "ORCID_SYNC_MAPPING_FILE": str(folder / "mapping.toml"),
            "ORCID_SYNC_WEB_BIND": f"127.0.0.1:{port}",
            "ORCID_SYNC_REDIRECT_URI": f"http://127.0.0.1:{port}/callback",
            "ORCID_SYNC_LOG_FORMAT": "json",
            "ORCID_SYNC_QUIET_SECONDS": "0.2",
            # Nothing listens there: `run` goes on without Kafka.
            "ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
        }
        institution = Institution(folder, control, stand_in.base_url, preloaded, ours, first_orcid=4_200_000)
        site = Site(institution, browser, f"http://127.0.0.1:{port}")
        site.know_people()
        try:
            yield site
        finally:
            for daemon in site.daemons:
                daemon.close()


def free_port() -> int:
    """A port that nobody has now: the redirect URI has to be known before the server starts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
