"""The image's files, made without a container engine, and who runs them: a stranger who may change nothing."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deploy.stages import ROOT, Machine, build, read_recipe

STRANGER = 65532
"""The user of the image (distroless' nonroot)."""


def open_to_all(path: Path) -> bool:
    """Whether somebody else could run what is there."""
    real = path.resolve()
    return os.access(real, os.X_OK) and all(folder.stat().st_mode & 0o001 for folder in real.parents)


def choose_interpreter() -> Path:
    """A Python that can build: has pip and venv, stands in no virtual environment, and is for all, if there is one."""
    found = (Path(sys._base_executable), Path("/usr/bin/python3"))  # type: ignore[attr-defined]  # not in typeshed
    fit = [path for path in found if _builds(path)]
    assert fit, f"none of {', '.join(map(str, found))} has pip and venv"
    return next(filter(open_to_all, fit), fit[0])


def _builds(interpreter: Path) -> bool:
    asked = "import sys, pip, venv; sys.exit(sys.version_info < (3, 11))"
    return interpreter.exists() and subprocess.run([interpreter, "-c", asked], check=False).returncode == 0


@dataclass(frozen=True)
class Image:
    """What the Dockerfile makes, under `root`; nobody may write there but in the state's folder."""

    machine: Machine
    root: Path

    @property
    def packages(self) -> Path:
        """Where distributions are installed."""
        [found] = (self.root / "opt" / "orcid-sync" / "lib").glob("python3*/site-packages")
        return found

    @property
    def python(self) -> Path:
        """The interpreter of the virtual environment."""
        return self.root / "opt" / "orcid-sync" / "bin" / "python"

    @property
    def state(self) -> Path:
        """The folder of the state, where commands run."""
        return self.root / "var" / "lib" / "orcid-sync"

    @property
    def environment(self) -> dict[str, str]:
        """What ENV of the last stage says, and nothing else."""
        return {
            name: ":".join(str(self.root / one.lstrip("/")) for one in value.split(":")) if name == "PATH" else value
            for name, value in read_recipe().stages[-1].environment.items()
        }

    @property
    def stranger(self) -> dict[str, Any]:
        """How `subprocess` runs a process as the image's user; as ourselves where we are not allowed to."""
        if os.geteuid() != 0 or not open_to_all(self.python):
            return {}
        return {"user": STRANGER, "group": STRANGER, "extra_groups": []}

    def start(self, words: Sequence[str], settings: Mapping[str, str], **more: Any) -> subprocess.Popen[bytes]:
        """Starts a program of the image as its user, with its environment and these settings."""
        program = self.root / "opt" / "orcid-sync" / "bin" / words[0]
        environ = {**self.environment, **settings}
        return subprocess.Popen([program, *words[1:]], env=environ, cwd=self.state, **self.stranger, **more)

    def run(self, *words: str, settings: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
        """Runs a program to its end."""
        pipe = subprocess.PIPE
        with self.start(words, settings or {}, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe) as process:
            out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def listing(self) -> dict[str, tuple[int, int]]:
        """Every file with size and time of change."""
        return {
            str(path): (path.lstat().st_size, path.lstat().st_mtime_ns)
            for path in sorted(self.root.rglob("*"))
            if not path.is_dir()
        }


@contextmanager
def built_image() -> Iterator[Image]:
    """Builds it in a folder that all may read, and takes it away."""
    with tempfile.TemporaryDirectory(prefix="orcid-sync-image-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        machine = build(folder, choose_interpreter(), ROOT / ".cache" / "pip")
        image = Image(machine, machine.root)
        subprocess.run(["chmod", "-R", "a-w,a+rX", machine.root], check=True)
        image.state.chmod(0o755)
        if image.stranger:
            os.chown(image.state, STRANGER, STRANGER)
        try:
            yield image
        finally:
            subprocess.run(["chmod", "-R", "u+w", machine.root], check=True)
