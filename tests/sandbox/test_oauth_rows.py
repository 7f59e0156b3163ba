"""Every row of API_FACTS sections 7.1 to 7.5, over real HTTP; of a table's row the id is its first cell."""

from importlib import import_module

import httpx
import pytest

from tests.orcid_files import FACTS, needs_orcids_files
from tests.sandbox.oauth_rows import ROWS, Check
from tests.sandbox.oauth_stage import a_stage
from worker.sandbox.control_client import SandboxControl

for _rows in ("consent", "tokens", "bearers"):
    import_module(f"tests.sandbox.rows_of_{_rows}")

NAMES = {
    "7.1": """client_id; response_type; scope; redirect_uri; state; parameters that change nothing here; prompt=login;
        prompt=confirm; prompt=none; lang; orcid; email; given_names and family_names; already approved; success;
        denied; invalid_scope; client_locked; client_deactivated; login_required; interaction_required;
        unregistered redirect_uri; code lifetime; single use""",
    "7.2": """authorization_code; refresh_token; client_credentials; urn:ietf:params:oauth:grant-type:token-exchange;
        a researcher's response; a client's response; no name; persistent access; no persistent access; a refresh;
        credentials as Basic""",
    "7.3": """no grant_type; unknown code; reused code; expired code; redirect mismatch; scope not in the granted code;
        refresh token of another client; no client credentials; wrong secret;
        unknown client (often: sandbox id on production); bad scope name; scope not granted to the client;
        bad refresh token; client locked / deactivated; user deactivated / deprecated; forwarder exception""",
    "7.4": """access token; refresh token; unknown token; foreign token; second revoke; wrong client credentials;
        credentials as Basic; several tokens""",
    "7.5": """no Authorization (and no access_token param); access_token param; unknown/expired/revoked token;
        public-API client; token for another iD; scope missing; DELETE with a user-revoked token;
        DELETE with a token revoked otherwise""",
}
"""All rows there must be."""


@pytest.mark.parametrize("check", [pytest.param(check, id=name) for name, check in ROWS.items()])
def test_a_row(http: httpx.Client, control: SandboxControl, check: Check) -> None:
    """The row holds."""
    with a_stage(http.base_url, control) as stage:
        check(stage)


def test_all_rows_are_here() -> None:
    """Each has a test, and there is none of a row that is not in the list."""
    assert set(ROWS) == {f"{section} {name.strip()}" for section, names in NAMES.items() for name in _split(names)}


@needs_orcids_files
def test_the_tables_have_no_other_rows() -> None:
    """The first cells of the tables in sections 7.2 to 7.5 are ids here."""
    text = FACTS.read_text("utf-8")
    told_of = set()
    for section in ("7.2", "7.3", "7.4", "7.5"):
        part = text.split(f"\n### {section} ")[1].split("\n###")[0].split("\n---")[0]
        cells = [line.split("|")[1].strip() for line in part.splitlines() if line.startswith("|")]
        told_of |= {f"{section} {part}" for cell in cells[2:] for part in _parts(cell)}
    assert told_of - set(ROWS) == set()


def _split(names: str) -> list[str]:
    return [" ".join(name.split()) for name in names.split(";")]


def _parts(cell: str) -> list[str]:
    """A cell with a semicolon tells of two rows."""
    return [part.strip() for part in cell.split(";")]
