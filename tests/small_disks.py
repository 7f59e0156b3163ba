"""Small disks: file systems in memory that a process has to itself, to be filled to the last byte."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

UNSHARED = ("unshare", "--user", "--map-root-user", "--mount")
"""Begins a command that may mount what nobody else sees."""
BALLAST = "ballast"


@cache
def can_mount() -> bool:
    """Whether this machine lets us."""
    if shutil.which("unshare") is None:
        return False
    words = [*UNSHARED, "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def fill(folder: Path) -> None:
    """Writes until there is no room any more."""
    with (folder / BALLAST).open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(512))
        except OSError:
            return
