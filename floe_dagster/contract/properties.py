"""Properties: what is ours among the customProperties of a contract, and what is wrong in it.

The standard lets any name be there, so whatever begins with `floe.` and is not known, or stands where nobody
looks, would be passed over in silence.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from floe_dagster.contract.problem import Problem
from floe_dagster.contract.wording import meant, nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from floe_dagster.contract.node import Node

ZONE: Final = "floe.zone"

PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "floe.assetKey": ("dataset", "contract"),
    "floe.holidays": ("contract", "dataset"),
    "floe.interpretation": ("contract", "dataset"),
    "floe.latency": ("dataset",),
    "floe.runbook": ("contract", "dataset"),
    "floe.samples": ("contract", "dataset"),
    "floe.undeclaredColumns": ("contract", "dataset"),
    ZONE: ("contract",),
}
"""Every property of ours, with where it is read."""

MEANWHILE: Final = "until then its days are of the zone of the manifest"


def lint_properties(contract: Node) -> Iterator[Problem]:
    """Properties of ours that are not known, stand where they are not read, or hold what cannot be used."""
    yield from _of("contract", contract)
    for dataset in contract.children("schema"):
        yield from _of("dataset", dataset)
        yield from _of_columns(dataset)


def zone_problem(value: object) -> str | None:
    """Why a value is no time zone; None where it is one."""
    if not isinstance(value, str):
        return f"{quoted(value)} is no time zone; write a name, such as Europe/Berlin"
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = _nearest_zone(value)
        hint = f"did you mean {quoted(close)}?" if close else "write a name, such as Europe/Berlin"
        return f"there is no time zone {quoted(value)}; {hint}"
    return None


def _of_columns(node: Node) -> Iterator[Problem]:
    for column in node.children("properties"):
        yield from _of("column", column)
        yield from _of_columns(column)


def _of(place: str, node: Node) -> Iterator[Problem]:
    for each in node.children("customProperties"):
        name = each.text("property") or ""
        if not name.startswith("floe."):
            continue
        if name not in PLACES:
            message = f"{quoted(name)} is not known, and does nothing{meant(name, PLACES)}"
            yield _warning("lint.custom-property", each, "property", message)
        elif place not in PLACES[name]:
            read = " or ".join(PLACES[name])
            message = f"{quoted(name)} of a {place} is not read; it belongs to the {read}"
            yield _warning("lint.custom-property", each, "property", message)
        elif name == ZONE and (wrong := zone_problem(each.value.get("value"))):
            yield _warning("lint.zone", each, "value", f"{wrong}; {MEANWHILE}")


def _warning(rule: str, node: Node, key: str, message: str) -> Problem:
    return Problem(rule=rule, severity="warning", message=message, **node.place(key))


def _nearest_zone(written: str) -> str | None:
    """The zone of the same city, else one that looks alike and whose city begins with the same letter."""
    city = written.rpartition("/")[2].strip().casefold()
    cities = {each: each.rpartition("/")[2].casefold() for each in _zones()}
    same = [each for each, its in cities.items() if its == city]
    alike = (each for each, its in cities.items() if its[:1] == city[:1])
    return same[0] if same else nearest(written, _like(written, alike))


def _like(written: str, zones: Iterable[str]) -> list[str]:
    """Those of the same part of the world, where it names one."""
    area = f"{written.partition('/')[0].strip().casefold()}/"
    return [each for each in zones if "/" not in written or each.casefold().startswith(area)]


@cache
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))
