"""PromQL queries beside the code: every metric, label and closed value that they name is one that the code gives.

How replicas are put together is checked as well: what all say alike is never added up, what each counts is a rate.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import promql_parser as promql
from prometheus_client import CollectorRegistry, ProcessCollector

from worker.watching.metric_names import METRICS, Named

TARGET_LABELS = frozenset({"namespace", "job", "instance", "pod"})
"""Labels that Prometheus itself puts on what it scrapes."""
OVER_COUNTERS = frozenset({"rate", "irate", "increase", "resets"})
FIRST_SEEN = frozenset({"min_over_time", "present_over_time"})
"""What a counter was born with, and whether it was there before: no increase tells of that."""
ONE_OF_ALL = frozenset({"max", "min"})
SCALARS = frozenset({"time", "scalar", "pi"})
KEEPS_LABELS = frozenset({"topk", "bottomk"})

_PROCESS = {family.name for family in ProcessCollector(namespace="orcid_sync", registry=CollectorRegistry()).collect()}
_SUFFIXES = ("_bucket", "_sum", "_count")


@dataclass(frozen=True)
class Checked:
    """A query: what is wrong with it, the labels that its result has, and what it looks at in one moment alone."""

    faults: tuple[str, ...]
    labels: frozenset[str] = frozenset()
    momentary: frozenset[str] = frozenset()


def check(query: str) -> Checked:
    """Parses a query as Prometheus would, and looks up every name in it."""
    try:
        parsed = promql.parse(query)
    except ValueError as error:
        return Checked((f"is no PromQL: {' '.join(str(error).split())}",))
    reading = _Reading()
    labels = reading.labels(parsed, _Around())
    return Checked(tuple(reading.faults), labels, frozenset(reading.momentary))


@dataclass(frozen=True)
class _Around:
    """What stands around a part of a query: the nearest aggregation, the function it is given to, and any range."""

    aggregation: str = ""
    function: str = ""
    is_range: bool = False


@dataclass
class _Reading:
    faults: list[str] = field(default_factory=list)
    momentary: set[str] = field(default_factory=set)

    def labels(self, expr: promql.Expr, around: _Around) -> frozenset[str]:
        """The labels of an expression's result, with what is wrong in it noted."""
        match expr:
            case promql.AggregateExpr():
                return self._aggregated(expr, around)
            case promql.BinaryExpr():
                return self._binary(expr, around)
            case promql.Call():
                return self._called(expr, around)
            case promql.MatrixSelector():
                return self._selected(expr.vector_selector, replace(around, is_range=True))
            case promql.VectorSelector():
                return self._selected(expr, around)
            case promql.SubqueryExpr():
                return self.labels(expr.expr, replace(around, is_range=True))
            case promql.ParenExpr() | promql.UnaryExpr():
                return self.labels(expr.expr, around)
            case _:
                return frozenset()

    def _aggregated(self, expr: promql.AggregateExpr, around: _Around) -> frozenset[str]:
        op = str(expr.op)
        inner = self.labels(expr.expr, _Around(op, is_range=around.is_range))
        if expr.modifier is None:
            return inner if op in KEEPS_LABELS else frozenset()
        named = frozenset(expr.modifier.labels)
        self._must_have(named, inner, f"{op} over {expr.expr.prettify().split('[')[0]!r}")
        if op in KEEPS_LABELS:
            return inner
        return named if expr.modifier.type == promql.AggModifierType.By else inner - named

    def _binary(self, expr: promql.BinaryExpr, around: _Around) -> frozenset[str]:
        left, right = self.labels(expr.lhs, around), self.labels(expr.rhs, around)
        matching = None if expr.modifier is None else expr.modifier.matching
        if matching is not None:
            for side in (left, right):
                self._must_have(frozenset(matching.labels), side, f"the match of {expr.op}")
        return right if _is_scalar(expr.lhs) else left

    def _called(self, expr: promql.Call, around: _Around) -> frozenset[str]:
        name = expr.func.name
        found = frozenset[str]().union(*(self.labels(one, replace(around, function=name)) for one in expr.args))
        if name in {"absent", "absent_over_time"}:
            return frozenset()
        return found - {"le"} if name == "histogram_quantile" else found

    def _selected(self, selector: promql.VectorSelector, around: _Around) -> frozenset[str]:
        name = selector.name or ""
        named = _named(name)
        if named is None:
            self.faults.append(f"{name or 'a selector without a name'} is no metric of ours")
            return TARGET_LABELS
        labels = TARGET_LABELS | frozenset(named.labels) | ({"le"} if name.endswith("_bucket") else frozenset())
        for matcher in selector.matchers.matchers:
            self._must_have(frozenset({matcher.name}), labels, name)
            for value in _values(matcher):
                known = named.values.get(matcher.name)
                if known is not None and not any(re.fullmatch(value, one) for one in known):
                    self.faults.append(
                        f"{name} has no {matcher.name} {_bare(value)!r}: one of {', '.join(sorted(known))}"
                    )
        self._put_together(name, named, around)
        if not around.is_range:
            self.momentary.add(name)
        return labels

    def _put_together(self, name: str, named: Named, around: _Around) -> None:
        if _counts(name) != (around.function in OVER_COUNTERS) and not (
            _counts(name) and around.function in FIRST_SEEN
        ):
            self.faults.append(f"{name} is {'' if _counts(name) else 'not '}a counter: {around.function or 'as it is'}")
        if around.function.startswith("absent") or _counts(name) or named.sums:
            return
        if around.aggregation not in ONE_OF_ALL:
            self.faults.append(
                f"{name} is the same on every replica: take max or min, not {around.aggregation or 'all'}"
            )

    def _must_have(self, named: frozenset[str], labels: frozenset[str], whose: str) -> None:
        for label in sorted(named - labels):
            self.faults.append(f"{whose} has no label {label}")


def _is_scalar(expr: promql.Expr) -> bool:
    return isinstance(expr, promql.NumberLiteral) or (isinstance(expr, promql.Call) and expr.func.name in SCALARS)


def _counts(name: str) -> bool:
    return name.endswith(("_total", *_SUFFIXES))


def _named(name: str) -> Named | None:
    base = next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)
    ours = {one.name: one for one in METRICS}
    if name in _PROCESS or name.removesuffix("_total") in _PROCESS:
        return Named(name, "of the process", sums=True)
    found = ours.get(name) or ours.get(base)
    is_histogram = base == "orcid_sync_call_seconds"
    return None if found is None or is_histogram != (base != name) else found


def _bare(pattern: str) -> str:
    return pattern.replace("\\", "")


def _values(matcher: promql.Matcher) -> Iterator[str]:
    """The patterns whose values a matcher names; those of a dashboard's variable are anything."""
    if matcher.op in (promql.MatchOp.Equal, promql.MatchOp.NotEqual):
        yield re.escape(matcher.value)
    else:
        yield from matcher.value.split("|")
