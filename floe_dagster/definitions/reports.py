"""Reports: SLA reports as scheduled assets, by day, week and month, and of the last day whenever it is asked.

A partition is a period of the calendar that is over. It can be built again, and gives the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from floe_dagster.monitor import Monitor
from floe_dagster.published import Written, publish
from floe_dagster.report.calendar import Grain, last_finished, period_of
from floe_dagster.reporting import report_of, report_on
from floe_dagster.settings import Settings

KEY = dg.AssetKey(["sla_report"])
GROUP = "sla"
JOB = "floe_sla_report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Routine:
    """How often a report is made.

    Attributes:
        name: last part of the asset's key.
        cron: when the period that has just ended is reported on, in the zone of the reports.
    """

    name: str
    grain: Grain
    cron: str
    description: str


ROUTINES = (
    Routine(
        name="daily",
        grain=Grain.DAY,
        cron="15 1 * * *",
        description="How a day went: what was promised, kept, broken and not measured.",
    ),
    Routine(
        name="weekly",
        grain=Grain.WEEK,
        cron="30 1 * * 1",
        description="How a week, Monday to Sunday, went: with the best and the worst, and where it leads.",
    ),
    Routine(
        name="monthly",
        grain=Grain.MONTH,
        cron="45 1 1 * *",
        description="How a month went: compliance, incidents, uptime and what is left of error budgets.",
    ),
)


def partitions(routine: Routine, settings: Settings) -> dg.TimeWindowPartitionsDefinition:
    """The periods of a routine that are over, since the first day of the settings; weeks begin on Monday."""
    zone, first = settings.reports.zone, settings.reports.start
    match routine.grain:
        case Grain.DAY:
            return dg.DailyPartitionsDefinition(start_date=first.isoformat(), timezone=zone)
        case Grain.WEEK:
            monday = first - timedelta(days=first.weekday())
            return dg.WeeklyPartitionsDefinition(start_date=monday.isoformat(), timezone=zone, day_offset=1)
        case Grain.MONTH:
            return dg.MonthlyPartitionsDefinition(start_date=first.replace(day=1).isoformat(), timezone=zone)


def latest_report(monitor: Monitor) -> dg.AssetsDefinition:
    """The report of the last 24 hours, made whenever it is asked for: HTML, JSON, Markdown and CSV files."""

    @dg.asset(
        key=KEY,
        group_name=GROUP,
        kinds={"html"},
        description="How the last 24 hours went: what was promised, kept, broken and not measured.",
    )
    def sla_report() -> dg.MaterializeResult[None]:
        end = monitor.clock()
        watchlist = monitor.watchlist
        report = report_on(monitor.store, watchlist, end - timedelta(days=1), end, now=end)
        return dg.MaterializeResult(metadata=shown(publish(report, watchlist.settings, "latest")))

    return sla_report


def report_asset(routine: Routine, monitor: Monitor) -> dg.AssetsDefinition:
    """The reports of a routine: one partition for each period."""

    @dg.asset(
        key=[*KEY.path, routine.name],
        group_name=GROUP,
        kinds={"html"},
        partitions_def=partitions(routine, monitor.settings),
        description=routine.description,
    )
    def periodic(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        zone = monitor.settings.reports.zone
        period = period_of(routine.grain, _begins(context), zone)
        report = report_of(monitor.store, monitor.watchlist, period, now=monitor.clock())
        name = f"{routine.name}-{period.name}"
        return dg.MaterializeResult(metadata=shown(publish(report, monitor.settings, name)))

    return periodic


def latest_job() -> "dg.UnresolvedAssetJobDefinition":
    """The job that reports on the last 24 hours."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.assets(KEY),
        executor_def=dg.in_process_executor,
        description="Writes the SLA report of the last 24 hours",
    )


def report_job(routine: Routine) -> "dg.UnresolvedAssetJobDefinition":
    """The job that reports on a period."""
    return dg.define_asset_job(
        f"{JOB}_{routine.name}",
        selection=dg.AssetSelection.assets([*KEY.path, routine.name]),
        executor_def=dg.in_process_executor,
        description=f"Writes the {routine.name} SLA report of a period",
    )


def report_schedule(
    routine: Routine, job: "dg.UnresolvedAssetJobDefinition", settings: Settings
) -> dg.ScheduleDefinition:
    """When a period is over, it is reported on; once for each period."""
    zone = settings.reports.zone

    @dg.schedule(
        job=job,
        name=job.name,
        cron_schedule=routine.cron,
        execution_timezone=settings.reports.zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=routine.description,
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        begins = last_finished(routine.grain, context.scheduled_execution_time, zone).start
        key = begins.astimezone(ZoneInfo(zone)).date().isoformat()
        if key < partitions(routine, settings).start.date().isoformat():
            return dg.SkipReason(f"no period is over yet since reports.start, {settings.reports.start}")
        return dg.RunRequest(run_key=key, partition_key=key)

    return schedule


def shown(written: Written) -> Mapping[str, dg.MetadataValue]:
    """What Dagster shows of a report: the words first, then rows, numbers to plot, and its files."""
    return {
        "report": dg.MetadataValue.md(written.markdown),
        "contracts": dg.MetadataValue.table([dg.TableRecord(dict(each)) for each in written.rows])
        if written.rows
        else dg.MetadataValue.text("nothing is on record yet"),
        **{name: dg.MetadataValue.float(float(value)) for name, value in written.figures.items()},
        **{each.suffix.removeprefix("."): dg.MetadataValue.path(str(each)) for each in written.files},
        **({"folder": dg.MetadataValue.path(str(written.pages[0].parent))} if written.pages else {}),
    }


def _begins(context: dg.AssetExecutionContext) -> datetime:
    window: dg.TimeWindow = context.partition_time_window
    return window.start
