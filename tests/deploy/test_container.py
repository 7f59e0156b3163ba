"""The container image: all that can be known of it without a container engine, its steps carried out for real."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from docker.utils.build import exclude_paths
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from state.vault import new_key
from tests.deploy.image import Image, built_image
from tests.deploy.sbom import write_sbom
from tests.deploy.stages import ROOT, SIDE, Recipe, copies, filled, read_recipe

BUILD_TOOLS = {"pip", "setuptools", "wheel", "hatchling", "editables", "uv", "build"}
OURS = ("mappers", "state", "worker")
LARGEST = 220
"""Megabytes that we add to the base; a new dependency that doubles it is to be noticed."""


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    """The image's files."""
    with built_image() as built:
        yield built


@pytest.fixture
def recipe() -> Recipe:
    """The Dockerfile."""
    return read_recipe()


def installed(image: Image) -> dict[str, Distribution]:
    """The image's distributions by name."""
    return {canonicalize_name(one.name): one for one in distributions(path=[str(image.packages)])}


def test_every_base_is_named_by_a_digest_that_the_builder_gives(recipe: Recipe) -> None:
    """An image of another name or a tag alone comes in nowhere, and no digest is made up."""
    names = {stage.name for stage in recipe.stages if stage.name}
    foreign = [stage.image for stage in recipe.stages if stage.image not in names]

    assert foreign == ["${BASE_IMAGE}@${BASE_DIGEST}", "${BUILD_IMAGE}@${BUILD_DIGEST}"]
    assert recipe.arguments["BASE_DIGEST"] is recipe.arguments["BUILD_DIGEST"] is None
    for image in foreign:
        tagged = filled(image.partition("@")[0], recipe.arguments)
        assert re.fullmatch(r"[a-z0-9.]+(/[a-z0-9-]+)+:(?!latest)[a-z0-9.-]+", tagged), tagged


def test_no_secret_comes_in_by_an_argument_or_stays_in_the_environment(recipe: Recipe) -> None:
    """Arguments and environment are in the image's history for all to read: an index's password goes in as a secret."""
    words = [
        word for stage in recipe.stages for kind in ("ARG", "ENV") for step in stage.all(kind) for word in step.words
    ]
    flags = [flag for stage in recipe.stages for step in stage.all("RUN") for flag in step.flags]

    assert [
        word for word in words if re.search(r"SECRET|TOKEN|PASSW|CREDENTIAL|_KEY|INDEX|://", word, re.IGNORECASE)
    ] == []
    assert sum("type=secret" in flag for flag in flags) == 2


def test_what_is_copied_is_there_and_is_sent_to_the_builder(recipe: Recipe) -> None:
    """Each source exists, is not left out by .dockerignore, and is used; nothing else is sent."""
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    sent = {path for path in exclude_paths(str(ROOT), rules) if (ROOT / path).is_file()} - {".dockerignore"}
    wanted = {source for _, of, source, _ in copies(recipe) if of is None}

    assert sorted(source for source in wanted if not (ROOT / source).exists()) == []
    for source in wanted:
        assert any(path == source or path.startswith(f"{source}/") for path in sent), f"{source} is left out"
    assert {path for path in sent if not any(path == one or path.startswith(f"{one}/") for one in wanted)} == set()
    assert [path for path in sent if re.search(r"\.(db|pyc|key|env)\b|__pycache__", path)] == []


def test_the_image_says_who_runs_it_how_it_ends_and_what_it_is(recipe: Recipe) -> None:
    """A user by number, not root, with a group; SIGTERM; the command in the form that needs no shell; OCI's labels."""
    last = recipe.stages[-1]
    [user], [entry], [signal] = last.all("USER"), last.all("ENTRYPOINT"), last.all("STOPSIGNAL")
    labels = {word.partition("=")[0] for step in last.all("LABEL") for word in step.words}

    assert user.words == ("65532:65532",)
    assert (entry.is_json, entry.words) == (True, ("/opt/orcid-sync/bin/orcid-sync",))
    assert signal.words == ("SIGTERM",)
    assert {f"org.opencontainers.image.{one}" for one in ("title", "description", "version", "revision")} <= labels
    assert all(step.is_json for step in last.all("RUN"))


def test_what_is_carried_out_here_is_what_the_builder_does(recipe: Recipe) -> None:
    """Steps name their folders by variables; nothing is fetched but by pip, wheels alone, by hash."""
    for stage in recipe.stages:
        assert {step.kind for step in stage.steps} <= {*SIDE, "ENV", "WORKDIR", "COPY", "RUN"}
        shell = [step.words[0] for step in stage.all("RUN") if not step.is_json]
        for line in shell:
            assert re.findall(r"(?<![\w\"}./-])/\w+", line) == []
            assert re.findall(r"\b(apt|apt-get|curl|wget|git|gcc|make|sudo)\b", line) == []
        fetching = [line for line in shell if "install" in line and "--no-index" not in line]
        assert all("--require-hashes" in line and "--only-binary :all:" in line for line in fetching)


