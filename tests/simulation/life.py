"""One life of the whole: everything that a seed brings, in virtual time, and days of peace at its end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mappers.forms import Version
from state.facts import Published, Standing
from state.permission_facts import MoveState
from tests.simulation.stage import DAY, HOUR, Person, Stage
from worker.permission.moves import approve_move, reject_move
from worker.recording.poison import WHY
from worker.sandbox.control_forms import GrantForm, RevocationForm
from worker.sandbox.records import Item, RecordState
from worker.sandbox.researchers import grant, revoke

SCOPES = ["/read-limited", "/activities/update", "/person/update"]
EVENTS = 30


class Life(Stage):
    """All that a seed brings."""

    # The course of it.

    def live(self) -> None:
        """All that happens, and then days in which nothing does."""
        for name in self._names:
            self._start(name)
        for one in self.people:
            if self._random.random() < 0.9:
                self._consent(one)
        happenings = self._happenings()
        while len(self.sources.told) < EVENTS - len(self.people) or sum(self.counts.values()) < 2:
            (happens,) = self._random.choices(list(happenings), weights=list(happenings.values()))
            happens()
            self._run(self._random.choice([0.0, 0.0, 0.3, 1.0, 5.0, 15.0, 70.0, 200.0]))
        self._end()
        for name in ("out of order", "told twice", "unreadable"):
            self.counts[f"event {name}"] = self.sources.counts[name]

    def _happenings(self) -> dict[Callable[[], None], int]:
        """What may happen, and how often beside the rest."""
        return {
            self._hear: 40,
            self._trouble: 22,
            self._delete: 10,
            self._show: 2,
            self._add_for_others: 5,
            self._edit_others: 5,
            self._crash: 8,
            self._freeze: 6,
            self._rebalance: 7,
            self._restart: 3,
            self._revoke_at_orcid: 3,
            self._revoke: 2,
            self._consent_again: 4,
            self._move: 3,
            self._decide: 3,
            self._lock: 2,
            self._lose_the_store: 1,
        }

    def _end(self) -> None:
        """No more faults; everybody has given permission; an operator lets go what waits for one; days go by."""
        self._tell("peace")
        for line in self.sources.finish():
            self._tell(line)
        self.network.troubles.end()
        for process in self.processes:
            process.fate.left = 10**9
            process.freeze_for(0.0)
        for _, orcid in self._unlocks:
            self.sandbox.records[orcid].state = RecordState.NORMAL
        self._unlocks.clear()
        self._run(400.0)
        if self.policy.version is not self.versions[-1]:
            self._restart_with(self.versions[-1])
        for one in self.people:
            self._consent(one, last=True)
        self._run(DAY)
        self._approve()
        self._run(3 * DAY)
        if not self.network.is_quiet:
            self.faults.append("calls are under way for ever")

    def _approve(self) -> None:
        for move, _ in self.store.moves.all():
            if move.state is not MoveState.STRANDED:
                approve_move(self.store, move.id)
        for item in (item for one in self.people for item in self.store.items.facts(one.id).wanted):
            if item.refused_reason == WHY:  # ORCID failed on it so often, in our faults
                self.store.items.refuse(item.key, "", "")
                self.store.agenda.changed(item.key.person, 0.0, 0.0)

    # What happens.

    def _hear(self) -> None:
        """Sources tell something."""
        for line in self.sources.tell(self._random.randint(1, 6)):
            self._tell(line)
        self._learn()

    def _learn(self) -> None:
        for told in self.sources.told[self._taken :]:
            self.model.take(told)
            self.researchers.follow()
        self._taken = len(self.sources.told)

    def _trouble(self) -> None:
        self._tell(f"trouble: {self.network.troubles.brew()}")

    def _anyone(self) -> Person:
        return self._random.choice(self.people)

    def _delete(self) -> None:
        one = self._anyone()
        published = self.store.items.facts(one.id).published
        live = {each.put_code: each for each in published if each.standing is Standing.LIVE}

        def known(item: Item) -> Published | None:
            return live.get(item.put_code)

        told = self.researchers.delete(one.id, one.orcid, self._taken, known=known, quiet=self._is_quiet)
        self._tell(told or "nobody deletes anything")
        if told and self._random.random() < 0.6:  # so that we meet what is not there any more
            key = self.researchers.deletions[-1].key
            self._tell((key and self.sources.touch(key.record)) or "")
            self._learn()

    def _is_quiet(self, orcid: str) -> bool:
        """Whether no call about a record is under way or in doubt."""
        return self.network.is_quiet and not any(
            intent.orcid == orcid for one in self.people for intent in self.store.intents.open_of(one.id)
        )

    def _show(self) -> None:
        self._tell(self.researchers.show(self._anyone().orcid))

    def _add_for_others(self) -> None:
        self._tell(self.researchers.add(self._anyone().orcid))

    def _edit_others(self) -> None:
        self._tell(self.researchers.edit(self._anyone().orcid))

    def _crash(self) -> None:
        awake = [one for one in self.processes if not self.network.was_held(one.name)]
        if awake:  # who was frozen hears of what it sends when it goes on
            process = self._random.choice(awake)
            after = self._random.random() < 0.5
            process.fate.end_in(self._random.choice([3, 10, 30, 100, 300]) - self._random.randrange(3), after=after)

    def _freeze(self) -> None:
        if self.processes:
            process = self._random.choice(self.processes)
            process.freeze_for(self._random.uniform(61.0, 300.0))

    def _rebalance(self) -> None:
        if self.processes:
            self.counts["rebalance"] += 1
            self._tell("the group shares its partitions out anew")
            self.topic.share_out([one.name for one in self.processes], self._random)

    def _restart(self) -> None:
        """All processes are stopped and started again, perhaps with another version."""
        self._restart_with(self._random.choice(self.versions))

    def _restart_with(self, version: Version) -> None:
        self._stop()
        self.policy = replace(self.policy, version=version)
        self._tell(f"started again with {self.policy.version}")
        self.counts["restart"] += 1
        for one in self.people:
            self.store.agenda.changed(one.id, 0.0, 0.0)  # as at every start with another policy
        self._open()

    def _lock(self) -> None:
        one = self._anyone()
        record = self.sandbox.records.get(one.orcid)
        if record is not None and record.state is RecordState.NORMAL:
            record.state = RecordState.LOCKED
            self.counts["record locked"] += 1
            self._unlocks.append((self.clock.now() + self._random.choice([5.0, 100.0, 2000.0]), one.orcid))
            self._tell(f"{one.orcid} is locked")

    # Permission.

    def _consent(self, one: Person, *, last: bool = False) -> None:
        """The researcher gives permission on the present record; a topic tells of it."""
        self.clock.advance(0.001)
        lasts = None if last or self._random.random() < 0.8 else HOUR
        told = grant(self.sandbox, GrantForm(orcid=one.orcid, scopes=SCOPES, expires_in=lasts))
        one.connected = True
        data = {name: told[name] for name in ("access_token", "token_type", "refresh_token", "expires_in", "scope")}
        data |= {"person_id": one.id, "orcid": one.orcid, "name": ""}
        self._permission("permission.granted", one, data)

    def _permission(self, kind: str, one: Person, data: dict[str, Any]) -> None:
        now = datetime.fromtimestamp(self.clock.now(), UTC).isoformat(timespec="milliseconds")
        event = {
            "specversion": "1.0",
            "id": f"{kind}-{len(self.sources.told)}",
            "source": "/consent",
            "type": kind,
            "subject": one.id,
            "time": now,
            "data": data,
        }
        self.sources.produce(event)
        self._tell(f"{kind} {one.id} {one.orcid}")
        self._learn()

    def _consent_again(self) -> None:
        self.counts["researcher grants again"] += 1
        self._consent(self._anyone())

    def _move(self) -> None:
        """The researcher connects another record."""
        one = self._anyone()
        one.orcid = self._random.choice([each for each in one.orcids if each != one.orcid])
        one.moved = self._taken
        self.counts["researcher connects another iD"] += 1
        self._consent(one)

    def _revoke(self) -> None:
        one = self._anyone()
        self.counts["permission revoked with us"] += 1
        self.ended.update(one.orcids)
        self.clock.advance(0.001)
        self._permission("permission.revoked", one, {"person": {"id": one.id}})

    def _revoke_at_orcid(self) -> None:
        one = self._anyone()
        orcid = self._random.choice([one.orcid, one.orcid, *one.orcids])
        if orcid in self.sandbox.records:
            self.counts["researcher revokes at ORCID"] += 1
            self.ended.add(orcid)
            self._tell(f"permission for {orcid} is taken back at ORCID")
            revoke(self.sandbox, RevocationForm(orcid=orcid))

    def _decide(self) -> None:
        """An operator says a word on each move."""
        for move, _ in self.store.moves.all():
            decide = self._random.choice([approve_move, approve_move, reject_move])
            self._tell(f"{decide.__name__} {move.orcid}")
            decide(self.store, move.id)

    # Loss.

    def _lose_the_store(self) -> None:
        """On a quiet day the store is lost: the topic is read from its beginning, and records are listed first."""
        if self.lost_at is not None:
            return
        self.network.troubles.end()
        self._run(DAY)
        while not self.network.is_quiet:  # with the store go its leases: nobody would know who is calling
            self._run(1.0)
        self._tell("the store is lost")
        self.counts["store lost"] += 1
        self._stop()
        self.lost_at = self.clock.now()
        self.before_the_loss = {
            item.put_code for one in self.people for each in one.orcids for item in self.network.ours(each)
        }
        self.store.close()
        self.store = self._new_store()
        self._positions.clear()
        self._open()
