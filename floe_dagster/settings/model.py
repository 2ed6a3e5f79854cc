"""The manifest's model: every key of `floe.yaml`, with its default.

Values that may hold a secret are left out of every repr.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from floe_dagster.contract.duration import ACCEPTED, DurationError, duration
from floe_dagster.settings.lineage import Lineage
from floe_dagster.settings.section import Section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LEAST_SALT = 16
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


def _salt(value: str) -> str:
    """A secret that is not guessed by trying; none at all is for the process to make up."""
    if value and len(value) < _LEAST_SALT:
        said = "is too short; the least is {least} characters"
        raise PydanticCustomError("salt", said, {"least": _LEAST_SALT})
    return value


def _samples(value: object) -> object:
    """Off as a word, which is what they are where nothing is said."""
    return {"rows": 0} if value is False or value == "off" else value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Interval = Annotated[timedelta, BeforeValidator(_interval)]


class Cadence(Section):
    """How often each kind of check runs; other kinds run with quality."""

    availability: Interval = timedelta(minutes=5)
    freshness: Interval = timedelta(minutes=15)
    schema_: Annotated[Interval, Field(alias="schema")] = timedelta(hours=1)
    quality: Interval = timedelta(hours=6)


class Flapping(Section):
    """When a promise is broken and kept again too often for each turn to be told of."""

    turns: int = Field(default=6, ge=0, le=1000, description="0 for never")
    within: Interval = timedelta(hours=6)
    quiet: Interval = timedelta(hours=1)


class Grading(Section):
    """When a promise is close to broken, when it counts as broken, and when a breach is critical."""

    info_at: float = Field(default=0.8, ge=0, le=1)
    warning_at: float = Field(default=0.9, ge=0, le=1)
    critical_after_episodes: int = Field(default=3, ge=1)
    critical_within: Interval = timedelta(hours=24)
    critical_after_open: Interval | None = None
    open_after: int = Field(default=1, ge=1, le=100, description="broken outcomes that open an episode")
    open_within: int | None = Field(
        default=None, ge=1, le=100, description="among so many of the newest; in a row where not set"
    )
    flapping: Flapping = Flapping()

    @model_validator(mode="after")
    def _enough(self) -> Grading:
        if self.open_within is not None and self.open_within < self.open_after:
            raise PydanticCustomError(
                "open_within",
                "open_within is {within}, and open_after asks for {after} of them; make it at least as many",
                {"within": self.open_within, "after": self.open_after},
            )
        return self


class ChannelSettings(BaseModel):
    """A destination: its type is a file on the channels' shelf.

    All else is that channel's own options, but for `detail`: how much of an alert it may show; where it is
    not set, what the environment has.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    type: str
    detail: Literal["full", "reader", "minimal"] | None = None

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """The type alone: a webhook's address is a secret."""
        yield "type", self.type


Level = Literal["info", "warning", "error", "critical"]


class Route(Section):
    """Which alerts go where: an alert goes to the channels of every route that it matches.

    Attributes:
        severity: from this one on.
        contracts: globs on the contract's id or title; where none matches, the route takes nothing.
        kinds, domains, tags, owners, environments, drivers: of these alone, the last four as globs; empty
            for any.
    """

    channels: tuple[str, ...]
    severity: Level = "warning"
    contracts: tuple[str, ...] = ("*",)
    kinds: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()


class SupportRoute(Section):
    """Which channels stand for what contracts name as their support for notifications or issues.

    Attributes:
        tool: a glob on the entry's tool: slack, email, teams, ...
        channel: a glob on the name of the entry's channel.
        severity: from this one on.
    """

    channels: tuple[str, ...]
    tool: str = "*"
    channel: str = "*"
    severity: Level = "warning"


class RateLimit(Section):
    """How many messages a contract may cause in one channel; what comes within a minute counts as one."""

    messages: int = Field(default=12, ge=0, le=10_000, description="0 for any number")
    per: Interval = timedelta(hours=1)


class Response(Section):
    """How soon somebody is to answer to an incident, and to have begun to mend it.

    Attributes:
        weekends: whether Saturdays and Sundays count, by the zone of the reports.
    """

    acknowledge: Interval
    respond: Interval
    weekends: bool = True


class Incidents(Section):
    """What is an incident, and how soon somebody is to answer: P0 for critical to P3 for info.

    Attributes:
        severity: from this one on, a breach is part of the incident of its contract.
        overdue: channels that are told of a missed deadline, beside those that know of the breach.
    """

    severity: Level = "critical"
    overdue: tuple[str, ...] = ()
    p0: Annotated[Response, Field(alias="P0")] = Response(
        acknowledge=timedelta(minutes=5), respond=timedelta(minutes=15)
    )
    p1: Annotated[Response, Field(alias="P1")] = Response(
        acknowledge=timedelta(minutes=30), respond=timedelta(hours=1)
    )
    p2: Annotated[Response, Field(alias="P2")] = Response(
        acknowledge=timedelta(hours=2), respond=timedelta(hours=4)
    )
    p3: Annotated[Response, Field(alias="P3")] = Response(
        acknowledge=timedelta(days=1), respond=timedelta(days=1), weekends=False
    )


