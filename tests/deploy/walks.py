"""deploy/README.md's walks in the cluster, done on this machine: each line as it stands, without `kubectl exec`."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.cli.conftest import COMMAND, Institution
from tests.docs import readme

KUBECTL = 'kubectl() { if [ "$1" = exec ]; then while [ "$1" != -- ]; do shift; done; shift; "$@"; fi; }\n'
"""What follows `--` is done here; all that only a cluster can do is passed over."""


def block(part: str) -> str:
    """The one block of shell lines with this in it."""
    (found,) = (one for one in readme.blocks("sh", readme.DEPLOYING) if part in one)
    return found


def line(part: str) -> str:
    """The one command between backticks, or line of a block, with this in it."""
    lines = [line for one in readme.blocks("sh", readme.DEPLOYING) for line in one.splitlines()]
    (found,) = {one for one in (*lines, *readme.spans(readme.DEPLOYING)) if part in one}
    return found


def walk(
    institution: Institution, script: str, here: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Does these lines in the institution's folder, which is the pod's volume too; the first that fails ends it.

    `here`: what else is another on this machine.
    """
    folder = institution.folder
    (folder / "tmp").mkdir(exist_ok=True)
    places = {
        "/opt/orcid-sync/bin/python": sys.executable,
        "/var/lib/orcid-sync": str(folder),
        "/tmp/": f"{folder}/tmp/",  # noqa: S108 - the pod's own
        **(here or {}),
    }
    script = re.sub("|".join(map(re.escape, places)), lambda found: places[found[0]], script)
    environ = institution.environ() | {"PATH": f"{COMMAND.parent}:{os.environ['PATH']}", "pod": "it"}
    words = ["sh", "-ec", KUBECTL + script]
    return subprocess.run(words, cwd=folder, env=environ, capture_output=True, timeout=120, check=False)


def placed(file: Path, content: bytes) -> Path:
    """The file with this in it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file
