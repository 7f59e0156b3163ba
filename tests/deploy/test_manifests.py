"""The overlays are sound, and what looks them over finds a fault of each kind that is planted."""

import base64
import copy
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml

from tests.deploy.manifests import lint
from tests.deploy.manifests.kustomize import (
    KUBERNETES,
    OVERLAYS,
    ROOT,
    CannotBuildError,
    build,
    built,
    command,
    prepared,
    secret_files,
    switch_on,
    uncommented,
)
from tests.deploy.manifests.objects import workloads
from tests.deploy.manifests.scaling import scaling_faults
from tests.deploy.planted_faults import PLANTED
from tests.deploy.planting import Objects, Plant, found

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


@needs_kustomize
@pytest.mark.parametrize(("check", "plant", "said"), PLANTED)
def test_a_planted_fault_isfound(check: lint.Check, plant: Plant, said: str) -> None:
    """What is spoilt in the overlay `scaled` is named."""
    objects = _objects("scaled")
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
        with (tree / "overlays" / overlay / "settings.env").open("a") as settings:
            settings.write("ORCID_SYNC_BURST=20\n")
        after = {str(one): one.template for one in workloads(built(tree / "overlays" / overlay)) if one.name != "orcid"}
    assert before.keys() == after.keys()
    assert not [name for name, template in before.items() if template == after[name]]


@needs_kustomize
def test_without_its_secrets_an_overlay_is_not_built() -> None:
    """Who forgot to make a file hears which, before anything is applied."""
    with prepared() as tree:
        (tree / "overlays" / "single" / "secrets" / "web-token").unlink()
        with pytest.raises(CannotBuildError, match="web-token"):
            built(tree / "overlays" / "single")


@pytest.mark.parametrize("overlay", OVERLAYS)
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
        patches = [one["path"] for one in told.get("patches", ())]
        for name in (*told.get("resources", ()), *(told.get("components") or ()), *patches):
            assert (file.parent / name).exists(), f"{file}: {name}"


def test_what_could_not_be_checked_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without Kustomize nothing fails, and a line says what nobody looked at."""
    monkeypatch.setattr(lint, "command", lambda: None)
    assert lint.main() == 0
    assert capsys.readouterr().err.startswith("NOT CHECKED: the overlays of deploy/kubernetes")


@pytest.mark.parametrize("overlay", OVERLAYS)
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
