"""Jobs: one for each cadence, each a plain op in one process, and the schedules that start them.

A plain op that yields `AssetCheckEvaluation` writes one event a check; check definitions would write three to
five. A schedule skips while its last run is still going, and after a downtime a tick measures now, not then.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import dagster as dg

from floe_dagster.definitions.around import made_of
from floe_dagster.definitions.log import EventLog, Places
from floe_dagster.definitions.publish import evaluation
from floe_dagster.definitions.shown import shown, worth_showing
from floe_dagster.errors import SettingsError
from floe_dagster.monitor import Monitor
from floe_dagster.outcome.outcome import Outcome
from floe_dagster.recorder import Within
from floe_dagster.settings import Settings
from floe_dagster.surroundings import Place
from floe_dagster.tick import TickReport

_SCHEDULED = ".dagster/scheduled_execution_time"
_BUSY = [dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]


def cadence_job(
    cadence: str, monitor: Monitor, places: Places, keys: Mapping[Place, dg.AssetKey]
) -> dg.JobDefinition:
    """The job that runs every check of one cadence, over all contracts.

    Args:
        cadence: the name of one.
        monitor: what measures.
        places: where every outcome is shown.
        keys: the asset of every dataset.
    """

    @dg.op(name=f"measure_{cadence}", out={}, pool="floe_checks")
    def measure(context: dg.OpExecutionContext) -> Iterator[dg.AssetCheckEvaluation]:
        report = monitor.tick(
            cadence,
            within=Within(
                run_id=context.run_id,
                job=context.job_name,
                made=made_of(context.instance, keys),
                due_at=_due_at(context.run.tags),
            ),
            sampled=monitor.settings.samples.dagster,
            elsewhere=[EventLog(instance=context.instance, monitor=monitor, places=places)],
        )
        for line in report.lines():
            context.log.info(line)
        if report.degraded:
            context.log.warning("degraded: the store could not take what was measured; Dagster has all of it")
        for outcome, place in _worth_showing(context.instance, report, places, monitor.settings):
            recorded = outcome.key not in report.unrecorded
            yield evaluation(outcome, *place, report.samples.get(outcome.key), recorded=recorded)

    @dg.job(
        name=f"floe_{cadence}",
        executor_def=dg.in_process_executor,
        tags={"floe/tick": cadence},
        description=f"Measures every {cadence} promise of every contract, records it and tells of it",
    )
    def job() -> None:
        measure()

    return job


def _due_at(tags: Mapping[str, str]) -> datetime | None:
    """When the schedule had a run due, by the tag that Dagster gives it."""
    try:
        return datetime.fromisoformat(tags[_SCHEDULED]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


def _worth_showing(
    instance: dg.DagsterInstance, report: TickReport, places: Places, settings: Settings
) -> Iterator[tuple[Outcome, tuple[dg.AssetKey, str]]]:
    """What is shown: as the manifest has it, and everything that is kept nowhere else."""
    placed = [(each, places[each.key]) for each in report.outcomes if each.key in places]
    if settings.publish == "every":
        yield from placed
        return
    now = shown(instance, [dg.AssetCheckKey(*place) for _, place in placed])
    for outcome, place in placed:
        here = now.get(dg.AssetCheckKey(*place))
        if outcome.key in report.unrecorded or worth_showing(outcome, here, settings.heartbeat):
            yield outcome, place


def cadence_schedule(job: dg.JobDefinition, every: timedelta) -> dg.ScheduleDefinition:
    """The schedule of a cadence job; it skips while the last run is going."""

    @dg.schedule(
        job=job,
        cron_schedule=cron(job.name, every),
        default_status=dg.DefaultScheduleStatus.RUNNING,
        name=job.name,
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        busy = context.instance.get_runs(dg.RunsFilter(job_name=job.name, statuses=_BUSY), limit=1)
        return (
            dg.SkipReason(f"run {busy[0].run_id} of {job.name} is still going") if busy else dg.RunRequest()
        )

    return schedule


def cron(name: str, every: timedelta) -> str:
    """A cadence as a cron expression.

    Raises:
        SettingsError: the cadence does not divide an hour or a day evenly, which cron cannot say.
    """
    minutes, rest = divmod(int(every.total_seconds()), 60)
    if not rest and 0 < minutes < 60 and 60 % minutes == 0:
        return f"*/{minutes} * * * *" if minutes > 1 else "* * * * *"
    if not rest and minutes % 60 == 0 and minutes and 24 % (minutes // 60) == 0:
        hours = minutes // 60
        return f"0 */{hours} * * *" if hours < 24 else "0 0 * * *"
    raise SettingsError(
        f"the cadence of {name} is {every}; use whole minutes that divide an hour (1, 5, 15, 30 min)"
        " or whole hours that divide a day (1, 2, 6, 12, 24 h)"
    )
