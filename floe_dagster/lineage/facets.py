"""Facets: what an outcome says, in the words of OpenLineage.

A check of ours never blocks a pipeline, so its severity is `warn` in the standard facets, where `error` means
that it does; what a breach is worth to the contract's owner stands in our own facet,
`floe_contractViolation`, whose schema is published beside this file.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from floe_dagster.plan.metric import LastChange, Newest, Offenders, RowCount
from floe_dagster.plan.offence import Null

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.contract.model import Contract
    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.plan.check import Check

Facet = dict[str, Any]

PRODUCER = "urn:floe-dagster:0.1.0"
"""who says it, in which version (a test holds it to the version of the package)"""

_STANDARD = "https://openlineage.io/spec/facets"
_OURS = "urn:floe-dagster:facets"
_LONG_AGO_SECONDS = 1e10
"""300 years; what is older is no time that a calendar of ours surely has"""


def base(version: str, name: str, home: str = _STANDARD) -> Facet:
    """What every facet has: who says it, and the immutable address of its schema."""
    return {"_producer": PRODUCER, "_schemaURL": f"{home}/{version}/{name}.json#/$defs/{name}"}


def rfc3339(moment: datetime) -> str:
    """A time in the form of RFC 3339, in UTC with `Z`."""
    return moment.isoformat().replace("+00:00", "Z")


def job_type() -> Facet:
    """What our jobs are."""
    return base("2-0-4", "JobTypeJobFacet") | {
        "processingType": "BATCH",
        "integration": "FLOE",
        "jobType": "CONTRACT_CHECK",
    }


def nominal_time(at: datetime) -> Facet:
    """When the check was due."""
    return base("1-0-1", "NominalTimeRunFacet") | {"nominalStartTime": rfc3339(at)}


def ownership(contract: Contract) -> Facet | None:
    """Who answers for the contract, or None where it does not say."""
    person = contract.owner if contract.owner != contract.team_name else None
    names = [f"user:{person}"] if person else []
    names += [f"team:{contract.team_name}"] if contract.team_name else []
    if not names:
        return None
    owners = [{"name": each, "type": "OWNER"} for each in names]
    return base("1-0-1", "OwnershipJobFacet") | {"owners": owners}


def parent(run_id: str, namespace: str, job: str) -> Facet:
    """The Dagster run that the check ran in, which nothing above it started."""
    above = {"run": {"runId": run_id}, "job": {"namespace": namespace, "name": job}}
    return base("1-2-0", "ParentRunFacet") | above | {"root": above}


def error_message(outcome: Outcome) -> Facet:
    """Why the run failed: what is broken, or why it could not be measured."""
    return base("1-0-1", "ErrorMessageRunFacet") | {
        "message": outcome.message,
        "programmingLanguage": "PYTHON",
    }


def test(outcome: Outcome) -> Facet:
    """The outcome as the result of one test."""
    status = "skip" if outcome.unknown else "fail" if outcome.broken else "pass"
    return base("1-0-1", "TestRunFacet") | {
        "tests": [{"name": outcome.key.check, "status": status, "type": outcome.kind, **_promise(outcome)}]
    }


def assertions(outcome: Outcome, column: str | None) -> Facet:
    """The outcome as an assertion on its dataset, or on one column by its physical name."""
    return base("1-1-0", "DataQualityAssertionsDatasetFacet") | {
        "assertions": [
            {
                "name": outcome.key.check,
                "assertion": outcome.kind,
                "success": not outcome.broken,
                **({"column": column} if column else {}),
                **_promise(outcome),
            }
        ]
    }


def metrics(outcome: Outcome, check: Check | None) -> Facet | None:
    """What was measured, where the standard has a word for it: rows, NULLs of a column, the last change."""
    if check is None or outcome.unknown or isinstance(outcome.actual, bool):
        return None
    said: Facet = {}
    columns: Facet = {}
    match check.metrics, outcome.actual:
        case (RowCount(),), int(rows):
            said["rowCount"] = rows
        case (Offenders(Null(str(column))),), int(nulls):
            columns[column] = {"nullCount": nulls}
        case (Newest() | LastChange(),), int() | float() as age if (
            outcome.kind == "freshness" and 0 <= age < _LONG_AGO_SECONDS
        ):
            said["lastUpdated"] = rfc3339((outcome.at - timedelta(seconds=age)).replace(microsecond=0))
    if not said and not columns:
        return None
    return base("1-0-3", "DataQualityMetricsInputDatasetFacet") | said | {"columnMetrics": columns}


def contract_violation(outcome: Outcome, contract: Contract) -> Facet:
    """The breach, for consumers that know our facet."""
    return base("1-0-0", "FloeContractViolationRunFacet", _OURS) | {
        "contractId": contract.id,
        "contractName": contract.title,
        "contractVersion": outcome.version,
        "dataset": outcome.dataset,
        "element": outcome.element,
        "check": outcome.key.check,
        "violationType": outcome.kind,
        "severity": str(outcome.severity),
        "message": outcome.message,
        "expectedValue": outcome.expected,
        "actualValue": _actual(outcome),
        "path": outcome.path,
        "timestamp": rfc3339(outcome.at),
        "affectedConsumers": list(contract.consumers),
        "checkDurationSeconds": outcome.duration_seconds,
    }


def _promise(outcome: Outcome) -> Facet:
    actual = _actual(outcome)
    return {
        "severity": "warn",
        "description": outcome.title,
        "expected": outcome.expected,
        **({} if actual is None or outcome.unknown else {"actual": actual}),
    }


def _actual(outcome: Outcome) -> str | None:
    match outcome.actual:
        case None:
            return None
        case bool() as yes:
            return str(yes).lower()
        case measured:
            return str(measured)
