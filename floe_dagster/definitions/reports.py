"""Reports: SLA reports as a scheduled asset."""

from datetime import timedelta

import dagster as dg

from floe_dagster.monitor import Monitor
from floe_dagster.reporting import Written, write_report

KEY = dg.AssetKey(["sla_report"])

report_job = dg.define_asset_job(
    "floe_sla_report",
    selection=dg.AssetSelection.assets(KEY),
    executor_def=dg.in_process_executor,
    description="Writes the SLA report of the last day",
)

report_schedule = dg.ScheduleDefinition(
    name="floe_sla_report",
    job=report_job,
    cron_schedule="0 6 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)


def report_asset(monitor: Monitor) -> dg.AssetsDefinition:
    """The daily SLA report: HTML and JSON files, with the same in Markdown on the asset's page."""

    @dg.asset(
        key=KEY,
        group_name="sla",
        kinds={"html"},
        description="How the last 24 hours went: what was promised, kept, broken and not measured.",
    )
    def sla_report() -> dg.MaterializeResult[None]:
        end = monitor.clock()
        written = write_report(monitor.store, monitor.watchlist, end - timedelta(days=1), end, end)
        return dg.MaterializeResult(metadata=_shown(written))

    return sla_report


def _shown(written: Written) -> dict[str, dg.MetadataValue]:
    return {
        "report": dg.MetadataValue.md(written.markdown),
        "html": dg.MetadataValue.path(str(written.html)),
        "json": dg.MetadataValue.path(str(written.json)),
        "contracts": dg.MetadataValue.table([dg.TableRecord(dict(each)) for each in written.rows])
        if written.rows
        else dg.MetadataValue.text("nothing is on record yet"),
        **{name: dg.MetadataValue.float(float(value)) for name, value in written.figures.items()},
    }
