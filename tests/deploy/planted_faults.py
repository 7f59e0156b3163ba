"""Faults that are planted in the overlay `scaled-replay`, each with its check and a part of what that says."""

from functools import partial
from typing import Any

import pytest

from tests.deploy.manifests.given_settings import setting_faults
from tests.deploy.manifests.networks import network_faults
from tests.deploy.manifests.objects import content, of_kind
from tests.deploy.manifests.outside import outside_faults
from tests.deploy.manifests.pods import pod_faults
from tests.deploy.manifests.presence import presence_faults
from tests.deploy.manifests.references import reference_faults
from tests.deploy.manifests.scaling import scaling_faults
from tests.deploy.manifests.schemas import schema_faults
from tests.deploy.planted_around import NETWORKS, OUTSIDE, PRESENCE, SCALING, SCHEMAS
from tests.deploy.planting import OVERLAY, container, found, pod, settings, without_tmp

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
    (
        "hasty-end",
        lambda o: container(o)["livenessProbe"].update(periodSeconds=1),
        "livenessProbe gives less than 20 s",
    ),
    (
        "never-taken-out",
        lambda o: container(o)["readinessProbe"].update(failureThreshold=100000),
        "readinessProbe gives 500000 s, more than 60",
    ),
    (
        "probed-late",
        lambda o: container(o)["livenessProbe"].update(initialDelaySeconds=3600),
        "livenessProbe sets initialDelaySeconds",
    ),
    ("nowhere-to-write", without_tmp, "has no emptyDir at /tmp"),
    (
        "all-on-one-node",
        lambda o: pod(o, "orcid-sync-pages").pop("topologySpreadConstraints"),
        "Deployment/orcid-sync-pages: its pods are not spread over kubernetes.io/hostname",
    ),
    ("pages-that-send", lambda o: container(o, "orcid-sync-pages").update(args=["run"]), "does not run web"),
    (
        "too-little-memory",
        lambda o: container(o)["resources"]["limits"].update(memory="64Mi"),
        "resources.limits.memory 64Mi is less than 256Mi",
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

PLANTED = [
    pytest.param(check, plant, said, id=name)
    for check, table in (
        (pod_faults, PODS),
        (reference_faults, REFERENCES),
        (setting_faults, SETTINGS),
        (scaling_faults, SCALING),
        (network_faults, NETWORKS),
        (outside_faults, OUTSIDE),
        (partial(presence_faults, OVERLAY, whole=True), PRESENCE),
        (schema_faults, SCHEMAS),
    )
    for name, plant, said in table
]
