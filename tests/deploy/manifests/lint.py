"""Lint: builds every overlay and tells all that is wrong with it."""

import os
import sys
from collections.abc import Callable, Collection, Iterator

from tests.deploy.manifests.definitions import missing
from tests.deploy.manifests.given_settings import setting_faults
from tests.deploy.manifests.kustomize import OVERLAYS, CannotBuildError, build, command
from tests.deploy.manifests.networks import network_faults
from tests.deploy.manifests.objects import Object
from tests.deploy.manifests.outside import outside_faults
from tests.deploy.manifests.pods import pod_faults
from tests.deploy.manifests.presence import presence_faults
from tests.deploy.manifests.references import reference_faults
from tests.deploy.manifests.scaling import scaling_faults
from tests.deploy.manifests.schemas import schema_faults, versions

Check = Callable[[Collection[Object]], Iterator[str]]

CHECKS: tuple[Check, ...] = (
    pod_faults,
    reference_faults,
    setting_faults,
    scaling_faults,
    network_faults,
    outside_faults,
)

ALL_OR_FAIL = "CHECK_ALL"
"""The environment's variable by which .ci/run says that overlays which cannot be built are a failure."""

NO_KUSTOMIZE = (
    "NOT CHECKED: the overlays of deploy/kubernetes (build, presence, schemas, probes, resources, rights, settings,"
    " references, scaling, network): neither kustomize nor kubectl is here, and no go to install one"
)


NO_DEFINITIONS = (
    "NOT CHECKED: KEDA's and Prometheus' objects against their own definitions (only against the fields that are known"
    " here): they are not here, and no go to fetch them"
)


def faults_of(objects: Collection[Object]) -> list[str]:
    """All that is wrong with the objects of one overlay, each once; where a schema does not hold, that alone."""
    malformed = list(schema_faults(objects))
    return malformed or list(dict.fromkeys(fault for check in CHECKS for fault in check(objects)))


def main() -> int:
    """The exit code: 0 when all is well. What nobody looked at is said by name, and fails when CHECK_ALL is set."""
    if command() is None:
        sys.stderr.write(NO_KUSTOMIZE + "\n")
        return 1 if os.environ.get(ALL_OR_FAIL) else 0
    if missing():
        sys.stderr.write(NO_DEFINITIONS + "\n")
    wrong = 0
    for overlay in OVERLAYS:
        for whole in (False, True):
            label = f"{overlay} with all components" if whole else overlay
            try:
                objects = build(overlay, whole=whole)
            except CannotBuildError as error:
                objects, faults = [], [str(error)]
            else:
                faults = [*presence_faults(overlay, objects, whole=whole), *faults_of(objects)]
            wrong += len(faults)
            for fault in faults:
                sys.stderr.write(f"{label}: {fault}\n")
            if not faults:
                sys.stdout.write(f"{label}: {len(objects)} objects, good for Kubernetes {' and '.join(versions())}\n")
    return 1 if wrong else 0
