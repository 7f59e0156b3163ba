"""Vault keys that change, and vault keys that are lost, as an operator meets them."""

import re
from contextlib import closing
from itertools import pairwise
from time import time

import pytest

from state.sqlite.store import SqliteStore
from state.vault import Vault, new_key
from tests.benchmarks.institution import affiliation_event
from tests.cli.conftest import Institution

KEYS = "ORCID_SYNC_VAULT_KEYS"


@pytest.fixture
def at_work(institution: Institution) -> Institution:
    """One person's employment stands; another event is a dead letter."""
    institution.permit(1)
    spoiled = affiliation_event(2) | {"data": {}}
    institution.json("replay", institution.log("a.jsonl", affiliation_event(1), spoiled), code=3)
    return institution


def complaint(institution: Institution, *words: str) -> str:
    """The one line with which a command fails."""
    ran = institution.run(*words)
    (line,) = ran.stderr.decode().splitlines()
    assert (ran.returncode, ran.stdout) == (1, b"")
    return line


def test_a_new_key_is_put_behind_then_in_front_and_the_old_one_taken_away(at_work: Institution) -> None:
    """In the order that the help tells; the records go on."""
    old, new = at_work.settings[KEYS], new_key()
    at_work.settings[KEYS] = f"{old},{new}"
    at_work.json("status")
    at_work.settings[KEYS] = f"{new},{old}"
    told = at_work.json("permission", "rekey")
    at_work.settings[KEYS] = new

    changed = at_work.json("replay", at_work.log("b.jsonl", affiliation_event(1, sequence=2, title="Reader")), code=3)

    assert told["sealed_anew"] >= 4
    assert (changed["calls"]["PUT"], at_work.titles(1)) == (1, ["Reader"])
    at_work.settings[KEYS] = old
    assert complaint(at_work, "permission", "list").startswith(f"orcid-sync: {KEYS}: none of the keys opens the state")


def test_processes_are_restarted_one_after_the_other(at_work: Institution) -> None:
    """In each round of the order that the help tells, old ones and new ones open what the others seal."""
    old, new = at_work.settings[KEYS], new_key()
    path = at_work.folder / "state.db"
    for before, after in pairwise(([old], [old, new], [new, old], [new])):
        if after == [new]:
            at_work.settings[KEYS] = f"{new},{old}"
            at_work.json("permission", "rekey")
        with (
            closing(SqliteStore(path, Vault(before), time)) as left_running,
            closing(SqliteStore(path, Vault(after), time)) as restarted,
        ):
            (grant,) = left_running.grants.all()
            for writer, reader in ((left_running, restarted), (restarted, left_running)):
                writer.grants.put(grant)
                assert list(reader.grants.all()) == [grant]


def test_what_a_process_sealed_with_the_old_key_after_rekey_is_told_with_the_way_out(at_work: Institution) -> None:
    """One that nobody restarted: the old key behind the new one, and `rekey` again, mends it; to drop comes last."""
    old, new = at_work.settings[KEYS], new_key()
    left_running = SqliteStore(at_work.folder / "state.db", Vault([old]), time)
    (grant,) = left_running.grants.all()
    at_work.settings[KEYS] = f"{new},{old}"
    at_work.json("permission", "rekey")
    left_running.grants.put(grant)
    left_running.close()
    at_work.settings[KEYS] = new

    told = complaint(at_work, "permission", "list")
    at_work.settings[KEYS] = f"{new},{old}"
    at_work.json("permission", "rekey")
    at_work.settings[KEYS] = new

    assert re.search(rf"{KEYS}: .*every process has all keys.* `permission rekey`.* lost .*drop-unreadable", told)
    assert len(at_work.json("permission", "list")["permissions"]) == 1


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("status",), id="status"),
        pytest.param(("sync",), id="sync"),
        pytest.param(("permission", "list"), id="permission list"),
        pytest.param(("permission", "rekey"), id="permission rekey"),
        pytest.param(("dead-letters", "list"), id="dead-letters list"),
    ],
)
def test_a_key_that_is_not_the_states_is_told_at_start(at_work: Institution, words: tuple[str, ...]) -> None:
    """By every command, in one line that names the setting; a key taken away before `rekey` is told alike."""
    at_work.run("status")
    at_work.settings[KEYS] = new_key()

    assert complaint(at_work, *words).startswith(f"orcid-sync: {KEYS}: none of the keys opens the state")


def test_with_lost_keys_put_codes_serve_the_next_permission(at_work: Institution) -> None:
    """Nothing is added twice; the same tokens may be imported again."""
    before = at_work.control.record(at_work.orcid(1)).items
    at_work.settings[KEYS] = new_key()
    told = at_work.json("permission", "drop-unreadable")
    waiting = at_work.json("replay", at_work.log("b.jsonl", affiliation_event(1, sequence=2, title="Reader")), code=3)
    (grant,) = at_work.json("permission", "list")["permissions"]
    imported = at_work.run("permission", "import", str(at_work.inputs / "grants.jsonl"))

    synced = at_work.json("sync")

    assert told["dropped"] == {"grants": 1, "tokens": 1, "consents": 0, "dead_letters": 1, "blocks": 0}
    assert (waiting["items"]["waiting"], sum(waiting["calls"].values())) == (1, 0)
    assert (grant["state"], grant["reason"]) == (
        "broken",
        "its tokens were lost with the vault keys: ask for a new permission",
    )
    assert imported.returncode == 0, imported.stderr
    assert (synced["items"]["in_sync"], synced["calls"]["PUT"], synced["calls"]["POST"]) == (1, 1, 0)
    assert at_work.titles(1) == ["Reader"]
    assert [item.put_code for item in at_work.control.record(at_work.orcid(1)).items] == [
        item.put_code for item in before
    ]


def test_what_was_dropped_is_said_and_lost_bytes_are_not_shown(at_work: Institution) -> None:
    """A dead letter without its bytes can't be tried again; the event sent again is."""
    (letter,) = at_work.json("dead-letters", "list")["dead_letters"]
    at_work.settings[KEYS] = new_key()

    said = at_work.run("permission", "drop-unreadable").stdout.decode()

    assert said.splitlines()[0] == "dropped: 1 grants, 1 tokens, 0 consents, 1 dead letters, 0 blocks"
    assert at_work.json("dead-letters", "list")["dead_letters"] == []
    for word in ("show", "retry"):
        line = complaint(at_work, "dead-letters", word, letter["id"])
        assert "were lost with the vault keys" in line


def test_nothing_is_dropped_while_everything_opens(at_work: Institution) -> None:
    """The command says so; the records go on."""
    said = at_work.run("permission", "drop-unreadable")
    assert said.stdout.decode() == "everything opens with these keys: nothing was dropped\n"
    assert at_work.json("permission", "drop-unreadable")["dropped"]["grants"] == 0

    changed = at_work.json("replay", at_work.log("b.jsonl", affiliation_event(1, sequence=2, title="Reader")), code=3)

    assert changed["calls"]["PUT"] == 1
