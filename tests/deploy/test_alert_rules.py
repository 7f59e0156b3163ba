"""Alert rules under Prometheus' own evaluation: each fires in its trouble, after its time, and is quiet else.

`promtool` evaluates them over invented series (Debian: package prometheus); without it these tests are skipped.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.scrapes import Series, budget_beside, counted, on_both, uni
from tests.deploy.watching import ALERTS, LONG_MINUTES, minutes_of
from worker.watching.tally import Tally

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed (Debian: prometheus)")


Change = Callable[[Tally], None]

RULES = [rule for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"] for rule in group["rules"]]


@dataclass(frozen=True)
class Trouble:
    """Series that make an alert fire `minutes` after they began, and a change of them that keeps it quiet then."""

    alert: str
    series: Series
    minutes: int
    well: Series


UP, AGE = on_both("orcid_sync_store_up", "1x600"), "orcid_sync_counts_age_seconds"
DUE = on_both("orcid_sync_people_due", "7x600")
RUNS = {uni("orcid_sync_store_up"): "1x600", uni("orcid_sync_consumer_lag", topic="hr", partition="0"): "0x600"}


def flag(alert: str, name: str, minutes: int, **labels: str) -> Trouble:
    """A gauge of 0 and 1, the same on both replicas."""
    return Trouble(alert, on_both(name, "1x2000", **labels), minutes, on_both(name, "0x2000", **labels))


def items(state: str, stuck: str, fine: str = "0x600") -> Series:
    """Items in a state beside those that are as they should be."""
    return on_both("orcid_sync_items", stuck, state=state) | on_both("orcid_sync_items", "1000x600", state="in_sync")


def calls(status: str, per_minute: int) -> Series:
    """Calls of two replicas with this answer, and as many good ones."""
    return {
        uni("orcid_sync_calls_total", pod, method="POST", section="work", status=said): f"0+{number}x600"
        for pod in ("a", "b")
        for said, number in (("201", 2), (status, per_minute))
    }


def events(result: str, per_minute: int) -> Series:
    """Events of two replicas with this result beside those that were applied."""
    return {
        uni("orcid_sync_events_total", pod, type="hr.affiliation.changed", result=said): f"0+{number}x600"
        for pod in ("a", "b")
        for said, number in (("applied", 2), (result, per_minute))
    }


def nothing(_: Tally) -> None:
    """Time passes."""


def called(status: str, number: int) -> Change:
    """So many calls that were answered so."""
    return lambda tally: tally.replies.update({("POST", "work", status, "9005" if status == "401" else ""): number})


def took(result: str, number: int) -> Change:
    """So many events of which that became."""
    return lambda tally: tally.events.update({("hr.affiliation.changed", result): number})


def calls_made(*steps: tuple[int, Change]) -> Series:
    """What the counter of calls says then."""
    return counted("orcid_sync_calls_total", *steps)


def waiting(is_off: int) -> Series:
    """Items of people who permitted them, beside whether anything is sent."""
    return (
        items("waiting", "4x2000")
        | on_both("orcid_sync_grants", "2x2000", state="active")
        | on_both("orcid_sync_sending_off", f"{is_off}x2000")
    )


FAILING = uni("orcid_sync_turns_failing_seconds")
LAG, OTHER_LAG = (uni("orcid_sync_consumer_lag", topic="hr", partition=number) for number in "01")
REHEARSAL = {name.replace("'uni'", "'rehearsal'"): values for name, values in RUNS.items()}
"""Another institution under the same Prometheus, at which all is well."""
SUCCESS, PAUSED = "orcid_sync_last_success_timestamp_seconds", "orcid_sync_all_paused"
RECOVERS, ANEW = "orcid_sync_recovering", "orcid_sync_mapping_anew"
OLDEST, FAILURES = "orcid_sync_oldest_due_seconds", "orcid_sync_failures_in_a_row"

TROUBLES = (
    Trouble("OrcidSyncAbsent", {"something_else": "1x600"}, 11, RUNS),
    Trouble("OrcidSyncAbsent", {uni("orcid_sync_store_up"): "1x30 _x300"} | REHEARSAL, 50, RUNS | REHEARSAL),
    Trouble("OrcidSyncNobodyReads", {uni("orcid_sync_store_up"): "1x600"}, 16, RUNS),
    Trouble("OrcidSyncNobodyReads", {uni("orcid_sync_store_up"): "1x600"} | REHEARSAL, 16, RUNS | REHEARSAL),
    Trouble(
        "OrcidSyncRestarts",
        {uni("orcid_sync_process_start_time_seconds"): "0+60x600"},
        15,
        {uni("orcid_sync_process_start_time_seconds"): "100x600"},
    ),
    Trouble(
        "OrcidSyncStoreDown",
        {uni("orcid_sync_store_up", "a"): "1x600", uni("orcid_sync_store_up", "b"): "0x600"},
        6,
        on_both("orcid_sync_store_up", "1x600"),
    ),
    Trouble(
        "OrcidSyncStoreDown",
        {uni("orcid_sync_store_up", "a"): "1x600", uni("orcid_sync_store_up", "b"): "1x60 0x600"},
        70,
        {
            uni("orcid_sync_store_up", "a"): "1x10 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x600",
            uni("orcid_sync_store_up", "b"): "1x10 1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x3 0x3 1x3 1x600",
        },
    ),
    Trouble(
        "OrcidSyncCountsOld", UP | on_both(AGE, "0+60x600"), 151, UP | {uni(AGE): "0+60x600", uni(AGE, "b"): "9x600"}
    ),
    Trouble("OrcidSyncCountsOld", UP, 31, on_both("orcid_sync_store_up", "0x600")),
    Trouble(
        "OrcidSyncSourceDown",
        {uni("orcid_sync_source_down", "a"): "0x600", uni("orcid_sync_source_down", "b"): "1x600"},
        11,
        on_both("orcid_sync_source_down", "0x600"),
    ),
    Trouble("OrcidSyncStoreDown", {FAILING: "0+60x600"}, 8, {FAILING: "0 60 120 180 0 60 120 180 0"}),
    Trouble("OrcidSyncLagStays", {LAG: "999x600", OTHER_LAG: "0x600"}, 80, {LAG: "0x600", OTHER_LAG: "0x600"}),
    Trouble("OrcidSyncLagStays", {LAG: "0+1x600", OTHER_LAG: "9 0 9 0 " * 25}, 80, {OTHER_LAG: "9 9 9 3 " * 25}),
    Trouble("OrcidSyncLagStays", {LAG: "3x40 _x60", OTHER_LAG: "_x40 3x60"}, 80, {LAG: "3000-1x600"}),
    Trouble("OrcidSyncLagGrows", {LAG: "2000+10x600"}, 80, {LAG: "20000-100x100"}),
    Trouble("OrcidSyncLagGrows", {LAG: "2000+10x600"}, 80, {LAG: "900+1x600"}),
    flag("OrcidSyncIntakeStopped", "orcid_sync_intake_stopped", 2),
    flag("OrcidSyncGap", "orcid_sync_gaps", 2),
    flag("OrcidSyncDeadLetters", "orcid_sync_dead_letters", 16),
    Trouble("OrcidSyncSuperseded", events("superseded", 1), 60, events("unchanged", 1)),
    Trouble("OrcidSyncSuperseded", events("superseded", 1), 60, {}),
    Trouble(
        "OrcidSyncSuperseded",
        counted("orcid_sync_events_total", (10, nothing), (90, took("superseded", 5000))),
        60,
        counted("orcid_sync_events_total", (10, nothing), (90, took("applied", 5000))),
    ),
    Trouble(
        "OrcidSyncOldestDue",
        on_both("orcid_sync_oldest_due_seconds", "3000+60x600"),
        40,
        on_both("orcid_sync_oldest_due_seconds", "40x600"),
    ),
    Trouble(
        "OrcidSyncOldestDue", on_both(OLDEST, "7000x600"), 40, on_both(OLDEST, "7000x600") | on_both(PAUSED, "1x600")
    ),
    Trouble("OrcidSyncNoSuccess", on_both(SUCCESS, "0x600") | DUE, 90, on_both(SUCCESS, "0+60x600") | DUE),
    Trouble("OrcidSyncNoSuccess", DUE, 90, on_both("orcid_sync_people_due", "0x600")),
    Trouble(
        "OrcidSyncNoSuccess",
        on_both(SUCCESS, "0x600") | DUE,
        80,
        on_both(SUCCESS, "0+60x30 _x600") | on_both("orcid_sync_people_due", "7x30 _x600"),
    ),
    Trouble("OrcidSyncNoSuccess", DUE | on_both(PAUSED, "0x600"), 90, DUE | on_both(PAUSED, "1x600")),
    Trouble("OrcidSyncNoSuccess", DUE | on_both(RECOVERS, "0x600"), 90, DUE | on_both(RECOVERS, "1x600")),
    Trouble("OrcidSyncNoSuccess", DUE | on_both(ANEW, "0x600"), 90, DUE | on_both(ANEW, "1x600")),
    Trouble("OrcidSyncFailing", on_both(FAILURES, "20x600"), 16, on_both(FAILURES, "14x600")),
    flag("OrcidSyncCircuitOpen", "orcid_sync_circuit_open", 11),
    Trouble("OrcidSyncHeld", items("held", "3x600"), 61, items("held", "0x600")),
    Trouble("OrcidSyncRefusedShare", items("refused", "30x600"), 61, items("refused", "11x600")),
    Trouble("OrcidSyncRefusedShare", items("refused", "30x600"), 61, items("waiting", "30x600")),
    Trouble("OrcidSyncCallsRefused", calls("403", 1), 40, calls("409", 1)),
    Trouble(
        "OrcidSyncCallsRefused",
        calls_made((10, nothing), (90, called("401", 500))),
        40,
        calls_made((10, nothing), (90, called("201", 500))),
    ),
    Trouble(
        "OrcidSyncCallsRefused",
        calls_made((150, called("201", 900)), (90, called("401", 300))),
        190,
        calls_made((150, called("401", 900)), (90, called("201", 300))),
    ),
    Trouble("OrcidSyncCallsFail", calls_made((90, called("none", 500))), 20, calls_made((90, called("404", 500)))),
    Trouble("OrcidSyncCallsFail", calls("none", 1), 40, calls("404", 1)),
    Trouble("OrcidSyncCallsFail", calls("503", 1), 40, calls("429", 1)),
    Trouble("OrcidSyncInDoubt", items("in_doubt", "1x600"), 361, items("in_doubt", "1x100 0x500")),
    Trouble("OrcidSyncStranded", items("stranded", "2x600"), 61, items("stranded", "0x600")),
    Trouble(
        "OrcidSyncGrantsBroken",
        on_both("orcid_sync_grants", "6x600", state="broken") | on_both("orcid_sync_grants", "94x600", state="active"),
        61,
        on_both("orcid_sync_grants", "5x600", state="broken") | on_both("orcid_sync_grants", "5x600", state="active"),
    ),
    flag("OrcidSyncJobFailed", "orcid_sync_jobs", 2, state="failed"),
    flag("OrcidSyncDrift", "orcid_sync_drift", 61),
    flag("OrcidSyncPaused", "orcid_sync_paused", 24 * 60 + 1),
    Trouble("OrcidSyncNotSending", waiting(1), 24 * 60 + 1, waiting(0)),
    flag("OrcidSyncRecovering", "orcid_sync_recovering", 12 * 60 + 1),
    flag("OrcidSyncMappingAnew", "orcid_sync_mapping_anew", 12 * 60 + 1),
    Trouble(
        "OrcidSyncBudgetSpent",
        on_both("orcid_sync_budget_used_ratio", "1x600") | on_both("orcid_sync_oldest_due_seconds", "1900x600"),
        61,
        on_both("orcid_sync_budget_used_ratio", "1x600") | on_both("orcid_sync_oldest_due_seconds", "30x600"),
    ),
    Trouble(
        "OrcidSyncSpansLost",
        {uni("orcid_sync_spans_total", result="lost"): "0+1x600"},
        40,
        {uni("orcid_sync_spans_total", result="sent"): "0+1x600"},
    ),
)


@cache
def troubles() -> Sequence[Trouble]:
    """All: those above, and those of the budget, which are reckoned out call by call."""
    asked_to_wait_once = budget_beside(0, 20) | on_both("orcid_sync_budget_rate", "23x10 0x2 11.5x1 23x40")
    return (
        *TROUBLES,
        Trouble("OrcidSyncBudgetSlowed", budget_beside(6), 55, budget_beside(0)),
        Trouble("OrcidSyncBudgetSlowed", budget_beside(12), 55, asked_to_wait_once),
    )


def a_test(one: Trouble, series: Series, *, fires: bool) -> dict[str, Any]:
    """A test in promtool's form: not firing at first, and once for all replicas, or not, in the end."""
    query = f'count(ALERTS{{alertname="{one.alert}",alertstate="firing"}})'
    return {
        "name": f"{one.alert} {'fires' if fires else 'is quiet'}",
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {"expr": query, "eval_time": "0m", "exp_samples": []},
            {
                "expr": query,
                "eval_time": f"{one.minutes}m",
                "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
            },
        ],
    }


