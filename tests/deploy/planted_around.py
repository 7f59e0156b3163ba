"""Faults that are planted around the pods of the overlay `scaled-replay`: scaling, network, presence, schemas."""

from typing import Any

import pytest

from tests.deploy.planting import container, found, pod, settings

NOBODY = [{"podSelector": {"matchLabels": {"no": "body"}}}]

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
        lambda o: found(o, "ScaledObject", "orcid-sync")["spec"]["triggers"][0]["metadata"].update(
            consumerGroupFromEnv="ORCID_SYNC_KAFKA_TOPICS"
        ),
        "consumerGroupFromEnv is not ORCID_SYNC_KAFKA_GROUP_ID",
    ),
    (
        "no-group",
        lambda o: settings(o).pop("ORCID_SYNC_KAFKA_GROUP_ID"),
        "consumerGroupFromEnv is not ORCID_SYNC_KAFKA_GROUP_ID",
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
        "no-such-time",
        lambda o: found(o, "CronJob", "orcid-sync-drift-check")["spec"].update(schedule="61 25 * * 9"),
        "is no time that ever comes",
    ),
    (
        "replay-by-itself",
        lambda o: container(o, "orcid-sync-drift-check").update(args=["replay", "--from-kafka"]),
        "a replay is a Job of one name",
    ),
    (
        "more-when-nobody-knows",
        lambda o: found(o, "ScaledObject", "orcid-sync")["spec"]["fallback"].update(replicas=99),
        "fallback.replicas 99 is not between minReplicaCount 2 and maxReplicaCount 3",
    ),
    (
        "never-drained",
        lambda o: found(o, "PodDisruptionBudget", "orcid-sync").update(spec={"minAvailable": 2}),
        "a node might never be drained",
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
        "opens 169.254.169.254",
    ),
    (
        "no-way-to-kafka",
        lambda o: o.remove(found(o, "NetworkPolicy", "to-kafka")),
        "Deployment/orcid-sync: may not reach port 9092 of ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS",
    ),
    (
        "no-way-to-the-store",
        lambda o: o.remove(found(o, "NetworkPolicy", "to-postgresql")),
        "CronJob/orcid-sync-drift-check: may not reach port 5432 of ORCID_SYNC_STATE_URL",
    ),
    ("no-names", lambda o: o.remove(found(o, "NetworkPolicy", "to-dns")), "may not ask for names by UDP"),
    (
        "names-by-one-protocol",
        lambda o: found(o, "NetworkPolicy", "to-dns")["spec"]["egress"][0].update(
            ports=[{"protocol": "TCP", "port": 53}]
        ),
        "may not ask for names by UDP",
    ),
    (
        "kafka-by-another-protocol",
        lambda o: found(o, "NetworkPolicy", "to-kafka")["spec"]["egress"][0].update(
            ports=[{"protocol": "UDP", "port": 9092}]
        ),
        "Job/orcid-sync-replay: may not reach port 9092 of ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS (namespace kafka)",
    ),
    (
        "kafka-of-nobody",
        lambda o: found(o, "NetworkPolicy", "to-kafka")["spec"]["egress"][0].update(to=NOBODY),
        "Deployment/orcid-sync: may not reach port 9092 of ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS",
    ),
    (
        "kafka-of-another-namespace",
        lambda o: found(o, "NetworkPolicy", "to-kafka")["spec"]["egress"][0].update(
            to=[{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "strimzi"}}}]
        ),
        "may not reach port 9092 of ORCID_SYNC_KAFKA_BOOTSTRAP_SERVERS (namespace kafka)",
    ),
    (
        "postgresql-of-nobody",
        lambda o: found(o, "NetworkPolicy", "to-postgresql")["spec"]["egress"][0].update(to=NOBODY),
        "Deployment/orcid-sync-pages: may not reach port 5432 of ORCID_SYNC_STATE_URL",
    ),
    (
        "orcid-within-the-institution",
        lambda o: found(o, "NetworkPolicy", "to-orcid")["spec"]["egress"][0].update(
            to=[{"ipBlock": {"cidr": "10.0.0.0/8"}}]
        ),
        "may not reach port 443 of ORCID_SYNC_API_URL (host api.sandbox.orcid.org)",
    ),
    (
        "anybody-by-address",
        lambda o: found(o, "NetworkPolicy", "from-ingress")["spec"]["ingress"][0].update(
            {"from": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}]}
        ),
        "lets anybody in from 0.0.0.0/0",
    ),
    (
        "type-left-out",
        lambda o: found(o, "NetworkPolicy", "to-dns")["spec"].update(policyTypes=["Ingress"]),
        "has a rule for egress, but not the type",
    ),
]

