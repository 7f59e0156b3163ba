"""Schemas: every object against Kubernetes' own, with no field that they do not know."""

import json
from collections.abc import Collection, Iterator
from functools import cache

import kubernetes_validate
from kubernetes_validate.utils import SchemaNotFoundError, ValidationError, latest_version

from tests.deploy.manifests.custom_resources import custom_faults, model_of
from tests.deploy.manifests.definitions import definition_faults
from tests.deploy.manifests.objects import Object, told

OLDEST = "1.31"
"""The oldest Kubernetes that the manifests are for: `sleep` before the end is on by default since 1.30."""


@cache
def versions() -> tuple[str, ...]:
    """The oldest Kubernetes that we promise, and the newest whose schemas are at hand."""
    return (OLDEST, latest_version())


def schema_faults(objects: Collection[Object]) -> Iterator[str]:
    """What the schemas do not allow, one line each."""
    for one in objects:
        model = model_of(one)
        if model is not None:
            yield from (f"{told(one)}: {fault}" for fault in (*custom_faults(model, one), *definition_faults(one)))
            continue
        for version in versions():
            if fault := _fault(json.dumps(one), version):
                yield f"{told(one)}: Kubernetes {version}: {fault}"


@cache
def _fault(text: str, version: str) -> str:
    """What the schema finds first in an object; empty when it finds nothing. Overlays share many objects."""
    one = json.loads(text)
    try:
        kubernetes_validate.validate(one, version, strict=True)
    except ValidationError as error:
        return f"{'.'.join(str(step) for step in error.path)}: {error.message}"[:300]
    except SchemaNotFoundError:
        return f"there is no {one.get('apiVersion')} {one.get('kind')}"
    return ""
