"""OpenSLO: promises of a share of time as SLOs of the open specification, version 1, in YAML.

Each contract is a Service, and each promise of its that names a share of time is an SLO: budgeted by ratio of
time slices, as our own arithmetic is by seconds, over calendar months. How the seconds are had is ours alone,
so that the indicator names a metric source of the type `floe-dagster`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from floe_dagster.report.kinds import target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import timedelta

    from floe_dagster.contract.model import Contract

VERSION = "openslo/v1"

_MOST_NAME = 63
_MOST_DESCRIPTION = 1050
_UNFIT = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A contract on the server on which it is watched; the server is empty where there is none."""

    contract: Contract
    server: str = ""


def to_openslo(
    contracts: Iterable[Served], *, zone: str, cadence: Callable[[str], timedelta], kinds: Iterable[str] = ()
) -> str:
    """The promises of these contracts, a YAML document each; the same contracts give the same text.

    A target of 100 % is left out, and said in a comment: it has no budget, and the specification allows none.

    Args:
        contracts: in the order in which they are written.
        zone: whose calendar months.
        cadence: how often a kind is measured.
        kinds: only these, where any are named.
    """
    import yaml  # noqa: PLC0415

    wanted = frozenset(kinds)
    parts: list[str] = []
    for each in contracts:
        targets = [
            (kind, target)
            for kind in sorted({promise.property for promise in each.contract.promises})
            if (not wanted or kind in wanted) and (target := target_of(each.contract, kind)) is not None
        ]
        if not targets:
            continue
        parts.append(yaml.safe_dump(_service(each), sort_keys=False, allow_unicode=False))
        for kind, target in targets:
            if target >= 1:
                named = json.dumps(each.contract.id)  # whatever is in it, it stays on this line
                parts.append(f"# {kind} of {named}: 100 % leaves no budget, and is no SLO\n")
                continue
            slo = _slo(each, kind, target, zone, cadence(kind))
            parts.append(yaml.safe_dump(slo, sort_keys=False, allow_unicode=False))
    return "---\n".join(("", *parts)) if parts else ""


def _service(served: Served) -> dict[str, Any]:
    contract = served.contract
    spec = {"description": _cut(contract.purpose)} if contract.purpose else {}
    return {
        "apiVersion": VERSION,
        "kind": "Service",
        "metadata": {"name": name_of(contract.id), "displayName": _line(contract.title)},
        "spec": spec,
    }


def _slo(served: Served, kind: str, target: float, zone: str, every: timedelta) -> dict[str, Any]:
    contract = served.contract
    name = name_of(contract.id, served.server, kind)
    return {
        "apiVersion": VERSION,
        "kind": "SLO",
        "metadata": {
            "name": name,
            "displayName": _line(f"{contract.title}: {kind}"),
            "annotations": dict(_annotations(served)),
        },
        "spec": {
            "description": _cut(f"The share of time for which {kind} of {_line(contract.title)} is kept"),
            "service": name_of(contract.id),
            "indicator": {
                "metadata": {"name": name, "displayName": f"seconds in which {kind} is kept"},
                "spec": {
                    "ratioMetric": {
                        "counter": False,
                        "good": _seconds(served, kind, "good"),
                        "total": _seconds(served, kind, "known"),
                    }
                },
            },
            "timeWindow": [
                {
                    "duration": "1M",
                    "isRolling": False,
                    "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": zone},
                }
            ],
            "budgetingMethod": "RatioTimeslices",
            "objectives": [
                {
                    "displayName": f"{target * 100:.10g} %",
                    "target": float(f"{target:.12g}"),
                    "timeSliceWindow": f"{max(1, round(every.total_seconds() / 60))}m",
                }
            ],
        },
    }


def _annotations(served: Served) -> Iterator[tuple[str, str]]:
    contract = served.contract
    yield "floe/contract", contract.id
    yield "floe/version", contract.version
    if served.server:
        yield "floe/server", served.server
    if contract.domain:
        yield "floe/domain", contract.domain
    if contract.owner:
        yield "floe/owner", contract.owner


def _seconds(served: Served, kind: str, what: str) -> dict[str, Any]:
    asked = {"contract": served.contract.id, "server": served.server, "kind": kind, "seconds": what}
    return {"metricSource": {"type": "floe-dagster", "spec": asked}}


def name_of(*parts: str) -> str:
    """A name as the specification wants it (RFC 1123), which no other parts have."""
    digest = sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    words = _UNFIT.sub("-", "-".join(each for each in parts if each).lower()).strip("-")
    readable = words[: _MOST_NAME - len(digest) - 1].strip("-")
    return f"{readable}-{digest}" if readable else digest


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_DESCRIPTION else text[: _MOST_DESCRIPTION - 1] + "…"


def _line(text: str) -> str:
    return " ".join(text.split())
