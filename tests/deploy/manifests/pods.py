"""Pods: what every workload's template sets, whatever it runs: probes, resources, rights, and time to end."""

from collections.abc import Collection, Iterator
from itertools import chain

from tests.deploy.manifests.objects import Object, Workload, amount, ports, waits, workloads

UID = 65532
"""The user of the image (deploy/Dockerfile)."""
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")
COMMANDS = {"daemon": "run", "pages": "web", "replay": "replay", "drift-check": "verify", "stand-in": "sandbox"}
"""What the pods of each component run; network policies, Services and budgets go by the component."""
LEAST = {("requests", "memory"): "128Mi", ("limits", "memory"): "256Mi", ("limits", "cpu"): "1"}
"""Less is not enough: peaks of 120 MB are measured, and a part of a processor makes starts slow (deploy/README.md)."""
SECONDS = {"startupProbe": (60, 3600), "livenessProbe": (20, 300), "readinessProbe": (5, 60)}
"""How long each probe may fail before that counts, at least and at most."""
SPREAD = "kubernetes.io/hostname"
VOLUMES = {"configMap", "secret", "emptyDir", "persistentVolumeClaim"}
"""Kinds of volumes that need no right on the node."""


def pod_faults(objects: Collection[Object]) -> Iterator[str]:
    """What the templates lack, one line each."""
    for workload in workloads(objects):
        for fault in (*_pod(workload), *_volumes(workload)):
            yield f"{workload}: {fault}"
        for container in workload.containers:
            checks = (
                _resources(container),
                _rights(container),
                _writable(workload, container),
                _probes(workload, container),
            )
            for fault in chain.from_iterable(checks):
                yield f"{workload}: container {container.get('name')}: {fault}"
            command = COMMANDS.get(workload.labels.get("app.kubernetes.io/component", ""))
            if not waits(container) and container.get("args", [""])[0] != command:
                yield f"{workload}: container {container.get('name')}: does not run {command}, as its component says"
            if "@sha256:" not in container.get("image", ""):
                yield f"{workload}: container {container.get('name')}: its image is not named by its digest"


def _pod(workload: Workload) -> Iterator[str]:
    pod = workload.pod
    if pod.get("automountServiceAccountToken") is not False:
        yield "automountServiceAccountToken is not false"
    if pod.get("enableServiceLinks") is not False:
        yield "enableServiceLinks is not false"
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(name):
            yield f"{name} is set"
    rights = pod.get("securityContext", {})
    if rights.get("runAsNonRoot") is not True:
        yield "runAsNonRoot is not true"
    for name in ("runAsUser", "runAsGroup", "fsGroup"):
        if rights.get(name) != UID:
            yield f"{name} is not {UID}, the image's"
    if rights.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "seccompProfile is not RuntimeDefault"
    if workload.ends and pod.get("restartPolicy") != "Never":
        yield "restartPolicy is not Never, so its podFailurePolicy is not heeded"
    if workload.kind == "Deployment" and SPREAD not in [
        rule.get("topologyKey") for rule in pod.get("topologySpreadConstraints", ())
    ]:
        yield f"its pods are not spread over {SPREAD}: they could be on one node together"


def _volumes(workload: Workload) -> Iterator[str]:
    for volume in workload.pod.get("volumes", ()):
        if other := set(volume) - {"name"} - VOLUMES:
            yield f"volume {volume['name']}: is of a kind that is not allowed here: {', '.join(sorted(other))}"
        if "emptyDir" in volume and not (volume["emptyDir"] or {}).get("sizeLimit"):
            yield f"volume {volume['name']}: has no sizeLimit: it could fill the node's disk"
        if "secret" in volume and volume["secret"].get("defaultMode") != 0o400:
            yield f"volume {volume['name']}: defaultMode is not 0400"


def _resources(container: Object) -> Iterator[str]:
    resources = container.get("resources", {})
    for kind in ("requests", "limits"):
        for name in ("cpu", "memory"):
            if not resources.get(kind, {}).get(name):
                yield f"resources.{kind}.{name} is not set"
    for (kind, name), least in LEAST.items():
        given = resources.get(kind, {}).get(name)
        if given and amount(given) < amount(least):
            yield f"resources.{kind}.{name} {given} is less than {least}"
    for name in ("cpu", "memory"):
        asked, most = resources.get("requests", {}).get(name), resources.get("limits", {}).get(name)
        if asked and most and amount(asked) > amount(most):
            yield f"resources: requests more {name} ({asked}) than its limit ({most})"


def _rights(container: Object) -> Iterator[str]:
    rights = container.get("securityContext", {})
    if rights.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if rights.get("readOnlyRootFilesystem") is not True:
        yield "readOnlyRootFilesystem is not true"
    if rights.get("capabilities", {}).get("drop") != ["ALL"] or rights["capabilities"].get("add"):
        yield "does not drop ALL capabilities, and add none"
    for name in ("privileged", "runAsUser", "runAsNonRoot", "seccompProfile"):
        if rights.get(name):
            yield f"{name} is set beside the pod's own"


def _writable(workload: Workload, container: Object) -> Iterator[str]:
    """Where the root is read-only there is a /tmp: Python and SQLite write there."""
    emptied = {volume["name"] for volume in workload.pod.get("volumes", ()) if "emptyDir" in volume}
    mounts = container.get("volumeMounts", ())
    if not any(
        one["mountPath"] == "/tmp" and one["name"] in emptied and not one.get("readOnly")  # noqa: S108 (the pod's)
        for one in mounts
    ):
        yield "has no emptyDir at /tmp to write to"


def _probes(workload: Workload, container: Object) -> Iterator[str]:
    if container in workload.pod.get("initContainers", ()):
        return
    for name in PROBES:
        probe = container.get(name)
        if probe is None:
            yield f"has no {name}"
            continue
        yield from _asked(container, name, probe)
        least, most = SECONDS[name]
        given = probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3)
        if given < least:
            yield f"{name} gives less than {least} s"
        if given > most:
            yield f"{name} gives {given} s, more than {most}"
        if probe.get("initialDelaySeconds"):
            yield f"{name} sets initialDelaySeconds: how long a start may take is the startupProbe's"


def _asked(container: Object, name: str, probe: Object) -> Iterator[str]:
    """What a probe asks is what its name means (CONTRACT.md section 2)."""
    if waits(container):
        if probe.get("exec", {}).get("command", [""])[0] != container["command"][0]:
            yield f"{name} does not begin what the container runs"
        return
    paths = ("/healthz", "/readyz") if container.get("args", [""])[0] != "sandbox" else ("/sandbox/healthz",) * 2
    path, asked = paths[name == "readinessProbe"], probe.get("httpGet", {})
    if asked.get("path") != path:
        yield f"{name} asks {asked.get('path')}: what it means is told by {path}"
    if asked.get("port") not in ports(container):
        yield f"{name} asks the port {asked.get('port')}, which the container does not have"
