"""Faults that are planted in the overlay `scaled`, each with the check that finds it and a part of what it says."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.deploy.manifests.given_settings import setting_faults
from tests.deploy.manifests.networks import network_faults
from tests.deploy.manifests.objects import Object, content, named, of_kind, workloads
from tests.deploy.manifests.pods import pod_faults
from tests.deploy.manifests.references import reference_faults
from tests.deploy.manifests.scaling import scaling_faults
from tests.deploy.manifests.schemas import schema_faults

Objects = list[Object]

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


PODS: list[Any] = [
    ("no-probe", lambda o: container(o).pop("livenessProbe"), "has no livenessProbe"),
    (
        "liveness-that-asks-for-the-store",
        lambda o: container(o)["livenessProbe"]["httpGet"].update(path="/readyz"),
        "livenessProbe asks /readyz",
    ),
    (
        "probe-of-no-port",
        lambda o: container(o)["readinessProbe"]["httpGet"].update(port="metrics"),
        "asks the port metrics",
    ),
    ("hasty-start", lambda o: container(o)["startupProbe"].update(failureThreshold=3), "gives less than 60 s"),
    ("no-probe-of-a-job", lambda o: container(o, "orcid-sync-replay").pop("startupProbe"), "has no startupProbe"),
    ("no-limit", lambda o: container(o)["resources"]["limits"].pop("memory"), "resources.limits.memory is not set"),
    ("no-request", lambda o: container(o)["resources"].pop("requests"), "resources.requests.cpu is not set"),
    (
        "more-than-its-limit",
        lambda o: container(o)["resources"]["requests"].update(memory="1Gi"),
        "requests more memory (1Gi)",
    ),
    ("token", lambda o: pod(o).pop("automountServiceAccountToken"), "automountServiceAccountToken is not false"),
    ("links", lambda o: pod(o).pop("enableServiceLinks"), "enableServiceLinks is not false"),
    ("root", lambda o: pod(o)["securityContext"].pop("runAsNonRoot"), "runAsNonRoot is not true"),
    ("another-user", lambda o: pod(o)["securityContext"].update(runAsUser=1000), "runAsUser is not 65532"),
    ("seccomp", lambda o: pod(o)["securityContext"].pop("seccompProfile"), "seccompProfile is not RuntimeDefault"),
    (
        "writable-root",
        lambda o: container(o)["securityContext"].update(readOnlyRootFilesystem=False),
        "readOnlyRootFilesystem is not true",
    ),
    ("capabilities", lambda o: container(o)["securityContext"].pop("capabilities"), "does not drop ALL capabilities"),
    (
        "escalation",
        lambda o: container(o)["securityContext"].pop("allowPrivilegeEscalation"),
        "allowPrivilegeEscalation is not false",
    ),
    ("host-path", lambda o: pod(o)["volumes"].append({"name": "x", "hostPath": {"path": "/"}}), "hostPath"),
    (
        "endless-tmp",
        lambda o: next(one for one in pod(o)["volumes"] if "emptyDir" in one).update(emptyDir={}),
        "has no sizeLimit",
    ),
    (
        "readable-secrets",
        lambda o: next(one for one in pod(o)["volumes"] if "secret" in one)["secret"].pop("defaultMode"),
        "defaultMode is not 0400",
    ),
    ("image-by-tag", lambda o: container(o).update(image="orcid-sync:latest"), "not named by its digest"),
    (
        "restarted-job",
        lambda o: pod(o, "orcid-sync-replay").update(restartPolicy="OnFailure"),
        "restartPolicy is not Never",
    ),
]

REFERENCES: list[Any] = [
    (
        "no-such-config-map",
        lambda o: container(o)["envFrom"][0]["configMapRef"].update(name="orcid-sync-setting"),
        "there is no ConfigMap orcid-sync-setting",
    ),
    (
        "mapping-left-out",
        lambda o: o.remove(next(one for one in of_kind(o, "ConfigMap") if "mapping.toml" in content(one))),
        "there is no ConfigMap orcid-sync-mapping",
    ),
    ("secret-left-out", lambda o: o.remove(next(of_kind(o, "Secret"))), "there is no Secret orcid-sync"),
    ("no-such-volume", lambda o: pod(o)["volumes"].pop(), "which is no volume of the pod"),
    ("nothing-mounts", lambda o: container(o)["volumeMounts"].pop(), "nothing mounts the volume"),
    (
        "selector-beside-its-labels",
        lambda o: found(o, "Deployment", "orcid-sync")["spec"]["selector"]["matchLabels"].update(x="y"),
        "its selector does not match",
    ),
    (
        "service-of-nobody",
        lambda o: found(o, "Service", "orcid-sync")["spec"]["selector"].update({"app.kubernetes.io/component": "web"}),
        "selects 0 workloads",
    ),
    (
        "service-port",
        lambda o: found(o, "Service", "orcid-sync")["spec"]["ports"][0].update(targetPort="http"),
        "no port http",
    ),
    (
        "ingress-of-no-service",
        lambda o: o.remove(found(o, "Service", "orcid-sync")),
        "Ingress/orcid-sync: /connect: there is no port",
    ),
    (
        "budget-of-nobody",
        lambda o: found(o, "PodDisruptionBudget", "orcid-sync")["spec"]["selector"]["matchLabels"].update(x="y"),
        "PodDisruptionBudget/orcid-sync: selects nobody",
    ),
    (
        "monitor-port",
        lambda o: found(o, "PodMonitor", "orcid-sync")["spec"]["podMetricsEndpoints"][0].update(port="metrics"),
        "has no port metrics",
    ),
    (
        "no-password-for-keda",
        lambda o: next(of_kind(o, "Secret"))["data"].pop("kafka-password"),
        "TriggerAuthentication/orcid-sync: Secret",
    ),
    (
        "no-login-for-keda",
        lambda o: o.remove(found(o, "TriggerAuthentication", "orcid-sync")),
        "there is no TriggerAuthentication",
    ),
    ("no-account", lambda o: o.remove(found(o, "ServiceAccount", "orcid-sync")), "there is no ServiceAccount"),
    (
        "another-namespace",
        lambda o: found(o, "Service", "orcid-sync")["metadata"].update(namespace="default"),
        "is not in the namespace",
    ),
    (
        "lax-namespace",
        lambda o: found(o, "Namespace", "orcid-sync")["metadata"].pop("labels"),
        "does not enforce the restricted",
    ),
]

SETTINGS: list[Any] = [
    ("unknown-setting", lambda o: settings(o).update(ORCID_SYNC_KAFKA_TOPIC="x"), "is no setting of orcid-sync"),
    ("bad-value", lambda o: settings(o).update(ORCID_SYNC_BURST="many"), "ORCID_SYNC_BURST: 'many'"),
    ("settings-at-odds", lambda o: settings(o).update(ORCID_SYNC_QUIET_MAX_SECONDS="1"), "make it at least as long"),
    ("not-set", lambda o: settings(o).pop("ORCID_SYNC_CLIENT_ID"), "ORCID_SYNC_CLIENT_ID: is not set"),
    ("secret-not-made", lambda o: next(of_kind(o, "Secret"))["data"].pop("vault-keys"), "VAULT_KEYS_FILE"),
    (
        "secret-elsewhere",
        lambda o: settings(o).update(ORCID_SYNC_WEB_TOKEN_FILE="/run/secrets/web-token"),
        "ORCID_SYNC_WEB_TOKEN_FILE: the file it names cannot be read",
    ),
    (
        "secret-in-a-config-map",
        lambda o: settings(o).update(ORCID_SYNC_CLIENT_SECRET="x"),
        "ORCID_SYNC_CLIENT_SECRET is a secret",
    ),
    (
        "secret-as-a-value",
        lambda o: container(o).update(env=[{"name": "ORCID_SYNC_WEB_TOKEN", "value": "x"}]),
        "has a secret as its value",
    ),
    (
        "secret-from-the-environment",
        lambda o: container(o)["envFrom"].append({"secretRef": {"name": "orcid-sync"}}),
        "has a Secret in the environment",
    ),
    (
        "password-in-a-url",
        lambda o: settings(o).update(ORCID_SYNC_STATE_URL="postgresql://u:p@h/d"),
        "has a password in it",
    ),
    ("only-loopback", lambda o: settings(o).update(ORCID_SYNC_WEB_BIND="127.0.0.1:8080"), "answers no probe"),
    ("another-port", lambda o: settings(o).update(ORCID_SYNC_WEB_BIND="0.0.0.0:8081"), "its port web is not the one"),
    ("log-for-people", lambda o: settings(o).update(ORCID_SYNC_LOG_FORMAT="console"), "is not json"),
    (
        "bad-mapping",
        lambda o: next(one for one in of_kind(o, "ConfigMap") if "mapping.toml" in content(one))["data"].update(
            {"mapping.toml": "sectoins = 1"}
        ),
        "mapping.toml",
    ),
]

SCALING: list[Any] = [
    (
        "more-than-the-partitions",
        lambda o: found(o, "ScaledObject", "orcid-sync")["spec"].update(maxReplicaCount=12),
        "maxReplicaCount 12 and maxSurge 1 are more than the 12 partitions",
    ),
    (
        "surge-by-share",
        lambda o: found(o, "Deployment", "orcid-sync")["spec"].pop("strategy"),
        "maxSurge 25% is no number of pods",
    ),
    (
        "partitions-not-told",
        lambda o: found(o, "ScaledObject", "orcid-sync")["metadata"].pop("annotations"),
        "does not say in its annotation",
    ),
    (
        "scales-nobody",
        lambda o: found(o, "ScaledObject", "orcid-sync")["spec"]["scaleTargetRef"].update(name="worker"),
        "there is no Deployment worker",
    ),
    (
        "replicas-beside",
        lambda o: found(o, "Deployment", "orcid-sync")["spec"].update(replicas=3),
        "would undo the scaling",
    ),
    (
        "another-group",
        lambda o: settings(o).update(ORCID_SYNC_KAFKA_GROUP_ID="other"),
        "asks about consumerGroup orcid-sync, but the daemon has other",
    ),
    (
        "another-login",
        lambda o: settings(o).update(ORCID_SYNC_KAFKA_SASL_MECHANISM="PLAIN"),
        "logs in to Kafka as scram_sha512, the daemon as PLAIN",
    ),
    (
        "many-on-a-file",
        lambda o: settings(o).update(ORCID_SYNC_STATE_URL="sqlite:////var/lib/orcid-sync/x.db"),
        "is not a StatefulSet of one",
    ),
    ("short-end", lambda o: pod(o).update(terminationGracePeriodSeconds=30), "is less than the 45"),
    ("long-calls", lambda o: settings(o).update(ORCID_SYNC_CALL_SECONDS="50"), "is less than the 65"),
    (
        "two-checks-at-once",
        lambda o: found(o, "CronJob", "orcid-sync-drift-check")["spec"].update(concurrencyPolicy="Allow"),
        "concurrencyPolicy is not Forbid",
    ),
    (
        "tries-in-vain",
        lambda o: found(o, "CronJob", "orcid-sync-drift-check")["spec"]["jobTemplate"]["spec"].pop("podFailurePolicy"),
        "tries again after exit codes 2 and 3",
    ),
]

NETWORKS: list[Any] = [
    (
        "no-default",
        lambda o: o.remove(found(o, "NetworkPolicy", "default-deny")),
        "no NetworkPolicy denies everything",
    ),
    (
        "every-port",
        lambda o: found(o, "NetworkPolicy", "to-kafka")["spec"]["egress"].append({"to": [{"podSelector": {}}]}),
        "opens every port (egress)",
    ),
    (
        "anybody",
        lambda o: found(o, "NetworkPolicy", "from-ingress")["spec"]["ingress"][0].pop("from"),
        "lets anybody in",
    ),
    (
        "credentials-of-the-cloud",
        lambda o: found(o, "NetworkPolicy", "to-orcid")["spec"]["egress"][0]["to"][0]["ipBlock"].pop("except"),
        "opens 169.254.0.0/16",
    ),
    ("no-names", lambda o: o.remove(found(o, "NetworkPolicy", "to-dns")), "may not ask for names"),
    (
        "type-left-out",
        lambda o: found(o, "NetworkPolicy", "to-dns")["spec"].update(policyTypes=["Ingress"]),
        "has a rule for egress, but not the type",
    ),
]

SCHEMAS: list[Any] = [
    ("unknown-field", lambda o: container(o).update(resource={}), "'resource' was unexpected"),
    ("wrong-type", lambda o: pod(o).update(terminationGracePeriodSeconds="60"), "is not of type"),
    ("unknown-kind", lambda o: found(o, "Service", "orcid-sync").update(kind="Servise"), "there is no v1 Servise"),
    (
        "unknown-field-of-keda",
        lambda o: found(o, "ScaledObject", "orcid-sync")["spec"].update(maxReplicas=6),
        "spec.maxReplicas: Extra inputs",
    ),
    (
        "number-where-keda-takes-text",
        lambda o: found(o, "ScaledObject", "orcid-sync")["spec"]["triggers"][0]["metadata"].update(lagThreshold=10),
        "lagThreshold: Input should be a valid string",
    ),
    (
        "unknown-field-of-the-monitor",
        lambda o: found(o, "PodMonitor", "orcid-sync")["spec"]["podMetricsEndpoints"][0].update(scheme="https"),
        "scheme: Extra inputs",
    ),
]

PLANTED = [
    pytest.param(check, plant, said, id=name)
    for check, table in (
        (pod_faults, PODS),
        (reference_faults, REFERENCES),
        (setting_faults, SETTINGS),
        (scaling_faults, SCALING),
        (network_faults, NETWORKS),
        (schema_faults, SCHEMAS),
    )
    for name, plant, said in table
]
