"""Page: the report as one HTML file, for browsers, for mail and for paper.

It holds no script and loads nothing; its Content-Security-Policy allows its own style sheet, by hash, and no
more. Every text that a template prints is cleaned and escaped, ours and that of others alike. Pictures are
inline SVG, and whatever they show stands beside them in words, since many mail readers leave SVG out.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: TID253 - this file is imported lazily
from markupsafe import Markup

from floe_dagster.outcome.segment import Health
from floe_dagster.plan.check import Severity, Status
from floe_dagster.report import further, telling, words
from floe_dagster.report.kinds import in_order
from floe_dagster.report.meanings import MEANINGS
from floe_dagster.report.model import SCHEMA_VERSION
from floe_dagster.report.slices import by_domain
from floe_dagster.report.strip import bars

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from floe_dagster.report.model import CheckLine, ContractLine, KindLine, SlaReport
    from floe_dagster.report.sla import Compliance

CELLS = 288
MANY = 20
"""with more contracts than this, those with nothing to show are folded away"""
RECOVERED = 20
MOST_ROWS = 60
"""of a table; the JSON report has them all"""
HEIGHTS = {Health.GOOD: (4, 8), Health.BAD: (0, 16), Health.UNKNOWN: (7, 2), Health.EXCUSED: (6, 4)}


def to_html(report: SlaReport, *, links: Mapping[str, str] | None = None, back: str = "") -> str:
    """The page; it ends with a line break.

    Args:
        report: what is told.
        links: pages of domains beside this one, by domain; then contracts stand there and not here.
        back: the page that this one is a part of; empty where it is none.
    """
    environment = _environment()
    style = _style()
    text = environment.get_template("report.html.j2").render(
        report=report,
        start=report.observed_since or report.start,
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        kinds=_kinds(report),
        kinds_of=[{each.kind: each for each in line.kinds} for line in report.contracts],
        severities=tuple(reversed(Severity)),
        violations={(each.kind, each.severity): each.count for each in report.violations},
        schema_version=SCHEMA_VERSION,
        many=MANY,
        recovered=RECOVERED,
        grids=further.grids(report),
        most=MOST_ROWS,
        links=dict(links or {}),
        domains=by_domain(report) if links else {},
        back=back,
    )
    return text.rstrip() + "\n"


def paths(line: KindLine, report: SlaReport) -> dict[str, Markup]:
    """The timeline of a kind as SVG path data by state: a band, higher where broken, a line where unknown."""
    data: dict[str, list[str]] = {}
    for bar in bars(line.stretches, report.observed_since or report.start, report.as_of, CELLS):
        top, height = HEIGHTS[bar.health]
        data.setdefault(bar.health.value, []).append(f"M{bar.start} {top}h{bar.width}v{height}h-{bar.width}z")
    return {health: Markup().join(parts) for health, parts in sorted(data.items())}


def shares(went: Compliance) -> tuple[tuple[str, float, float], ...]:
    """State, left edge and width in hundredths of the window, for a bar: kept, then unknown, then broken."""
    if not went.total:
        return ()
    widths = (("good", went.good), ("unknown", went.unknown), ("bad", went.bad))
    drawn, left = [], 0.0
    for state, seconds in widths:
        width = seconds / went.total * 100
        drawn.append((state, round(left, 2), round(width, 2)))
        left += width
    return tuple(each for each in drawn if each[2])


def sparkline(points: Sequence[float | None]) -> tuple[Markup, ...]:
    """Shares as SVG path data, a line for each run of known ones; the lowest stands at the bottom."""
    known = [each for each in points if each is not None]
    if len(known) < 2:
        return ()
    low, high = min(known), max(known)
    lines: list[Markup] = []
    for known_, run in groupby(enumerate(points), key=lambda each: each[1] is not None):
        if known_:
            lines.append(Markup("M") + Markup("L").join(_spot(*each, len(points), low, high) for each in run))
    return tuple(lines)


def breakable(kind: str) -> Markup:
    """The name of a kind, which may be broken between its words."""
    return Markup("_<wbr>").join(words.clean(kind).split("_"))


def missed(cell: tuple[str, str]) -> bool:
    """Whether what stands under a head says that a promise was missed."""
    head, text = cell
    if head == "Missed":
        return text != "0"
    return head in {"Kept", "Budget"} and text.startswith(("missed", "used up"))


def _spot(place: int, share: float | None, count: int, low: float, high: float) -> Markup:
    height = 0.0 if high == low else (high - (share or 0.0)) / (high - low)
    return Markup(f"{1 + place * 138 / max(1, count - 1):.1f} {3 + height * 18:.1f}")  # noqa: S704 - numbers


def wanting(line: ContractLine) -> tuple[CheckLine, ...]:
    """The checks that did not pass, the gravest first; what was not measured stands elsewhere."""
    broken = (each for each in line.checks if each.status in (Status.FAILED, Status.WARNED))
    return tuple(
        sorted(broken, key=lambda each: (-each.severity.rank, each.status.value, each.dataset, each.id))
    )


def kept_again(line: ContractLine) -> tuple[CheckLine, ...]:
    """The checks that pass, but whose promise was broken in the window."""
    return tuple(each for each in line.checks if each.status is Status.PASSED and each.compliance.bad)


def coded(text: str) -> Markup:
    """Our own sentence, with what stands between backticks as code."""
    parts = enumerate(text.split("`"))
    return Markup().join(Markup("<code>%s</code>") % part if place % 2 else part for place, part in parts)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("floe_dagster.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=words.percent,
        duration=words.duration,
        when=words.when,
        short=words.short,
        amount=words.amount,
        several=words.several,
        between=words.between,
        paths=paths,
        shares=shares,
        wanting=wanting,
        kept_again=kept_again,
        coded=coded,
        sparkline=sparkline,
        breakable=breakable,
    )
    environment.tests["missed"] = missed
    environment.globals.update(telling=telling, STATUS=words.STATUS, MEANINGS=MEANINGS)
    return environment


def _seen(value: object) -> object:
    """What a template prints: text of others without what cannot be seen."""
    return words.clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _style() -> str:
    environment = _environment()
    assert environment.loader is not None
    source, *_ = environment.loader.get_source(environment, "report.css")
    return source.strip()


def _kinds(report: SlaReport) -> tuple[str, ...]:
    """Every kind of the report, in the order in which a contract lists them."""
    return tuple(in_order({each.kind for line in report.contracts for each in line.kinds}))
