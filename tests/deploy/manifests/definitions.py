"""Definitions: custom resources against the schemas that KEDA and the Prometheus operator give a cluster."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml

from tests.deploy.manifests.crd_files import DEFINITIONS, Definition
from tests.deploy.manifests.kustomize import ROOT
from tests.deploy.manifests.objects import Object

CACHE = ROOT / ".cache"


def missing() -> list[Definition]:
    """The definitions that are not here: tests/fetch_crds could not fetch them."""
    return [one for one in DEFINITIONS if not one.within(CACHE).exists()]


def definition_faults(one: Object) -> Iterator[str]:
    """What each version of a resource's definition that is here does not allow, unknown fields included."""
    from jsonschema import Draft202012Validator  # loads grammars for seconds: when it is called

    for definition in DEFINITIONS:
        if not definition.within(CACHE).exists():
            continue
        kind, versions = _schemas(definition)
        if one.get("kind") != kind:
            continue
        schema = versions.get(one.get("apiVersion", ""))
        if schema is None:
            yield f"{kind} {definition.version}: has no {one.get('apiVersion')}"
            continue
        for fault in Draft202012Validator(schema).iter_errors(one):
            where = ".".join(map(str, fault.absolute_path))
            yield f"{kind} {definition.version}: {where}: {fault.message}"[:300]


@cache
def _schemas(definition: Definition) -> tuple[str, dict[str, Any]]:
    """The kind, and a schema for each apiVersion."""
    (told,) = (one for one in yaml.safe_load_all(definition.within(CACHE).read_text("utf-8")) if one)
    spec = told["spec"]
    versions = {
        f"{spec['group']}/{version['name']}": _strict(version["schema"]["openAPIV3Schema"])
        for version in spec["versions"]
        if version["served"]
    }
    return spec["names"]["kind"], versions


def _strict(schema: Any) -> Any:
    """The schema that takes no field but those it names: a cluster drops such a field without a word."""
    if not isinstance(schema, dict):
        return schema
    found = dict(schema)
    for key in ("items", "additionalProperties"):
        if key in found:
            found[key] = _strict(found[key])
    if "properties" in found:
        found["properties"] = {name: _strict(one) for name, one in found["properties"].items()}
        if not found.get("x-kubernetes-preserve-unknown-fields"):
            found.setdefault("additionalProperties", False)
    return found
