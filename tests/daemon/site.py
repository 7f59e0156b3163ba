"""A site: an institution with a topic of its own at a real broker, a stand-in of its own, and daemons."""

import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kafka import TopicPartition
from kafka.admin import OffsetSpec

from state.vault import new_key
from tests.benchmarks.institution import affiliation_event, work_event
from tests.cli.conftest import Institution
from tests.cli.preloaded import Preloaded
from tests.daemon.daemons import Daemon, wait_until
from tests.kafka.brokers import Broker
from tests.kafka.topics import Topics, topics_at
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import start_sandbox

STRUCTURED = [("content-type", b"application/cloudevents+json")]

WRITES = ("POST", "POST_BULK", "PUT", "DELETE")

QUICK = {
    "ORCID_SYNC_QUIET_SECONDS": "0.2",
    "ORCID_SYNC_QUIET_MAX_SECONDS": "2",
    "ORCID_SYNC_CALL_SECONDS": "2",
    "ORCID_SYNC_RETRY_BASE_SECONDS": "0.1",
    "ORCID_SYNC_RETRY_MAX_SECONDS": "1",
    "ORCID_SYNC_WEB_BIND": "127.0.0.1:0",
    "ORCID_SYNC_LOG_FORMAT": "json",
}
"""Waits that are hours in life are seconds here: leases end 4 s after a crash, answers settle after 1 s."""


@dataclass
class Site:
    """What a test arranges and looks at."""

    institution: Institution
    topics: Topics
    topic: str
    group: str = field(default_factory=lambda: f"group-{uuid.uuid4().hex[:12]}")
    daemons: list[Daemon] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.institution.settings |= QUICK | {
            "ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS": self.topics.broker.bootstrap,
            "ORCID_SYNC_KAFKA_TOPICS": self.topic,
            "ORCID_SYNC_KAFKA_GROUP_ID": self.group,
        }

    @property
    def control(self) -> SandboxControl:
        """The stand-in's other side."""
        return self.institution.control

    @property
    def state(self) -> Path:
        """The file of the state."""
        return self.institution.folder / "state.db"

    def use_topic(self, topic: str) -> None:
        """Daemons started from now on read this topic."""
        self.topic = topic
        self.institution.settings["ORCID_SYNC_KAFKA_TOPICS"] = topic

    def daemon(self) -> Daemon:
        """A daemon with the settings of now, started."""
        log = self.institution.folder / f"daemon-{len(self.daemons) + 1}.log"
        daemon = Daemon(self.institution.environ(), log)
        self.daemons.append(daemon)
        return daemon.start()

    def send(self, *events: dict[str, Any], partition: int | None = None) -> None:
        """Events in structured mode."""
        self.topics.send(
            self.topic, *(json.dumps(event).encode() for event in events), headers=STRUCTURED, partition=partition
        )

    def until(self, done: Callable[[], bool], patience: float = 60, pause: float = 0.05) -> None:
        """Waits until it is so."""
        wait_until(done, *self.daemons, patience=patience, pause=pause)

    def until_reading(self, daemon: Daemon, partitions: int = 1) -> None:
        """Waits until the daemon has its partitions."""
        self.until(lambda: daemon.partitions() == partitions)

    def until_titles(self, wanted: dict[int, list[str]], patience: float = 60) -> None:
        """Waits until these people's records hold just this, and nothing is under way any more."""
        waiting = dict(wanted)

        def done() -> bool:
            for person in [one for one, titles in waiting.items() if self.institution.titles(one) == titles]:
                del waiting[person]
            return not waiting

        try:
            self.until(done, patience)
        except AssertionError as error:
            found = {person: self.institution.titles(person) for person in list(waiting)[:5]}
            raise AssertionError(f"{len(waiting)} records are not right, such as {found}\n{error}") from None

    def until_in_sync(self, items: int) -> None:
        """Waits until the state of the running daemons says that so many items are in sync, and knows no others."""

        def done() -> bool:
            daemon = next(one for one in self.daemons if one.runs)
            in_sync = daemon.metric("orcid_sync_items", state="in_sync")
            return in_sync == items == daemon.metric("orcid_sync_items")

        self.until(done)

    def writes(self) -> int:
        """How many writing requests reached the stand-in."""
        return sum(Counter(self.control.statistics().requests)[kind] for kind in WRITES)

    def lag(self) -> int | None:
        """Messages that the group has not committed, over all partitions; None before its first commit."""
        left = 0
        for log, end in self._ends().items():
            committed = self.topics.committed(self.group, log.topic, log.partition)
            if committed is None and end.offset:
                return None
            left += end.offset - (committed or 0)
        return left

    def _ends(self) -> dict[TopicPartition, Any]:
        told = self.topics.admin.describe_topics([self.topic])[0]["partitions"]
        logs = [TopicPartition(self.topic, one["partition_index"]) for one in told]
        return dict(self.topics.admin.list_partition_offsets(dict.fromkeys(logs, OffsetSpec.LATEST)))


@contextmanager
def a_site(broker: Broker, folder: Path, preloaded: Preloaded, settings: Mapping[str, str] = {}) -> Iterator[Site]:
    """A site with an empty state, a topic of one partition, and no daemon yet; nothing is left running."""
    with (
        start_sandbox(settings=SandboxSettings(rate_limit=False)) as stand_in,
        SandboxControl(stand_in.base_url) as control,
        topics_at(broker) as topics,
    ):
        own = {"ORCID_SYNC_VAULT_KEYS": new_key(), **settings}
        site = Site(Institution(folder, control, stand_in.base_url, preloaded, own), topics, topics.create())
        try:
            yield site
        finally:
            for daemon in site.daemons:
                daemon.close()


def load(persons: Iterable[int], works: Iterable[int]) -> list[dict[str, Any]]:
    """Events of people with an employment and some publications each."""
    works = list(works)
    return [
        event
        for person in persons
        for event in (affiliation_event(person), *(work_event(person, number) for number in works))
    ]


def question(person: int, work: int) -> str:
    """The title of a person's n-th publication."""
    return f"On the {work}-th question of person {person}"


def titles(person: int, works: Iterable[int]) -> list[str]:
    """What stands on a record in the end when it got these publications and an employment."""
    return sorted(["Lecturer", *(question(person, number) for number in works)])
