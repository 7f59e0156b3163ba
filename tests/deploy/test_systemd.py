"""The unit for systemd: it is sound, starts what is there, and waits long enough for its end."""

import configparser
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.docs import readme
from worker.settings.settings import SECRETS, Settings, variable_of

UNIT = readme.ROOT / "deploy" / "systemd" / "orcid-sync.service"
ANALYZE = shutil.which("systemd-analyze")
INSTALLED = "/opt/orcid-sync/bin/orcid-sync"
EXPOSED_AT_MOST = 2.0
"""By systemd's own measure, of 10; a service that nothing was done about has 9.6."""


@pytest.fixture
def service() -> configparser.SectionProxy:
    """Its section of that name."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text())
    return parser["Service"]


def test_it_starts_the_daemon_where_it_is_installed(service: configparser.SectionProxy) -> None:
    """With the words that the command line takes; wrong settings do not start it again and again."""
    program, *words = service["ExecStart"].split()
    assert (program, readme.unknown_word(words), words[-1]) == (INSTALLED, "", "run")
    assert service["RestartPreventExitStatus"] == "2"
    assert all(path in readme.DEPLOYING for path in (INSTALLED, words[1], "deploy/systemd/orcid-sync.service"))


def test_it_waits_for_calls_in_flight(service: configparser.SectionProxy) -> None:
    """As long as a call may last, and 15 s more."""
    assert float(service["TimeoutStopSec"]) >= Settings.model_fields["call_seconds"].default + 15


def test_settings_beside_it_are_known() -> None:
    """Those of the block for /etc/orcid-sync/orcid-sync.toml; every secret comes as a file of the folder for them."""
    (text,) = (one for one in readme.blocks("toml", readme.DEPLOYING) if "ORCID_SYNC_STATE_URL" in one)
    given = tomllib.loads(text)
    secrets = {f"{variable_of(name)}_FILE" for name in SECRETS} & given.keys()
    assert given.keys() <= {variable_of(name) for name in Settings.model_fields} | secrets
    assert {Path(given[name]).parent for name in secrets} == {Path("/etc/orcid-sync/secrets")}
    assert all(f"/dev/stdin {given[name]}" in readme.DEPLOYING for name in secrets - {"ORCID_SYNC_CLIENT_SECRET_FILE"})


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here")
def test_systemd_takes_it(tmp_path: Path) -> None:
    """Nothing in it is unknown, and it is shut off from what it does not need."""
    assert ANALYZE is not None
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace(INSTALLED, str(Path(sys.executable).parent / "orcid-sync")))
    verified = subprocess.run([ANALYZE, "verify", unit], capture_output=True, text=True, check=False, timeout=60)
    assert (verified.returncode, [one for one in verified.stderr.splitlines() if UNIT.name in one]) == (0, [])
    words = [ANALYZE, "security", "--offline=true", f"--threshold={EXPOSED_AT_MOST * 10:.0f}", str(unit)]
    secured = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert secured.returncode == 0, secured.stdout
