"""Checks: one op per dataset that the Execute button and a materialization run.

One op for each dataset, not one for each contract: Dagster skips a check op whose upstream asset failed, and
would so leave the contract's other datasets unlooked at (`docs/decisions/0002-one-check-op-per-dataset.md`).
Nothing here blocks, and nothing here raises: a failed check, a dead warehouse or a dead channel never fails a
user's run.
"""

import logging
from collections.abc import Iterator

import dagster as dg

from floe_dagster.definitions.around import made_of
from floe_dagster.definitions.naming import Bound, op_name
from floe_dagster.definitions.publish import result
from floe_dagster.monitor import Monitor
from floe_dagster.plan.check import Check
from floe_dagster.recorder import Within
from floe_dagster.validity import CHECK

_log = logging.getLogger(__name__)


def dataset_checks(bound: Bound, monitor: Monitor) -> dg.AssetChecksDefinition:
    """Every check of a dataset, as one op that runs those that are asked for."""
    key = dg.AssetKey(bound.key)
    watch = next(each for each in monitor.watchlist.watches if each.plan is bound.plan)
    by_name = {bound.names[each.id]: each for each in bound.checks}

    @dg.multi_asset_check(
        name=op_name(f"{bound.plan.contract.id}.{bound.dataset.name}"),
        specs=[_spec(each, name, key) for name, each in by_name.items()],
        can_subset=True,
    )
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        wanted = [by_name[each.name] for each in sorted(context.selected_asset_check_keys)]
        names = {check.id: name for name, check in by_name.items()}
        try:
            report = monitor.tick_checks(
                watch,
                wanted,
                within=Within(
                    run_id=context.run.run_id,
                    job=context.run.job_name,
                    made=made_of(context.instance, {bound.place: key}),
                ),
                sampled=monitor.settings.samples.dagster,
            )
        except Exception as error:  # noqa: BLE001  a user's run never fails because of us
            _log.exception("the checks of %s could not be run", bound.dataset.name)
            yield from (_unknown(names[each.id], key, error) for each in wanted)
            return
        for line in report.lines():
            context.log.info(line)
        for each in report.outcomes:
            recorded = each.key not in report.unrecorded
            yield result(each, key, names[each.key.check], report.samples.get(each.key), recorded=recorded)

    return checks


def validity_check(source: str, key: dg.AssetKey, monitor: Monitor) -> dg.AssetChecksDefinition:
    """Whether a contract file can be used."""

    @dg.multi_asset_check(
        name=op_name(f"{CHECK}.{source}"),
        specs=[
            dg.AssetCheckSpec(
                CHECK, asset=key, description="The contract can be read, and Dagster can hold it"
            )
        ],
        can_subset=True,
    )
    def valid() -> Iterator[dg.AssetCheckResult]:
        report = monitor.tick_files([source])
        for each in report.outcomes:
            yield result(each, key, CHECK, recorded=each.key not in report.unrecorded)

    return valid


def _spec(check: Check, name: str, key: dg.AssetKey) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        name,
        asset=key,
        description=f"{check.title}: {check.expected}"
        + (f". {check.description}" if check.description else ""),
        metadata={
            "floe/kind": check.kind,
            "floe/check": check.id,
            "floe/construct": check.path,
            "floe/severity": str(check.severity),
        },
    )


def _unknown(name: str, key: dg.AssetKey, error: Exception) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=name,
        passed=False,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"could not be measured: {type(error).__name__}: {error}",
        metadata={"floe/status": "error"},
    )
