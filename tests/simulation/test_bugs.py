"""The simulation bites: each of the bugs that are planted here by a patch is found within 2,000 seeds, and for itself.

A patch begins with lines `Found by: PATTERN`: what the judge says of a record, a call or the state when this bug has
done its harm. Other faults don't count, nor do errors that the code raises, nor does a seed that fails unpatched.
`First seed: N` says where to begin, for a bug that one seed in hundreds finds.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten

import pytest

from tests.simulation.run import live, quiet

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
FEW = 3
BEFORE_POST = Path(__file__).with_name("bugs") / "no-intent-before-post.patch"
"""A bug that one of the first seeds finds."""


class NotFoundError(AssertionError):
    """No seed found the bug."""


class BrokenPatchError(AssertionError):
    """The patch does not fit, says not what finds it, or breaks the code: nothing of it is a bug to be found."""


@dataclass(frozen=True)
class Finding:
    """The seed that found a bug, by which fault, and the seeds before it that have such a fault unpatched, too."""

    seed: int
    fault: str
    skipped: tuple[int, ...]

    def __str__(self) -> str:
        beside = f" (skipped, as they fail unpatched: {', '.join(map(str, self.skipped))})" if self.skipped else ""
        return f"by seed {self.seed}: {shorten(self.fault, 200)}{beside}"


def copied(folder: Path) -> Path:
    """What the simulation needs of the source, in a new folder."""
    for name in NEEDED:
        source, copy = ROOT / name, folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy)
    return folder


def planted(patch: str, folder: Path) -> Path:
    """The source with the bug in it. Raises BrokenPatchError when the patch does not fit any more."""
    applied = subprocess.run(
        ["git", "apply", "-C1", "--whitespace=nowarn", "--allow-empty"],
        cwd=copied(folder),
        input=patch,
        env=os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    if applied.returncode:
        raise BrokenPatchError(applied.stderr)
    return folder


def fault_of(patch: str) -> str:
    """The pattern of the faults that a bug shows itself by. Raises BrokenPatchError when its patch has none."""
    patterns = re.findall(r"^Found by: (.+)$", patch, re.MULTILINE)
    if not patterns:
        raise BrokenPatchError("it does not say by which fault it is found")
    return "|".join(patterns)


def first_seed_of(patch: str) -> int:
    """Where to look first for a bug; in the seeds before it there is none, as far as was seen."""
    told = re.search(r"^First seed: (\d+)$", patch, re.MULTILINE)
    return int(told[1]) if told else 0


def sound(seed: int) -> bool:
    """Whether a seed passes without any patch."""
    with quiet():
        return not live(seed).faults


def found(
    fault: str, source: Path, seeds: int = SEEDS, passes: Callable[[int], bool] = sound, first: int = 0
) -> Finding:
    """The first seed, of those from `first` on, that has such a fault in a source, and passes unpatched.

    Raises NotFoundError when there is none, and BrokenPatchError when the code failed before that.
    """
    skipped: tuple[int, ...] = ()
    while first < seeds:
        ran = simulate(source, "--until-found", fault, "--first", str(first), "--seeds", str(seeds - first))
        if ran.returncode == 1 and not ran.stderr:
            break
        if ran.returncode:
            raise BrokenPatchError(ran.stdout[-2000:] + ran.stderr[-2000:])
        number, _, told = ran.stdout.strip().partition(" ")
        if passes(int(number)):
            return Finding(int(number), told, skipped)
        skipped += (int(number),)
        first = int(number) + 1
    raise NotFoundError(f"none of {seeds} seeds found it; skipped, as they fail unpatched: {list(skipped)}")


def simulate(source: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The simulation of a source, in a process of its own."""
    command = [sys.executable, "-m", "tests.simulation", *arguments]
    environment = os.environ | {"PYTHONPATH": str(source)}
    return subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For copies of the source, which holds the stand-in's well-known secrets: none of what is scanned for leaks."""
    return tmp_path_factory.mktemp("planted")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("patch", [pytest.param(patch.read_text(), id=patch.stem) for patch in BUGS])
def test_a_planted_bug_is_found(patch: str, folder: Path, told: list[str], request: pytest.FixtureRequest) -> None:
    """By a fault of its own kind, in a seed that passes without it; tells which."""
    finding = found(fault_of(patch), planted(patch, folder / "source"), first=first_seed_of(patch))

    told.append(f"planted {request.node.callspec.id}: {finding}")


def test_each_bug_of_the_list_is_there() -> None:
    """So many kinds of trouble must be found."""
    assert len(BUGS) == 11


def test_an_empty_patch_is_not_found(folder: Path) -> None:
    """Whatever fault is looked for: what is found is found for the bug, not for the looking."""
    source = planted("Found by: .\n", folder / "source")

    with pytest.raises(NotFoundError, match=f"none of {FEW} seeds"):
        found(".", source, FEW)


def test_a_patch_that_breaks_the_code_is_not_a_bug_found(folder: Path) -> None:
    """An error that is raised is told as what it is, whatever fault is looked for."""
    source = copied(folder / "source")
    module = source / "worker/turning/preparing.py"
    module.write_text(module.read_text().replace("    at = store.now()\n", "    at = store.nothing_of_this_name()\n"))

    with pytest.raises(BrokenPatchError, match=r"AttributeError: .*nothing_of_this_name"):
        found(".", source, FEW)


def test_a_patch_that_does_not_fit_is_told(folder: Path) -> None:
    """The code went on, and the patch has to follow it."""
    with pytest.raises(BrokenPatchError, match=r"none\.py"):
        planted("--- a/worker/none.py\n+++ b/worker/none.py\n@@ -1 +1 @@\n-a\n+b\n", folder / "source")


def test_a_patch_says_what_finds_it() -> None:
    """Else any fault would do."""
    with pytest.raises(BrokenPatchError, match="does not say"):
        fault_of("--- a/worker/none.py\n")


def test_only_the_fault_that_a_bug_makes_counts_in_a_seed_that_passes_unpatched(folder: Path) -> None:
    """Another fault, or one that is there without the bug, says nothing about the bug."""
    patch = BEFORE_POST.read_text()
    source = planted(patch, folder / "source")
    first = found(fault_of(patch), source).seed

    with pytest.raises(NotFoundError):
        found("nobody ever says this", source, first + 1)

    finding = found(fault_of(patch), source, passes=lambda seed: seed > first)
    assert finding.seed > first == finding.skipped[0]
    assert "skipped, as they fail unpatched" in str(finding)
