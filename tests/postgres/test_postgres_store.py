"""The PostgreSQL store as such; what all stores have in common is in tests/state."""

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
import pytest

from mappers.secret import Secret
from state.facts import Method
from state.postgres import clock as postgres_clock
from state.postgres import store as postgres_store
from state.postgres.engine import PostgresEngine
from state.postgres.migrations import TABLE
from state.postgres.pool import PostgresPool
from state.postgres.store import PostgresStore
from state.sql.engine import Row
from state.sql.migrations import STEPS
from state.store import StoreError, UnkeptError
from state.vault import Vault, new_key
from tests.postgres.pooler import pooler
from tests.state.dying import rolled_back
from tests.state.helpers import JOSIAH, a_grant, a_key, a_letter, a_published, an_intent, an_outcome
from tests.state.whole import change_everything, whole


def in_schema(url: str, name: str) -> str:
    """A new schema of the same database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"{url}?options=-csearch_path%3D{name}"


def test_a_database_may_have_several_states(postgres_url: str, vault: Vault) -> None:
    """Each in a schema of its own; who writes in one does not wait for who writes in the other."""
    first = PostgresStore(in_schema(postgres_url, "one"), vault)
    second = PostgresStore(in_schema(postgres_url, "other"), vault)
    with first.transaction():
        first.notes.put("note", "first")
        second.notes.put("note", "second")

    assert (first.notes.get("note"), second.notes.get("note")) == ("first", "second")
    assert first.engine.name.removesuffix("one") == second.engine.name.removesuffix("other")
    assert first.engine.name != second.engine.name
    for store in (first, second):
        store.close()


def test_opening_waits_for_nobody(store: PostgresStore, postgres_url: str, vault: Vault) -> None:
    """`status` answers while another process is writing."""
    with store.transaction():
        store.notes.put("note", "text")
        second = PostgresStore(postgres_url, vault)
        assert second.notes.get("note") is None
        second.close()


class Overtaken(PostgresEngine):
    """Another process opens the same new state as soon as this one has looked at what is there."""

    def __init__(self, url: str) -> None:
        self._url: str | None = url
        super().__init__(PostgresPool(url), None, STEPS)

    def run(self, sql: str, parameters: Mapping[str, Any] | None = None, *, queues: bool = True) -> Sequence[Row]:
        """As ever; and the first time the other one's turn."""
        rows = super().run(sql, parameters, queues=queues)
        url, self._url = self._url, None
        if url is not None:
            PostgresEngine(PostgresPool(url), None, STEPS).close()
        return rows


def test_replicas_that_start_at_once_on_a_new_database_all_find_their_state(postgres_url: str) -> None:
    """Whoever is overtaken while it looks takes what the other made for the state that it is."""
    engine = Overtaken(postgres_url)

    assert [row["name"] for row in engine.run(f"SELECT name FROM {TABLE} ORDER BY name")] == [name for name, _ in STEPS]  # noqa: S608 - our own name
    engine.close()


def test_a_wrong_key_is_told_by_its_setting(store: PostgresStore, postgres_url: str) -> None:
    """And nothing is left open."""
    with pytest.raises(StoreError, match=r"^ORCID_SYNC_VAULT_KEYS: none of the keys opens the state postgresql://"):
        PostgresStore(postgres_url, Vault([new_key()]))


def test_what_was_sealed_is_sealed_by_the_newest_key(postgres_url: str) -> None:
    """All of it; the old key opens nothing that a statement can reach."""
    old, new = new_key(), new_key()
    store = PostgresStore(postgres_url, Vault([old]))
    store.grants.put(a_grant())
    store.letters.bury(a_letter())
    store.close()

    store = PostgresStore(postgres_url, Vault([new, old]))
    assert store.rekey() == 4
    store.close()

    store = PostgresStore(postgres_url, Vault([new]))
    assert [grant.access_token for grant in store.grants.all()] == [Secret("access-1")]
    store.close()


def test_scrubbing_waits_for_nobody(store: PostgresStore) -> None:
    """Neither for who reads nor for who writes."""
    twin = store.twin()
    change_everything(store)
    with twin.engine.snapshot():
        before = whole(twin)
        store.scrub()
        assert whole(twin).keys() == before.keys()
    with twin.transaction():
        twin.notes.put("note", "text")
        store.scrub()
    twin.close()


