"""The rehearsal of README.md with its walk through the pages: typed in a shell, and pressed in a browser."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from tests.browser.researcher import Researcher
from tests.browser.site import free_port
from tests.daemon.daemons import wait_until
from tests.docs import readme
from worker.sandbox.control_client import SandboxControl
from worker.sandbox.server import RunningSandbox, start_sandbox

CHAPTER = "Rehearse on your own machine"


@pytest.fixture
def stand_in() -> Iterator[RunningSandbox]:
    """The stand-in, as it comes."""
    with start_sandbox() as running:
        yield running


def test_the_walk_of_the_rehearsal(browser: Browser, stand_in: RunningSandbox, tmp_path: Path) -> None:
    """What README says to type and to press brings the other person's items onto their record."""
    (tmp_path / "deploy").symlink_to(readme.ROOT / "deploy")
    orcid = re.findall(r"sign in with an iD such as `([\dX-]+)`", readme.section(CHAPTER))[0]
    script, web = _script(stand_in.base_url)
    with subprocess.Popen(
        ["bash", "-uo", "pipefail", "-c", script],
        env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as shell:
        assert shell.stdout is not None
        link = next(line for line in shell.stdout if line.startswith(f"{web}/connect/")).strip()
        wait_until(lambda: _answers(web))
        with Researcher(browser) as researcher:
            researcher.consent(link, orcid).sees("confirm").answer("yes").sees("granted")
        said, _ = shell.communicate("\n", timeout=60)

    assert shell.returncode == 0, said
    with SandboxControl(stand_in.base_url) as control:
        assert sorted(item.section for item in control.record(orcid).items) == ["employment", "work"]


def _script(base_url: str) -> tuple[str, str]:
    """The second shell's lines but those without a browser, with a pause for the walk; and where the pages are."""
    _, first, _, begin, end, *_ = readme.blocks("sh", readme.section(CHAPTER))
    web = f"http://127.0.0.1:{free_port()}"
    bind = f"export ORCID_SYNC_WEB_BIND={web.removeprefix('http://')}"
    lines = [line for line in first.splitlines() if not line.startswith("export PATH")]
    text = "\n".join([bind, *lines, begin, "read -r", end])
    return text.replace("http://127.0.0.1:8765", base_url).replace("http://127.0.0.1:8080", web), web


def _answers(web: str) -> bool:
    try:
        return httpx.get(f"{web}/readyz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
