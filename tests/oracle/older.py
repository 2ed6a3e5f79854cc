"""Older: a contract of v3.1.0 as one would have written it in v3.0.2, promise for promise.

What v3.0.2 cannot say is left out of both, so that the same is promised twice.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.oracle.values import Document

OLD_METRICS = {"nullValues": "nullCount", "duplicateValues": "duplicateCount", "rowCount": "rowCount"}
TEAM = [{"username": "ada@example.com", "role": "Owner", "dateIn": "2024-01-01"}]


def sayable(document: Document) -> Document:
    """The contract without what v3.0.2 has no words for."""
    found = deepcopy(document)
    for dataset in found["schema"]:
        dataset.pop("relationships", None)
        dataset["quality"] = [each for each in dataset.get("quality", []) if _is_sayable(each)]
        for column in dataset["properties"]:
            column.pop("relationships", None)
            column["quality"] = [each for each in column.get("quality", []) if _is_sayable(each)]
            _drop_options(column)
    found["team"] = {"name": "core", "members": deepcopy(TEAM)}
    return found


def _is_sayable(rule: Document) -> bool:
    return rule.get("metric") != "missingValues" and "pattern" not in rule.get("arguments", {})


def _drop_options(column: Document) -> None:
    options = column.get("logicalTypeOptions", {})
    for bound in ("inimum", "aximum"):
        if f"m{bound}" in options:  # one of the two could be said, and not both
            options.pop(f"exclusiveM{bound}", None)


def older(document: Document) -> tuple[Document, Mapping[str, str]]:
    """The same in the words of v3.0.2, and where each promise stands in it that has moved.

    Args:
        document: what `sayable` left.
    """
    found, moved = deepcopy(document), {}
    found |= {"apiVersion": "v3.0.2", "team": deepcopy(TEAM)}
    for at, dataset in enumerate(found["schema"]):
        path = f"schema[{at}]"
        dataset["quality"] = [_rule(each) for each in dataset["quality"]]
        for place, column in enumerate(dataset["properties"]):
            column["quality"] = [_rule(each) for each in column["quality"]]
            moved |= _bounds(column, f"{path}.properties[{place}].logicalTypeOptions")
    return found, moved


def _rule(rule: Document) -> Document:
    """`rule` for `metric`, and the valid values beside it."""
    if "metric" not in rule:
        return rule
    said: dict[str, Any] = {name: each for name, each in rule.items() if name not in ("metric", "arguments")}
    arguments = rule.get("arguments", {})
    if rule["metric"] == "invalidValues":
        return {**said, "rule": "validValues", "validValues": arguments["validValues"]}
    return {**said, "rule": OLD_METRICS[rule["metric"]], **({"arguments": arguments} if arguments else {})}


def _bounds(column: Document, path: str) -> dict[str, str]:
    """`minimum: 5, exclusiveMinimum: true` for `exclusiveMinimum: 5`."""
    options, moved = column.get("logicalTypeOptions", {}), {}
    for bound in ("inimum", "aximum"):
        limit = options.pop(f"exclusiveM{bound}", None)
        if limit is not None:
            options |= {f"m{bound}": limit, f"exclusiveM{bound}": True}
            moved[f"{path}.exclusiveM{bound}"] = f"{path}.m{bound}"
    return moved