def test_scrubbing_is_left_to_the_server_where_it_lasts(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop has other things to do; the store goes on."""
    monkeypatch.setattr(postgres_store, "SCRUB_SECONDS", 0.001)
    change_everything(store)

    store.scrub()

    assert whole(store)


def test_facts_are_of_one_moment(store: PostgresStore) -> None:
    """An item that another process publishes meanwhile is either in doubt or published, never neither."""
    twin, done = store.twin(), threading.Event()

    def publish() -> None:
        for number in range(1, 40):
            (intent,) = twin.intents.open([an_intent(method=Method.POST)])
            with twin.transaction():
                twin.intents.close(intent, an_outcome("created", put_code=number))
                twin.items.publish(a_published(number))
            with twin.transaction():
                twin.intents.open([an_intent()])
                twin.items.unpublish(JOSIAH, a_key().section, number)
        done.set()

    store.intents.open([an_intent()])
    thread = threading.Thread(target=publish)
    thread.start()
    while not done.is_set():
        facts = store.items.facts("p1")
        assert facts.intents or facts.published
    thread.join()
    twin.close()


def test_a_table_that_a_newer_version_changes_can_be_read_on(store: PostgresStore, postgres_url: str) -> None:
    """What was prepared before fits no more: that is told once, and then it is prepared anew."""
    for _ in range(10):
        with store.transaction():
            store.brakes.all()
    with psycopg.connect(postgres_url, autocommit=True) as newer:
        newer.execute("ALTER TABLE brakes ADD COLUMN later TEXT")

    with pytest.raises(StoreError, match="changed by a newer orcid-sync"), store.transaction():
        store.brakes.all()

    with store.transaction():
        assert list(store.brakes.all()) == []


def test_what_is_written_is_told_by_what_is_read_next(store: PostgresStore) -> None:
    """In the order in which it was written, though it travels later."""
    with store.transaction():
        store.notes.put("note", "first")
        store.notes.put("note", "second")
        with store.transaction():
            store.notes.put("note", "third")
            assert store.notes.get("note") == "third"
        store.notes.put("other", "text")

    assert (store.notes.get("note"), store.notes.get("other")) == ("third", "text")


@pytest.mark.parametrize("reads", [pytest.param(True, id="read-between"), pytest.param(False, id="sent-at-the-end")])
def test_a_part_that_fails_is_undone_alone(store: PostgresStore, *, reads: bool) -> None:
    """It is told at its own end at the latest: what comes before and after it is kept."""
    with store.transaction():
        store.notes.put("before", "text")
        if reads:
            assert store.notes.get("before") == "text"
        with pytest.raises(UnkeptError), store.transaction():  # noqa: PT012  # what fails is the transaction's end
            store.notes.put("within", "text")
            store.items.publish(a_published(put_code=2**80), "{}")
        with rolled_back(store):
            store.notes.put("within", "text")
        store.notes.put("after", "text")

    assert [store.notes.get(name) for name in ("before", "within", "after")] == ["text", None, "text"]


def test_the_clock_is_asked_again(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Now and then by who only reads, and with each transaction; while nobody answers the old answer counts."""
    clock = store.engine.pool.clock
    clock.hear(0.0)
    assert store.now() < 100.0

    with store.transaction():
        pass

    assert store.now() == pytest.approx(time.time(), abs=5.0)
    clock.hear(0.0)
    monkeypatch.setattr(postgres_clock, "ASKED_AGAIN_SECONDS", -1.0)
    assert store.now() == pytest.approx(time.time(), abs=5.0)
    store.close()
    assert store.now() == pytest.approx(time.time(), abs=5.0)


def test_connections_are_shared_and_closed_with_the_last_store(store: PostgresStore, postgres_url: str) -> None:
    """There are as many as work at the same time, and none is left."""
    twins = [store.twin() for _ in range(5)]
    for twin in (store, *twins):
        twin.notes.get("note")
    assert connected(postgres_url) == 1
    with store.transaction(), twins[0].engine.snapshot():
        assert twins[0].notes.get("note") is None
        assert connected(postgres_url) == 2

    for twin in twins:
        twin.close()
    assert connected(postgres_url) == 2
    store.close()
    deadline = time.monotonic() + 10
    while connected(postgres_url) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert connected(postgres_url) == 0


def connected(url: str) -> int:
    """How many of our connections the server has."""
    with psycopg.connect(url, autocommit=True, application_name="looks on") as connection:
        (number,) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'orcid-sync'"
            " AND datname = current_database()"
        ).fetchone() or (0,)
    return int(number)


@pytest.mark.parametrize(
    "lost", ["DELETE FROM leases", "UPDATE leases SET holder = 'z', epoch = epoch - 1, free_at = 0"]
)
def test_no_epoch_is_given_twice_when_commits_were_lost(store: PostgresStore, lost: str) -> None:
    """A failover took the newest lease away: its holder is late, whoever has the next."""
    store.turns.acquire(JOSIAH, "z", 0.0)
    mine = store.turns.acquire(JOSIAH, "a", 30.0)
    assert mine is not None
    store.engine.run(lost)

    theirs = store.turns.acquire(JOSIAH, "b", 30.0)

    assert theirs is not None
    assert not store.turns.renew(JOSIAH, mine, 30.0)
    store.turns.release(JOSIAH, mine)
    assert store.turns.epoch(JOSIAH) == theirs != mine
    assert store.turns.renew(JOSIAH, theirs, 30.0)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_the_servers_defaults_change_nothing(postgres_url: str, vault: Vault, level: str) -> None:
    """Who waited for another's transaction sees what it wrote, and what is committed is on the disk."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_isolation = '{level}'".encode())
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off".encode())
    store = PostgresStore(postgres_url, vault)
    twin, read = store.twin(), []

    def write() -> None:
        with twin.transaction():
            read.append(twin.notes.get("note"))

    waiting = threading.Thread(target=write)
    with store.transaction():
        store.notes.put("note", "first")
        waiting.start()
        time.sleep(0.3)
    waiting.join()

    assert read == ["first"]
    with store.transaction():
        assert list(store.engine.run("SHOW synchronous_commit")) == [{"synchronous_commit": "on"}]
    for one in (store, twin):
        one.close()


def test_nothing_is_prepared_behind_a_pooler(postgres_url: str, vault: Vault) -> None:
    """It hands each transaction to any process of the server: a name would mean another's statement there."""
    with pooler(postgres_url) as url:
        pooled, direct = PostgresStore(url, vault), PostgresStore(postgres_url, vault)
        prepared = []
        for store in (pooled, direct):
            for _ in range(10):
                store.notes.get("note")
            prepared.append(store.engine.run("SELECT count(*) AS n FROM pg_prepared_statements")[0]["n"])
            store.close()

    assert prepared[0] == 0
    assert prepared[1] > 0
