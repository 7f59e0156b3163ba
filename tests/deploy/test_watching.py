"""Alert rules and dashboard: nothing in them is wrong, and what is wrong is found."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy import watching
from tests.deploy.queries import check
from worker.calling.calls import GROUP_PATH
from worker.watching.metric_names import CALLS

Rule = dict[str, Any]
Dashboard = dict[str, Any]

GOOD = 'max by (namespace) (orcid_sync_items{state="held"}) > 0'


@pytest.fixture(scope="module")
def rules() -> dict[str, Any]:
    """The alert rules as they are deployed."""
    found: dict[str, Any] = yaml.safe_load(watching.ALERTS.read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def dashboard() -> Dashboard:
    """The dashboard as it is deployed."""
    found: Dashboard = json.loads((watching.DASHBOARDS / "orcid-sync.json").read_text("utf-8"))
    return found


def test_nothing_deployed_is_wrong() -> None:
    """Every query, label, state, command and anchor in them is there; every metric is asked for."""
    assert watching.all_faults() == []


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        pytest.param(GOOD, None, id="right"),
        pytest.param("max by (namespace) (orcid_sync_item)", "orcid_sync_item is no metric of ours", id="metric"),
        pytest.param("sum(rate(orcid_sync_events[5m]))", "orcid_sync_events is no metric of ours", id="no _total"),
        pytest.param("max(orcid_sync_gaps_count)", "orcid_sync_gaps_count is no metric of ours", id="no histogram"),
        pytest.param("max(up)", "up is no metric of ours", id="somebody else's"),
        pytest.param('max(orcid_sync_items{stage="held"})', "has no label stage", id="label"),
        pytest.param("max by (state) (orcid_sync_gaps)", "has no label state", id="label of a group"),
        pytest.param("max(orcid_sync_gaps) and on (topic) max(orcid_sync_paused)", "has no label topic", id="matched"),
        pytest.param('max(orcid_sync_items{state="hold"})', "has no state 'hold'", id="state"),
        pytest.param('max(orcid_sync_items{state=~"held|hold"})', "has no state 'hold'", id="one of two states"),
        pytest.param('max(orcid_sync_people{state="in_sync"})', "has no state 'in_sync'", id="state not counted"),
        pytest.param('max(orcid_sync_grants{state!="broke"})', "has no state 'broke'", id="state that is not"),
        pytest.param(
            'sum(rate(orcid_sync_events_total{result="late"}[5m]))', "has no result 'late'", id="another closed set"
        ),
        pytest.param("sum(orcid_sync_items)", "take max or min, not sum", id="replicas added up"),
        pytest.param("sum(sum by (state) (orcid_sync_items))", "take max or min, not sum", id="added up twice"),
        pytest.param("orcid_sync_gaps > 0", "take max or min, not all", id="replicas one by one"),
        pytest.param("sum by (namespace) (max by (namespace, state) (orcid_sync_items))", None, id="states added up"),
        pytest.param("sum by (topic) (orcid_sync_consumer_lag)", None, id="lag is each replica's own"),
        pytest.param("sum(orcid_sync_events_total)", "is a counter: as it is", id="counter as it is"),
        pytest.param("max(rate(orcid_sync_gaps[5m]))", "is not a counter: rate", id="rate of a gauge"),
        pytest.param(
            "histogram_quantile(0.9, sum by (le) (rate(orcid_sync_call_seconds_bucket[5m])))", None, id="histogram"
        ),
        pytest.param("sum(rate(orcid_sync_call_seconds[5m]))", "is no metric of ours", id="histogram without a part"),
        pytest.param(
            "sum(min_over_time(orcid_sync_calls_total[1h])"
            " unless present_over_time(orcid_sync_calls_total[1h] offset 1h))",
            None,
            id="what a counter was born with",
        ),
        pytest.param("sum(max_over_time(orcid_sync_calls_total[1h]))", "is a counter: max_over_time", id="as it was"),
        pytest.param('sum(rate(orcid_sync_events_total{type="hr.left"}[5m]))', "has no type 'hr.left'", id="type"),
        pytest.param("absent(orcid_sync_store_up)", None, id="absent"),
        pytest.param("max by (namespace (orcid_sync_gaps)", "is no PromQL", id="bracket"),
        pytest.param("rate(orcid_sync_gaps)", "is no PromQL", id="no range"),
        pytest.param("", "is no PromQL", id="empty"),
    ],
)
def test_a_query_is_looked_up(query: str, fault: str | None) -> None:
    """What is wrong with it is told, and only that."""
    faults = check(query).faults

    if fault is None:
        assert faults == ()
    else:
        assert any(fault in one for one in faults), faults


@pytest.mark.parametrize(
    ("query", "momentary"),
    [
        pytest.param("max(orcid_sync_paused)", {"orcid_sync_paused"}, id="gauge"),
        pytest.param("max(last_over_time(orcid_sync_paused[5m]))", set(), id="over some minutes"),
        pytest.param("min_over_time((max(orcid_sync_paused))[5m:1m])", set(), id="subquery"),
        pytest.param("avg_over_time((max(orcid_sync_gaps) / max(orcid_sync_drift))[5m:1m])", set(), id="of two"),
        pytest.param("max(orcid_sync_paused offset 5m)", {"orcid_sync_paused"}, id="another moment"),
        pytest.param(
            "max(last_over_time(orcid_sync_gaps[5m])) unless max(orcid_sync_paused)",
            {"orcid_sync_paused"},
            id="one side",
        ),
    ],
)
def test_what_a_query_looks_at_in_one_moment_is_told(query: str, momentary: set[str]) -> None:
    """There one scrape that told nothing makes it false."""
    assert check(query).momentary == momentary


def changed(**parts: Any) -> Callable[[Rule], None]:
    """Sets these parts of a rule; None takes one away."""

    def change(rule: Rule) -> None:
        for name, value in parts.items():
            place = rule["annotations"] if name in {"summary", "description", "runbook_url"} else rule
            if value is None:
                del place[name]
            else:
                place[name] = value

    return change


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(changed(expr="max(orcid_sync_hold)"), "orcid_sync_hold is no metric", id="metric"),
        pytest.param(changed(expr="absent(orcid_sync_store_up)"), "is about all institutions at once", id="all"),
        pytest.param({"for": None}, "has no `for`", id="for"),
        pytest.param({"expr": GOOD, "for": "15m"}, "looks at orcid_sync_items in one moment", id="one bad scrape"),
        pytest.param({"labels": {"severity": "page"}}, "has no severity of", id="severity"),
        pytest.param(changed(summary=None), "has no summary", id="summary"),
        pytest.param(changed(description=None), "has no description", id="description"),
        pytest.param(changed(description="Do something."), "names no command", id="no command"),
        pytest.param(changed(description="`orcid-sync hold list`"), "`orcid-sync hold list`, which is", id="command"),
        pytest.param(changed(description="`orcid-sync held`"), "`orcid-sync held`, which is", id="half a command"),
        pytest.param(changed(summary="{{ $labels.topic }}"), "tells the label topic", id="label of another alert"),
        pytest.param(
            changed(summary="""{{ with printf "max(orcid_sync_ppl{namespace='%s'})" $labels.namespace | query }}"""),
            "asks in its text: orcid_sync_ppl is no metric",
            id="query in the text",
        ),
        pytest.param(changed(runbook_url="deploy/README.md#elsewhere"), "no paragraph in the runbook", id="anchor"),
        pytest.param(changed(alert="OrcidSyncGap"), "OrcidSyncGap: is there twice", id="twice"),
    ],
)
def test_a_wrong_rule_is_found(rules: dict[str, Any], change: Callable[[Rule], None] | Rule, fault: str) -> None:
    """One line for what was planted, and none before."""
    runbook = "\n".join(f"#### {rule['alert']}" for group in rules["groups"] for rule in group["rules"])
    assert list(watching.faults_of_rules(rules, runbook)) == []
    planted = copy.deepcopy(rules)
    held = next(rule for group in planted["groups"] for rule in group["rules"] if rule["alert"] == "OrcidSyncHeld")
    (change if callable(change) else changed(**change))(held)

    found = list(watching.faults_of_rules(planted, runbook))

    assert any(fault in one for one in found), found


def first_target(dashboard: Dashboard) -> dict[str, Any]:
    """The first query of the dashboard."""
    found: dict[str, Any] = next(panel for panel in dashboard["panels"] if panel.get("targets"))["targets"][0]
    return found


def set_query(query: str, legend: str = "") -> Callable[[Dashboard], None]:
    """Plants a query."""
    return lambda dashboard: first_target(dashboard).update(expr=query, legendFormat=legend)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param(set_query("max(orcid_sync_hold)"), "orcid_sync_hold is no metric", id="metric"),
        pytest.param(set_query('max(orcid_sync_gaps{cause="x"})'), "has no label cause", id="label"),
        pytest.param(set_query('max(orcid_sync_items{state="hold"})'), "has no state 'hold'", id="state"),
        pytest.param(set_query("max(orcid_sync_gaps)", "{{state}}"), "legend tells the label state", id="legend"),
        pytest.param(set_query("max(orcid_sync_gaps)"), "is about all institutions at once", id="all institutions"),
        pytest.param(
            set_query("max by (namespace) (orcid_sync_gaps)", "gaps"), "does not tell the institution", id="whose"
        ),
        pytest.param(set_query('max(orcid_sync_gaps{namespace="$ns"})'), "$ns is no variable", id="variable"),
        pytest.param(
            lambda one: first_target(one)["datasource"].update(uid="mine"), "another data source", id="data source"
        ),
        pytest.param(lambda one: one.update(id=7), "has a uid and no id", id="id"),
        pytest.param(lambda one: one["panels"][1].update(id=one["panels"][2]["id"]), "two panels", id="panels' ids"),
        pytest.param(lambda one: one["panels"][2]["gridPos"].update(x=0), "lies over", id="place"),
        pytest.param(lambda one: one["panels"][2]["gridPos"].update(w=25), "wider than the grid", id="width"),
        pytest.param(lambda one: one["panels"][1].update(targets=[]), "has no query", id="no query"),
        pytest.param(
            lambda one: one["templating"]["list"][1].update(definition="label_values(orcid_sync_gaps, town)"),
            "has no label town",
            id="values of a variable",
        ),
    ],
)
def test_a_wrong_dashboard_is_found(dashboard: Dashboard, change: Callable[[Dashboard], None], fault: str) -> None:
    """One line for what was planted, and none before."""
    assert list(watching.faults_of_dashboard(dashboard)) == []
    planted = copy.deepcopy(dashboard)
    change(planted)

    found = list(watching.faults_of_dashboard(planted))

    assert any(fault in one for one in found), found


def test_a_metric_that_nobody_shows_is_found(rules: dict[str, Any]) -> None:
    """A figure that stands in no alert and no panel helps nobody."""
    found = list(watching.unwatched(rules, []))

    assert "orcid_sync_inbox_messages_total: no alert and no panel shows it" in found
    assert not any(one.startswith("orcid_sync_gaps:") for one in found)


def test_the_command_tells_and_ends_with_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that `make lint` ends there."""
    planted = watching.ALERTS.read_text("utf-8").replace("orcid_sync_gaps", "orcid_sync_holes")
    (tmp_path / "alerts.yaml").write_text(planted, "utf-8")
    monkeypatch.setattr(watching, "ALERTS", tmp_path / "alerts.yaml")

    assert watching.main() == 1
    assert "alerts.yaml: OrcidSyncGap: orcid_sync_holes is no metric of ours" in capsys.readouterr().err


def test_the_names_of_sections_are_those_of_calls() -> None:
    """A call for a group-id record is counted under the name of its path."""
    assert GROUP_PATH in CALLS.values["section"]
