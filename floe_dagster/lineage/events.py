"""Events: what came of a tick, as OpenLineage run events.

Each check that was executed is a run of its own job, `contract_check.<contract>.<check>`: a START, and then
COMPLETE where the promise was kept, FAIL where it is broken or could not be measured. Run ids are computed
from the tick and the check, so that what is built twice is the same run.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from floe_dagster.lineage import facets
from floe_dagster.lineage.naming import name_of
from floe_dagster.plan.check import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.contract.model import Server
    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.plan.check import Plan

Event = dict[str, Any]

SCHEMA_URL = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"
_NEVER_RAN = frozenset({Status.NOT_EXECUTABLE, Status.INFORMATIONAL})
_VIOLATION = ("floe_contractViolation", "contractViolation")
"""our facet by the rules for custom ones, and by the name that the floe platform gives it"""
_NO_ACCESS: Mapping[str, object] = MappingProxyType({})


def events_for(
    outcomes: Iterable[Outcome],
    plan: Plan,
    *,
    server: Server | None,
    namespace: str,
    started_at: datetime,
    ended_at: datetime,
    parent_run_id: str | None = None,
    parent_job: str = "floe",
    nominal_at: datetime | None = None,
    access: Mapping[str, object] = _NO_ACCESS,
    dagster_namespace: str | None = None,
    contract_violation: bool = False,
) -> tuple[Event, ...]:
    """The events of one tick over one contract, in the order in which they are to be emitted.

    Args:
        outcomes: what came of the checks of this plan; what was never executed has no event.
        plan: the compiled contract.
        server: where the data is, as the contract has it.
        namespace: of our jobs.
        started_at: when the tick began.
        ended_at: when it ended.
        parent_run_id: the Dagster run's id; left out where it is no UUID.
        parent_job: the Dagster job's name.
        nominal_at: when the tick was due; it began then where nothing is said.
        access: what the manifest overrides of the server's options.
        dagster_namespace: of Dagster's jobs; ours where nothing is said.
        contract_violation: whether our facet is also there by the name without a prefix.
    """
    about = {"jobType": facets.job_type()}
    if owners := facets.ownership(plan.contract):
        about["ownership"] = owners
    job = {"namespace": namespace, "facets": about}
    run = {"nominalTime": facets.nominal_time(nominal_at or started_at)}
    if parent_run_id and _is_uuid(parent_run_id):
        run["parent"] = facets.parent(parent_run_id, dagster_namespace or namespace, parent_job)
    violations = _VIOLATION if contract_violation else _VIOLATION[:1]
    tick = _Tick(
        plan,
        {each.name: name_of(each, server, access) for each in plan.contract.datasets},
        job,
        run,
        violations,
    )
    return tuple(
        event
        for outcome in outcomes
        if outcome.status not in _NEVER_RAN
        for event in tick.events(outcome, started_at, max(started_at, ended_at))
    )


class _Tick:
    """What the events of one tick have in common."""

    def __init__(
        self,
        plan: Plan,
        names: Mapping[str, tuple[str, str]],
        job: Event,
        run: Event,
        violations: Sequence[str],
    ) -> None:
        self._contract = plan.contract
        self._checks = {each.id: each for each in plan.checks}
        self._names = names
        self._job = job
        self._run = run
        self._violations = violations

    def events(self, outcome: Outcome, started_at: datetime, ended_at: datetime) -> Iterator[Event]:
        run_id = _run_id(outcome, started_at)
        name = f"contract_check.{self._contract.id}.{outcome.key.check}"

        def event(kind: str, at: datetime, run_facets: Event, input_facets: Event) -> Event:
            return {
                "eventType": kind,
                "eventTime": facets.rfc3339(at),
                "producer": facets.PRODUCER,
                "schemaURL": SCHEMA_URL,
                "run": {"runId": run_id, "facets": self._run | run_facets},
                "job": self._job | {"name": name},
                "inputs": [self._input(outcome, input_facets)],
                "outputs": [],
            }

        kept = not (outcome.broken or outcome.unknown)
        yield event("START", started_at, {}, {})
        yield event("COMPLETE" if kept else "FAIL", ended_at, self._said(outcome), self._measured(outcome))

    def _input(self, outcome: Outcome, input_facets: Event) -> Event:
        namespace, name = self._names.get(outcome.dataset, ("floe", outcome.dataset))
        return {
            "namespace": namespace,
            "name": name,
            **({"inputFacets": input_facets} if input_facets else {}),
        }

    def _said(self, outcome: Outcome) -> Event:
        said = {"test": facets.test(outcome)}
        if outcome.unknown or outcome.broken:
            said["errorMessage"] = facets.error_message(outcome)
        if outcome.broken and not outcome.unknown:
            violation = facets.contract_violation(outcome, self._contract)
            said |= dict.fromkeys(self._violations, violation)
        return said

    def _measured(self, outcome: Outcome) -> Event:
        if outcome.unknown:
            return {}
        measured = {"dataQualityAssertions": facets.assertions(outcome, self._column(outcome))}
        if found := facets.metrics(outcome, self._checks.get(outcome.key.check)):
            measured["dataQualityMetrics"] = found
        return measured

    def _column(self, outcome: Outcome) -> str | None:
        dataset = self._contract.dataset(outcome.dataset)
        column = dataset.column(outcome.element) if dataset and outcome.element else None
        return column.physical_name if column else None


def _run_id(outcome: Outcome, started_at: datetime) -> str:
    from openlineage.client.uuid import generate_static_uuid

    return str(generate_static_uuid(started_at, outcome.id.encode()))


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
