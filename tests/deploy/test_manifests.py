"""The overlays are sound, and what looks them over finds a fault of each kind that is planted."""

import base64
import copy
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.manifests import definitions, lint
from tests.deploy.manifests.kustomize import (
    KUBERNETES,
    OPERATED,
    OVERLAYS,
    ROOT,
    CannotBuildError,
    build,
    built,
    command,
    operators,
    prepared,
    secret_files,
    switch_on,
    uncommented,
)
from tests.deploy.manifests.objects import workloads
from tests.deploy.manifests.presence import presence_faults
from tests.deploy.manifests.scaling import scaling_faults
from tests.deploy.planted_around import BESIDE_DEFINITIONS
from tests.deploy.planted_faults import PLANTED
from tests.deploy.planting import OVERLAY, Objects, Plant, found, settings

needs_kustomize = pytest.mark.skipif(command() is None, reason=lint.NO_KUSTOMIZE)


@cache
def _whole(overlay: str) -> Objects:
    return build(overlay, whole=True)


def _objects(overlay: str) -> Objects:
    return copy.deepcopy(_whole(overlay))


@needs_kustomize
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_is_sound(overlay: str) -> None:
    """Built with every component, it breaks no rule of Kubernetes' and none of ours."""
    assert lint.faults_of(_whole(overlay)) == []
    assert list(presence_faults(overlay, _whole(overlay), whole=True)) == []


def test_no_overlay_is_left_out() -> None:
    """What is looked over are all that there are."""
    assert {folder.name for folder in (KUBERNETES / "overlays").iterdir()} == set(OVERLAYS)


@needs_kustomize
@pytest.mark.parametrize(("check", "plant", "said"), PLANTED)
def test_a_planted_fault_is_found(check: lint.Check, plant: Plant, said: str) -> None:
    """What is spoilt in the overlay is named."""
    objects = _objects(OVERLAY)
    plant(objects)
    faults = list(check(objects))
    assert any(said in fault for fault in faults), faults


@needs_kustomize
@pytest.mark.parametrize(
    ("overlay", "workload"), [("single", "orcid-sync"), ("sandbox", "orcid-sync"), ("sandbox", "orcid")]
)
def test_a_file_is_one_pods_alone(overlay: str, workload: str) -> None:
    """Found are two replicas, a volume that two may mount, one that holds no state, and updates that get stuck."""
    objects = _objects(overlay)
    spec = found(objects, "StatefulSet", workload)["spec"]
    spec |= {"replicas": 2, "podManagementPolicy": "OrderedReady", "updateStrategy": {"type": "OnDelete"}}
    claim = spec["volumeClaimTemplates"][0]
    claim["spec"]["accessModes"] = ["ReadWriteOnce"]
    mounts = spec["template"]["spec"]["containers"][0]["volumeMounts"]
    next(one for one in mounts if one["name"] == claim["metadata"]["name"])["mountPath"] = "/data"
    faults = [fault.split(": ")[1] for fault in scaling_faults(objects)]
    assert len(faults) == 5, faults


@needs_kustomize
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_changed_setting_rolls_the_pods(overlay: str) -> None:
    """The settings' name changes with them, and so does every template that reads them."""
    before = {str(one): one.template for one in workloads(_whole(overlay)) if one.name != "orcid"}
    with prepared() as tree:
        switch_on(tree, overlay)
        with (operators(tree, overlay) / "settings.env").open("a") as file:
            file.write("ORCID_SYNC_BURST=20\n")
        after = {str(one): one.template for one in workloads(built(tree / "overlays" / overlay)) if one.name != "orcid"}
    assert before.keys() == after.keys()
    assert not [name for name, template in before.items() if template == after[name]]


@needs_kustomize
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_operators_settings_win(overlay: str) -> None:
    """For every setting of base, components and overlay, what the overlay's settings.env says is what counts."""
    with prepared() as tree:
        switch_on(tree, overlay)
        file = operators(tree, overlay) / "settings.env"
        mine = {key: f"https://mine/{key}" for key in settings(built(tree / "overlays" / overlay))}
        file.write_text("".join(f"{key}={value}\n" for key, value in mine.items()))
        assert settings(built(tree / "overlays" / overlay)) == mine


@needs_kustomize
def test_without_its_secrets_an_overlay_is_not_built() -> None:
    """Who forgot to make a file hears which, before anything is applied."""
    with prepared() as tree:
        (tree / "overlays" / "single" / "secrets" / "web-token").unlink()
        with pytest.raises(CannotBuildError, match="web-token"):
            built(tree / "overlays" / "single")


