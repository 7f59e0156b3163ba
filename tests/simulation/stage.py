"""The stage: stores, clock, topic, network and processes, and how time passes on it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

from mappers.forms import Version
from mappers.identifiers import OrcidId
from state.facts import Intent, Method, SectionKnowledge
from state.kept import kept_document
from state.memory.store import MemoryStore
from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault
from tests.benchmarks.institution import person_id
from tests.fakes.set_clock import SetClock
from tests.simulation.faults import SETTLE_SECONDS
from tests.simulation.model import Model
from tests.simulation.mortality import Died
from tests.simulation.network import Network
from tests.simulation.process import Process
from tests.simulation.researchers import Researchers, standing
from tests.simulation.sources import Sources
from tests.simulation.topic import Topic
from worker.planning.doubts import is_found_by_lists
from worker.planning.policy import Policy
from worker.sandbox.grants import PermissionRules
from worker.sandbox.orcid_id import orcid_id
from worker.sandbox.records import Item, RecordState
from worker.sandbox.sandbox import Sandbox, SandboxSettings

NOW = 1_764_000_000.0
DAY = 86_400.0
HOUR = 3600.0
PEOPLE = 3
TURNS = 4_000
"""More turns than any life needs: one that does not settle is a fault of its own."""
VERSIONS = ((Version.V3_0,), (Version.V3_0,), (Version.V3_0,), (Version.V2_1,), (Version.V2_1, Version.V3_0))
KEY = "c2ltdWxhdGlvbi1rZXktb2YtMzItYnl0ZXMtc2VlZHM="


@dataclass
class Person:
    """One of the institution's people, their records, and which of them they are connected with."""

    id: str
    orcids: tuple[OrcidId, ...]
    orcid: OrcidId
    connected: bool = False
    moved: int = 0


