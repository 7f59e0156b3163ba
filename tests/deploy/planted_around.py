"""Faults that are planted around the pods of the overlay `scaled`: scaling, jobs, network, schemas."""

from typing import Any

from tests.deploy.planting import container, found, pod, settings

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
        lambda o: found(o, "CronJob", "orcid-sync-replay")["spec"].update(suspend=False),
        "suspend is not true",
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
        "opens 169.254.0.0/16",
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
    (
        "no-way-for-prometheus",
        lambda o: o.remove(found(o, "NetworkPolicy", "from-prometheus")),
        "Deployment/orcid-sync-pages: the NetworkPolicy from-prometheus does not let in",
    ),
    (
        "everything-public",
        lambda o: found(o, "Ingress", "orcid-sync")["spec"]["rules"][0]["http"]["paths"][0].update(path="/"),
        "shows the world /",
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