def _page(*names: str) -> Callable[[str], str]:
    """A check of the address of a page, in which these names may stand between braces."""
    known = ", ".join(f"{{{each}}}" for each in names)

    def check(value: str) -> str:
        rest = value
        for each in names:
            rest = rest.replace(f"{{{each}}}", "")
        if value and (not re.fullmatch(r"https?://[^\s{}<>\"'|\\^`@]+", rest) or not value.isprintable()):
            said = "is no page; write an http or https URL, with {known} where it is to be filled in"
            raise PydanticCustomError("page", said, {"known": known})
        return value

    return check


class Alerting(Section):
    """Who hears of what.

    Attributes:
        dedup: how long the same is not said again to who knows of it.
        group: what is told together to people, of what is due at one time: the alerts of one contract, all of
            them, or none.
        group_above: where more contracts than this are due at once for a channel, one message tells of all.
        remind: how long after it was last told people are told again of what is open and that nobody has
            acknowledged; 0 for never.
        inhibit: what holds back alerts that only follow from it: a server that is down those of its datasets,
            an upstream contract that is late those which say that what it feeds is late.
        support: where alerts go that are for the support of the contract itself.
        runbook_url: the page on what to do about a breach, with `{kind}` for the kind of the check.
        source_url: the page that shows a contract's file, with `{path}` and `{line}`.
    """

    dedup: Duration = timedelta(minutes=30)
    group: Literal["contract", "all", "none"] = "contract"
    group_above: int = Field(default=5, ge=1, le=10_000)
    remind: Duration = timedelta(hours=24)
    rate: RateLimit = RateLimit()
    inhibit: tuple[Literal["server", "upstream"], ...] = ("server", "upstream")
    channels: dict[str, ChannelSettings] = Field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    support: tuple[SupportRoute, ...] = ()
    incidents: Incidents = Incidents()
    runbook_url: Annotated[str, AfterValidator(_page("kind"))] = ""
    source_url: Annotated[str, AfterValidator(_page("path", "line"))] = ""


def _zone(value: str) -> str:
    """The name of a time zone that is known here."""
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError("zone", "is no time zone; write a name such as Europe/Berlin") from None
    return value


class Reports(Section):
    """Where SLA reports are written, and by which calendar.

    Attributes:
        zone: whose days, weeks and months they are of.
        target: the share of time that a promise has to be kept for where its contract names none; with it,
            every kind has an error budget.
        start: the first day that the scheduled reports have a partition for.
        pages_above: with more contracts than this, every domain has a page of its own.
    """

    folder: str = ".floe/reports"
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    target: float | None = Field(default=None, gt=0, le=1)
    start: date = date(2026, 1, 1)
    pages_above: int = Field(default=30, ge=1)


def _kept(value: object) -> timedelta:
    """How long something is kept; the last days of it are still being worked with."""
    found = _duration(value)
    if found < timedelta(days=3):
        raise PydanticCustomError("retention", "is too short; the least is 3 d")
    return found


Kept = Annotated[timedelta, BeforeValidator(_kept)]


class Retention(Section):
    """How long what was recorded is kept; daily and weekly figures, episodes and totals are kept for ever.

    Attributes:
        outcomes: raw, one for each check and tick; the newest of each check is kept whatever its age.
        segments: stretches of time in one state, of which compliance is computed.
        parcels: alerts that were delivered or held back.
        dead_letters: alerts that were given up.
        lineage: lineage events that were delivered, held back or given up.
    """

    outcomes: Kept = timedelta(days=90)
    segments: Kept = timedelta(days=400)
    parcels: Kept = timedelta(days=40)
    dead_letters: Kept = timedelta(days=90)
    lineage: Kept = timedelta(days=7)
    ticks: Kept = timedelta(days=90)
    deliveries: Kept = timedelta(days=90)


class Samples(Section):
    """Which part of the rows that break a promise may be shown to whoever runs the checks; 0 rows is off.

    Attributes:
        rows: how many of them are shown of a check, at most.
        keys: whether the columns of a primary key are shown as a hash, or as they are.
        show: the classifications of which columns are shown as they are; all others are never read.
        salt: the secret of the hashes; where it is empty, a random one for as long as a process lives.
        dagster: whether samples are written to Dagster's event log, too, which is never purged.
    """

    rows: int = Field(default=5, ge=0, le=100)
    keys: Literal["hashed", "shown"] = "hashed"
    show: tuple[str, ...] = ()
    salt: Annotated[str, AfterValidator(_salt)] = Field(default="", repr=False)
    dagster: bool = False


class GreatExpectations(Section):
    """Where a project of Great Expectations keeps its suites: in the folder `expectations` of this one."""

    project: str = "gx"


class Settings(Section):
    """The manifest.

    Attributes:
        root: the manifest's folder; relative paths start here. Not a key of the file.
        source: the manifest's path for messages; empty where the defaults are used.
        connections: by the name of a server in the contracts: what to add to or override of its options,
            credentials above all.
        broken: channels, connections and transports that cannot be used, by `channels.<name>`,
            `connections.<name>` or `lineage.<name>`, and why (an unset variable); everything else goes on.
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
    retention: Retention = Retention()
    samples: Annotated[Samples, BeforeValidator(_samples)] = Samples(rows=0)
    quality_engine: Literal["native", "great_expectations"] = "native"
    great_expectations: GreatExpectations = GreatExpectations()
    publish: Literal["every", "on_change"] = "every"
    heartbeat: Interval = timedelta(hours=6)
    dagster_url: str = ""
    broken: dict[str, str] = Field(default_factory=dict)
