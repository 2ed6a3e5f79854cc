"""Publishing: an outcome as Dagster shows it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import dagster as dg

from floe_dagster.outcome.outcome import Outcome
from floe_dagster.outcome.wire import to_dict
from floe_dagster.plan.check import Status
from floe_dagster.plan.sample import Sample

WHOLE = "floe/outcome"
"""the metadata that holds all of an outcome which the store could not take, to be found again"""

OURS = "floe/status"
"""the metadata that every evaluation of ours has"""


_DEGRADED = "the store could not take this outcome; it is kept here, and recorded once the store answers"


def evaluation(
    outcome: Outcome,
    key: dg.AssetKey,
    name: str,
    sample: Sample | None = None,
    *,
    recorded: bool = True,
) -> dg.AssetCheckEvaluation:
    """The event that an op yields: one row in Dagster's event log."""
    return dg.AssetCheckEvaluation(
        asset_key=key,
        check_name=name,
        passed=passed(outcome),
        severity=severity(outcome),
        description=outcome.message,
        metadata=metadata(outcome, sample, recorded=recorded),
    )


def result(
    outcome: Outcome,
    key: dg.AssetKey,
    name: str,
    sample: Sample | None = None,
    *,
    recorded: bool = True,
) -> dg.AssetCheckResult:
    """The same for a check definition, as the Execute button and a materialization run it."""
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=passed(outcome),
        severity=severity(outcome),
        description=outcome.message,
        metadata=metadata(outcome, sample, recorded=recorded),
    )


def passed(outcome: Outcome) -> bool:
    """Only what was measured and is well kept has passed; close to the limit and unknown show as warnings."""
    return outcome.status is Status.PASSED


def severity(outcome: Outcome) -> dg.AssetCheckSeverity:
    """ERROR for a broken promise of severity error or above; WARN for all else, unknown included."""
    return dg.AssetCheckSeverity.ERROR if outcome.status is Status.FAILED else dg.AssetCheckSeverity.WARN


def metadata(
    outcome: Outcome, sample: Sample | None = None, *, recorded: bool = True
) -> Mapping[str, dg.MetadataValue]:
    """What the check's page shows; numbers are plotted by Dagster over time, and so keep stable keys."""
    shown: dict[str, dg.MetadataValue | None] = {
        OURS: dg.MetadataValue.text(str(outcome.status)),
        "floe/severity": dg.MetadataValue.text(str(outcome.severity)),
        "floe/promise": dg.MetadataValue.text(outcome.expected),
        "floe/actual": _value(outcome.actual),
        "floe/promise_used": _value(outcome.used),
        "floe/duration_seconds": dg.MetadataValue.float(round(outcome.duration_seconds, 6)),
        "floe/contract": dg.MetadataValue.text(f"{outcome.key.contract} {outcome.version}"),
        "floe/construct": dg.MetadataValue.text(f"{outcome.source}:{outcome.line} {outcome.path}"),
        "floe/unknown_because": dg.MetadataValue.text(outcome.cause) if outcome.cause else None,
        "floe/interpretation": dg.MetadataValue.json(dict(outcome.interpretation))
        if outcome.interpretation
        else None,
        "floe/differences": _differences(outcome),
        "floe/sample": _sample(sample) if sample else None,
        "floe/degraded": None if recorded else dg.MetadataValue.text(_DEGRADED),
        WHOLE: None if recorded else dg.MetadataValue.json(to_dict(outcome)),
    }
    return {name: value for name, value in shown.items() if value is not None}


def _value(value: object) -> dg.MetadataValue | None:
    match value:
        case bool():
            return dg.MetadataValue.bool(value)
        case int():
            return dg.MetadataValue.int(value)
        case float() if math.isfinite(value):
            return dg.MetadataValue.float(value)
        case str():
            return dg.MetadataValue.text(value)
        case _:
            return None


def _sample(sample: Sample) -> dg.MetadataValue:
    if sample.gap or not sample.rows:
        return dg.MetadataValue.text(f"no sample: {sample.gap or 'there is no such row any more'}")
    names = [each.name for each in sample.columns]
    rows = [
        dg.TableRecord({name: cell.text for name, cell in zip(names, row, strict=True)})
        for row in sample.rows
    ]
    columns = [dg.TableColumn(each.name, "string", str(each.treatment)) for each in sample.columns]
    return dg.MetadataValue.table(rows, dg.TableSchema(columns=columns))


def _differences(outcome: Outcome) -> dg.MetadataValue | None:
    if not outcome.differences:
        return None
    rows = [
        dg.TableRecord(
            {
                "element": each.element,
                "change": each.change,
                "promised": each.expected,
                "found": each.actual,
                "breaking": each.breaking,
            }
        )
        for each in outcome.differences
    ]
    return dg.MetadataValue.table(rows)
