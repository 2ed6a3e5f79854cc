"""Settings: the platform manifest `floe.yaml`, read once.

Every value may hold `${NAME}` or `${NAME:-default}`, read from the environment; secrets come only so. An unknown
key is an error that names the nearest known one. Relative paths start at the manifest's folder.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of the manifest; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cadence(Section):
    """How often each kind of check runs; other kinds run with quality."""

    availability: timedelta = timedelta(minutes=5)
    freshness: timedelta = timedelta(minutes=15)
    schema_: Annotated[timedelta, Field(alias="schema")] = timedelta(hours=1)
    quality: timedelta = timedelta(hours=6)


class Grading(Section):
    """When a promise is close to broken, and when a breach is critical."""

    info_at: float = Field(default=0.8, ge=0, le=1)
    warning_at: float = Field(default=0.9, ge=0, le=1)
    critical_after_episodes: int = Field(default=3, ge=1)
    critical_within: timedelta = timedelta(hours=24)
    open_after: int = Field(default=1, ge=1, description="broken outcomes in a row that open an episode")


class ChannelSettings(BaseModel):
    """A destination: its type is a file on the channels' shelf, everything else is that channel's own options."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str


class Route(Section):
    """Which alerts go where: an alert goes to the channels of every route that it matches."""

    channels: tuple[str, ...]
    severity: Literal["info", "warning", "error", "critical"] = "warning"
    contracts: tuple[str, ...] = ("*",)
    kinds: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


class Alerting(Section):
    """Who hears of what."""

    dedup: timedelta = timedelta(minutes=30)
    channels: dict[str, ChannelSettings] = Field(default_factory=dict)
    routes: tuple[Route, ...] = ()


class Lineage(Section):
    """Where OpenLineage events go; nothing set is off."""

    file: str | None = None
    namespace: str = "floe"


class Reports(Section):
    """Where SLA reports are written."""

    folder: str = ".floe/reports"


class Settings(Section):
    """The manifest.

    Attributes:
        root: the manifest's folder; relative paths start here. Not a key of the file.
        source: the manifest's path for messages; empty where the defaults are used.
        connections: by the name of a server in the contracts: what to add to or override of its options,
            credentials above all.
        broken: channels and connections that cannot be used, by `channels.<name>` or `connections.<name>`,
            and why (an unset variable); everything else goes on.
    """

    root: Path = Path()
    source: str = ""
    environment: str = "dev"
    contracts: tuple[str, ...] = ("contracts/*.odcs.yaml",)
    checks: str = "checks"
    store: str = ""
    timeout: timedelta = timedelta(seconds=30)
    connections: dict[str, dict[str, str | int | float | bool | None]] = Field(default_factory=dict)
    cadence: Cadence = Cadence()
    grading: Grading = Grading()
    alerts: Alerting = Alerting()
    lineage: Lineage = Lineage()
    reports: Reports = Reports()
    publish: Literal["every", "on_change"] = "every"
    heartbeat: timedelta = timedelta(hours=6)
    dagster_url: str = ""
    broken: dict[str, str] = Field(default_factory=dict)
