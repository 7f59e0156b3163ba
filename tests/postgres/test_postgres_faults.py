"""What is wrong with a PostgreSQL state is told in one line: where, what, and what to do; never with a password."""

import os
import signal
import socket
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

from mappers.secret import Secret
from state.postgres import engine as postgres_engine
from state.postgres import pool as postgres_pool
from state.postgres.store import PostgresStore
from state.store import HandedOverError, StoreError
from state.vault import Vault
from tests.kafka.brokers import free_port
from tests.postgres.conftest import cut_off, lost
from tests.postgres.servers import PASSWORD, Databases, LocalServer, choose_server, in_database, running

Admin = psycopg.Connection[tuple[object, ...]]
ROLE_PASSWORD = "hunter2 of a role"


def elsewhere(url: str, *, user: str | None = None, password: str = PASSWORD, port: int | None = None) -> str:
    """The same database for another user, or at another port."""
    parts = urlsplit(url)
    netloc = f"{user or parts.username}:{password.replace(' ', '%20')}@{parts.hostname}:{port or parts.port}"
    return urlunsplit(parts._replace(netloc=netloc))


def role(admin: Admin, limits: str = "") -> str:
    """A role that may log in, and nothing else."""
    name = f"role_{uuid4().hex[:8]}"
    admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{ROLE_PASSWORD}' {limits}".encode())
    return name


def wrong_password(url: str, admin: Admin) -> str:
    """One that is not the user's."""
    return elsewhere(url, password="hunter2")


def no_server(url: str, admin: Admin) -> str:
    """A port where nothing listens."""
    return elsewhere(url, port=free_port())


def no_database(url: str, admin: Admin) -> str:
    """One that was never made."""
    return in_database(url, "nowhere")


def no_schema(url: str, admin: Admin) -> str:
    """A search_path without a schema that is there."""
    return f"{url}?options=-csearch_path%3Dnowhere"


def read_only(url: str, admin: Admin) -> str:
    """A database that takes no writes, as a standby's."""
    name = urlsplit(url).path.strip("/")
    admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
    return url


def not_allowed(url: str, admin: Admin) -> str:
    """A user who may not make tables."""
    return elsewhere(url, user=role(admin), password=ROLE_PASSWORD)


def too_many(url: str, admin: Admin) -> str:
    """A user who may not connect once more."""
    return elsewhere(url, user=role(admin, "CONNECTION LIMIT 0"), password=ROLE_PASSWORD)


def no_tls(url: str, admin: Admin) -> str:
    """A server without TLS, where it is asked for."""
    return f"{url}?sslmode=require"


def other_encoding(url: str, admin: Admin) -> str:
    """A database that can't hold every name."""
    name = urlsplit(url).path.strip("/")
    admin.execute(f"DROP DATABASE {name}".encode())
    admin.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'".encode())
    return url


