"""Scaling: how many pods there may be, how they come and go, and what Jobs do when they fail."""

import re
from collections.abc import Collection, Iterator

from tests.deploy.manifests.containers import environment
from tests.deploy.manifests.objects import Object, Workload, named, of_kind, told, workloads

PARTITIONS = "orcid-sync/partitions"
"""The annotation that says how many partitions the topics have together."""
UNSETTLED, USAGE = 3, 2
"""Exit codes that a second try would end with again (CONTRACT.md section 2)."""
SASL = {"": "none", "PLAIN": "plaintext", "SCRAM-SHA-256": "scram_sha256", "SCRAM-SHA-512": "scram_sha512"}
"""KEDA's word for each of our mechanisms."""
ASKED = {
    "bootstrapServersFromEnv": "ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS",
    "consumerGroupFromEnv": "ORCID_SYNC_KAFKA_GROUP_ID",
}
"""What KEDA asks Kafka about, by the settings of the daemon that it reads."""
TIMES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
"""The values of a schedule's fields: minute, hour, day of the month, month, day of the week."""
SPARE_SECONDS = 15
"""What recording the last calls and leaving the group may take, beyond a call's deadline."""


def scaling_faults(objects: Collection[Object]) -> Iterator[str]:
    """What could be too many, too few or too short, one line each."""
    for scaled in of_kind(objects, "ScaledObject"):
        for fault in _scaled(objects, scaled):
            yield f"{told(scaled)}: {fault}"
    for workload in workloads(objects):
        for fault in (*_state(objects, workload), *_end(objects, workload), *_job(workload)):
            yield f"{workload}: {fault}"
    for cron in of_kind(objects, "CronJob"):
        yield from (f"{told(cron)}: {fault}" for fault in _cron(cron))
    for budget in of_kind(objects, "PodDisruptionBudget"):
        most = budget["spec"].get("maxUnavailable")
        if not isinstance(most, int) or most < 1:
            yield f"{told(budget)}: maxUnavailable is no number from 1 on: a node might never be drained"


def _scaled(objects: Collection[Object], scaled: Object) -> Iterator[str]:
    spec = scaled["spec"]
    target = spec["scaleTargetRef"]
    found = named(objects, target.get("kind", "Deployment"), target["name"])
    if found is None:
        yield f"there is no {target.get('kind')} {target['name']}"
        return
    least, most = spec.get("minReplicaCount", 0), spec.get("maxReplicaCount", 100)
    surge = found["spec"].get("strategy", {}).get("rollingUpdate", {}).get("maxSurge", "25%")
    partitions = scaled["metadata"].get("annotations", {}).get(PARTITIONS, "")
    if not partitions.isdigit():
        yield f"does not say in its annotation {PARTITIONS} how many partitions there are"
    elif not isinstance(surge, int):
        yield f"{told(found)}: maxSurge {surge} is no number of pods"
    elif most + surge > int(partitions):
        yield f"maxReplicaCount {most} and maxSurge {surge} are more than the {partitions} partitions: one would idle"
    if not 2 <= least <= most:
        yield f"minReplicaCount {least} is not between 2 and maxReplicaCount {most}"
    kept = spec.get("fallback", {}).get("replicas")
    if not isinstance(kept, int) or not least <= kept <= most:
        yield f"fallback.replicas {kept} is not between minReplicaCount {least} and maxReplicaCount {most}"
    if "replicas" in found["spec"]:
        yield f"{told(found)} sets replicas too: each `kubectl apply` would undo the scaling"
    (workload,) = (one for one in workloads([found]))
    given = environment(objects, workload, workload.containers[0])
    for trigger in spec["triggers"]:
        asked = trigger["metadata"]
        for key in ("bootstrapServersFromEnv", "consumerGroupFromEnv"):
            if asked.get(key) != ASKED[key] or not given.get(ASKED[key]):
                yield f"{key} is not {ASKED[key]} of the daemon's settings"
        if asked.get("allowIdleConsumers") != "false":
            yield "allowIdleConsumers is not false"
        mechanism = given.get("ORCID_SYNC_KAFKA_SASL_MECHANISM", "")
        if SASL[mechanism] != asked.get("sasl", "none"):
            yield f"logs in to Kafka as {asked.get('sasl', 'none')}, the daemon as {mechanism or 'nobody'}"