def test_the_locked_packages_are_installed_and_no_tool_to_build(image: Image) -> None:
    """What requirements/image.txt pins for this machine, but pip, and our own wheel."""
    lines = (ROOT / "requirements" / "image.txt").read_text().splitlines()
    pins = [Requirement(line.removesuffix("\\")) for line in lines if line and not line.startswith((" ", "#"))]
    wanted = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins if _fits(pin)}
    found = {name: one.version for name, one in installed(image).items()}

    assert found.keys() & BUILD_TOOLS == set()
    assert {name: version for name, version in found.items() if name != "orcid-sync"} == {
        name: version for name, version in wanted.items() if name not in BUILD_TOOLS
    }
    assert "orcid-sync" in found
    assert [path.name for path in (image.root / "opt/orcid-sync/bin").iterdir() if path.name.startswith("pip")] == []


def _fits(pin: Requirement) -> bool:
    return pin.marker is None or pin.marker.evaluate()


def test_our_packages_are_whole(image: Image) -> None:
    """Templates, styles, texts and tables are there, and no more than the source has."""

    def files(folder: Path) -> set[str]:
        found = (path for name in OURS for path in (folder / name).rglob("*") if "__pycache__" not in path.parts)
        return {str(path.relative_to(folder)) for path in found if path.is_file()}

    assert files(image.packages) == files(ROOT)


def test_all_is_compiled_and_believed_unseen(image: Image) -> None:
    """A read-only root takes no compiled file later; and one that goes by its source's time is stale in a new layer."""
    sources = list(image.packages.rglob("*.py"))
    compiled = list(image.packages.rglob("__pycache__/*.pyc"))

    assert len(compiled) == len(sources)
    assert {path.read_bytes()[4:8] for path in compiled} == {b"\x01\0\0\0"}  # PEP 552: by hash, not checked
    assert list(image.root.glob("usr/lib/python3*/__pycache__/this.*.pyc"))


def test_every_module_can_be_imported(image: Image) -> None:
    """Nothing that only tests or development install is needed where it runs."""
    code = (
        "import importlib, pkgutil\n"
        f"for name in {OURS}:\n"
        "    for one in pkgutil.walk_packages(importlib.import_module(name).__path__, name + '.'):\n"
        "        if not one.name.endswith('__main__'): importlib.import_module(one.name)\n"
    )
    ran = image.run("python", "-c", code)

    assert ran.returncode == 0, ran.stderr.decode()[-2000:]


def test_the_whole_product_runs_for_a_stranger_who_may_write_nowhere(image: Image, told: list[str]) -> None:
    """The demo brings items onto records, as the image's user, with its environment alone; no file of it changes."""
    before = image.listing()

    ran = image.run("orcid-sync", "demo", "--json")

    assert ran.returncode == 0, ran.stderr.decode()[-2000:]
    items = json.loads(ran.stdout)["first"]["items"]
    assert (items["in_sync"], items["refused"]) == (34, 0)
    assert image.listing() == before
    assert image.run("orcid-sync", "--help").stdout.startswith(b"Usage: orcid-sync")
    who = f"user {image.stranger['user']}" if image.stranger else "this user: no other can reach this machine's Python"
    told.append(f"container image: built without an engine, run as {who}")


def test_the_state_is_written_where_the_volume_is(image: Image) -> None:
    """Without a word about it, the state lies in the folder that belongs to the image's user."""
    settings = {"ORCID_SYNC_VAULT_KEYS": new_key(), "ORCID_SYNC_CLIENT_ID": "APP-0RCIDSYNCSANDBOX"}

    ran = image.run("orcid-sync", "status", "--json", settings=settings)

    assert ran.returncode == 0, ran.stderr.decode()
    assert (image.state / "orcid-sync.db").exists()
    for left in image.state.glob("orcid-sync.db*"):
        left.unlink()


def test_it_is_small(image: Image, told: list[str]) -> None:
    """What we add to the base stays within a bound that a careless dependency would break."""
    size = sum(path.lstat().st_size for path in image.root.rglob("*") if not path.is_dir()) / 1e6

    told.append(f"container image: {size:.0f} MB upon its base")
    assert size < LARGEST


def test_the_bill_of_materials_names_all_that_is_installed(image: Image, tmp_path: Path) -> None:
    """`make sbom`: every distribution with version and licence, ours as the subject; nothing of this machine."""
    target = tmp_path / "orcid-sync.cdx.json"

    write_sbom(image, target, validate=False)

    text = target.read_text()
    told = json.loads(text)
    assert told["metadata"]["component"]["name"] == "orcid-sync"
    assert {canonicalize_name(one["name"]): one["version"] for one in told["components"]} == {
        name: one.version for name, one in installed(image).items() if name != "orcid-sync"
    }
    licensed = [one["name"] for one in told["components"] if one.get("licenses")]
    assert len(licensed) > 0.9 * len(told["components"]), "some say it in no form that the tool reads, but not many"
    assert str(image.root) not in text
    assert str(ROOT) not in text


def test_make_image_says_what_is_missing(tmp_path: Path) -> None:
    """Without an engine, and with one but without digests, one line tells what to do."""
    engine = tmp_path / "engine"
    engine.write_text("#!/bin/sh\necho '28.0'\n")
    engine.chmod(0o755)

    def make(*words: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": os.environ["PATH"]}
        return subprocess.run(
            ["make", "image", *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )

    without, with_one = make("DOCKER=no-such-engine"), make(f"DOCKER={engine}")

    assert without.returncode == with_one.returncode == 2
    assert without.stderr.startswith("make image: no container engine answers")
    assert with_one.stderr.startswith("make image: give BUILD_DIGEST=sha256:… and BASE_DIGEST=sha256:…")
