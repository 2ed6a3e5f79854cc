"""floe-dagster: data contracts as Dagster assets with checks, alerts, lineage and SLA reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from floe_dagster.definitions.build import build_definitions
    from floe_dagster.frames import check_frames
    from floe_dagster.sla import sla_report

__all__ = ["build_definitions", "check_frames", "sla_report"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    # Dagster takes more than a second to import; the command line and the pure rooms do without it
    if name == "build_definitions":
        from floe_dagster.definitions.build import build_definitions  # noqa: PLC0415

        return build_definitions
    if name == "check_frames":
        from floe_dagster.frames import check_frames  # noqa: PLC0415

        return check_frames
    if name == "sla_report":
        from floe_dagster.sla import sla_report  # noqa: PLC0415

        return sla_report
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
