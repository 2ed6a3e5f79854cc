"""Wording: numbers, spans of time and promises as people read them."""

from __future__ import annotations

from datetime import datetime, timedelta

from floe_dagster.contract.model import Operator, Scalar, Threshold

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))

_PREFIXES = {
    Operator.EQUAL: "",
    Operator.NOT_EQUAL: "anything but ",
    Operator.ABOVE: "more than ",
    Operator.AT_LEAST: "at least ",
    Operator.BELOW: "less than ",
    Operator.AT_MOST: "at most ",
}


def span(length: timedelta | float) -> str:
    """A length of time, or so many seconds, in its two largest units: `6 h 12 min`, `3 d`, `0 s`."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    if 0 < abs(seconds) < 1:
        return f"{round(seconds * 1000)} ms"
    left, parts = round(abs(seconds)), list[str]()
    for unit, size in _UNITS:
        whole, left = divmod(left, size)
        if whole:
            parts.append(f"{whole:,} {unit}")
        elif parts:
            break
    return ("-" if seconds < 0 else "") + (" ".join(parts[:2]) or "0 s")


def number(value: object) -> str:
    """A value as people read it: `336,776`, `2.45`, `true`."""
    match value:
        case bool():
            return str(value).lower()
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.2f}".removesuffix(".00")
        case None:
            return "nothing"
        case _:
            return str(value)


def counted(count: float, noun: str) -> str:
    """So many of a thing: `1 row`, `7,602 rows`."""
    return f"{number(count)} {noun if count == 1 else f'{noun}s'}"


def moment(at: datetime) -> str:
    """A point in time: `2026-03-01 04:05 UTC`."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def clock(then: datetime, now: datetime) -> str:
    """A point in time as seen from another one: `04:05 UTC` on the same day, with the day on another."""
    return f"{then:%H:%M} UTC" if then.date() == now.date() else moment(then)


def promise(threshold: Threshold, unit: str = "") -> str:
    """A promise about a number: `at most 5 %`, `between 300,000 and 400,000 rows`."""
    value = threshold.value
    if isinstance(value, tuple):
        low, high = (number(each) for each in value)
        word = "between" if threshold.operator is Operator.BETWEEN else "not between"
        return f"{word} {low} and {_with_unit(high, value[1], unit)}"
    prefix = _PREFIXES[threshold.operator]
    if threshold.operator is Operator.BELOW and unit.endswith("s"):
        prefix = "fewer than "
    return prefix + _with_unit(number(value), value, unit)


def _with_unit(text: str, value: Scalar, unit: str) -> str:
    if value == 1:
        unit = unit.removesuffix("s")
    return f"{text} {unit}" if unit else text
