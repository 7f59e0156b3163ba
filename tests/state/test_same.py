"""The stores are the same: whatever is done to them, in whatever order, they give the same answers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from mappers.sections import Section
from mappers.wanted import ItemKey
from state.facts import Binding, GroupState, ItemState, Method, Scheme
from state.memory.store import MemoryStore
from state.permission_facts import GrantState, Suspension, SuspensionKind
from state.postgres.store import PostgresStore
from state.sql.store import SqlStore
from state.sqlite.store import SqliteStore
from state.store import Store
from state.vault import Vault, new_key
from state.verdict_facts import ProvisionalVerdict, VerdictKind
from tests.postgres.emptied import emptied
from tests.postgres.servers import Databases
from tests.state.brake_rules import BrakeRules
from tests.state.dying import Death
from tests.state.helpers import (
    a_departure,
    a_grant,
    a_group,
    a_letter,
    a_published,
    a_record,
    a_wanted,
    an_event,
    an_intent,
    an_outcome,
)
from tests.state.job_rules import JobRules
from tests.state.people_rules import PeopleRules
from tests.state.permission_rules import PermissionRules
from tests.state.stores import Clock
from tests.state.whole import GROUPS, KEYS, LETTERS, LOGS, NOTES, ORCIDS, PERSONS, RECORDS, SECTIONS, whole

logs, records, items = st.sampled_from(LOGS), st.sampled_from(RECORDS), st.sampled_from(KEYS)
persons, orcids = st.sampled_from(PERSONS), st.sampled_from(ORCIDS)
sections, groups = st.sampled_from(SECTIONS), st.sampled_from(GROUPS)
small, numbers = st.integers(0, 4), st.integers(0, 12)
times = st.floats(0, 100).map(lambda seconds: round(seconds, 1))
digests = st.sampled_from(["d0", "d1", "d2"])
perhaps_times = st.none() | times


class Twinned(PermissionRules, JobRules, PeopleRules, BrakeRules, RuleBasedStateMachine):
    """Does everything twice: in memory and in a database, SQLite here."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.folder = TemporaryDirectory()
        self.vault = Vault([new_key()])
        self.memory = MemoryStore(self.clock)
        self.other: SqlStore[Any] = self.open_other()
        self.transactions: list[tuple[AbstractContextManager[None], AbstractContextManager[None]]] = []

    def open_other(self) -> SqlStore[Any]:
        """The same file each time."""
        store = SqliteStore(Path(self.folder.name) / "state.db", self.vault, self.clock)
        store._engine._db.conn.execute("PRAGMA synchronous = OFF")
        return store

    def both(self, act: Callable[[Store], Any]) -> None:
        """Acts on both stores; they answer alike."""
        assert act(self.memory) == act(self.other)

    @invariant()
    def tell_the_same(self) -> None:
        """After each step, within transactions and without."""
        self.both(whole)

    def teardown(self) -> None:
        """Closes both."""
        self.leave_all()
        self.memory.close()
        self.other.close()
        self.folder.cleanup()

    def leave_all(self) -> None:
        """A death unwinds every transaction that is open."""
        while self.transactions:
            self.leave(keep=False)

    @rule(seconds=times)
    def time_passes(self, seconds: float) -> None:
        """For both."""
        self.clock.advance(seconds)

    @precondition(lambda self: len(self.transactions) < 4)
    @rule()
    def enter(self) -> None:
        """A transaction, or a savepoint of the open one."""
        opened = self.memory.transaction(), self.other.transaction()
        for transaction in opened:
            transaction.__enter__()
        self.transactions.append(opened)

    @precondition(lambda self: self.transactions)
    @rule(keep=st.booleans())
    def leave(self, *, keep: bool) -> None:
        """The innermost one."""
        for transaction in self.transactions.pop():
            death = None if keep else Death()
            assert not transaction.__exit__(None if keep else Death, death, None)

    @rule(leaves=st.booleans())
    def die_and_begin_again(self, *, leaves: bool) -> None:
        """A process dies, unwinding its transactions or not; another goes on with the state."""
        if leaves:
            self.leave_all()
        self.memory.close()
        self.other.close()
        abandoned, self.transactions = self.transactions, []
        for _, transaction in reversed(abandoned):
            transaction.__exit__(Death, Death(), None)
        self.memory, self.other = MemoryStore(self.clock, self.memory.state), self.open_other()

    @rule(log=logs, offset=numbers)
    def advance(self, log: Any, offset: int) -> None:
        self.both(lambda store: store.logs.advance(log, offset))

    @rule(log=logs, first=small, again=st.booleans())
    def lose_a_log_s_beginning(self, *, log: Any, first: int, again: bool) -> None:
        self.both(lambda store: store.logs.add_gap(log, first, first + 1, "retention"))
        if again:
            self.both(lambda store: store.logs.begin_again(log))

    @rule(gap=small)
    def close_gap(self, gap: int) -> None:
        self.both(lambda store: store.logs.close_gap(gap))

    @rule(key=records, scheme=st.sampled_from(Scheme), version=small, removed=st.booleans(), digest=digests)
    def accept(self, *, key: Any, scheme: Scheme, version: int, removed: bool, digest: str) -> None:
        record = a_record(str(version), digest, key=key, scheme=scheme, removed=removed, revision="r0")
        self.both(lambda store: store.records.fix_scheme(key.source, scheme))
        self.both(lambda store: store.records.accept(record))

    @rule(key=records, event=small, result=digests, at=times)
    def note_event(self, key: Any, event: int, result: str, at: float) -> None:
        self.both(lambda store: store.records.note_event(an_event(f"e{event}", result, at, key=key)))

    @rule(key=records)
    def map_again(self, key: Any) -> None:
        self.both(lambda store: store.records.mapped(key, "r1"))

    @rule(before=times, limit=st.sampled_from([1, 2, 100]))
    def forget_history(self, before: float, limit: int) -> None:
        self.both(lambda store: store.records.forget_history(before, limit))

    @rule(letter=st.sampled_from(LETTERS), at=times, rule=digests)
    def bury(self, letter: str, at: float, rule: str) -> None:
        self.both(lambda store: store.letters.bury(a_letter(letter, at, rule=rule)))

    @rule(letter=st.sampled_from(LETTERS), state=st.sampled_from(["retried", "discarded"]))
    def settle(self, letter: str, state: str) -> None:
        self.both(lambda store: store.letters.settle(letter, state))

    @rule(person=persons, orcid=orcids, at=times, state=st.sampled_from(GrantState))
    def grant(self, person: str, orcid: Any, at: float, state: GrantState) -> None:
        self.both(lambda store: store.grants.put(a_grant(person, orcid, at, state=state)))

    @rule(person=persons, orcid=orcids, state=st.sampled_from(GrantState))
    def mark(self, person: str, orcid: Any, state: GrantState) -> None:
        self.both(lambda store: store.grants.mark(person, orcid, state, "marked"))

    @rule(orcid=orcids, kind=st.none() | st.sampled_from(SuspensionKind))
    def suspend(self, orcid: Any, kind: SuspensionKind | None) -> None:
        if kind is None:
            self.both(lambda store: store.grants.lift(orcid))
        else:
            self.both(lambda store: store.grants.suspend(Suspension(orcid, kind, "detail", 5.0)))

    @rule(item=items, digest=st.none() | digests, revision=small, document=st.none() | digests)
    def want(self, item: ItemKey, digest: str | None, revision: int, document: str | None) -> None:
        self.both(lambda store: store.items.want(a_wanted(item, digest, revision=revision), document))

    @rule(item=items, digest=st.none() | digests, group=st.just("") | groups, lacks=digests, drops=digests)
    def want_for_a_group(self, *, item: ItemKey, digest: str | None, group: str, lacks: str, drops: str) -> None:
        wanted = a_wanted(item, digest, group=group, v2_1_lacks=lacks, v2_1_drops=drops)
        self.both(lambda store: store.items.want(wanted, None))

    @rule(group=groups, name=st.none() | digests, kind=st.none() | digests, description=st.none() | digests)
    def name_a_group(self, group: str, name: str | None, kind: str | None, description: str | None) -> None:
        record = a_group(group.title(), name=name, type=kind, description=description)
        self.both(lambda store: store.groups.want(record))

    @rule(group=groups, wait=times)
    def ask_for_a_group(self, group: str, wait: float) -> None:
        self.both(lambda store: store.groups.ask(group, self.clock() + wait))

    @rule(group=groups, state=st.sampled_from(GroupState), reason=digests, wait=st.just(0.0) | times)
    def settle_a_group(self, group: str, state: GroupState, reason: str, wait: float) -> None:
        self.both(lambda store: store.groups.settle(group, state, reason, wait and self.clock() + wait))

    @rule(person=persons, record=records, date=st.none() | digests)
    def leave_the_institution(self, person: str, record: Any, date: str | None) -> None:
        self.both(lambda store: store.departures.leave(a_departure(person, date, record)))

    @rule(record=records)
    def come_back(self, record: Any) -> None:
        self.both(lambda store: store.departures.come_back(record))

    @rule(item=items, digest=st.none() | digests, hold=digests, reason=st.just("") | digests)
    def want_under_a_hold(self, item: ItemKey, digest: str | None, hold: str, reason: str) -> None:
        self.both(lambda store: store.items.want(a_wanted(item, digest, hold=hold, hold_reason=reason), None))

    @rule(hold=digests, to=st.just("") | digests, reason=digests, after=st.just("") | persons, limit=st.none() | small)
    def change_a_hold(self, *, hold: str, to: str, reason: str, after: str, limit: int | None) -> None:
        self.both(lambda store: store.items.change_hold(hold, to, reason, after=after, limit=limit))

    @rule(item=items, state=st.sampled_from(ItemState), digest=digests)
    def tell_of_an_item(self, item: ItemKey, state: ItemState, digest: str) -> None:
        self.both(lambda store: store.items.set_state(item, state, digest))
        if state is ItemState.REFUSED:
            self.both(lambda store: store.items.refuse(item, digest, "reason"))

    @rule(item=items)
    def forget(self, item: ItemKey) -> None:
        self.both(lambda store: store.items.forget(item))

    @rule(put_code=small, item=items, orcid=orcids, digest=digests, document=st.none() | digests)
    def publish(self, *, put_code: int, item: ItemKey, orcid: Any, digest: str, document: str | None) -> None:
        self.both(lambda store: store.items.publish(a_published(put_code, item, orcid, digest=digest), document))

    @rule(put_code=small, section=sections, orcid=orcids)
    def unpublish(self, put_code: int, section: Section, orcid: Any) -> None:
        self.both(lambda store: store.items.published_as(orcid, section, put_code))
        self.both(lambda store: store.items.unpublish(orcid, section, put_code))

    @rule(orcid=orcids, section=sections, listed_at=perhaps_times, filled_at=perhaps_times)
    def know_section(self, orcid: Any, section: Section, listed_at: float | None, filled_at: float | None) -> None:
        self.both(lambda store: store.items.know_section(orcid, section, listed_at=listed_at, filled_at=filled_at))

    @rule(keys=st.lists(items, max_size=3), method=st.sampled_from(Method))
    def open_intents(self, keys: list[ItemKey], method: Method) -> None:
        self.both(lambda store: list(store.intents.open([an_intent(key, method) for key in keys])))

    @rule(intent=numbers, late=st.booleans(), at=times, put_code=st.none() | small)
    def close_intent(self, *, intent: int, late: bool, at: float, put_code: int | None) -> None:
        told = replace(an_intent(epoch=2) if late else an_intent(), id=intent)
        self.both(lambda store: store.intents.close(told, an_outcome(at=at, put_code=put_code)))

    @rule(intent=numbers, late=st.booleans(), at=times)
    def wait(self, *, intent: int, late: bool, at: float) -> None:
        told = replace(an_intent(epoch=2) if late else an_intent(), id=intent)
        self.both(lambda store: store.intents.wait(told, at, "timeout"))

    @rule(person=persons, quiet=times, quiet_max=times)
    def change(self, person: str, quiet: float, quiet_max: float) -> None:
        self.both(lambda store: store.agenda.changed(person, quiet, quiet_max))

    @rule(person=persons, wait=perhaps_times, behind=st.integers(0, 2), failures=small)
    def retry(self, person: str, wait: float | None, behind: int, failures: int) -> None:
        revision = self.memory.agenda.revision(person) - behind
        at = None if wait is None else self.clock() + wait
        self.both(lambda store: store.agenda.retry(person, at, revision, failures))

    @rule(limit=small, skip=st.sets(persons), failing=st.none() | st.booleans())
    def ask_who_is_due(self, *, limit: int, skip: set[str], failing: bool | None) -> None:
        self.both(lambda store: list(store.agenda.due(self.clock(), limit, skip, failing=failing)))

    @rule(person=persons, orcid=orcids, kind=st.sampled_from(VerdictKind), at=times)
    def note_a_verdict(self, person: str, orcid: Any, kind: VerdictKind, at: float) -> None:
        verdict = ProvisionalVerdict(person, orcid, kind, "what", at)
        self.both(lambda store: store.verdicts.note(verdict))

    @rule(kind=st.sampled_from(VerdictKind), at=times, confirm=st.booleans())
    def confirm_or_forget_verdicts(self, *, kind: VerdictKind, at: float, confirm: bool) -> None:
        self.both(lambda store: store.verdicts.confirm(kind, at) if confirm else store.verdicts.forget(at))
        self.both(lambda store: store.intents.people_since(at))
        self.both(lambda store: store.verdicts.people_since(kind, at))
        self.both(lambda store: store.verdicts.confirmed_at(kind))

    @rule(orcid=orcids, holder=st.sampled_from(["a", "b"]), seconds=times)
    def acquire(self, orcid: Any, holder: str, seconds: float) -> None:
        self.both(lambda store: store.turns.acquire(orcid, holder, seconds))

    @rule(orcid=orcids, epoch=small, seconds=perhaps_times)
    def renew_or_release(self, orcid: Any, epoch: int, seconds: float | None) -> None:
        if seconds is None:
            self.both(lambda store: store.turns.release(orcid, epoch))
        else:
            self.both(lambda store: store.turns.renew(orcid, epoch, seconds))

    @rule(requests=small, rate=st.sampled_from([0.5, 2.0]), burst=st.sampled_from([4.0, 10.0]))
    def spend(self, requests: int, rate: float, burst: float) -> None:
        self.both(lambda store: store.turns.spend(requests, rate, burst))

    @rule(requests=small, seconds=st.none() | st.floats(-50, 50))
    def owe_or_slow_down(self, requests: int, seconds: float | None) -> None:
        if seconds is None:
            self.both(lambda store: store.turns.owe(requests))
        else:
            self.both(lambda store: store.turns.slow_down(self.clock() + seconds))

    @rule(name=st.sampled_from(NOTES), text=st.none() | digests)
    def note(self, name: str, text: str | None) -> None:
        self.both(lambda store: store.notes.put(name, text))

    @rule(client=digests)
    def bind(self, client: str) -> None:
        self.both(lambda store: store.notes.bind(Binding("https://api", "https://auth", client)))


def test_postgresql_is_the_same(postgres: Databases) -> None:
    """As the others; in fewer lives, for each question goes to a server."""

    class OnPostgres(Twinned):
        def __init__(self) -> None:
            self.pool = emptied(postgres)
            super().__init__()

        def open_other(self) -> SqlStore[Any]:
            """The same database each time."""
            return PostgresStore(self.pool, self.vault, self.clock)

    run_state_machine_as_test(OnPostgres, settings=settings(max_examples=6, stateful_step_count=30, deadline=None))


TestTheStoresAreTheSame = Twinned.TestCase
TestTheStoresAreTheSame.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
