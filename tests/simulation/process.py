"""A process: the product's loop, desk and intake on one store, with ports that may fail it."""

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

from mappers.forms import Form, Format
from mappers.mapping_file import EMPTY
from state.store import Store
from tests.fakes.set_clock import SetClock
from tests.simulation.faults import CALL_SECONDS
from tests.simulation.mortality import Died, Fate, MortalStore, mortal
from tests.simulation.network import Network, VirtualLanes
from tests.simulation.topic import Consumer, Topic
from worker.intake.intake import Intake, Tempo
from worker.planning.guarding import Limits
from worker.planning.policy import Policy
from worker.sandbox.sandbox import CLIENT_ID
from worker.turning.desk import Desk
from worker.turning.loop import Loop, Turn
from worker.turning.pace import Pace
from worker.watching.tally import Tally

PACE = Pace(rate=1e6, burst=1e6, call_seconds=CALL_SECONDS, retry_base=1.0, retry_max=300.0)

NO_LIMITS = Limits(removals=10**9, share=1e9)


class Process:
    """One life of a worker: from its start to its stop, or to its sudden end."""

    def __init__(
        self,
        name: str,
        store: Store,
        topic: Topic,
        network: Network,
        policy: Policy,
        clock: SetClock,
        random: Random,
        counts: Counter[str],
        quiet: float = 0.0,
    ) -> None:
        self.name = name
        self.fate = Fate()
        self.frozen_until = 0.0
        self.idle_at: float | None = None
        """When it found nothing to do last."""
        self._freezes_for = 0.0
        self._clock = clock
        self._network = network
        self._counts = counts
        self._handle = store.twin()
        mortal_store: Any = MortalStore(self._handle, self.fate)
        lanes = VirtualLanes(network, name)
        lanes.freezes_at = self._freezes
        mortal_lanes: Any = mortal(lanes, self.fate)
        tally = Tally()
        desk = Desk(
            store=mortal_store,
            lanes=mortal_lanes,
            policy=policy,
            pace=replace(PACE, form=Form(policy.version, random.choice(list(Format)))),
            client_id=CLIENT_ID,
            holder=name,
            chance=random.random,
            steady=clock.now,
            tally=tally,
            limits=NO_LIMITS,
        )
        intake = Intake(mortal_store, EMPTY, Tempo(quiet, 10 * quiet), policy=policy)
        self._consumer = Consumer(topic, name, mortal_store.logs.position, clock, random, counts)
        source: Any = mortal(self._consumer, self.fate)
        self.loop = Loop(store=mortal_store, source=source, lanes=mortal_lanes, intake=intake, desk=desk, tally=tally)

    @property
    def frozen(self) -> bool:
        """Whether it is not turned now."""
        return self.frozen_until > self._clock.now()

    def turn(self) -> Turn:
        """One turn. Raises Died."""
        if self.frozen_until:
            self.frozen_until = 0.0
            self._counts["frozen past its lease, and went on"] += 1
            self._network.thaw(self.name)
        return self.loop.turn(self._clock.now())

    def has_work(self) -> bool:
        """Whether a turn would find anything beside records that are due."""
        return bool(self.frozen_until) or self._consumer.has_work() or self._network.has_replies(self.name)

    def next_at(self) -> float:
        """When it goes on, where it was stopped for a while; else long ago."""
        return max(self.frozen_until, self._consumer.held_until)

    def freeze_for(self, seconds: float) -> None:
        """It freezes as it makes its next write."""
        self._freezes_for = seconds

    def _freezes(self) -> bool:
        """Whether a call that was just handed over is not even sent before it freezes."""
        if not self._freezes_for:
            return False
        self.frozen_until, self._freezes_for = self._clock.now() + self._freezes_for, 0.0
        self.fate.left = 10**9  # what it sends when it goes on, it hears of
        return True

    def stop(self) -> None:
        """As after SIGTERM; what is under way is waited for no longer than it takes now."""
        try:
            self.loop.stop(self._clock.now, 0.0)
        except Died:
            self._counts["crash between two port calls"] += 1
        self.drop()

    def drop(self) -> None:
        """Nothing of it is left: its transaction is rolled back, its replies are unheard."""
        self.fate.dead, self.fate.left = True, 0
        self._network.lose(self.name)
        self._handle.close()
