"""The simulation bites: each of the bugs that are planted here by a patch is found within 2,000 seeds."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUGS = sorted(Path(__file__).with_name("bugs").glob("*.patch"))
NEEDED = (
    "mappers",
    "state",
    "worker",
    "tests/simulation",
    "tests/fakes",
    "tests/turning",
    "tests/benchmarks",
    "tests/events.py",
)
SEEDS = 2000


def planted(patch: Path, folder: Path) -> Path:
    """The source with the bug in it. Raises CalledProcessError when the patch does not fit any more."""
    (folder / "tests").mkdir(parents=True)
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    command = ["git", "apply", "-C1", "--whitespace=nowarn", str(patch)]
    subprocess.run(command, cwd=folder, check=True, env=os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)})
    return folder


@pytest.mark.timeout(900)
@pytest.mark.parametrize("patch", [pytest.param(patch, id=patch.stem) for patch in BUGS])
def test_a_planted_bug_is_found(patch: Path, tmp_path: Path, told: list[str]) -> None:
    """By seeds in their order; says which one found it, and how."""
    source = planted(patch, tmp_path / "source")
    command = [sys.executable, "-m", "tests.simulation", "--until-found", "--seeds", str(SEEDS)]
    found = subprocess.run(
        command, cwd=source, env=os.environ | {"PYTHONPATH": str(source)}, capture_output=True, text=True, check=False
    )

    assert found.returncode == 0, found.stdout[-2000:] + found.stderr[-2000:]
    told.append(f"planted {patch.stem}: {' '.join(found.stdout.splitlines()[:2])}")


def test_each_bug_of_the_list_is_there() -> None:
    """So many kinds of trouble must be found."""
    assert len(BUGS) == 11
