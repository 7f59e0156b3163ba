"""Sinks: where spans go, by the settings; what sends them is an extra of the installation."""

from importlib.util import find_spec

from worker.tracing.spans import Sink
from worker.watching.tally import Tally


def can_send() -> bool:
    """Whether the extra `traces` is installed."""
    try:
        return find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:
        return False


def open_sink(url: str | None, tally: Tally, instance: str) -> Sink | None:
    """What sends spans of this process, `instance`, to the collector at `url`; None without one."""
    if url is None:
        return None
    from worker.tracing.telemetry import Telemetry

    return Telemetry(url, tally, instance)
