"""New vault keys: everything that is sealed is sealed anew, or nothing where something doesn't open."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from state.permission_facts import ConsentStage, Forgetting, GrantState
from state.sqlite.store import SqliteStore
from state.store import StoreError
from state.vault import Vault, VaultError, new_key
from tests.state.helpers import JOSIAH, LAURE, a_consent, a_grant, a_letter, a_token
from tests.state.stores import Clock
from tests.state.whole import change_everything, whole

OLD, NEW = new_key(), new_key()


@pytest.fixture
def open_with(tmp_path: Path, clock: Clock) -> Callable[..., SqliteStore]:
    """Opens the state with these keys."""

    def opened(*keys: str) -> SqliteStore:
        return SqliteStore(tmp_path / "state.db", Vault(keys), clock)

    return opened


def fill(store: SqliteStore) -> int:
    """Something sealed in every place; returns how many values."""
    store.grants.put(a_grant("p1", JOSIAH))
    store.grants.put(a_grant("p2", LAURE, refresh_token=None))
    store.grants.put(a_grant("p3", JOSIAH, access_token=None, refresh_token=None, state=GrantState.REVOKED))
    store.tokens.keep(a_token("m1"))
    store.tokens.keep(a_token("m2", token=None))
    store.consents.put(a_consent("c1", grant=a_grant(), stage=ConsentStage.OFFERED))
    store.consents.put(a_consent("c2"))
    store.letters.bury(a_letter("abcd"))
    store.letters.bury(a_letter("abff"))
    store.letters.settle("abff", "discarded")
    store.blocks.begin(Forgetting("p9", remove_items=False, since=1.0))
    store.blocks.complete("p9", {})
    tokens, letters, notes = 3 + 1, 2, 2
    return tokens + 1 + letters + notes


def sealed_values(path: Path) -> list[str]:
    """Every text in the state that the vault sealed: they all begin alike."""
    with closing(sqlite3.connect(path)) as connection:
        return re.findall(r"gAAAA[\w=-]+", "\n".join(connection.iterdump()))


def test_everything_is_sealed_with_the_newest_key(open_with: Callable[..., SqliteStore], tmp_path: Path) -> None:
    """And says the same as before; the old key opens nothing any more, wherever it may be sealed."""
    store = open_with(OLD)
    count = fill(store)
    before = whole(store)
    store.close()
    assert len(sealed_values(tmp_path / "state.db")) == count

    store = open_with(NEW, OLD)
    assert store.rekey() == count
    assert whole(store) == before
    store.close()

    store = open_with(NEW)
    assert whole(store) == before
    assert store.blocks.blocks_person("p9")
    store.close()
    with pytest.raises(StoreError, match=r"^ORCID_SYNC_VAULT_KEYS: [^\n]+$"):
        open_with(OLD)
    sealed = sealed_values(tmp_path / "state.db")
    assert len(sealed) == count
    assert not any(Vault([OLD]).opens(value) for value in sealed)


def test_what_the_old_key_sealed_leaves_the_files(open_with: Callable[..., SqliteStore], tmp_path: Path) -> None:
    """It may have leaked, and the files with it."""
    store = open_with(OLD)
    fill(store)
    store.close()
    before = sealed_values(tmp_path / "state.db")

    store = open_with(NEW, OLD)
    store.rekey()
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    store.close()

    assert [value for value in before if value.encode() in written] == []


def test_a_key_that_was_taken_away_before_is_told(open_with: Callable[..., SqliteStore]) -> None:
    """In one line that names the setting, as long as nothing was sealed anew."""
    store = open_with(OLD)
    fill(store)
    store.close()
    open_with(NEW, OLD).close()

    with pytest.raises(StoreError, match=r"^ORCID_SYNC_VAULT_KEYS: none of the keys opens[^\n]+$"):
        open_with(NEW)
    open_with(OLD).close()


def test_what_does_not_open_stops_it(open_with: Callable[..., SqliteStore], tmp_path: Path) -> None:
    """All stays as it was sealed: the key that it needs may still be found."""
    store = open_with(OLD)
    fill(store)
    lost = Vault([new_key()]).seal(b"an envelope")
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection, connection:
        connection.execute("UPDATE dead_letters SET envelope = ? WHERE id = 'abcd'", [lost])
    before = sealed_values(tmp_path / "state.db")
    store.close()

    store = open_with(NEW, OLD)
    with pytest.raises(VaultError, match=r"^[^\n]+$"):
        store.rekey()
    store.close()

    assert sealed_values(tmp_path / "state.db") == before


def test_it_may_be_done_again(open_with: Callable[..., SqliteStore], tmp_path: Path) -> None:
    """With the same keys: what the newest one sealed stays as it is."""
    store = open_with(OLD)
    change_everything(store)
    before, sealed = whole(store), sealed_values(tmp_path / "state.db")

    assert store.rekey() == store.rekey()
    assert whole(store) == before
    assert sealed_values(tmp_path / "state.db") == sealed
    store.close()


def test_what_is_erased_leaves_the_files(open_with: Callable[..., SqliteStore], tmp_path: Path) -> None:
    """Once the store is scrubbed: from the file, its log and its index of the log."""
    store = open_with(OLD)
    marker = "erased-person-marker"
    for number in range(50):
        store.notes.put(f"{marker}-{number}", marker * 50)
    store.scrub()
    for number in range(50):
        store.notes.put(f"{marker}-{number}", None)

    store.scrub()

    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert marker.encode() not in written
    store.close()
