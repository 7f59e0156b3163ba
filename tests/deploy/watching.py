"""Alert rules and dashboards beside the code: `python -m tests.deploy.watching`, part of `make lint`.

One line for each fault; exit code 1 when there is one.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from tests.deploy.queries import check
from worker.cli import app
from worker.watching.metric_names import METRICS

ROOT = Path(__file__).parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
DASHBOARDS = ROOT / "deploy" / "grafana" / "dashboards"
RUNBOOK = ROOT / "deploy" / "README.md"

SEVERITIES = ("critical", "warning", "info")
MINUTES = {"s": 1 / 60, "m": 1, "h": 60, "d": 1440}
LONG_MINUTES = 15
"""A `for` of so long has to outlast scrapes that a busy store did not answer, and a restart."""
WIDTH = 24
"""Grafana's grid has so many columns."""
WITHOUT_LEGEND = ("heatmap",)
"""Panels that can show one thing only."""

_DURATION = re.compile(r"[1-9]\d*[smhd]")
_ASKED = re.compile(r'printf "((?:[^"\\]|\\.)*)"')
_LABEL = re.compile(r"\$labels\.(\w+)")
_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_COMMAND = re.compile(r"`orcid-sync ([^`]*)`")
_VARIABLE = re.compile(r"\$__(?:rate_interval|interval|range)\b")
_VALUES = re.compile(r"label_values\((\w+), (\w+)\)")


def minutes_of(duration: str) -> float:
    """A `for` in minutes."""
    return int(duration[:-1]) * MINUTES[duration[-1]]


def faults_of_rules(rules: Mapping[str, Any], runbook: str) -> Iterator[str]:
    """What is wrong in a Prometheus rule file whose alerts are told about in the runbook, a Markdown text."""
    seen = set[str]()
    anchors = {
        re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in re.findall(r"(?m)^#+ (.+)$", runbook)
    }
    for group in rules["groups"]:
        for rule in group["rules"]:
            name = rule["alert"]
            if name in seen:
                yield f"{name}: is there twice"
            seen.add(name)
            yield from (f"{name}: {fault}" for fault in _faults_of_rule(rule, anchors))


def _faults_of_rule(rule: Mapping[str, Any], anchors: Iterable[str]) -> Iterator[str]:
    checked = check(rule["expr"])
    yield from checked.faults
    if not checked.faults and "namespace" not in checked.labels:
        yield "is about all institutions at once: one that is well would hide another's trouble"
    if not _DURATION.fullmatch(rule.get("for", "")):
        yield "has no `for`: one bad scrape would call somebody"
    elif minutes_of(rule["for"]) >= LONG_MINUTES:
        for name in sorted(checked.momentary):
            yield f"looks at {name} in one moment: with a `for` so long one bad scrape would begin its time anew"
    if rule.get("labels", {}).get("severity") not in SEVERITIES:
        yield f"has no severity of {', '.join(SEVERITIES)}"
    notes = rule.get("annotations", {})
    told = " ".join(str(notes.get(part, "")) for part in ("summary", "description"))
    for part in ("summary", "description"):
        if not notes.get(part):
            yield f"has no {part}"
    for asked in _ASKED.findall(told):
        yield from (f"asks in its text: {fault}" for fault in check(asked.replace("%s", "")).faults)
    for label in sorted(set(_LABEL.findall(told)) - checked.labels):
        yield f"tells the label {label}, which its expression does not have"
    if not _COMMAND.search(told):
        yield "names no command to run next"
    yield from (f"names `orcid-sync {said}`, which is no command" for said in _COMMAND.findall(told) if not _runs(said))
    anchor = str(notes.get("runbook_url", "")).partition("#")[2]
    if anchor not in anchors:
        yield f"has no paragraph in the runbook: #{anchor}"


def _runs(said: str) -> bool:
    """Whether the words begin with a command of ours."""
    command: click.Command = app.cli
    for word in said.split():
        if not isinstance(command, click.Group):
            break
        found = command.get_command(click.Context(command), word)
        if found is None:
            return False
        command = found
    return not isinstance(command, click.Group)


