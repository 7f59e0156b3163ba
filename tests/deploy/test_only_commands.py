"""The shape in which only commands are given, and the patches that deploy/README.md shows, as Kustomize builds them."""

import signal
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.deploy.manifests.kustomize import build, built, command, prepared, switch_on
from tests.deploy.manifests.lint import NO_KUSTOMIZE
from tests.deploy.manifests.objects import Object, of_kind, workloads
from tests.docs import readme

pytestmark = pytest.mark.skipif(command() is None, reason=NO_KUSTOMIZE)

WAITS = {"single": "orcid-sync", "scaled": "orcid-sync-pages"}
"""Whose pod it is in each shape."""
CONTENT = {"envFrom", "volumeMounts", "image", "securityContext"}
PATCHES = [
    found for text in readme.blocks("yaml", readme.DEPLOYING) if (found := yaml.safe_load(text)).keys() == {"patches"}
]


def waiting(objects: list[Object], shape: str) -> tuple[Any, Object]:
    """The workload that commands are given in, and its container."""
    (workload,) = (one for one in workloads(objects) if one.name == WAITS[shape])
    (container,) = workload.containers
    return workload, container


@pytest.mark.parametrize("shape", WAITS)
def test_commands_have_what_the_shape_has(shape: str) -> None:
    """Settings, secrets, volume, image and rights are the same; no probe asks a web server; there is room in /tmp."""
    with prepared() as tree:
        built_here = [built(tree / "overlays" / name) for name in (shape, f"{shape}-commands")]
    (was, before), (now, after) = (waiting(objects, shape) for objects in built_here)

    assert {name: after.get(name) for name in CONTENT} == {name: before.get(name) for name in CONTENT}
    assert "args" not in after
    assert not any("httpGet" in after.get(probe, ()) for probe in ("startupProbe", "livenessProbe", "readinessProbe"))
    (small,) = (one for one in was.pod["volumes"] if one["name"] == "tmp")
    (room,) = (one for one in now.pod["volumes"] if one["name"] == "tmp")
    assert room == {"name": "tmp", "emptyDir": {"sizeLimit": "20Gi"}} != small
    assert [one for one in now.pod["volumes"] if one != room] == [one for one in was.pod["volumes"] if one != small]


def test_nothing_else_runs() -> None:
    """One pod of each shape; no daemon is kept, no job begins by itself."""
    (stateful,) = of_kind(build("single-commands"), "StatefulSet")
    assert stateful["spec"]["replicas"] == 1
    objects = build("scaled-commands")
    assert waiting(objects, "scaled")[0].name == "orcid-sync-pages"
    replicas = {one["metadata"]["name"]: one["spec"].get("replicas") for one in of_kind(objects, "Deployment")}
    assert replicas == {"orcid-sync": None, "orcid-sync-pages": 1}
    (scaled,) = of_kind(objects, "ScaledObject")
    assert scaled["metadata"]["annotations"]["autoscaling.keda.sh/paused-replicas"] == "0"
    assert {one["spec"].get("suspend") for one in of_kind(objects, "CronJob")} == {True}
    assert not any(of_kind(objects, "Job"))


@pytest.mark.parametrize("shape", WAITS)
def test_the_pod_waits_and_ends_when_it_is_told_to(shape: str) -> None:
    """Its own words, started: it goes on by itself, and SIGTERM ends it at once."""
    _, container = waiting(build(f"{shape}-commands"), shape)
    python, *words = container["command"]
    assert python == "/opt/orcid-sync/bin/python"
    words[-1] = words[-1].replace("signal.sigwait(", "print(flush=True); signal.sigwait(")

    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"\n"
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.2)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("given", PATCHES, ids=lambda given: "-".join(given["patches"][0]["target"].values()))
def test_patches_that_are_shown_change_what_they_name(given: dict[str, Any]) -> None:
    """With all components, each of a block's patches finds its object, and leaves all others alone.

    In `scaled`, or in `single` what that alone has.
    """
    shape = "single" if any(one["target"]["kind"] == "StatefulSet" for one in given["patches"]) else "scaled"
    with prepared() as tree:
        switch_on(tree, shape)
        overlay = tree / "overlays" / shape
        before = by_name(built(overlay))
        file = overlay / "kustomization.yaml"
        told = yaml.safe_load(file.read_text())
        file.write_text(yaml.safe_dump(told | {"patches": [*told.get("patches", ()), *given["patches"]]}))
        after = by_name(built(overlay))

    changed = {name for name, one in after.items() if one != before[name]}
    assert changed == {(one["target"]["kind"], one["target"]["name"]) for one in given["patches"]}


def by_name(objects: list[Object]) -> dict[tuple[str, str], Object]:
    """The same by kind and name."""
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}


def test_shown_patches_are_found() -> None:
    """Those of networks, room for a backup, and the label for Prometheus."""
    named = {one["target"]["name"] for given in PATCHES for one in given["patches"]}
    assert named >= {"to-kafka", "to-postgresql", "orcid-sync"}


def test_a_kustomization_of_ones_own_is_stopped_alike() -> None:
    """By one of three lines upon it."""
    with prepared() as tree:
        own = tree / "overlays" / "own"
        own.mkdir()
        (own / "kustomization.yaml").write_text("resources: [../single]\ncomponents: [../../components/commands]\n")
        assert "command" in waiting(built(own), "single")[1]
