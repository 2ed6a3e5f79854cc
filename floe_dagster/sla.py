"""SLA: how a window went, asked for in words; the same for the command line and for Python."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from floe_dagster.contract.duration import DurationError, duration
from floe_dagster.errors import UsageError
from floe_dagster.report.calendar import Grain, Period, before, period_named, period_of
from floe_dagster.reporting import report_on
from floe_dagster.settings import Settings, load_settings, store_url
from floe_dagster.state.store import open_reader
from floe_dagster.watchlist import load_watchlist

if TYPE_CHECKING:
    from collections.abc import Sequence

    from floe_dagster.report.model import SlaReport

_NAMED = {
    "today": (Grain.DAY, False),
    "yesterday": (Grain.DAY, True),
    "last-day": (Grain.DAY, True),
    "this-week": (Grain.WEEK, False),
    "last-week": (Grain.WEEK, True),
    "this-month": (Grain.MONTH, False),
    "last-month": (Grain.MONTH, True),
}


def sla_report(
    manifest: Settings | Path | str | None = None,
    *,
    since: str = "24h",
    until: str = "now",
    period: str | None = None,
    contracts: Sequence[str] = (),
    domains: Sequence[str] = (),
    kinds: Sequence[str] = (),
    zone: str | None = None,
    now: datetime | None = None,
) -> SlaReport:
    """How a window went, from what was recorded; nothing is measured.

    `floe_dagster.report.render` writes the report as HTML, Markdown, JSON, CSV or a table.

    Args:
        manifest: `floe.yaml`, or the folder that holds it; None for `floe.yaml` in the current folder; or
            settings that are loaded already.
        since: where the window begins: how long ago (`24h`, `7d`), a date or a time.
        until: where it ends, in the same words, or `now`.
        period: a day (`2026-11-20`), a week (`2026-W47`), a month (`2026-11`), `today`, `yesterday`,
            `this-week`, `last-week`, `this-month` or `last-month`; then `since` and `until` do not count.
        contracts: globs over ids and titles; all where none is given.
        domains: globs over the contracts' domains.
        kinds: of promises: freshness, quality, ...
        zone: whose days they are; that of `reports.zone` where none is given.
        now: when it is looked at, aware; the clock's time where none is given.

    Raises:
        UsageError: the window is none.
        SettingsError: the manifest cannot be used.
        StoreError: the store does not answer, or there is none.
    """
    settings = manifest if isinstance(manifest, Settings) else _loaded(manifest)
    now = now or datetime.now(UTC)
    place = known_zone(zone or settings.reports.zone)
    whole = period_asked(period, now, place) if period else None
    start, end = (whole.start, whole.end) if whole else window(since, until, now, place)
    with open_reader(store_url(settings)) as reader:
        return report_on(
            reader,
            load_watchlist(settings),
            start,
            end,
            now=now,
            contracts=contracts,
            kinds=kinds,
            domains=domains,
            period=whole,
            zone=place,
        )


def _loaded(manifest: Path | str | None) -> Settings:
    path = Path(manifest) if manifest is not None else None
    return load_settings(path / "floe.yaml" if path is not None and path.is_dir() else path)


def known_zone(zone: str) -> str:
    """A zone that is known.

    Raises:
        UsageError: it is not.
    """
    try:
        return str(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f'--zone {zone} is no time zone; write one as "Europe/Berlin"') from None


def period_asked(name: str, now: datetime, zone: str) -> Period:
    """The day, week or month of that name.

    Raises:
        UsageError: it names none, or one that has not begun.
    """
    if said := _NAMED.get(name.strip().lower()):
        grain, over = said
        here = period_of(grain, now, zone)
        return before(here) if over else here
    try:
        found = period_named(name.strip(), zone)
    except ValueError as error:
        raise UsageError(f"--period: {error}, or say {', '.join(_NAMED)}") from None
    if found.start >= now:
        raise UsageError(f"--period {name} has not begun; nothing can be known of it")
    return found


def window(since: str, until: str, now: datetime, zone: str = "UTC") -> tuple[datetime, datetime]:
    """The window that two options mean.

    Raises:
        UsageError: one of them is no time, or the window is empty.
    """
    start, end = _instant("--since", since, now, zone), _instant("--until", until, now, zone)
    if start >= end:
        raise UsageError(f"--since {since} is not before --until {until}; the window is empty")
    if start >= now:
        raise UsageError(f"--since {since} is not in the past; nothing can be known of that window")
    return start, end


def _instant(option: str, text: str, now: datetime, zone: str) -> datetime:
    if text.strip().lower() == "now":
        return now
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    try:
        return now - duration(text)
    except (DurationError, OverflowError):
        raise UsageError(
            f"{option} {text} is no time; write how long ago (24h, 7d), a date (2026-11-20), "
            "a time (2026-11-20T06:00), or now"
        ) from None
