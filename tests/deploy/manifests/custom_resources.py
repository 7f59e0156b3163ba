"""Custom resources: exactly the fields of KEDA's and Prometheus' that we use, with the values that we mean.

Their own definitions (definitions.py) say what a cluster takes, but nothing of a trigger's metadata.

Facts: keda.sh/docs/2.22, pages reference/scaledobject-spec, scalers/apache-kafka and concepts/authentication; a scaling
behaviour is that of Kubernetes' HorizontalPodAutoscaler (autoscaling/v2). PodMonitor: the API reference at
prometheus-operator.dev.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from tests.deploy.manifests.objects import Object

Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$")]
Duration = Annotated[str, Field(pattern=r"^[0-9]+(ms|s|m|h)$")]
Number = Annotated[str, Field(pattern=r"^[1-9][0-9]*$")]
"""KEDA takes a trigger's metadata as texts only."""
Switch = Literal["true", "false"]
Positive = Annotated[int, Field(ge=1)]


class Strict(BaseModel):
    """Nothing but what is named, and nothing turned into what it is not."""

    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)


class Metadata(Strict):
    name: Name
    namespace: Name
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}


class Target(Strict):
    api_version: Literal["apps/v1"]
    kind: Literal["Deployment"]
    name: Name


class Fallback(Strict):
    failure_threshold: Positive
    replicas: Positive


class ScalingPolicy(Strict):
    type: Literal["Pods", "Percent"]
    value: Positive
    period_seconds: Annotated[int, Field(ge=1, le=1800)]


class ScalingRules(Strict):
    stabilization_window_seconds: Annotated[int, Field(ge=0, le=3600)]
    policies: Annotated[list[ScalingPolicy], Field(min_length=1)]


class Behavior(Strict):
    scale_up: ScalingRules
    scale_down: ScalingRules


class AutoscalerConfig(Strict):
    behavior: Behavior


class Advanced(Strict):
    restore_to_original_replica_count: bool
    horizontal_pod_autoscaler_config: AutoscalerConfig


class KafkaMetadata(Strict):
    bootstrap_servers_from_env: Annotated[str, Field(min_length=1)]
    consumer_group_from_env: Annotated[str, Field(min_length=1)]
    lag_threshold: Number
    offset_reset_policy: Literal["earliest"]
    allow_idle_consumers: Switch
    sasl: Literal["none", "plaintext", "scram_sha256", "scram_sha512"] = "none"
    tls: Literal["enable", "disable"] = "disable"


class Named(Strict):
    name: Name


class KafkaTrigger(Strict):
    type: Literal["kafka"]
    metadata: KafkaMetadata
    authentication_ref: Named | None = None


class ScaledObjectSpec(Strict):
    scale_target_ref: Target
    min_replica_count: Positive
    max_replica_count: Positive
    polling_interval: Positive
    fallback: Fallback
    advanced: Advanced
    triggers: Annotated[list[KafkaTrigger], Field(min_length=1)]


class ScaledObject(Strict):
    api_version: Literal["keda.sh/v1alpha1"]
    kind: Literal["ScaledObject"]
    metadata: Metadata
    spec: ScaledObjectSpec


class TargetKey(Strict):
    parameter: Literal["username", "password", "ca"]
    name: Name
    key: str


class TriggerAuthenticationSpec(Strict):
    config_map_target_ref: list[TargetKey]
    secret_target_ref: list[TargetKey]


class TriggerAuthentication(Strict):
    api_version: Literal["keda.sh/v1alpha1"]
    kind: Literal["TriggerAuthentication"]
    metadata: Metadata
    spec: TriggerAuthenticationSpec


class Expression(Strict):
    key: str
    operator: Literal["In", "NotIn"]
    values: Annotated[list[str], Field(min_length=1)]


class Selector(Strict):
    match_labels: dict[str, str]
    match_expressions: list[Expression]


class MetricsEndpoint(Strict):
    port: str
    path: Annotated[str, Field(pattern="^/")]
    interval: Duration
    scrape_timeout: Duration


class PodMonitorSpec(Strict):
    selector: Selector
    pod_metrics_endpoints: Annotated[list[MetricsEndpoint], Field(min_length=1)]


class PodMonitor(Strict):
    api_version: Literal["monitoring.coreos.com/v1"]
    kind: Literal["PodMonitor"]
    metadata: Metadata
    spec: PodMonitorSpec


MODELS: dict[tuple[str, str], type[Strict]] = {
    ("keda.sh/v1alpha1", "ScaledObject"): ScaledObject,
    ("keda.sh/v1alpha1", "TriggerAuthentication"): TriggerAuthentication,
    ("monitoring.coreos.com/v1", "PodMonitor"): PodMonitor,
}


def model_of(one: Object) -> type[Strict] | None:
    """The model of a custom resource, or None when there is none here."""
    return MODELS.get((one.get("apiVersion", ""), one.get("kind", "")))


def custom_faults(model: type[Strict], one: Object) -> list[str]:
    """What its model finds wrong, one line each."""
    try:
        model.model_validate(one)
    except ValidationError as error:
        return [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_url=False)]
    return []
