"""Quiet: the pauses of a window, as lines of its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.report.parts import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from floe_dagster.outcome.pause import Pause

EVERYTHING = "everything"


def quiet_times(pauses: Iterable[Pause], start: datetime, end: datetime) -> tuple[Quiet, ...]:
    """The pauses that touch the time from `start` to `end`, in order.

    One that was declared later is not among them: it was not known then. One that is called off later is told
    as it stood.
    """
    return tuple(
        Quiet(
            what=each.what.value,
            start=each.start,
            end=over_at,
            covers=_covers(each),
            author=each.author,
            reason=each.reason,
            excused=each.excuses,
        )
        for each in sorted(pauses, key=lambda each: (each.start, each.id))
        for over_at in [_over_at(each, end)]
        if each.start < end and over_at > start and each.declared_at < end and over_at > each.start
    )


def _over_at(pause: Pause, end: datetime) -> datetime:
    later = pause.cancelled_at is not None and pause.cancelled_at >= end
    return pause.end if later else pause.over_at


def _covers(pause: Pause) -> str:
    globs = (
        ("contract", pause.contract),
        ("server", pause.server),
        ("kind", pause.kind),
        ("check", pause.check),
    )
    return ", ".join(f"{name} {glob}" for name, glob in globs if glob != "*") or EVERYTHING
