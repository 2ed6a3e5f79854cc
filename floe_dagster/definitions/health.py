"""Health: the asset `floe/health`, whose checks say whether the monitor itself is well.

A job looks every five minutes. Dagster keeps the history of checks for ever, so that only what is new is
shown, and a sign of life; whoever presses Execute always gets an answer. Nothing here blocks, and nothing
raises: what cannot be looked at is a finding, too.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import dagster as dg

from floe_dagster.definitions.publish import OURS
from floe_dagster.definitions.storage import latest
from floe_dagster.health import Aspect, Finding, Health, examine, look
from floe_dagster.health.words import as_dict, to_markdown
from floe_dagster.monitor import Monitor
from floe_dagster.plan.check import Severity

KEY = dg.AssetKey(["floe", "health"])
NAME = "floe_health"
EVERY = timedelta(minutes=5)

_FINDINGS = "floe/findings"
_DESCRIPTIONS = {
    Aspect.STORE: "What is remembered can be reached, and nothing waits for it",
    Aspect.TICKS: "Every cadence ticked within twice its interval",
    Aspect.MEASURED: "Every check was measured within twice its cadence",
    Aspect.DELIVERY: "Alerts and lineage events arrive, and somebody is there for each alert",
    Aspect.CHANNELS: "Every channel can be used, and answers",
    Aspect.CONTRACTS: "Every contract file can be used",
    Aspect.MANIFEST: "The manifest says what is needed",
}

_log = logging.getLogger(__name__)


def health_asset() -> dg.AssetSpec:
    """The asset that stands for the monitor itself; it is made by nobody."""
    return dg.AssetSpec(
        key=KEY,
        group_name="floe",
        description="Whether the monitor itself is well: its checks say what is wrong, and what to do.",
    )


def health_checks(monitor: Monitor) -> dg.AssetChecksDefinition:
    """The checks of the asset, as the Execute button runs them."""

    @dg.multi_asset_check(
        name=f"{NAME}_checks",
        specs=[
            dg.AssetCheckSpec(each.value, asset=KEY, description=words)
            for each, words in _DESCRIPTIONS.items()
        ],
        can_subset=True,
    )
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        wanted = {each.name for each in context.selected_asset_check_keys}
        health = _health(monitor)
        for each in Aspect:
            if each.value in wanted:
                yield dg.AssetCheckResult(asset_key=KEY, check_name=each.value, **_shown(health, each))

    return checks


def health_job(monitor: Monitor) -> dg.JobDefinition:
    """The job that looks, and shows what is new."""

    @dg.op(name="look", out={})
    def look_at_it(context: dg.OpExecutionContext) -> Iterator[dg.AssetCheckEvaluation]:
        health = _health(monitor)
        keys = {each: dg.AssetCheckKey(KEY, each.value) for each in Aspect}
        before = latest(context.instance, list(keys.values()))
        for each, key in keys.items():
            context.log.info("%s: %s", each, health.said(each))
            if _is_news(health, each, before.get(key), monitor.settings.heartbeat):
                yield dg.AssetCheckEvaluation(asset_key=KEY, check_name=each.value, **_shown(health, each))

    @dg.job(
        name=NAME,
        executor_def=dg.in_process_executor,
        description="Looks whether the monitor itself is well, and shows it at the asset floe/health",
    )
    def job() -> None:
        look_at_it()

    return job


def _health(monitor: Monitor) -> Health:
    try:
        return examine(look(monitor.watchlist, monitor.clock, monitor.refused))
    except Exception as error:  # noqa: BLE001  health is never a failed run, which nobody is told of
        _log.exception("health could not be looked at")
        what, then = f"it could not be looked at: {type(error).__name__}", "see the log of this run"
        return Health(
            at=monitor.clock(),
            findings=tuple(
                Finding(
                    aspect=each, severity=Severity.WARNING, about="health", what=what, then=then, looked=False
                )
                for each in Aspect
            ),
        )


def _shown(health: Health, aspect: Aspect) -> dict[str, Any]:
    """What Dagster is told of an aspect: red for an error, yellow for a warning."""
    worst, found = health.worst(aspect), health.of(aspect)
    severe = worst.rank >= Severity.ERROR.rank
    metadata: dict[str, dg.MetadataValue] = {
        OURS: dg.MetadataValue.text("passed" if worst is Severity.INFO else str(worst)),
        _FINDINGS: dg.MetadataValue.json([as_dict(each) for each in found]),
    }
    if found:
        metadata["floe/report"] = dg.MetadataValue.md(to_markdown(found))
    return {
        "passed": worst is Severity.INFO,
        "severity": dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN,
        "description": health.said(aspect),
        "metadata": metadata,
    }


def _is_news(health: Health, aspect: Aspect, before: dg.EventLogEntry | None, heartbeat: timedelta) -> bool:
    """Whether something else is found than what is shown, or nothing was shown for so long."""
    event = before.asset_check_evaluation if before else None
    if before is None or event is None:
        return True
    if health.at.timestamp() - before.timestamp >= heartbeat.total_seconds():
        return True
    now = [as_dict(each) for each in health.of(aspect)]
    return _told_apart(now) != _told_apart(_kept(event.metadata))


def _kept(metadata: Mapping[str, dg.MetadataValue]) -> list[dict[str, object]]:
    value = metadata[_FINDINGS].value if _FINDINGS in metadata else None
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _told_apart(findings: list[dict[str, object]]) -> set[str]:
    """What stays the same for as long as a finding lasts, however its numbers move."""
    return {json.dumps([each.get("severity"), each.get("about"), each.get("looked")]) for each in findings}
