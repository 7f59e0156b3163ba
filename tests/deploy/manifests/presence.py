"""Presence: an overlay has what its shape is made of, and nothing beside that is not on its list."""

from collections.abc import Collection, Iterator

from tests.deploy.manifests.objects import Object, of_kind, told, waits, workloads

NAMED_BY_CONTENT = {"ConfigMap", "Secret", "Namespace"}
"""Others look these over: what they are called is not fixed."""
EVERY = {
    "ServiceAccount/orcid-sync",
    "Service/orcid-sync",
    "NetworkPolicy/default-deny",
    "NetworkPolicy/to-dns",
    "NetworkPolicy/to-kafka",
    "NetworkPolicy/from-ingress",
    "NetworkPolicy/from-prometheus",
}
SINGLE = EVERY | {"StatefulSet/orcid-sync", "NetworkPolicy/to-orcid"}
SCALED = EVERY | {
    "Deployment/orcid-sync",
    "Deployment/orcid-sync-pages",
    "CronJob/orcid-sync-drift-check",
    "ScaledObject/orcid-sync",
    "PodDisruptionBudget/orcid-sync",
    "PodDisruptionBudget/orcid-sync-pages",
    "NetworkPolicy/to-orcid",
    "NetworkPolicy/to-postgresql",
}
SANDBOX = EVERY | {
    "StatefulSet/orcid-sync",
    "StatefulSet/orcid",
    "Service/orcid",
    "NetworkPolicy/to-stand-in",
    "NetworkPolicy/stand-in",
}
REPLAY = {"Job/orcid-sync-replay"}
COMMANDS = {"single-commands": "StatefulSet/orcid-sync", "scaled-commands": "Deployment/orcid-sync-pages"}
"""Overlays in which nothing runs, and the one that waits for commands instead."""
LISTS = {
    "single": SINGLE,
    "single-commands": SINGLE,
    "scaled": SCALED,
    "scaled-commands": SCALED,
    "scaled-replay": SCALED | REPLAY,
    "sandbox": SANDBOX,
}
OPEN, WATCHED, KEDA = "Ingress/orcid-sync", "PodMonitor/orcid-sync", "TriggerAuthentication/orcid-sync"
SWITCHED_ON = {"single": {OPEN, WATCHED}, "scaled": {OPEN, WATCHED, KEDA}, "sandbox": {WATCHED}}
"""What the components bring that an operator may switch on."""
PAUSED = "autoscaling.keda.sh/paused-replicas"


def presence_faults(overlay: str, objects: Collection[Object], *, whole: bool) -> Iterator[str]:
    """What is on the list of an overlay (`whole`: with every component) and not there, and what is only there."""
    listed = LISTS[overlay] | (SWITCHED_ON[overlay.partition("-")[0]] if whole else set())
    there = [told(one) for one in objects if one.get("kind") not in NAMED_BY_CONTENT]
    yield from (f"{name} is not there" for name in sorted(listed.difference(there)))
    yield from (f"{name} is not on the list of {overlay}" for name in sorted(set(there) - listed))
    yield from (f"{name} is there twice" for name in sorted({name for name in there if there.count(name) > 1}))
    yield from _running(objects, COMMANDS.get(overlay))


def _running(objects: Collection[Object], waiting: str | None) -> Iterator[str]:
    """Everything runs; or, where one is `waiting` for commands, nothing beside it."""
    for workload in workloads(objects):
        if waits(workload.containers[0]) != (str(workload) == waiting):
            yield f"{workload}: its command is not what the overlay is for"
        if str(workload) == waiting and workload.spec.get("replicas") != 1:
            yield f"{workload}: is not one that waits for commands"
    for scaled in of_kind(objects, "ScaledObject"):
        if (scaled["metadata"].get("annotations", {}).get(PAUSED) == "0") != bool(waiting):
            yield f"{told(scaled)}: {PAUSED} is not what the overlay is for"
    for cron in of_kind(objects, "CronJob"):
        if cron["spec"].get("suspend", False) != bool(waiting):
            yield f"{told(cron)}: suspend is not what the overlay is for"
