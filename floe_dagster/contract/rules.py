"""Rules: the quality rules of ODCS, of every version, as rules of ours (ODCS, data quality).

Version 3.0 had `rule` where 3.1 has `metric`, other names for the metrics, its valid values beside them and
not under `arguments`, and let one rule have several operators, which we read as several rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

from floe_dagster.contract.model import CustomRule, LibraryRule, Operator, SqlRule, TextRule, Threshold
from floe_dagster.contract.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from floe_dagster.contract.model import AnyRule

METRICS: Final = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")

_OPERATORS: Final[Mapping[str, Operator]] = {
    "mustBe": Operator.EQUAL,
    "mustNotBe": Operator.NOT_EQUAL,
    "mustBeGreaterThan": Operator.ABOVE,
    "mustBeGreaterOrEqualTo": Operator.AT_LEAST,
    "mustBeLessThan": Operator.BELOW,
    "mustBeLessOrEqualTo": Operator.AT_MOST,
    "mustBeBetween": Operator.BETWEEN,
    "mustNotBeBetween": Operator.NOT_BETWEEN,
}
_OLD_METRICS: Final[Mapping[str, str]] = {
    "nullCheck": "nullValues",
    "nullCount": "nullValues",
    "duplicateCount": "duplicateValues",
    "uniqueCheck": "duplicateValues",
    "validValues": "invalidValues",
    "rowCount": "rowCount",
    "countCheck": "rowCount",
}
# the old names that say what must hold, and so promise zero without an operator
_OLD_CHECKS: Final = ("nullCheck", "uniqueCheck", "validValues")


class _Common(TypedDict):
    path: str
    line: int
    id: str | None
    name: str | None
    description: str | None
    dimension: str | None
    severity: str | None
    unit: str | None
    schedule: str | None
    business_impact: str | None


def rules(owner: Node) -> tuple[AnyRule, ...]:
    """The quality rules of a dataset or column."""
    return tuple(rule for node in owner.children("quality") for rule in _rules(node))


def _rules(node: Node) -> Iterator[AnyRule]:
    thresholds = list(_thresholds(node))
    version = Node.root(node.tree).text("apiVersion") or ""
    if len(thresholds) < 2 or not version.startswith("v3.0."):
        yield _rule(node, _common(node), next((each for _, each in thresholds), None))
        return
    for operator, threshold in thresholds:
        common = _common(node)
        common |= node.place(operator)  # type: ignore[typeddict-item]
        common["id"] = f"{common['id']}.{operator}" if common["id"] else None
        yield _rule(node, common, threshold)


def _rule(node: Node, common: _Common, threshold: Threshold | None) -> AnyRule:
    match _kind(node):
        case "library":
            return _library(node, common, threshold)
        case "sql":
            return SqlRule(**common, query=node.text("query") or "", threshold=threshold)
        case "custom":
            code = node.value.get("implementation")
            implementation = code if isinstance(code, (str, dict)) else ""
            return CustomRule(**common, engine=node.text("engine") or "", implementation=implementation)
        case _:
            return TextRule(**common)


def _kind(node: Node) -> str:
    return node.text("type") or ("library" if node.text("metric") or node.text("rule") else "text")


def _library(node: Node, common: _Common, threshold: Threshold | None) -> LibraryRule:
    written = node.text("metric") or node.text("rule") or ""
    inline = node.value.get("validValues")
    arguments = node.value.get("arguments")
    found: dict[str, object] = {**arguments} if isinstance(arguments, dict) else {}
    if isinstance(inline, list):
        found.setdefault("validValues", inline)
    if threshold is None and written in _OLD_CHECKS:
        threshold = Threshold(operator=Operator.EQUAL, value=0)
    metric = _OLD_METRICS.get(written, written)
    return LibraryRule(**common, metric=metric, arguments=found, threshold=threshold)


def _common(node: Node) -> _Common:
    return {
        **node.place(),
        "id": node.text("id"),
        "name": node.text("name"),
        "description": node.text("description"),
        "dimension": node.text("dimension"),
        "severity": node.text("severity"),
        "unit": node.text("unit"),
        "schedule": node.text("schedule") if node.text("scheduler") in (None, "cron") else None,
        "business_impact": node.text("businessImpact"),
    }


def _thresholds(node: Node) -> Iterator[tuple[str, Threshold]]:
    for key, operator in _OPERATORS.items():
        value = node.value.get(key)
        if key.endswith("Between"):
            if isinstance(value, list) and len(value) == 2 and all(_is_number(each) for each in value):
                yield key, Threshold(operator=operator, value=(float(value[0]), float(value[1])))
        elif isinstance(value, (str, int, float)):
            yield key, Threshold(operator=operator, value=value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
