"""Commands on a state in PostgreSQL: as on a file, and its password is never shown."""

from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.benchmarks.institution import affiliation_event, work_event
from tests.cli.conftest import Institution
from tests.postgres.servers import PASSWORD


@pytest.fixture
def on_postgres(institution: Institution, postgres_url: str) -> Institution:
    """An institution whose state is in a database, with the password in a file of its own."""
    parts = urlsplit(postgres_url)
    bare = urlunsplit(parts._replace(netloc=f"{parts.username}@{parts.hostname}:{parts.port}"))
    (institution.inputs / "password").write_text(f"{PASSWORD}\n")
    institution.settings |= {
        "ORCID_SYNC_STATE_URL": bare,
        "ORCID_SYNC_STATE_PASSWORD_FILE": str(institution.inputs / "password"),
        "ORCID_SYNC_LOG_LEVEL": "debug",
    }
    return institution


def test_a_log_becomes_items_and_the_same_log_again_makes_no_call(on_postgres: Institution) -> None:
    """As on a file."""
    on_postgres.permit(1)
    log = on_postgres.log("a.jsonl", affiliation_event(1), work_event(1, 0), work_event(1, 1))

    first = on_postgres.json("replay", log)
    second = on_postgres.json("replay", log)

    assert first["calls"] == {"POST": 1, "POST_BULK": 1, "PUT": 0, "DELETE": 0, "GET": 0}
    assert (first["items"]["in_sync"], second["events"]) == (3, 3)
    assert second["calls"] == dict.fromkeys(first["calls"], 0)
    assert on_postgres.json("status")["items"]["in_sync"] == 3


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        pytest.param(
            {"ORCID_SYNC_STATE_PASSWORD": "hunter2"}, 1, "password authentication failed", id="wrong-password"
        ),
        pytest.param(
            {"ORCID_SYNC_STATE_PASSWORD": "hunter2", "ORCID_SYNC_STATE_URL": "postgresql://u:hunter2@127.0.0.1/db"},
            2,
            "ORCID_SYNC_STATE_PASSWORD: ORCID_SYNC_STATE_URL has a password too",
            id="two-passwords",
        ),
        pytest.param(
            {"ORCID_SYNC_STATE_URL": "postgresql://u:hunter2@127.0.0.1/db?colour=hunter2"},
            2,
            "ORCID_SYNC_STATE_URL: is no postgresql:// URL that can be read",
            id="unreadable",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line_without_a_password(
    on_postgres: Institution, settings: dict[str, str], code: int, said: str
) -> None:
    """Whatever is logged besides."""
    del on_postgres.settings["ORCID_SYNC_STATE_PASSWORD_FILE"]
    on_postgres.settings |= settings

    ran = on_postgres.run("sync")

    assert (ran.returncode, ran.stdout) == (code, b"")
    assert ran.stderr.decode().count(said) == 1
    assert (ran.stderr.count(b"\n"), ran.stderr.count(b"hunter2")) == (1, 0)