class Stage:
    """What a life takes place on. With a folder the store is on SQLite there, else in memory."""

    def __init__(self, seed: int, folder: Path | None = None) -> None:
        self.seed = seed
        self.story: list[str] = []
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self._trace = sha256()
        self._random = random = Random(seed)
        self.clock = SetClock(NOW)
        self._folder = folder
        self._stores = 0
        self.store: Store = self._new_store()
        self.sandbox = Sandbox(SandboxSettings(rate_limit=False), clock=self.clock.now, monotonic=self.clock.now)
        self.sandbox.grants.new_token = self._token
        if random.random() < 0.3:
            self.sandbox.permission = PermissionRules(refresh_seconds=10 * DAY)
        self.versions = random.choice(VERSIONS)
        self.policy = Policy(
            settle_seconds=SETTLE_SECONDS,
            version=random.choice(self.versions),
            precedence={"/a": random.choice([0, 1])},
        )
        self.people = [_person(number + 1) for number in range(random.choice([PEOPLE, PEOPLE, PEOPLE + 1]))]
        self.topic = Topic()
        self.network = Network(self.sandbox, self.clock, random, self.counts)
        self.network.tell = self._tell
        self.network.in_doubt = self._in_doubt
        self.network.is_doubtful = self._is_doubtful
        self.network.progress = self._progress
        self.network.said = lambda item: standing(item, self.model).self_ids
        self.model = Model(self.policy.precedence, narrow=Version.V2_1 in self.versions)
        self.sources = Sources(random, [one.id for one in self.people], self.topic)
        self.researchers = Researchers(self.sandbox, random, self.model, self.counts)
        self._taken = 0
        self._lives = 0
        self._names = random.choice([("one",), ("one", "two"), ("one", "two")])
        self.processes: list[Process] = []
        self._restarts: list[tuple[float, str]] = []
        self._unlocks: list[tuple[float, OrcidId]] = []
        self._positions: dict[Any, int] = {}
        self.lost_at: float | None = None
        self.ended: set[OrcidId] = set()
        self.before_the_loss: set[int] = set()
        self._tell(f"{', '.join(self.sources.families)}; {', '.join(self.versions)}; {', '.join(self._names)}")

    # What it all runs on.

    def _new_store(self) -> Store:
        if self._folder is None:
            return MemoryStore(self.clock.now)
        self._stores += 1
        return SqliteStore(self._folder / f"{self.seed}-{self._stores}.db", Vault([KEY]), self.clock.now)

    def _token(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def _tell(self, line: str) -> None:
        told = f"{self.clock.now() - NOW:10.3f}  {line}"
        self.story.append(told)
        self._trace.update(told.encode())

    @property
    def digest(self) -> str:
        """Of all that happened: the same for the same seed, in every process."""
        return self._trace.hexdigest()[:16]

    # Time.

    def _run(self, seconds: float) -> None:
        """Turns the processes until so much time has passed; when all are idle it jumps to what is next."""
        end = self.clock.now() + seconds
        step = 1.0
        for _ in range(TURNS):
            self._look_after()
            self.network.run()
            busy, moved = self._turn_all()
            step = 1.0 if moved else step
            if busy:
                continue
            now = self.clock.now()
            if now >= end:
                return
            self.clock.at = min(end, self._next_at(now, step))
            step = min(30.0, 2 * step)
        self.faults.append("it does not settle")

    def _turn_all(self) -> tuple[bool, bool]:
        """Whether anything was done, and whether it was more than to look at who is due.

        Who found nothing to do at this moment is not asked again at the same, unless something came for it.
        """
        busy = moved = False
        next_at = self.store.agenda.next_at()
        now = self.clock.now()
        due = next_at is not None and next_at <= now
        for process in list(self.processes):
            if process.frozen or not ((due and process.idle_at != now) or process.has_work()):
                continue
            try:
                turn = process.turn()
            except Died:
                self._bury(process)
                return True, True
            process.idle_at = now if turn.idle else None
            busy = busy or not turn.idle
            moved = moved or bool(turn.events or turn.calls or turn.outcomes)
        self._watch_positions()
        return busy, moved

    def _next_at(self, now: float, step: float) -> float:
        times = [at for at in (self.network.next_at(), self.store.agenda.next_at()) if at is not None]
        times += [at for at, _ in (*self._restarts, *self._unlocks)]
        times += [at for one in self.processes if (at := one.next_at()) > now]
        later = min((at for at in times if at > now), default=now + HOUR)
        stuck = any(at <= now for at in times)
        return min(later, now + step) if stuck else later

    def _look_after(self) -> None:
        """Starts again what died, and unlocks records, when their time has come."""
        now = self.clock.now()
        for at, name in [one for one in self._restarts if one[0] <= now]:
            self._restarts.remove((at, name))
            self._start(name)
        for at, orcid in [one for one in self._unlocks if one[0] <= now]:
            self._unlocks.remove((at, orcid))
            self._tell(f"{orcid} is unlocked")
            self.sandbox.records[orcid].state = RecordState.NORMAL

    def _watch_positions(self) -> None:
        found = self.store.logs.positions()
        for log, at in self._positions.items():
            if found.get(log, 0) < at:
                self.faults.append(f"the position of {log} went back from {at} to {found.get(log)}")
        self._positions = dict(found)

    # Processes.

    def _start(self, name: str) -> None:
        self._lives += 1
        process = Process(
            f"{name}{self._lives}",
            self.store,
            self.topic,
            self.network,
            self.policy,
            self.clock,
            self._random,
            self.counts,
            quiet=self._random.choice([0.0, 2.0, 5.0]),
        )
        self.processes.append(process)
        self._tell(f"{process.name} starts")
        self.topic.share_out([one.name for one in self.processes], self._random)

    def _bury(self, process: Process) -> None:
        self._tell(f"{process.name} dies")
        self.counts["crash between two port calls"] += 1
        self.processes.remove(process)
        process.drop()
        name = process.name.rstrip("0123456789")
        down = self._random.choice([0.0, 1.0, 30.0, 100.0])
        self._restarts.append((self.clock.now() + down, name))
        if self.processes and self._random.random() < 0.5:
            self.topic.share_out([one.name for one in self.processes], self._random)

    def _stop(self) -> None:
        for process in self.processes:
            process.stop()
        self.processes.clear()
        self._restarts.clear()

    def _open(self) -> None:
        for name in self._names:
            self._start(name)

    def _progress(self) -> tuple[int, ...]:
        """What stays the same as long as nothing new happens."""
        return sum(self.counts.values()), sum(self.store.logs.positions().values()), len(self.sources.told)

    def _in_doubt(self, orcid: OrcidId, made: Sequence[Item], sent_at: float) -> bool:
        """Whether each of these items is one that an open POST speaks of.

        That is one of its own document, or ORCID's 409 to it would tell of something else; and where ORCID would take
        it twice, the POST itself, sent then, while no list was read that would have told: one of later finds what it
        made itself.
        """
        posted: list[Intent] = [
            intent
            for one in self.people
            for intent in self.store.intents.open_of(one.id)
            if intent.method is Method.POST and intent.orcid == orcid
            if not is_found_by_lists(intent, self.policy.version)
            or (intent.opened_at <= sent_at and not self._was_listed(intent))
        ]
        said = [(self.model.digest(kept_document(one.document)), one.self_ids) for one in posted if one.document]
        stands = [standing(item, self.model) for item in made]
        return all(any(one.digest == digest and one.self_ids & ids for digest, ids in said) for one in stands)

    def _was_listed(self, intent: Intent) -> bool:
        listed_at = (
            self.store.items.facts(intent.person).sections.get(intent.item.section, SectionKnowledge()).listed_at
        )
        return listed_at is not None and listed_at >= intent.ripe_at

    def _is_doubtful(self, put_code: int) -> bool:
        """Whether a PUT is open that speaks of it, or a DELETE that is not the first."""
        about = [
            intent
            for one in self.people
            for intent in self.store.intents.open_of(one.id)
            if intent.put_code == put_code
        ]
        return any(intent.method is Method.PUT or intent.attempt > 1 for intent in about)

    def close(self) -> None:
        """Leaves nothing open."""
        for process in self.processes:
            process.drop()
        self.store.close()


def _person(number: int) -> Person:
    orcids = tuple(OrcidId(orcid_id(number * 10 + each)) for each in range(3))
    return Person(person_id(number), orcids, orcids[0])