def _state(objects: Collection[Object], workload: Workload) -> Iterator[str]:
    for container in workload.containers:
        url = environment(objects, workload, container).get("ORCID_SYNC_STATE_URL", "")
        if container.get("args", [""])[0] == "sandbox":
            url = "sqlite:"  # its file is no less one process's own
        if not url.startswith("sqlite:"):
            continue
        if workload.kind != "StatefulSet" or workload.spec.get("replicas") != 1:
            yield "has its state in a file, and is not a StatefulSet of one"
        if workload.spec.get("podManagementPolicy") != "Parallel":
            yield "podManagementPolicy is not Parallel: mended settings would wait for a pod that never gets ready"
        if workload.spec.get("updateStrategy", {}).get("type", "RollingUpdate") != "RollingUpdate":
            yield "updateStrategy is not RollingUpdate: nothing that is applied would come to the pod"
        yield from _place(workload, container, url)
        claims = workload.spec.get("volumeClaimTemplates", ())
        if [claim["spec"]["accessModes"] for claim in claims] != [["ReadWriteOncePod"]]:
            yield "has its state in a file on another volume than one of its own, ReadWriteOncePod"


def _place(workload: Workload, container: Object, url: str) -> Iterator[str]:
    """The file lies on a volume that is kept."""
    args = container.get("args", [])
    path = args[args.index("--keep") + 1] if "--keep" in args else url.removeprefix("sqlite:///")
    kept = {claim["metadata"]["name"] for claim in workload.spec.get("volumeClaimTemplates", ())}
    mounts = [mount["mountPath"] for mount in container.get("volumeMounts", ()) if mount["name"] in kept]
    if not any(path.startswith(f"{mount}/") for mount in mounts):
        yield f"has its state in {path}, where no volume of its own is mounted"


def _cron(cron: Object) -> Iterator[str]:
    spec = cron["spec"]
    if spec.get("concurrencyPolicy") != "Forbid":
        yield "concurrencyPolicy is not Forbid"
    times = spec.get("schedule", "").split()
    if len(times) != len(TIMES) or not all(_fits(one, *most) for one, most in zip(times, TIMES, strict=True)):
        yield f"schedule {spec.get('schedule')!r} is no time that ever comes"
    (workload,) = workloads([cron])
    if workload.containers[0].get("args", [""])[0] == "replay":
        yield "a replay is a Job of one name: somebody makes it when it is needed, and never two at once"


def _fits(times: str, first: int, last: int) -> bool:
    """Whether one field of a schedule names values within its range."""
    for one in times.split(","):
        found = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/[1-9]\d*)?", one)
        if found is None or not all(first <= int(number) <= last for number in found.groups() if number is not None):
            return False
    return True


def _end(objects: Collection[Object], workload: Workload) -> Iterator[str]:
    """It is given longer to end than its last call may take."""
    for container in workload.containers:
        call = float(environment(objects, workload, container).get("ORCID_SYNC_CALL_SECONDS", 30))
        waits = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        needed = call + waits + SPARE_SECONDS
        given = workload.pod.get("terminationGracePeriodSeconds", 30)
        if given < needed:
            yield f"terminationGracePeriodSeconds {given} is less than the {needed:g} that its last call may need"


def _job(workload: Workload) -> Iterator[str]:
    if not workload.ends:
        return
    spec = workload.spec["jobTemplate"]["spec"] if workload.kind == "CronJob" else workload.spec
    if "activeDeadlineSeconds" not in spec:
        yield "has no activeDeadlineSeconds"
    fatal = {
        code
        for rule in spec.get("podFailurePolicy", {}).get("rules", ())
        if rule["action"] == "FailJob"
        for code in rule.get("onExitCodes", {}).get("values", ())
    }
    if not {UNSETTLED, USAGE} <= fatal:
        yield f"tries again after exit codes {USAGE} and {UNSETTLED}, which would come again"
