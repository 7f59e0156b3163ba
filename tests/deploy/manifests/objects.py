"""Objects of Kubernetes as data: the workloads among them, and what their pods are made of."""

import base64
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]

TEMPLATE_PATHS = {
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Pod": (),
}
"""Where each kind has its pods' template."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What makes pods."""

    kind: str
    name: str
    spec: Object
    template: Object

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def pod(self) -> Object:
        """The spec of its pods."""
        found: Object = self.template.get("spec", {})
        return found

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels of its pods."""
        found: Mapping[str, str] = self.template.get("metadata", {}).get("labels", {})
        return found

    @property
    def containers(self) -> Sequence[Object]:
        """All of its pods' containers, those that run first included."""
        return [*self.pod.get("initContainers", ()), *self.pod.get("containers", ())]

    @property
    def ends(self) -> bool:
        """Whether its pods do some work and end."""
        return self.kind in {"Job", "CronJob"}


def told(one: Object) -> str:
    """An object's kind and name, for a fault's line."""
    return f"{one.get('kind')}/{one.get('metadata', {}).get('name')}"


def of_kind(objects: Collection[Object], *kinds: str) -> Iterator[Object]:
    """The objects of these kinds."""
    return (one for one in objects if one.get("kind") in kinds)


def named(objects: Collection[Object], kind: str, name: str) -> Object | None:
    """The object of this kind and name, or None."""
    return next((one for one in of_kind(objects, kind) if one["metadata"].get("name") == name), None)


def workloads(objects: Collection[Object]) -> list[Workload]:
    """Everything that makes pods."""
    return [_workload(one) for one in of_kind(objects, *TEMPLATE_PATHS)]


def _workload(one: Object) -> Workload:
    template = one
    for step in TEMPLATE_PATHS[one["kind"]]:
        template = template.get(step, {})
    return Workload(one["kind"], one["metadata"].get("name", ""), one.get("spec", {}), template)


def content(one: Object) -> dict[str, str]:
    """The keys and texts of a ConfigMap or a Secret."""
    if one["kind"] == "ConfigMap":
        return dict(one.get("data") or {})
    coded = {key: base64.b64decode(text).decode() for key, text in (one.get("data") or {}).items()}
    return coded | (one.get("stringData") or {})


def selects(selector: Object, labels: Mapping[str, str]) -> bool:
    """Whether a label selector (matchLabels, matchExpressions; none of both: everything) takes these labels."""
    for key, wanted in (selector.get("matchLabels") or {}).items():
        if labels.get(key) != wanted:
            return False
    for rule in selector.get("matchExpressions") or ():
        present, within = rule["key"] in labels, labels.get(rule["key"]) in (rule.get("values") or ())
        holds = {"In": within, "NotIn": not within, "Exists": present, "DoesNotExist": not present}
        if not holds[rule["operator"]]:
            return False
    return True


def ports(container: Object) -> dict[str, int]:
    """A container's ports by name."""
    return {port.get("name", ""): port["containerPort"] for port in container.get("ports", ())}


def amount(quantity: str) -> float:
    """A quantity of memory or CPU in bytes or cores, for comparing two of them."""
    factors = {"m": 1e-3, "k": 1e3, "Ki": 2**10, "M": 1e6, "Mi": 2**20, "G": 1e9, "Gi": 2**30, "T": 1e12, "Ti": 2**40}
    text = str(quantity)
    unit = text.lstrip("0123456789.")
    return float(text.removesuffix(unit)) * (factors[unit] if unit else 1.0)


def waits(container: Object) -> bool:
    """Whether it runs something else than the image's entry point: it waits for commands."""
    return "command" in container
