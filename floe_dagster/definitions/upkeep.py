"""Upkeep: once a day the days and weeks that are over are computed, and what is too old is deleted."""

import dagster as dg

from floe_dagster.monitor import Monitor

NAME = "floe_upkeep"

upkeep_schedule = dg.ScheduleDefinition(
    name=NAME,
    job_name=NAME,
    cron_schedule="30 3 * * *",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)


def upkeep_job(monitor: Monitor) -> dg.JobDefinition:
    """The job that keeps the store small, and what is in it for ever complete."""

    @dg.op(name="keep_up")
    def keep_up(context: dg.OpExecutionContext) -> None:
        for line in monitor.keep_up().lines():
            context.log.info(line)

    @dg.job(
        name=NAME,
        executor_def=dg.in_process_executor,
        description="Keeps daily and weekly figures for ever, and deletes what is older than the retention",
    )
    def job() -> None:
        keep_up()

    return job
