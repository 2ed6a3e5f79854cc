"""Words: health for people, as lines and as Markdown, and for programs, as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from floe_dagster.health.finding import Aspect
from floe_dagster.plan.check import Severity
from floe_dagster.report.markdown import escaped
from floe_dagster.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from floe_dagster.health.finding import Finding, Health

LONGEST_TABLE = 50
_FINE = "ok"


def to_lines(health: Health) -> Iterator[str]:
    """For a terminal: a line for each aspect, then what was found of it, and what to do."""
    for aspect in Aspect:
        found = health.of(aspect)
        fine = "" if any(each.severity is not Severity.INFO for each in found) else health.said(aspect)
        yield f"{aspect:<10}  {_word(health, aspect):<8}  {clean(fine)}".rstrip()
        for each in found:
            yield f"{'':<10}  {_mark(each):<8}  {clean(each.what)}"
            if each.then:
                yield f"{'':<22}to do: {clean(each.then)}"


def to_markdown(findings: Iterable[Finding]) -> str:
    """A table of findings, the worst first, at most 50 of them; what stands in it can form nothing."""
    every = list(findings)
    rows = [(_mark(each), each.about, each.what, each.then) for each in every[:LONGEST_TABLE]]
    lines = [("severity", "about", "what was found", "what to do"), ("---",) * 4]
    table = "\n".join([*map(_row, lines), *(_row(tuple(map(escaped, each))) for each in rows)])
    more = len(every) - LONGEST_TABLE
    return f"{table}\n\nAnd {more} more: floe doctor has them all." if more > 0 else table


def to_json(health: Health) -> str:
    """The same for programs."""
    document = {
        "at": health.at.isoformat().replace("+00:00", "Z"),
        "exit_code": health.exit_code,
        "aspects": {
            aspect.value: {
                "status": _word(health, aspect),
                "said": health.said(aspect),
                "findings": [as_dict(each) for each in health.of(aspect)],
            }
            for aspect in Aspect
        },
    }
    return json.dumps(document, indent=2)


def as_dict(finding: Finding) -> dict[str, object]:
    """A finding for programs."""
    return {
        "severity": finding.severity.value,
        "about": finding.about,
        "what": finding.what,
        "to_do": finding.then,
        "looked": finding.looked,
    }


def _word(health: Health, aspect: Aspect) -> str:
    """How an aspect is, in a word."""
    worst = health.worst(aspect)
    if worst is Severity.INFO:
        return _FINE
    return _mark(next(each for each in health.of(aspect) if each.severity is worst))


def _mark(finding: Finding) -> str:
    is_open = not finding.looked and finding.severity is Severity.WARNING
    return "unknown" if is_open else finding.severity.value


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"
