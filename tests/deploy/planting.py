"""What the tables of planted faults have in common: the places in an overlay's objects that are spoilt."""

from collections.abc import Callable
from typing import Any

from tests.deploy.manifests.objects import Object, content, named, of_kind, workloads

Objects = list[Object]

OVERLAY = "scaled-replay"
"""The overlay with the most in it."""

Plant = Callable[[Objects], object]
"""Spoils the objects that it is given."""


def found(objects: Objects, kind: str, name: str) -> Any:
    """The object of this kind and name; an assertion holds that there is one."""
    one = named(objects, kind, name)
    assert one is not None, f"there is no {kind} {name}"
    return one


def pod(objects: Objects, name: str = "orcid-sync") -> Any:
    """The spec of a workload's pods."""
    (workload,) = (one for one in workloads(objects) if one.name == name)
    return workload.pod


def container(objects: Objects, name: str = "orcid-sync") -> Any:
    """The only container of a workload's pods."""
    return pod(objects, name)["containers"][0]


def settings(objects: Objects) -> Any:
    """The settings that all containers are given."""
    (held,) = (one for one in of_kind(objects, "ConfigMap") if "ORCID_SYNC_WEB_BIND" in content(one))
    return held["data"]


def without_tmp(objects: Objects) -> None:
    """The daemon's /tmp is neither a volume nor mounted."""
    container(objects)["volumeMounts"] = [one for one in container(objects)["volumeMounts"] if one["name"] != "tmp"]
    pod(objects)["volumes"] = [one for one in pod(objects)["volumes"] if one["name"] != "tmp"]
