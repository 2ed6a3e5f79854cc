"""Holidays: days on which nothing is due, as a contract writes them.

In `floe.holidays` of a dataset's or a contract's custom properties: a country (`DE`), a part of one
(`DE-BY`), or a list of dates.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from floe_dagster.plan.past import Holidays

if TYPE_CHECKING:
    from collections.abc import Iterable

PROPERTY = "floe.holidays"
_MOST = 1000


def written_holidays(value: object) -> Holidays | None:
    """The holidays that a contract writes; None where it writes none.

    Raises:
        ValueError: it writes none that are known; the message says why.
    """
    match value:
        case None:
            return None
        case str() as country:
            dates_of(Holidays(country), [2026])
            return Holidays(country)
        case list() as days if len(days) <= _MOST:
            return Holidays(dates=tuple(_day(each) for each in days))
        case _:
            raise ValueError(f"{PROPERTY} is no country and no list of dates; write DE or [2026-12-25]")


def dates_of(days: Holidays, years: Iterable[int]) -> frozenset[date]:
    """The dates of these years.

    Raises:
        ValueError: the country is not known.
    """
    own = frozenset(days.dates)
    return own | _of_country(days.country, tuple(years)) if days.country else own


@cache
def _of_country(country: str, years: tuple[int, ...]) -> frozenset[date]:
    from holidays import country_holidays  # noqa: PLC0415  a tenth of a second

    name, _, part = country.partition("-")
    try:
        found = country_holidays(name, subdiv=part or None, years=years)
    except (NotImplementedError, AttributeError):  # what the library raises for a country it does not have
        raise ValueError(
            f'{PROPERTY}: the holidays of "{country[:20]}" are not known; write a country as DE, '
            "a part of one as DE-BY, or a list of dates"
        ) from None
    return frozenset(found)


def _day(written: object) -> date:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        raise ValueError(f'{PROPERTY}: "{str(written)[:20]}" is no date; write it as 2026-12-25') from None