def faults_of_dashboard(dashboard: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong in a Grafana dashboard."""
    variables = {one["name"] for one in dashboard["templating"]["list"]}
    for one in dashboard["templating"]["list"]:
        if one["type"] == "query":
            yield from _faults_of_values(f"the variable {one['name']}", one["definition"])
    for one in dashboard["annotations"]["list"]:
        yield from _faults_of_query(f"the annotation {one['name']}", one["expr"], one.get("textFormat", ""), variables)
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(ids) != len(set(ids)):
        yield "two panels have one id"
    if not dashboard.get("uid") or dashboard.get("id") is not None:
        yield "a provisioned dashboard has a uid and no id"
    yield from _overlaps(dashboard["panels"])
    for panel in dashboard["panels"]:
        targets = panel.get("targets", [])
        if panel["type"] != "row" and not (targets and panel.get("description")):
            yield f"{panel['title']}: has no query, or no description"
        for target in targets:
            where = f"{panel['title']} {target['refId']}"
            if target["datasource"]["uid"] != "${datasource}":
                yield f"{where}: asks another data source than the variable's"
            yield from _faults_of_query(where, target["expr"], target["legendFormat"], variables)
            if panel["type"] not in WITHOUT_LEGEND:
                yield from (f"{where}: {fault}" for fault in _mixes_institutions(target))


def _mixes_institutions(target: Mapping[str, Any]) -> Iterator[str]:
    """When all are chosen, each has lines of its own, and one can tell whose they are."""
    if "namespace" not in check(_VARIABLE.sub("5m", target["expr"])).labels:
        yield "is about all institutions at once"
    elif "namespace" not in _LEGEND.findall(target["legendFormat"]):
        yield "its legend does not tell the institution"


def _faults_of_query(where: str, query: str, legend: str, variables: Iterable[str]) -> Iterator[str]:
    plain = _VARIABLE.sub("5m", query)
    for name in re.findall(r"\$\{?(\w+)", plain):
        if name not in variables:
            yield f"{where}: ${name} is no variable"
    checked = check(plain)
    yield from (f"{where}: {fault}" for fault in checked.faults)
    for label in sorted(set(_LEGEND.findall(legend)) - checked.labels):
        yield f"{where}: its legend tells the label {label}, which its result does not have"


def _faults_of_values(where: str, definition: str) -> Iterator[str]:
    asked = _VALUES.fullmatch(definition)
    if asked is None:
        yield f"{where}: {definition!r} is not label_values(metric, label)"
        return
    checked = check(f"max by ({asked[2]}) ({asked[1]})")
    yield from (f"{where}: {fault}" for fault in checked.faults)


def _overlaps(panels: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    taken: dict[tuple[int, int], str] = {}
    for panel in panels:
        place = panel["gridPos"]
        if place["x"] + place["w"] > WIDTH:
            yield f"{panel['title']}: is wider than the grid"
        cells = [
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ]
        for other in sorted({taken[cell] for cell in cells if cell in taken}):
            yield f"{panel['title']}: lies over {other}"
        taken.update(dict.fromkeys(cells, panel["title"]))


def unwatched(rules: Mapping[str, Any], dashboards: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Metrics that neither an alert nor a panel asks for: nobody would ever see them."""
    text = json.dumps([rules, *dashboards])
    yield from (
        f"{one.name}: no alert and no panel shows it" for one in METRICS if not re.search(rf"\b{one.name}", text)
    )


def all_faults() -> list[str]:
    """What is wrong in what is deployed."""
    rules = yaml.safe_load(ALERTS.read_text("utf-8"))
    runbook = RUNBOOK.read_text("utf-8") if RUNBOOK.exists() else ""
    dashboards = {path.name: json.loads(path.read_text("utf-8")) for path in sorted(DASHBOARDS.glob("*.json"))}
    return [
        *(f"{ALERTS.name}: {fault}" for fault in faults_of_rules(rules, runbook)),
        *(f"{name}: {fault}" for name, one in dashboards.items() for fault in faults_of_dashboard(one)),
        *unwatched(rules, dashboards.values()),
    ]


def main() -> int:
    """Prints the faults; the exit code."""
    faults = all_faults()
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
