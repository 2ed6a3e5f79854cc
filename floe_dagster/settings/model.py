"""The manifest's model: every key of `floe.yaml`, with its default.

Values that may hold a secret are left out of every repr.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from floe_dagster.contract.duration import ACCEPTED, DurationError, duration

if TYPE_CHECKING:
    from collections.abc import Iterable

_BARE = re.compile(r"\s*[0-9]+(?:\.[0-9]+)?\s*")


def _duration(value: object) -> timedelta:
    """A duration as the manifest may write it; a bare number is seconds."""
    if isinstance(value, timedelta):
        return value
    is_bare = isinstance(value, (int, float)) or (isinstance(value, str) and bool(_BARE.fullmatch(value)))
    try:
        return duration(value, "s" if is_bare else None)
    except DurationError:
        # the value may come from a variable, and so must not stand in a message
        raise PydanticCustomError(
            "duration", "is no duration; write {accepted}", {"accepted": ACCEPTED}
        ) from None


def _interval(value: object) -> timedelta:
    """How often, or how long at most; none at all would never end or never wait."""
    found = _duration(value)
    if found < timedelta(seconds=1):
        raise PydanticCustomError("interval", "is too short; the least is 1 s")
    return found


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Interval = Annotated[timedelta, BeforeValidator(_interval)]


class Section(BaseModel):
    """A part of the manifest; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cadence(Section):
    """How often each kind of check runs; other kinds run with quality."""

    availability: Interval = timedelta(minutes=5)
    freshness: Interval = timedelta(minutes=15)
    schema_: Annotated[Interval, Field(alias="schema")] = timedelta(hours=1)
    quality: Interval = timedelta(hours=6)


class Grading(Section):
    """When a promise is close to broken, and when a breach is critical."""

    info_at: float = Field(default=0.8, ge=0, le=1)
    warning_at: float = Field(default=0.9, ge=0, le=1)
    critical_after_episodes: int = Field(default=3, ge=1)
    critical_within: Interval = timedelta(hours=24)
    open_after: int = Field(default=1, ge=1, description="broken outcomes in a row that open an episode")


class ChannelSettings(BaseModel):
    """A destination: its type is a file on the channels' shelf, all else is that channel's own options."""

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """The type alone: a webhook's address is a secret."""
        yield "type", self.type


class Route(Section):
    """Which alerts go where: an alert goes to the channels of every route that it matches."""

    channels: tuple[str, ...]
    severity: Literal["info", "warning", "error", "critical"] = "warning"
    contracts: tuple[str, ...] = ("*",)
    kinds: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


class Alerting(Section):
    """Who hears of what."""

    dedup: Duration = timedelta(minutes=30)
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
    store: str = Field(default="", repr=False)
    timeout: Interval = timedelta(seconds=30)
    connections: dict[str, dict[str, str | int | float | bool | None]] = Field(
        default_factory=dict, repr=False
    )
    cadence: Cadence = Cadence()
    grading: Grading = Grading()
    alerts: Alerting = Alerting()
    lineage: Lineage = Lineage()
    reports: Reports = Reports()
    publish: Literal["every", "on_change"] = "every"
    heartbeat: Interval = timedelta(hours=6)
    dagster_url: str = ""
    broken: dict[str, str] = Field(default_factory=dict)
