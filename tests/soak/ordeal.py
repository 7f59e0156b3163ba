"""An ordeal of the real process: killed at random moments while events come in and calls fail, and exact in the end."""

import json
import sqlite3
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from random import Random
from time import monotonic, sleep
from typing import Any

from tests.daemon.daemons import Daemon
from tests.daemon.site import Site
from tests.events import Event
from tests.soak.university import MAPPING, Publication, University, seen
from worker.sandbox.control_client import ItemOnRecord
from worker.sandbox.sandbox import CLIENT_ID

FAULTS = (
    "reset-after:method=POST,every=7",
    "reset-after:method=PUT,every=9",
    "reset-after:method=DELETE,every=5",
    "reset-before:every=23",
    "500:every=19,when=after",
    "500:every=29",
    "502-html:every=31,when=after",
    "503:every=37,retry-after=1",
    "429:every=41",
    "slow:seconds=0.3,every=3",
    "slow:seconds=1.5,every=17",
    "slow-reply:seconds=2.5,every=13",
    "stale-lists:seconds=0.6,every=2",
)
"""Each within what the design allows for: a late request arrives before its deadline, a list is stale for less than
the time in which answers settle. Slow replies outlast the patience of a call."""

LOOSE_GUARD = {"ORCID_SYNC_MAX_REMOVALS": "1000000", "ORCID_SYNC_MAX_REMOVAL_SHARE": "1"}
"""A university that changes its mind this often would be held all the time; its operator approves the rest."""


