"""A kustomization of an institution's own, outside of this repository: the one that deploy/README.md shows is sound."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.manifests import lint
from tests.deploy.manifests.kustomize import KUBERNETES, build, built, command, make_secrets
from tests.deploy.manifests.objects import named, told, workloads
from tests.deploy.planting import Objects, found, settings
from tests.docs import readme

pytestmark = pytest.mark.skipif(command() is None, reason=lint.NO_KUSTOMIZE)
SPACE, REPLAY = "orcid-sync-production", "Job/orcid-sync-replay"


@pytest.fixture
def institution(tmp_path: Path) -> Path:
    """The folder of an institution beside a copy of this repository, made as deploy/README.md says."""
    copied = tmp_path / "orcid-sync" / "deploy" / "kubernetes"
    shutil.copytree(KUBERNETES, copied, ignore=shutil.ignore_patterns("secrets"))
    for block in readme.blocks("yaml", readme.DEPLOYING):
        if "kind: Kustomization" in block:
            (name,) = re.findall(r"^# (\S+)$", block, re.MULTILINE)[:1]
            (tmp_path / name).parent.mkdir()
            (tmp_path / name).write_text(block)
    (script,) = (block for block in readme.blocks("sh", readme.DEPLOYING) if "make-secrets ./production" in block)
    lines = [line for line in script.splitlines() if not line.startswith("kubectl")]
    done = subprocess.run(
        ["sh", "-c", "\n".join(lines)], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    missing = re.findall(r"still to be given by you: \S+/production/secrets/(\S+)", done.stderr)
    assert missing == ["client-secret", "state-password", "state-ca.pem"], done.stderr
    make_secrets(tmp_path / "production" / "kustomization.yaml")
    return tmp_path


def test_it_builds_and_is_sound(institution: Path) -> None:
    """It has all that the overlay has, in its own namespace, breaks no rule, and needs no file of the overlay's."""
    objects = built(institution / "production")
    assert lint.faults_of(objects) == []
    assert _names(objects) == _names(build("scaled", whole=True)) - {"TriggerAuthentication/orcid-sync"}
    assert {one["metadata"].get("namespace") for one in objects if one["kind"] != "Namespace"} == {SPACE}
    assert named(objects, "Namespace", SPACE) is not None
    assert not list(institution.glob("orcid-sync/**/secrets"))


def test_its_own_values_count(institution: Path) -> None:
    """Settings, image, partitions and the class of the Ingress are the institution's; the Ingress has its host."""
    folder = institution / "production"
    text = (folder / "settings.env").read_text().replace("orcid.example.edu", "orcid.example.org")
    (folder / "settings.env").write_text(text + "ORCID_SYNC_BURST=7\n")
    kustomization = (folder / "kustomization.yaml").read_text().replace("registry.example.edu", "registry.example.org")
    (folder / "kustomization.yaml").write_text(kustomization)
    objects = built(folder)
    ingress, scaled = found(objects, "Ingress", "orcid-sync"), found(objects, "ScaledObject", "orcid-sync")
    assert settings(objects)["ORCID_SYNC_BURST"] == "7"
    assert (ingress["spec"]["rules"][0]["host"], ingress["spec"]["ingressClassName"]) == (
        "orcid.example.org",
        "traefik",
    )
    assert scaled["metadata"]["annotations"]["orcid-sync/partitions"] == "24"
    assert _images(objects) == {"registry.example.org/orcid-sync@sha256:" + 64 * "0"}


def test_its_replay(institution: Path) -> None:
    """The folder beside brings one Job more, of the same image, settings and namespace."""
    objects, replay = built(institution / "production"), built(institution / "production-replay")
    assert lint.faults_of(replay) == []
    assert _names(replay) - _names(objects) == {REPLAY}
    assert [one for one in replay if told(one) != REPLAY] == objects
    assert _images(replay) == _images(objects)


def _names(objects: Objects) -> set[str]:
    return {told(one) for one in objects if one["kind"] not in {"ConfigMap", "Secret", "Namespace"}}


def _images(objects: Objects) -> set[str]:
    return {container["image"] for one in workloads(objects) for container in one.containers}
