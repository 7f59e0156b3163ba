"""References: whatever one object says of another is there, and selectors find what they should."""

from collections.abc import Collection, Iterator
from typing import Any

from tests.deploy.manifests.objects import (
    Object,
    Workload,
    content,
    named,
    of_kind,
    ports,
    selects,
    told,
    workloads,
)

UNBOUND = ("Namespace", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding")


def reference_faults(objects: Collection[Object]) -> Iterator[str]:
    """What points to nothing, one line each."""
    for workload in workloads(objects):
        for fault in (*_sources(objects, workload), *_mounts(workload), *_own_selector(workload)):
            yield f"{workload}: {fault}"
        account = workload.pod.get("serviceAccountName")
        if account is None or named(objects, "ServiceAccount", account) is None:
            yield f"{workload}: there is no ServiceAccount {account}"
    yield from _logins(objects)
    yield from _names(objects)
    yield from _services(objects)
    yield from _selectors(objects)


def _sources(objects: Collection[Object], workload: Workload) -> Iterator[str]:
    for container in workload.containers:
        for source in container.get("envFrom", ()):
            yield from _missing(objects, source.get("configMapRef"), "ConfigMap", "name")
            yield from _missing(objects, source.get("secretRef"), "Secret", "name")
        for one in container.get("env", ()):
            origin = one.get("valueFrom", {})
            yield from _missing(objects, origin.get("configMapKeyRef"), "ConfigMap", "name")
            yield from _missing(objects, origin.get("secretKeyRef"), "Secret", "name")
    for volume in workload.pod.get("volumes", ()):
        yield from _missing(objects, volume.get("configMap"), "ConfigMap", "name")
        yield from _missing(objects, volume.get("secret"), "Secret", "secretName")


def _missing(objects: Collection[Object], asked: Any, kind: str, key: str) -> Iterator[str]:
    if not asked or asked.get("optional"):
        return
    found = named(objects, kind, asked[key])
    if found is None:
        yield f"there is no {kind} {asked[key]}"
        return
    wanted = {one["key"] for one in asked.get("items", ())} | ({asked["key"]} if "key" in asked else set())
    for name in sorted(wanted - content(found).keys()):
        yield f"{kind} {asked[key]} has no {name}"


def _logins(objects: Collection[Object]) -> Iterator[str]:
    """What KEDA logs in with is there, and somebody asks for it."""
    for login in of_kind(objects, "TriggerAuthentication"):
        for key, kind in (("configMapTargetRef", "ConfigMap"), ("secretTargetRef", "Secret")):
            for asked in login["spec"].get(key, ()):
                yield from (f"{told(login)}: {fault}" for fault in _missing(objects, asked, kind, "name"))
    for scaled in of_kind(objects, "ScaledObject"):
        for trigger in scaled["spec"]["triggers"]:
            asked = trigger.get("authenticationRef")
            if asked and named(objects, "TriggerAuthentication", asked["name"]) is None:
                yield f"{told(scaled)}: there is no TriggerAuthentication {asked['name']}"


def _mounts(workload: Workload) -> Iterator[str]:
    made = {claim["metadata"]["name"] for claim in workload.spec.get("volumeClaimTemplates", ())}
    volumes = {volume["name"] for volume in workload.pod.get("volumes", ())} | made
    used = set()
    for container in workload.containers:
        paths = [mount["mountPath"] for mount in container.get("volumeMounts", ())]
        if len(set(paths)) < len(paths):
            yield f"container {container['name']}: mounts two volumes at one place"
        for mount in container.get("volumeMounts", ()):
            used.add(mount["name"])
            if mount["name"] not in volumes:
                yield f"container {container['name']}: mounts {mount['name']}, which is no volume of the pod"
    for name in sorted(volumes - used):
        yield f"nothing mounts the volume {name}"


def _own_selector(workload: Workload) -> Iterator[str]:
    selector = workload.spec.get("selector")
    if selector is not None and not selects(selector, workload.labels):
        yield "its selector does not match its own pods' labels"
    for rule in workload.pod.get("topologySpreadConstraints", ()):
        if not selects(rule.get("labelSelector", {}), workload.labels):
            yield f"spreads other pods than its own over {rule['topologyKey']}"
    for name in ("app.kubernetes.io/name", "app.kubernetes.io/component"):
        if name not in workload.labels:
            yield f"its pods have no label {name}"


def _names(objects: Collection[Object]) -> Iterator[str]:
    spaces = [one["metadata"].get("name") for one in of_kind(objects, "Namespace")]
    if len(spaces) != 1:
        yield f"there are {len(spaces)} namespaces, not one"
        return
    for one in objects:
        if one.get("kind") not in UNBOUND and one["metadata"].get("namespace") != spaces[0]:
            yield f"{told(one)}: is not in the namespace {spaces[0]}"
    labels = next(of_kind(objects, "Namespace"))["metadata"].get("labels", {})
    if labels.get("pod-security.kubernetes.io/enforce") != "restricted":
        yield f"Namespace/{spaces[0]}: does not enforce the restricted Pod Security Standard"


def _services(objects: Collection[Object]) -> Iterator[str]:
    everything = workloads(objects)
    for service in of_kind(objects, "Service"):
        found = [one for one in everything if selects({"matchLabels": service["spec"]["selector"]}, one.labels)]
        if len(found) != 1:
            yield f"{told(service)}: selects {len(found)} workloads, not one"
        targets = {name for one in found for container in one.containers for name in ports(container)}
        for port in service["spec"]["ports"]:
            if port.get("targetPort") not in targets:
                yield f"{told(service)}: its pods have no port {port.get('targetPort')}"
    for workload in everything:
        name = workload.spec.get("serviceName")
        if name is not None and named(objects, "Service", name) is None:
            yield f"{workload}: there is no Service {name}"
    for ingress in of_kind(objects, "Ingress"):
        yield from _backends(objects, ingress)


def _backends(objects: Collection[Object], ingress: Object) -> Iterator[str]:
    for rule in ingress["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            asked = path["backend"]["service"]
            service = named(objects, "Service", asked["name"])
            offered = [] if service is None else [port["name"] for port in service["spec"]["ports"]]
            if asked["port"].get("name") not in offered:
                yield f"{told(ingress)}: {path['path']}: there is no port {asked['port']} of a Service {asked['name']}"


def _selectors(objects: Collection[Object]) -> Iterator[str]:
    everything = workloads(objects)
    for one in of_kind(objects, "PodDisruptionBudget", "NetworkPolicy", "PodMonitor"):
        key = "podSelector" if one["kind"] == "NetworkPolicy" else "selector"
        if not any(selects(one["spec"].get(key, {}), workload.labels) for workload in everything):
            yield f"{told(one)}: selects nobody"
    for monitor in of_kind(objects, "PodMonitor"):
        for workload in everything:
            if not selects(monitor["spec"]["selector"], workload.labels):
                continue
            offered = {name for container in workload.containers for name in ports(container)}
            for end in monitor["spec"]["podMetricsEndpoints"]:
                if end.get("port") not in offered:
                    yield f"{told(monitor)}: {workload} has no port {end.get('port')}"