OUTSIDE: list[Any] = [
    (
        "no-way-for-prometheus",
        lambda o: o.remove(found(o, "NetworkPolicy", "from-prometheus")),
        "Deployment/orcid-sync-pages: the NetworkPolicy from-prometheus does not let in",
    ),
    (
        "nobody-watches",
        lambda o: found(o, "NetworkPolicy", "from-prometheus")["spec"].update(ingress=[]),
        "Deployment/orcid-sync: the NetworkPolicy from-prometheus lets nobody of another namespace in",
    ),
    (
        "no-way-for-researchers",
        lambda o: o.remove(found(o, "NetworkPolicy", "from-ingress")),
        "Deployment/orcid-sync-pages: the NetworkPolicy from-ingress does not let in researchers",
    ),
    (
        "everything-public",
        lambda o: found(o, "Ingress", "orcid-sync")["spec"]["rules"][0]["http"]["paths"][0].update(path="/"),
        "shows the world /",
    ),
    (
        "researchers-sent-elsewhere",
        lambda o: settings(o).update(ORCID_SYNC_REDIRECT_URI="https://other.example.org/callback"),
        "is at orcid.example.edu, and ORCID_SYNC_REDIRECT_URI at other.example.org",
    ),
    (
        "certificate-of-another",
        lambda o: found(o, "Ingress", "orcid-sync")["spec"]["tls"][0].update(hosts=["other.example.org"]),
        "has no certificate for orcid.example.edu",
    ),
]

PRESENCE: list[Any] = [
    (
        f"no-{kind}-{name}",
        lambda o, kind=kind, name=name: o.remove(found(o, kind, name)),
        f"{kind}/{name} is not there",
    )
    for kind, name in (
        ("PodDisruptionBudget", "orcid-sync"),
        ("PodDisruptionBudget", "orcid-sync-pages"),
        ("Deployment", "orcid-sync-pages"),
        ("ScaledObject", "orcid-sync"),
        ("CronJob", "orcid-sync-drift-check"),
        ("Job", "orcid-sync-replay"),
        ("Ingress", "orcid-sync"),
        ("PodMonitor", "orcid-sync"),
        ("NetworkPolicy", "from-ingress"),
        ("NetworkPolicy", "from-prometheus"),
    )
] + [
    (
        "one-more",
        lambda o: o.append({"kind": "NetworkPolicy", "metadata": {"name": "to-all"}}),
        "NetworkPolicy/to-all is not on the list",
    ),
    (
        "for-commands-only",
        lambda o: container(o).update(command=["/opt/orcid-sync/bin/python"]),
        "Deployment/orcid-sync: its command is not what the overlay is for",
    ),
    (
        "suspended",
        lambda o: found(o, "CronJob", "orcid-sync-drift-check")["spec"].update(suspend=True),
        "CronJob/orcid-sync-drift-check: suspend is not what the overlay is for",
    ),
    ("twice", lambda o: o.append(found(o, "Service", "orcid-sync")), "Service/orcid-sync is there twice"),
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
        "no-lag",
        lambda o: found(o, "ScaledObject", "orcid-sync")["spec"]["triggers"][0]["metadata"].update(lagThreshold="0"),
        "lagThreshold: String should match",
    ),
    (
        "from-the-end",
        lambda o: found(o, "ScaledObject", "orcid-sync")["spec"]["triggers"][0]["metadata"].update(
            offsetResetPolicy="latest"
        ),
        "offsetResetPolicy: Input should be 'earliest'",
    ),
    (
        "unknown-field-of-the-monitor",
        lambda o: found(o, "PodMonitor", "orcid-sync")["spec"]["podMetricsEndpoints"][0].update(scheme="https"),
        "scheme: Extra inputs",
    ),
]

BESIDE_DEFINITIONS: list[Any] = [
    pytest.param(
        "ScaledObject", lambda one: one["spec"].update(maxReplicas=6), "spec: Additional properties", id="of-keda"
    ),
    pytest.param(
        "ScaledObject",
        lambda one: one["spec"]["fallback"].update(replicas="two"),
        "spec.fallback.replicas: 'two' is not of type 'integer'",
        id="type-of-keda",
    ),
    pytest.param(
        "TriggerAuthentication",
        lambda one: one["spec"].update(secretTargetRefs=[]),
        "spec: Additional properties",
        id="of-kedas-login",
    ),
    pytest.param(
        "TriggerAuthentication",
        lambda one: one["spec"]["secretTargetRef"][0].pop("key"),
        "'key' is a required property",
        id="needed-by-kedas-login",
    ),
    pytest.param(
        "PodMonitor",
        lambda one: one["spec"]["podMetricsEndpoints"][0].update(timeout="10s"),
        "spec.podMetricsEndpoints.0: Additional properties",
        id="of-prometheus",
    ),
    pytest.param(
        "PodMonitor", lambda one: one.update(apiVersion="monitoring.coreos.com/v2"), "has no monitoring", id="version"
    ),
]
