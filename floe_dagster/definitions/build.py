"""The front door: contracts and a manifest become Dagster definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import dagster as dg

from floe_dagster.definitions.around import surroundings_of
from floe_dagster.definitions.assets import contract_asset, with_contracts
from floe_dagster.definitions.checks import dataset_checks, validity_check
from floe_dagster.definitions.health import EVERY, health_asset, health_checks, health_job
from floe_dagster.definitions.jobs import cadence_job, cadence_schedule
from floe_dagster.definitions.log import EventLog, Places
from floe_dagster.definitions.naming import Binding, bind, contract_keys
from floe_dagster.definitions.reports import (
    ROUTINES,
    latest_job,
    latest_report,
    report_asset,
    report_job,
    report_schedule,
)
from floe_dagster.definitions.sensors import outbox_sensor
from floe_dagster.definitions.upkeep import upkeep_job, upkeep_schedule
from floe_dagster.monitor import Monitor
from floe_dagster.outcome.outcome import Key
from floe_dagster.schedule import CADENCES, interval
from floe_dagster.settings import load_settings
from floe_dagster.validity import CHECK, validity_key
from floe_dagster.watchlist import Watchlist, load_watchlist

Assets = Sequence[dg.AssetsDefinition | dg.AssetSpec]


def build_definitions(
    manifest: Path | str | None = None,
    *,
    assets: Assets = (),
    jobs: Iterable[dg.JobDefinition | dg.UnresolvedAssetJobDefinition] = (),
) -> dg.Definitions:
    """Everything that a code location needs to keep the promises of its contracts.

    Each dataset of each contract becomes an asset, or is attached to the asset of that key among `assets`,
    with its checks; beside them stand four jobs with schedules, two sensors, the health of it all, and the
    SLA reports. A contract that cannot be used becomes an asset with a failing check; the rest loads.

    Args:
        manifest: `floe.yaml`, or the folder that holds it; None for defaults in the current folder.
        assets: your own assets; what a contract says is added to them, and nothing of yours is replaced.
        jobs: your own jobs over them.

    Raises:
        SettingsError: the manifest cannot be used; the message lists every problem in it.
    """
    path = Path(manifest) if manifest is not None else None
    settings = load_settings(path / "floe.yaml" if path is not None and path.is_dir() else path)
    watchlist = load_watchlist(settings)
    binding = bind(each.plan for each in watchlist.watches)
    files = _file_keys(watchlist)
    places = _places(watchlist, binding, files)
    around = surroundings_of(assets, binding.bound)
    monitor = Monitor(
        watchlist=watchlist,
        refused=binding.refused,
        link=lambda outcome: _link(settings.dagster_url, places.get(outcome.key)),
        surroundings=lambda: around,
    )
    keys = {each.place: dg.AssetKey(each.key) for each in binding.bound}
    reports = {each: report_job(each) for each in ROUTINES}
    health = health_job(monitor)
    ticks = {cadence: cadence_job(cadence, monitor, places, keys) for cadence in CADENCES}
    return dg.Definitions(
        assets=[
            *with_contracts(assets, binding.bound, settings.root),
            *_contract_assets(watchlist, files),
            health_asset(),
            latest_report(monitor),
            *(report_asset(each, monitor) for each in ROUTINES),
        ],
        asset_checks=[
            *(dataset_checks(each, monitor) for each in binding.bound if each.names),
            *(validity_check(source, key, monitor) for source, key in files.items()),
            health_checks(monitor),
        ],
        jobs=[*jobs, *ticks.values(), health, latest_job(), *reports.values(), upkeep_job(monitor)],
        schedules=[
            *(cadence_schedule(job, interval(settings.cadence, name)) for name, job in ticks.items()),
            cadence_schedule(health, EVERY),
            *(report_schedule(each, job, settings) for each, job in reports.items()),
            upkeep_schedule,
        ],
        sensors=[
            outbox_sensor(
                "floe_alerts", "alert", monitor, "Delivers the alerts that a tick could not deliver at once"
            ),
            outbox_sensor("floe_lineage", "lineage", monitor, "Delivers OpenLineage events"),
        ],
    )


def event_log(monitor: Monitor, instance: dg.DagsterInstance) -> EventLog:
    """What a Dagster instance knows of the checks of a monitor, to be reconciled with."""
    watchlist = monitor.watchlist
    binding = bind(each.plan for each in watchlist.watches)
    places = _places(watchlist, binding, _file_keys(watchlist))
    return EventLog(instance=instance, monitor=monitor, places=places)


def _file_keys(watchlist: Watchlist) -> Mapping[str, dg.AssetKey]:
    sources = (each.source for each in watchlist.readings)
    return {each: dg.AssetKey(parts) for each, parts in contract_keys(sources).items()}


def _contract_assets(watchlist: Watchlist, files: Mapping[str, dg.AssetKey]) -> list[dg.AssetSpec]:
    plans = {each.plan.contract.source: each.plan for each in watchlist.watches}
    return [
        contract_asset(each, plans.get(each.source), files[each.source], watchlist.settings.root)
        for each in watchlist.readings
    ]


def _places(watchlist: Watchlist, binding: Binding, files: Mapping[str, dg.AssetKey]) -> Places:
    """Where every outcome is shown."""
    servers = {each.plan.contract.id: each.server_name for each in watchlist.watches}
    places = {
        Key(contract=contract, server=servers[contract], check=check): (dg.AssetKey(bound.key), name)
        for bound in binding.bound
        for contract in [bound.plan.contract.id]
        for check, name in bound.names.items()
    }
    return places | {validity_key(source): (key, CHECK) for source, key in files.items()}


def _link(url: str, place: tuple[dg.AssetKey, str] | None) -> str | None:
    if not url or place is None:
        return None
    key, name = place
    return f"{url.rstrip('/')}/assets/{'/'.join(key.path)}?view=checks&checkDetail={name}"