def lapsed(values: str, at: int) -> str:
    """A series that goes on steadily, but for one scrape that told nothing of it."""
    steady = re.fullmatch(r"(\d+)(?:\+(\d+))?x(\d+)", values)
    if steady is None or int(steady[3]) <= at:
        return values
    first, step, last = int(steady[1]), int(steady[2] or 0), int(steady[3])
    return f"{first}+{step}x{at - 1} stale {first + step * (at + 1)}+{step}x{last - at - 1}"


def judged(folder: Path, tests: Mapping[str, list[dict[str, Any]]]) -> str:
    """What promtool says of each alert's tests, over that alert's rule alone; empty when all is as expected."""
    for rule in RULES:
        alone = {"groups": [{"name": "one", "rules": [rule]}]}
        (folder / f"{rule['alert']}.rule.yaml").write_text(yaml.safe_dump(alone))
    files = []
    for alert, its in tests.items():
        said = {"rule_files": [f"{alert}.rule.yaml"], "evaluation_interval": "1m", "tests": its}
        files.append(folder / f"{alert}.tests.yaml")
        files[-1].write_text(yaml.safe_dump(said))
    words = [str(PROMTOOL), "test", "rules", *(file.name for file in files)]
    ran = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


@needs_promtool
def test_prometheus_takes_the_rules() -> None:
    """As it would at its start."""
    ran = subprocess.run([str(PROMTOOL), "check", "rules", ALERTS], capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr


@needs_promtool
def test_prometheus_takes_its_configuration() -> None:
    """That of the compose file, where the files that it names are mounted."""
    config = str(ALERTS.parent / "prometheus.yaml")
    words = [str(PROMTOOL), "check", "config", "--syntax-only", config]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stdout + ran.stderr


@needs_promtool
def test_every_alert_fires_in_its_trouble_and_only_then(tmp_path: Path) -> None:
    """Once for all replicas, not before its time, and not when all is well."""
    tests: dict[str, list[dict[str, Any]]] = {}
    for one in troubles():
        both = (a_test(one, one.series, fires=True), a_test(one, one.well, fires=False))
        tests.setdefault(one.alert, []).extend(both)

    assert judged(tmp_path, tests) == ""


@needs_promtool
def test_one_scrape_without_an_answer_does_not_put_off_an_alert(tmp_path: Path) -> None:
    """A store that is slow for a moment, or a restart, does not begin the time of those anew that take long."""
    long = {rule["alert"] for rule in RULES if minutes_of(rule["for"]) >= LONG_MINUTES}
    tests: dict[str, list[dict[str, Any]]] = {}
    for one in (one for one in troubles() if one.alert in long):
        gaps = {name: lapsed(values, one.minutes - 8) for name, values in one.series.items()}
        tests.setdefault(one.alert, []).append(a_test(one, gaps, fires=True))

    assert judged(tmp_path, tests) == ""


def test_no_alert_is_left_out() -> None:
    """Each of the file has its trouble here."""
    assert {one.alert for one in troubles()} == {rule["alert"] for rule in RULES}


@needs_promtool
@pytest.mark.parametrize(
    ("alert", "series", "told"),
    [
        pytest.param(
            "OrcidSyncHeld",
            on_both("orcid_sync_items", "30x600", state="held") | on_both("orcid_sync_people", "4x600", state="held"),
            ["30 items wait for somebody's word", "They are of 4 people"],
            id="items and people",
        ),
        pytest.param(
            "OrcidSyncOldestDue",
            on_both("orcid_sync_oldest_due_seconds", "7200x600"),
            ["A record has been due for 2h 0m 0s", "0 people are due"],
            id="nobody counted",
        ),
    ],
)
def test_an_alert_tells_whom_it_concerns(tmp_path: Path, alert: str, series: Series, told: list[str]) -> None:
    """In numbers, read from the same institution's metrics when it fires."""
    asked = a_test(Trouble(alert, series, 90, {}), series, fires=True)
    asked["alert_rule_test"] = [{"alertname": alert, "eval_time": "90m", "exp_alerts": []}]

    said = " ".join(judged(tmp_path, {alert: [asked]}).split())

    assert [one for one in told if one not in said] == [], said
