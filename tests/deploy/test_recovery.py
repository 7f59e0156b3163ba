"""Restores, moves and logs in the cluster, as deploy/README.md has them: its own lines, on real states."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import pytest

from state.vault import new_key
from tests.benchmarks.institution import affiliation_event
from tests.cli.conftest import Institution
from tests.cli.preloaded import Preloaded
from tests.deploy.walks import block, line, placed, walk
from tests.leaks.scanner import INPUTS
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.sandbox import SandboxSettings
from worker.sandbox.server import start_sandbox

URL = "ORCID_SYNC_STATE_URL"
PAGE = 4096


@pytest.fixture
def institution(tmp_path: Path, preloaded: Preloaded) -> Iterator[Institution]:
    """One person's employment stands on the record; the state has the name that the overlay gives it."""
    with (
        start_sandbox(settings=SandboxSettings(rate_limit=False)) as stand_in,
        SandboxControl(stand_in.base_url) as control,
    ):
        settings = {
            "ORCID_SYNC_VAULT_KEYS": new_key(),
            "ORCID_SYNC_CALL_SECONDS": "1",
            URL: f"sqlite:///{tmp_path / 'orcid-sync.db'}",
        }
        made = Institution(tmp_path, control, stand_in.base_url, preloaded, settings)
        made.permit(1)
        made.json("replay", made.log("a.jsonl", affiliation_event(1)))
        yield made


def spoiled(content: bytes) -> bytes:
    """Every other page beyond the first ones is lost."""
    bad = bytearray(content)
    for page in range(PAGE * 6, len(content) - PAGE, PAGE * 2):
        bad[page : page + PAGE] = bytes(PAGE)
    return bytes(bad)


def test_a_damaged_state_is_moved_away_and_the_backup_restored(institution: Institution) -> None:
    """With the lines for it; the damaged files stay until they are deleted, and what lay beside them harms nothing."""
    backed_up = walk(institution, line("state backup - >"))
    assert backed_up.returncode == 0, backed_up.stderr
    state = institution.folder / "orcid-sync.db"
    state.write_bytes(spoiled(state.read_bytes()))
    assert institution.run("plan").returncode == 1
    for end in ("-wal", "-shm"):
        state.with_name(state.name + end).write_bytes(b"left behind")

    restored = walk(institution, block("damaged.db"))

    assert restored.returncode == 0, restored.stderr
    assert institution.json("status")["items"]["in_sync"] == 1
    assert institution.json("permission", "list")["permissions"][0]["state"] == "active"
    damaged = {f"damaged.db{end}" for end in ("", "-wal", "-shm")}
    assert {one.name for one in institution.folder.glob("damaged*")} == damaged
    deleted = walk(institution, line("os.remove(one)"))
    assert (deleted.returncode, list(institution.folder.glob("damaged*"))) == (0, [])
    assert state.exists()


def test_a_backup_and_a_log_are_brought_along(institution: Institution) -> None:
    """By standard input; the log was compressed. A backup that lay on the volume is deleted."""
    (institution.folder / "backup.db").write_bytes(b"brought along")
    event = json.dumps(affiliation_event(2)).encode() + b"\n"
    (institution.folder / "2026-01.jsonl.gz").write_bytes(gzip.compress(event))

    done = walk(institution, block("replay --no-send -"))

    assert done.returncode in {0, 3}, done.stderr
    assert (institution.folder / "tmp" / "backup.db").read_bytes() == b"brought along"
    assert institution.json("status")["items"]["waiting"] == 1
    assert walk(institution, line("os.remove(sys.argv[1])")).returncode == 0
    assert not (institution.folder / "backup.db").exists()


def test_sqlite_to_postgresql(institution: Institution, postgres_url: str) -> None:
    """The password goes along in a file; afterwards the new place has all, and the old one is shut."""
    parts = urlsplit(postgres_url)
    here = urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}"))
    secrets = institution.folder / INPUTS / "secrets"
    password = unquote(parts.password or "")
    placed(secrets / "state-password", password.encode())
    placed(secrets / "state-ca.pem", b"of another server")
    move = block("--to-password-file /tmp/state-password")
    there = move.split("'")[-2]
    assert there.startswith("postgresql://orcid_sync@postgresql.postgresql.svc")

    moved = walk(institution, move, {there: here, "deploy/kubernetes/overlays/scaled/secrets": str(secrets)})

    assert moved.returncode == 0, moved.stderr
    (institution.folder / "tmp" / "state-password").unlink()
    assert institution.run("status").returncode == 1
    institution.settings |= {URL: here, "ORCID_SYNC_STATE_PASSWORD": password}
    assert institution.json("status")["items"]["in_sync"] == 1
