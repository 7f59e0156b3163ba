"""Kustomize: builds what `kubectl apply -k` would apply, offline, with files in place of those an operator makes."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from state.vault import new_key
from tests.kafka.certificates import Authority

ROOT = Path(__file__).parents[3]
KUBERNETES = ROOT / "deploy" / "kubernetes"
FETCHED = ROOT / ".cache" / "bin" / "kustomize"
OPERATED = ("single", "scaled", "sandbox")
"""Overlays with files that an operator makes."""
OVERLAYS = (*OPERATED, "scaled-replay", "single-commands", "scaled-commands")
BUILD_SECONDS = 60


class CannotBuildError(Exception):
    """Kustomize refused: its own words."""


@cache
def command() -> tuple[str, ...] | None:
    """How Kustomize is called here: `kustomize` itself, `kubectl`, or what tests/fetch_kustomize fetched."""
    if found := shutil.which("kustomize"):
        return (found, "build")
    if found := shutil.which("kubectl"):
        return (found, "kustomize")
    return (str(FETCHED), "build") if FETCHED.exists() else None


def build(overlay: str, *, whole: bool = False) -> list[dict[str, Any]]:
    """The objects of an overlay; `whole`: with every component that its operator may switch on.

    Raises CannotBuildError.
    """
    with prepared() as tree:
        if whole:
            switch_on(tree, overlay)
        return built(tree / "overlays" / overlay)


@contextmanager
def prepared() -> Iterator[Path]:
    """A copy of deploy/kubernetes in which the files are that an operator makes; each call has secrets of its own."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "kubernetes"
        shutil.copytree(KUBERNETES, tree, ignore=shutil.ignore_patterns("secrets"))
        for file in sorted(tree.rglob("kustomization.yaml")):
            make_secrets(file)
        yield tree


def switch_on(tree: Path, overlay: str) -> None:
    """Everything that stands in the overlay (or in the one that it is upon) as a comment, with the files it names."""
    folder = operators(tree, overlay)
    file, settings = folder / "kustomization.yaml", folder / "settings.env"
    file.write_text(uncommented(file.read_text()))
    settings.write_text(re.sub(r"^# (?=ORCID_SYNC_[A-Z_]+=)", "", settings.read_text(), flags=re.MULTILINE))
    make_secrets(file)


def uncommented(text: str) -> str:
    """A kustomization.yaml with everything that its operator may switch on."""
    return re.sub(r"^( +)# - (?=[a-z./-]+$)", r"\1- ", text, flags=re.MULTILINE)


def operators(tree: Path, overlay: str) -> Path:
    """The folder with the operator's files: an overlay's own, or that of the overlay that it is upon."""
    folder = tree / "overlays" / overlay
    if (folder / "settings.env").exists():
        return folder
    (upon,) = map(str, _told(folder / "kustomization.yaml")["resources"])
    return (folder / upon).resolve()


def built(folder: Path) -> list[dict[str, Any]]:
    """The objects of a folder with a kustomization.yaml; raises CannotBuildError."""
    called = command()
    assert called is not None, "Kustomize is not here: ask `command` first"
    done = subprocess.run([*called, str(folder)], capture_output=True, text=True, check=False, timeout=BUILD_SECONDS)
    if done.returncode != 0:
        raise CannotBuildError((done.stderr.strip() or "no output").replace(str(folder), folder.name))
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def secret_files(kustomization: Path) -> Sequence[str]:
    """The files that an overlay makes its Secrets of, in the operator's folder."""
    return [file for one in _told(kustomization).get("secretGenerator", ()) for file in one.get("files", ())]


def _told(kustomization: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(kustomization.read_text())
    return found


def make_secrets(kustomization: Path) -> None:
    """Puts something of each kind where an operator puts the files that a kustomization.yaml names."""
    for name in secret_files(kustomization):
        file = kustomization.parent / name
        file.parent.mkdir(exist_ok=True)
        if file.suffix == ".pem":
            file.write_bytes(Authority(file.parent).certificate.read_bytes())
        else:
            # As `openssl … > file` leaves it: with a line's end.
            file.write_text((new_key() if file.name == "vault-keys" else f"of the test: {file.name}") + "\n")
