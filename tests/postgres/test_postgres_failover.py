"""A server takes another's place that had not got the last commits: who made them is told, whatever happened since."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from state.postgres import commits as postgres_commits
from state.postgres.store import PostgresStore
from state.store import CommitsLostError
from state.vault import Vault
from tests.postgres.pooler import keeping_pooler
from tests.postgres.servers import Databases, LocalServer, choose_server, running
from tests.state.dying import rolled_back


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[LocalServer, Databases]]:
    """A server whose files a test may take away."""
    server = choose_server()
    if not isinstance(server, LocalServer):
        pytest.skip("the server's files are not on this machine")
    with running(server) as databases:
        yield server, databases


def lagging(server: LocalServer, folder: Path) -> Path:
    """A standby that gets nothing from now on; the server itself goes on."""
    server.stop()
    copy = server.copied(folder)
    server.start()
    return copy


def failed_over(server: LocalServer, standby: Path, others: int) -> None:
    """It has the server's place; and somebody in another database makes so many transactions before we come."""
    server.stop()
    server.replaced(standby)
    shutil.rmtree(standby)
    server.start()
    with psycopg.connect(server.url, autocommit=True) as connection:
        for _ in range(others):
            connection.execute("SELECT pg_current_xact_id()")


def test_what_a_failover_lost_is_told(place: tuple[LocalServer, Databases], vault: Vault, tmp_path: Path) -> None:
    """Once to each store of who lost something, as often as it happens; through a pooler, and if others come first."""
    server, databases = place
    url = databases.new_database()
    with keeping_pooler(url) as kept:
        store, pooled, other = (PostgresStore(one, vault) for one in (url, kept, url))
        twin = store.twin()
        for one in (store, pooled, other):
            one.notes.put("note", "first")
        for others in (0, 50):
            standby = lagging(server, tmp_path)
            for number in range(3):
                pooled.notes.put("note", f"gone {number}")
                store.notes.put("note", f"gone {number}")
            lost_at = store.now()
            failed_over(server, standby, others)
            other.notes.put("note", "kept")

            for one in (store, twin, pooled):
                with pytest.raises(CommitsLostError, match="lost what was committed last") as seen:
                    one.notes.put("note", "never")
                assert seen.value.lost_at == pytest.approx(lost_at, abs=5.0)
                assert one.notes.get("note") == "kept"
            for one in (twin, store, pooled):
                one.notes.put("note", "after it")
                assert other.notes.get("note") == "after it"
        for one in (store, twin, pooled, other):
            one.close()


def test_a_failover_that_lost_nothing_is_not_told(
    place: tuple[LocalServer, Databases], vault: Vault, tmp_path: Path
) -> None:
    """Nor is what was never committed."""
    server, databases = place
    with keeping_pooler(databases.new_database()) as kept:
        store = PostgresStore(kept, vault)
        store.notes.put("note", "first")
        with rolled_back(store):
            store.notes.put("note", "never")
        server.stop()
        standby = server.copied(tmp_path)
        failed_over(server, standby, 5)

        store.notes.put("note", "second")
        assert store.notes.get("note") == "second"
        store.close()


def commits(store: PostgresStore) -> list[int]:
    """How often each process has committed something."""
    return [row["commits"] for row in store.engine.run("SELECT commits FROM orcid_sync_commits ORDER BY commits")]


def test_what_wrote_nothing_is_not_counted(store: PostgresStore) -> None:
    """It would be a commit on the disk for nothing."""
    store.notes.put("note", "text")
    (before,) = commits(store)
    with store.transaction():
        store.notes.get("note")
        store.items.facts("p1")
    store.turns.spend(1, 24.0, 30.0)
    assert commits(store) == [before]

    with store.transaction():
        store.notes.put("note", "text")
        store.notes.get("note")
    assert commits(store) == [before + 1]


def test_processes_that_ended_long_ago_are_cleared_away(
    store: PostgresStore, postgres_url: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the next that comes; one that has been silent for long takes a row that is gone for no loss."""
    store.notes.put("note", "text")
    monkeypatch.setattr(postgres_commits, "KEPT_SECONDS", 0.0)
    second = PostgresStore(postgres_url, vault)
    second.notes.put("note", "text")
    assert len(commits(store)) == 1

    store.notes.put("note", "text")
    second.close()