@pytest.mark.parametrize("overlay", OPERATED)
def test_secrets_are_no_part_of_the_repository(overlay: str) -> None:
    """Git ignores the files that an operator makes."""
    names = secret_files(KUBERNETES / "overlays" / overlay / "kustomization.yaml")
    assert names
    for name in names:
        path = f"deploy/kubernetes/overlays/{overlay}/{name}"
        ignored = subprocess.run(["git", "-C", str(ROOT), "check-ignore", "-q", path], check=False)
        assert ignored.returncode == 0, path


def test_nothing_is_fetched_to_build() -> None:
    """Every resource, component and patch is a file or folder beside."""
    for file in KUBERNETES.rglob("kustomization.yaml"):
        told = yaml.safe_load(uncommented(file.read_text()))
        patches = [one["path"] for one in told.get("patches", ()) if "path" in one]
        for name in (*told.get("resources", ()), *(told.get("components") or ()), *patches):
            assert (file.parent / name).exists(), f"{file}: {name}"


def test_what_could_not_be_checked_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without Kustomize a line says what nobody looked at; that is a failure where everything must be looked at."""
    monkeypatch.setattr(lint, "command", lambda: None)
    monkeypatch.delenv(lint.ALL_OR_FAIL, raising=False)
    assert lint.main() == 0
    monkeypatch.setenv(lint.ALL_OR_FAIL, "1")
    assert lint.main() == 1
    assert f"export {lint.ALL_OR_FAIL}=1" in (ROOT / ".ci" / "run").read_text()
    assert capsys.readouterr().err.startswith("NOT CHECKED: the overlays of deploy/kubernetes")


@needs_kustomize
def test_definitions_that_are_not_here_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without KEDA's and Prometheus' own definitions the rest is looked over, and a line says what was not."""
    monkeypatch.setattr(definitions, "CACHE", tmp_path)
    monkeypatch.setattr(lint, "OVERLAYS", ("single",))
    assert lint.main() == 0
    assert capsys.readouterr().err.startswith("NOT CHECKED: KEDA's and Prometheus' objects")


@needs_kustomize
@pytest.mark.skipif(bool(definitions.missing()), reason=lint.NO_DEFINITIONS)
@pytest.mark.parametrize(("kind", "plant", "said"), BESIDE_DEFINITIONS)
def test_what_a_cluster_would_drop_or_refuse_is_found(kind: str, plant: Callable[[Any], object], said: str) -> None:
    """KEDA's and Prometheus' own definitions, the oldest and the newest, name a field or a value that is not theirs."""
    one = found(_objects(OVERLAY), kind, "orcid-sync")
    assert list(definitions.definition_faults(one)) == []
    plant(one)
    faults = list(definitions.definition_faults(one))
    assert len(faults) == 2, faults
    assert all(said in fault for fault in faults), faults


@pytest.mark.parametrize("overlay", OPERATED)
def test_keys_are_made_once(overlay: str) -> None:
    """`make-secrets` makes what is mere chance, leaves what is there, and names what only the operator can give."""
    with prepared() as tree:
        folder = tree / "overlays" / overlay / "secrets"
        named = {Path(name).name for name in secret_files(folder.parent / "kustomization.yaml")}
        given = named - {"vault-keys", "web-token"}
        shutil.rmtree(folder)
        made = [_make_secrets(tree, overlay) for _ in range(2)]
        keys = (folder / "vault-keys").read_text()
        for name in given:
            assert f"{overlay}/secrets/{name}" in made[0].stderr
            (folder / name).write_text("x")
        assert [one.returncode for one in made] == [1 if given else 0] * 2
        assert _make_secrets(tree, overlay).returncode == 0
        assert (folder / "vault-keys").read_text() == keys
        assert len(base64.urlsafe_b64decode(keys)) == 32
        assert (folder / "vault-keys").stat().st_mode & 0o077 == 0


def test_kafkas_password_is_the_same_for_all_who_log_in() -> None:
    """A line break at its end is none of the password for the worker, but would be for KEDA: it is taken away."""
    with prepared() as tree:
        password = tree / "overlays" / "scaled" / "secrets" / "kafka-password"
        password.write_text("of two words \n")
        told = [_make_secrets(tree, "scaled").stdout.count("taken away") for _ in range(2)]
        assert (told, password.read_text()) == ([1, 0], "of two words ")


def _make_secrets(tree: Path, overlay: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tree / "make-secrets", overlay], capture_output=True, text=True, check=False)
