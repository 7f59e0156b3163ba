"""Packaging: flat package names are ours alone, and what is locked is hashed and names no address."""

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("package", ["worker", "state", "mappers"])
def test_a_flat_package_name_is_ours_alone(package: str) -> None:
    """Generic names are safe only as long as nothing else that is installed claims them."""
    found = import_module(package).__file__

    assert set(packages_distributions().get(package, [])) <= {"orcid-sync"}
    assert found is not None
    assert Path(found).parents[1] == ROOT


@pytest.mark.parametrize("name", ["build", "runtime", "image", "develop"])
def test_requirements_are_pinned_and_hashed_and_hold_no_address(name: str) -> None:
    """Each requirement has a version and hashes; where it comes from is the installing machine's business."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]

    assert pins
    assert all(re.match(r"[A-Za-z0-9._-]+(\[[a-z0-9,-]+\])?==\S+", pin) for pin in pins)
    assert text.count("--hash=sha256:") >= len(pins)
    assert "://" not in text


def test_every_runtime_dependency_is_locked() -> None:
    """`make` installs what pyproject.toml asks for, and nothing by chance."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = (ROOT / "requirements" / "runtime.txt").read_text().lower()
    names = [re.split(r"[\[<>=;]", one)[0].strip().lower() for one in project["dependencies"]]

    assert [name for name in names if f"{name}==" not in locked and f"{name}[" not in locked] == []
    assert "Private :: Do Not Upload" in project["classifiers"]


def test_the_wheel_holds_what_the_code_reads(tmp_path: Path) -> None:
    """Templates, texts and tables beside the code are installed with it."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True)
    [wheel] = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    kept = (path for package in ("worker", "state", "mappers") for path in (ROOT / package).rglob("*"))
    wanted = {str(path.relative_to(ROOT)) for path in kept if path.is_file() and "__pycache__" not in path.parts}

    assert "worker/web/consent/texts/en.toml" in wanted
    assert wanted - packed == set()
