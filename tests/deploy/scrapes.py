"""What Prometheus reads of a process minute by minute, in promtool's notation: of real counts, and of a real budget."""

from collections import defaultdict
from collections.abc import Callable

from prometheus_client.parser import text_string_to_metric_families

from state.budget import Bucket
from state.store import StoreError
from worker.watching.metrics import Figures, Metrics
from worker.watching.tally import Tally

Series = dict[str, str]
Change = Callable[[Tally], None]

RATE, BURST = 23.0, 30.0
ORCIDS_RATE, ORCIDS_BURST = 24.0, 40.0
"""Requests a second that ORCID admits of a client id, and at once (API_FACTS.md section 9)."""


def uni(name: str, pod: str = "a", **labels: str) -> str:
    """A series of one pod of one institution."""
    said = {"namespace": "uni", "pod": pod, **labels}
    return f"{name}{{{','.join(f'{label}={value!r}' for label, value in said.items())}}}"


def on_both(name: str, values: str, **labels: str) -> Series:
    """What both replicas say of one store."""
    return {uni(name, pod, **labels): values for pod in ("a", "b")}


def counted(name: str, *steps: tuple[int, Change]) -> Series:
    """A metric of a process that begins: what comes to its tally, and for how many minutes nothing more does."""
    tally, series, before = Tally(), defaultdict[str, list[str]](list), 0
    metrics = Metrics(tally, _no_store)
    for minutes, change in steps:
        change(tally)
        for family in text_string_to_metric_families(metrics.page().decode()):
            for sample in family.samples:
                if sample.name == name:
                    values = series[uni(name, **sample.labels)] or [f"_x{before}"] * bool(before)
                    series[uni(name, **sample.labels)] = [*values, f"{sample.value:g}x{minutes - 1}"]
        before += minutes
    return {one: " ".join(values) for one, values in series.items()}


def _no_store() -> Figures:
    raise StoreError("there is none here")


def budget_beside(others: float, minutes: int = 60) -> Series:
    """The budget's gauges while all of it is wanted, and another program makes `others` calls a second as our client.

    Both are refused by ORCID's own limit; 429 comes without a time to wait, so we wait a second, as the sender does.
    """
    bucket, orcid, now, last, theirs = Bucket(BURST, 0.0), ORCIDS_BURST, 0.0, 0.0, 0.0
    rates: list[float] = []
    while now < 60.0 * minutes:
        if now >= 60.0 * len(rates):
            rates.append(bucket.rate_now(now, RATE))
        orcid, theirs = min(ORCIDS_BURST, orcid + (now - last) * ORCIDS_RATE), theirs + (now - last) * others
        while theirs >= 1.0:
            orcid, theirs = max(0.0, orcid - 1.0), theirs - 1.0
        last = now
        bucket, wait = bucket.spent(1, now, RATE, BURST)
        if wait == 0.0 and orcid >= 1.0:
            orcid -= 1.0
        elif wait == 0.0:
            bucket = bucket.slowed(now + 1.0, now)
        now += wait if wait > 0.0 else 0.001
    limits = on_both("orcid_sync_budget_limit", f"{RATE}x{minutes}")
    return limits | on_both("orcid_sync_budget_rate", " ".join(f"{rate:.3f}" for rate in rates))