@pytest.mark.parametrize(
    ("cause", "says"),
    [
        pytest.param(
            wrong_password,
            r"password authentication failed .*: give its password in ORCID_SYNC_STATE_PASS",
            id="wrong-password",
        ),
        pytest.param(
            no_server, r"Connection refused.*: start the server, or mend ORCID_SYNC_STATE_URL", id="no-server"
        ),
        pytest.param(no_database, r'database "nowhere" does not exist: create the database', id="no-database"),
        pytest.param(no_schema, r"cannot be used: create the schema that its search_path names", id="no-schema"),
        pytest.param(
            read_only, r"session is read-only: this is a standby: name the server that may be written", id="read-only"
        ),
        pytest.param(
            not_allowed, r"permission denied for schema public: this user must own the schema", id="not-allowed"
        ),
        pytest.param(too_many, r'too many connections for role "role_\w+": raise', id="too-many"),
        pytest.param(no_tls, r"server does not support SSL.*: set the server up for TLS", id="no-tls"),
        pytest.param(other_encoding, r"cannot be used: create its database with ENCODING 'UTF8'", id="other-encoding"),
    ],
)
def test_why_a_state_cannot_be_opened(
    cause: Callable[[str, Admin], str], says: str, postgres_url: str, vault: Vault, admin: Admin
) -> None:
    """By causes as they happen."""
    url = cause(postgres_url, admin)

    with pytest.raises(
        StoreError, match=rf"^the state postgresql://\w+@127\.0\.0\.1:\d+/\w+(\?search_path=\w+)? [^\n]*{says}[^\n]*$"
    ) as seen:
        PostgresStore(url, vault)

    for secret in (PASSWORD, PASSWORD.replace(" ", "%20"), "hunter2"):
        assert secret not in str(seen.value)
    assert seen.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql://user:hunter2@host/db?colour=hunter2", id="unknown-parameter"),
        pytest.param("postgresql://user:hunter2@[::1/db", id="bracket"),
        pytest.param("postgresql://user:hunter%2@host/db", id="percent"),
        pytest.param("postgresql://user:hunter2/word@host/db", id="slash"),
        pytest.param("postgresql://user:12/hunter2@host/db", id="slash-behind-digits"),
        pytest.param("postgresql://user:p@hunter2@host/db", id="at"),
        pytest.param("postgresql://user:hunter2@host:hunter2/db", id="port"),
    ],
)
def test_a_url_that_cannot_be_read_is_not_shown(url: str, vault: Vault) -> None:
    """It may hold a password anywhere."""
    with pytest.raises(StoreError, match=r"^ORCID_SYNC_STATE_URL is no postgresql:// URL that can be read") as seen:
        PostgresStore(url, vault)

    assert "hunter2" not in str(seen.value)


def test_a_server_that_does_not_answer_is_not_waited_for_long(vault: Vault) -> None:
    """Something listens there, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(StoreError, match=r"timeout expired.*: it does not answer"):
            PostgresStore(f"postgresql://u@127.0.0.1:{port}/db?connect_timeout=2", vault)


def test_the_password_may_come_by_itself(postgres_url: str, vault: Vault) -> None:
    """So that the URL is no secret."""
    parts = urlsplit(postgres_url)
    bare = urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}"))

    store = PostgresStore(bare, vault, password=Secret(PASSWORD))

    assert store.engine.name == bare
    store.close()


def test_a_state_that_is_handed_on_is_told_without_its_password(store: PostgresStore) -> None:
    """Its name stands in errors, logs and pages."""
    assert store.engine.name.startswith("postgresql://orcid_sync@127.0.0.1:")
    assert PASSWORD not in repr(vars(store)) + repr(store.engine) + repr(store.engine.pool)


def test_who_is_cut_off_goes_on(store: PostgresStore, postgres_url: str) -> None:
    """Between transactions nobody notices: reading, writing, nor another store on the same connections."""
    twin = store.twin()
    for act in (
        lambda: store.notes.put("note", "written"),
        lambda: store.notes.get("note"),
        lambda: twin.turns.acquire("0000-0002-1825-0097", "a", 1.0),  # type: ignore[arg-type]
        lambda: twin.items.facts("p1"),
    ):
        assert cut_off(postgres_url) > 0
        act()
    twin.close()

    assert store.notes.get("note") == "written"


def test_a_transaction_that_is_cut_off_is_lost_as_a_whole(store: PostgresStore, postgres_url: str) -> None:
    """Its next statement says so, and all others of it; then all goes on."""
    store.notes.put("note", "before")
    with lost(store, r"^the state postgresql://[^\n]+ failed: [^\n]+$"):
        store.notes.put("note", "half")
        cut_off(postgres_url)
        with pytest.raises(StoreError, match=r"terminating connection|server closed the connection"):
            store.notes.get("note")
        store.notes.put("other", "half")

    assert [store.notes.get(name) for name in ("note", "other")] == ["before", None]
    store.notes.put("note", "after")
    assert store.notes.get("note") == "after"


def test_a_transaction_that_is_cut_off_is_not_taken_for_committed(store: PostgresStore, postgres_url: str) -> None:
    """Where nothing is said between the cut and its end."""
    with lost(store):
        store.notes.put("note", "half")
        cut_off(postgres_url)

    assert store.notes.get("note") is None


def test_an_error_that_somebody_swallowed_is_not_committed(store: PostgresStore) -> None:
    """PostgreSQL would undo it all, and call that a commit."""
    with lost(store, "its transaction was lost"):
        store.notes.put("note", "half")
        with pytest.raises(StoreError):
            store.engine.run("SELECT * FROM nowhere")

    assert store.notes.get("note") is None


def test_who_holds_the_queue_for_too_long_is_not_waited_for(
    store: PostgresStore, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told where to look."""
    monkeypatch.setattr(postgres_engine, "BUSY_SECONDS", 0.2)
    twin = store.twin()
    with store.transaction():
        with pytest.raises(StoreError, match="lock timeout: another process has been writing for too long"):
            twin.notes.put("note", "never")
        assert twin.notes.get("note") is None
    twin.close()