class Ordeal:
    """What is done to a site and its daemons, drawn from a seed, and what is found there."""

    def __init__(
        self, site: Site, university: University, random: Random, partitions: int, *, scattered: bool = False
    ) -> None:
        """With `scattered`, events of one source record are in any partition; else always in the same."""
        self.site = site
        self.university = university
        self.done: Counter[str] = Counter()
        self.hits: Counter[str] = Counter()
        self._random = random
        self._partitions = partitions
        self._scattered = scattered
        self._others: dict[tuple[int, int], ItemOnRecord] = {}
        self._visibility: dict[tuple[int, int], str] = {}

    def begin(self, events: Sequence[Event] | None = None) -> None:
        """Everybody gives permission, and their first events (or these) are there; no daemon runs yet."""
        institution = self.site.institution
        mapping = institution.folder / "mapping.toml"
        mapping.write_text(MAPPING)
        institution.settings |= LOOSE_GUARD | {"ORCID_SYNC_MAPPING_FILE": str(mapping)}
        institution.permit(*self.university.people)
        self.send(*(self.university.begin() if events is None else events))

    def send(self, *events: Event) -> None:
        """Into the topic, all of a partition at once."""
        into: dict[int, list[Event]] = {}
        for event in events:
            into.setdefault(self._partition_of(event), []).append(event)
        for partition, some in into.items():
            self.site.send(*some, partition=partition)
        self.done["events"] += len(events)

    def _partition_of(self, event: Event) -> int:
        if self._scattered:
            return self._random.randrange(self._partitions)
        return zlib.crc32(f"{event['source']} {event['subject']}".encode()) % self._partitions

    def research(self) -> None:
        """Researchers do what is theirs to do: remove an item of ours, hide one, and add two of their own.

        Only when all is in sync: what they do to an item whose sending is in doubt is nobody's to know.
        """
        one, work = self._random.choice(self.university.removable())
        self._remove(one, work)
        other = self._random.choice([person for person in self.university.people if person != one])
        item = self._random.choice(self._ours(other))
        self._visibility[other, item.put_code] = "limited"
        self.site.control.edit_as_researcher(self.site.institution.orcid(other), item.put_code, visibility="limited")
        for client in (None, "APP-ANOTHERMEMBER0001"):
            self._add_of_others(self._random.choice(self.university.people), client)

    def live(self, seconds: float, most: float = 0.3) -> None:
        """Events come in for a while, with faults as they are."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            self.send(*(self.university.say() for _ in range(self._random.randint(1, 4))))
            sleep(min(left, self._random.uniform(0, most)))

    def kill(self, daemon: Daemon, *, evict: bool) -> None:
        """Kills it wherever it is. With `evict` the group need not wait for a whole session until it goes on."""
        if not daemon.runs:
            raise AssertionError(f"it ended by itself:\n{daemon.tail()}")
        daemon.kill()
        self.done["kills"] += 1
        if evict:
            self.site.topics.evict(self.site.group)

    def break_things(self) -> None:
        """Puts all faults in force."""
        for spec in FAULTS:
            self.site.control.fault(spec)

    def mend_things(self) -> None:
        """Ends them, and remembers how often each happened."""
        self.note_hits()
        self.site.control.clear_faults()

    def note_hits(self) -> None:
        """Remembers how often each fault happened."""
        self.hits.update({fault["spec"]: fault["hits"] for fault in self.site.control.faults()})

    def until_right(self, patience: float = 120) -> float:
        """Waits until all is as it should be and nothing is under way; how many seconds that took."""
        began = monotonic()
        try:
            self.site.until(self._is_right, patience, pause=0.3)  # a look costs what the daemons need themselves
        except AssertionError as error:
            found = "\n".join([*self.differences(most=20), *self.unsettled()])
            raise AssertionError(f"{found}\n{error}") from None
        return monotonic() - began

    def _is_right(self) -> bool:
        """Whether nothing differs and nothing is under way; its operator approves what is held, as listed."""
        unsettled = self.unsettled()
        if any(told.endswith(" held") for told in unsettled):
            for row in self.site.institution.json("held", "list")["held"]:
                self.site.institution.run("approve", row["id"])
                self.done["holds approved"] += 1
        return not unsettled and not self.differences(most=1)

    def differences(self, most: int) -> list[str]:
        """What is not on the records as it should be, up to so many lines."""
        found: list[str] = []
        for one in self.university.people:
            if len(found) >= most:
                break
            found += self._differences(one)
        return found[:most]

    def unsettled(self) -> list[str]:
        """What the state says is not done yet, or was not taken."""
        told = self._status()
        wrong = {state: told["items"].get(state, 0) for state in ("in_doubt", "pending", "refused", "held", "waiting")}
        found = [f"{number} items are {state}" for state, number in wrong.items() if number]
        if told["dead_letters"]:
            found.append(f"{told['dead_letters']} dead letters")
        return found if self.site.lag() == 0 else [*found, f"the lag is {self.site.lag()}"]

    def faults_of_the_file(self) -> list[str]:
        """What SQLite finds wrong with the file of the state, when it is one."""
        if not self.site.state.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.site.state}?mode=ro", uri=True)) as state:
            return [row[0] for row in state.execute("PRAGMA integrity_check") if row[0] != "ok"]

    def _status(self) -> Mapping[str, Any]:
        ran = self.site.institution.run("status", "--json")
        told: dict[str, Any] = json.loads(ran.stdout)
        return told

    def _remove(self, one: int, work: Publication) -> None:
        [item] = [item for item in self._ours(one) if seen(item) == work.said()]
        self.site.control.remove_as_researcher(self.site.institution.orcid(one), item.put_code)
        work.removed_by.add(one)
        self.done["removed by researchers"] += 1

    def _add_of_others(self, one: int, client: str | None) -> None:
        """A work that is not ours, under a DOI of ours: ORCID lets each source have its own."""
        orcid = self.site.institution.orcid(one)
        number = len(self._others)
        told = self._random.choice([item for item in self._ours(one) if item.section == "work"] or [None])
        doi = f"10.5555/theirs.{number}" if told is None else seen(told).rpartition(" ")[2]
        own = {"external-id-type": "doi", "external-id-value": doi, "external-id-relationship": "self"}
        document = {
            "title": {"title": {"value": f"Theirs {number}"}},
            "type": "journal-article",
            "external-ids": {"external-id": [own]},
        }
        put_code = self.site.control.add_item(orcid, "work", document, client_id=client)
        [item] = [item for item in self.site.control.record(orcid).items if item.put_code == put_code]
        self._others[one, put_code] = item

    def _ours(self, one: int) -> list[ItemOnRecord]:
        items = self.site.control.record(self.site.institution.orcid(one)).items
        return [item for item in items if item.source == CLIENT_ID]

    def _differences(self, one: int) -> list[str]:
        items = self.site.control.record(self.site.institution.orcid(one)).items
        found = Counter(seen(item) for item in items if item.source == CLIENT_ID)
        wanted = self.university.wanted(one)
        there = {item.put_code: item for item in items}
        theirs = {put_code: item for (person, put_code), item in self._others.items() if person == one}
        return [
            *(f"person {one} lacks {text}" for text in (wanted - found).elements()),
            *(f"person {one} has too much: {text}" for text in (found - wanted).elements()),
            *(f"touched: {item} of person {one}" for code, item in theirs.items() if there.get(code) != item),
            *(
                f"person {one} chose {chosen} for {code}: {there[code].visibility}"
                for (person, code), chosen in self._visibility.items()
                if person == one and code in there and there[code].visibility != chosen
            ),
        ]
