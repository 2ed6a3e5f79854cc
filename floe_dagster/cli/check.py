"""The command `floe check`: run contracts now, without Dagster.

Exit code: 2 where a contract or the use of the command is wrong, else 1 where a promise of severity error is
broken, else 3 where something could not be measured, else 0.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from floe_dagster.cli.arguments import Config, Paths, Server

if TYPE_CHECKING:
    from collections.abc import Callable

    from floe_dagster.cli.verdict import ContractVerdict
    from floe_dagster.monitor import Monitor
    from floe_dagster.watchlist import Watch


class Format(StrEnum):
    """How verdicts are printed."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


def check(
    paths: Paths = None,
    *,
    server: Server = None,
    output: Annotated[Format, typer.Option("--format", help="For people, programs or CI.")] = Format.TEXT,
    record: Annotated[
        bool, typer.Option("--record", help="Keep the outcomes, and tell who should hear.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Show what passed, too.")] = False,
    config: Config = None,
) -> None:
    """Run contracts now, without Dagster, and say what is broken."""
    # floe --help is instant
    from floe_dagster.cli.junit import to_junit  # noqa: PLC0415
    from floe_dagster.cli.printable import printable  # noqa: PLC0415
    from floe_dagster.cli.progress import progress  # noqa: PLC0415
    from floe_dagster.cli.selection import select  # noqa: PLC0415
    from floe_dagster.cli.table import print_verdicts  # noqa: PLC0415
    from floe_dagster.cli.verdict import exit_code, to_json  # noqa: PLC0415
    from floe_dagster.monitor import Monitor  # noqa: PLC0415

    selection = select(paths or (), server, config)
    monitor = Monitor(watchlist=selection.watchlist)
    # JUnit files are kept for ever, and handed around
    sampled = output is not Format.JUNIT
    with progress(len(selection.watchlist.watches)) as done:
        verdicts = run_checks(monitor, record=record, sampled=sampled, done=done)
    if output is Format.TEXT:
        print_verdicts(verdicts, sys.stdout, everything=everything)
    else:
        sys.stdout.write(to_json(verdicts) if output is Format.JSON else to_junit(verdicts))
    for line in (*selection.complaints, *(problem for each in verdicts for problem in each.problems)):
        typer.echo(f"floe: {printable(line)}", err=True)
    raise typer.Exit(exit_code(verdicts, selection.complaints))


def run_checks(
    monitor: Monitor,
    *,
    record: bool = False,
    sampled: bool = False,
    done: Callable[[], object] = lambda: None,
) -> tuple[ContractVerdict, ...]:
    """Run every check of every contract of a monitor once, now.

    Args:
        monitor: what measures, and where it is told to, records and delivers.
        record: whether the outcomes are kept, with all that follows from them.
        sampled: whether rows that break promises are shown, where the manifest lets them be.
        done: called after each contract.
    """
    verdicts = []
    for watch in monitor.watchlist.watches:
        verdicts.append(_checked(monitor, watch, record=record, sampled=sampled))
        done()
    if record:
        _remind(monitor)
    return tuple(verdicts)


def _remind(monitor: Monitor) -> None:
    """Where no sensor does it, whoever runs the checks by hand says what is open for long."""
    from floe_dagster.errors import StoreError  # noqa: PLC0415 - floe --help is instant

    with suppress(StoreError):  # said already, by the outcomes that are not recorded
        if monitor.remind():
            monitor.drain("alert")


def _checked(monitor: Monitor, watch: Watch, *, record: bool, sampled: bool) -> ContractVerdict:
    from floe_dagster import engine  # noqa: PLC0415 - floe --help is instant
    from floe_dagster.cli.verdict import ContractVerdict  # noqa: PLC0415
    from floe_dagster.outcome.outcome import Key  # noqa: PLC0415
    from floe_dagster.plan.sample import Sample  # noqa: PLC0415

    if record:
        report = monitor.tick_checks(watch, watch.plan.checks, sampled=sampled)
        tick, measured, problems = report.tick, report.outcomes, report.problems
        samples = report.samples
    else:
        tick, problems, taken = monitor.new_id(), (), dict[Key, Sample]()
        measured = monitor.measure(watch, watch.plan.checks, tick, taken if sampled else None)
        samples = taken
    rest = engine.unexecuted(watch.plan, server=watch.server_name, tick=tick, now=monitor.clock())
    found = {each.key.check: each for each in (*rest, *measured)}
    outcomes = tuple(found[each.id] for each in watch.plan.items if each.id in found)
    return ContractVerdict(
        plan=watch.plan, server=watch.server_name, outcomes=outcomes, problems=problems, samples=samples
    )