def test_a_process_that_is_frozen_hinders_the_others_for_a_while_only(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server undoes what it had begun; when it comes to, all of it fails."""
    monkeypatch.setattr(postgres_engine, "FROZEN_SECONDS", 0.5)
    twin = store.twin()
    with lost(store, "idle-in-transaction timeout|server closed the connection"):
        store.notes.put("note", "half")
        twin.notes.put("other", "after some time")
        store.notes.put("note", "too late")

    assert (store.notes.get("note"), store.notes.get("other")) == (None, "after some time")
    twin.close()


@pytest.mark.parametrize("many", [pytest.param(False, id="one-statement"), pytest.param(True, id="several-at-once")])
def test_a_server_that_hangs_is_not_waited_for_for_ever(
    store: PostgresStore, postgres: Databases, monkeypatch: pytest.MonkeyPatch, *, many: bool
) -> None:
    """It accepts all and answers nothing: the transaction is lost, and the next goes to another of its processes."""
    if not isinstance(postgres.server, LocalServer):
        pytest.skip("the server's processes are not on this machine")
    (row,) = store.engine.run("SELECT pg_backend_pid() AS pid")
    with lost(store, "failed: it did not answer for 0.5 s"):
        monkeypatch.setattr(postgres_pool, "ANSWER_SECONDS", 0.5)
        os.kill(row["pid"], signal.SIGSTOP)
        try:
            store.items.facts("p1") if many else store.notes.get("note")
        finally:
            monkeypatch.undo()
            os.kill(row["pid"], signal.SIGCONT)

    store.notes.put("note", "text")
    assert store.notes.get("note") == "text"


def test_what_lasts_may_last(store: PostgresStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration of a large state, say: only questions have to be answered soon."""
    monkeypatch.setattr(postgres_pool, "ANSWER_SECONDS", 0.3)
    with store.transaction():
        store.engine.run("CREATE TABLE slow AS SELECT 1 AS one FROM pg_sleep(1)")
        store.engine.run("DROP TABLE slow")

    with pytest.raises(StoreError, match="did not answer"):
        store.engine.run("SELECT 1 AS one FROM pg_sleep(1)")


def test_anothers_trigger_is_no_handover(store: PostgresStore) -> None:
    """What it says is told; the state is not shut for good."""
    store.engine.run(
        "CREATE FUNCTION full_up() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''audit full''; END'"
    )
    store.engine.run("CREATE TRIGGER audit BEFORE INSERT ON notes EXECUTE FUNCTION full_up()")

    with pytest.raises(StoreError, match="failed: audit full") as seen:
        store.notes.put("note", "text")

    assert not isinstance(seen.value, HandedOverError)


def test_a_server_that_was_killed_has_what_was_committed(vault: Vault) -> None:
    """Without a word, with every process of it; the same store goes on when it is there again."""
    server = choose_server(settings=())  # with fsync, as anywhere but in tests
    if server is None or not server.is_ours:
        pytest.skip("there is no PostgreSQL here that a test may kill")
    with running(server) as databases:
        store = PostgresStore(databases.new_database(), vault)
        store.notes.put("note", "committed")
        with lost(store, r"^the state [^\n]+$"):
            store.notes.put("note", "half")
            server.stop()
            store.notes.put("note", "half")
        with pytest.raises(StoreError, match="Connection refused"):
            store.notes.get("note")
        before = store.now()

        server.start()

        assert store.notes.get("note") == "committed"
        store.notes.put("note", "again")
        assert before <= store.now() < before + 60
        store.close()
