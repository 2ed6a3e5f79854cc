"""Redact: what of an alert a channel may show. What lies in the outbox is whole; letters are written of less.

`full` is everything. `reader` is what somebody may see who reads the data: no statements, no addresses, no
paths of machines, no text that was measured. `minimal` says that something is broken and where to look, and
no more. Names by which receivers tell alerts apart stay as they are at every level.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.wording import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.notify.alert import Alert

Detail = Literal["full", "reader", "minimal"]

_DEVELOPMENT = frozenset(
    {"dev", "develop", "development", "local", "test", "testing", "ci", "demo", "sandbox"}
)
"""environments in which an alert says everything; all others are taken for production"""

_OURS = frozenset({"schema", "contract"})
"""kinds that measure text which is no data: the shape of a table, the state of a file"""

_LONGEST = 2000
_ENDS = r"(?=\s\((?:since|\d+ % used)\b[^()]*\)\s*$|\s*$)"
_TLDS = (
    "com|net|org|io|internal|intra|local|lan|corp|cloud|dev|app|example|invalid|test|svc|de|eu|uk|us|ch|at|fr"
)
_REASON = re.compile(rf"(?<=: )(?P<said>.*?){_ENDS}", re.DOTALL)
_QUOTED_BY = re.compile(r"(?:cannot be \w+|does not exist|can be read): ", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'|`[^`]*`|\u201c[^\u201d]*\u201d|\u00ab[^\u00bb]*\u00bb")
_RULES: Mapping[str, re.Pattern[str]] = {
    "[statement]": re.compile(
        r"(?:\bselect\b.*?\bfrom\b|\bwith\s+(?:recursive\s+)?[\w\"]+\s*(?:\([^)]*\)\s*)?as\s*\(|\binsert\s+into\b"
        r"|\bdelete\s+from\b|\bupdate\s+[\w.\"]+\s+set\b|\b(?:create|alter|drop)\s+(?:table|view|schema|database)\b"
        r"|\bSELECT\b|\bLINE \d+:)"
        rf".*?{_ENDS}",
        re.IGNORECASE | re.DOTALL,
    ),
    "[address]": re.compile(
        r"\b[a-z][a-z0-9+.-]*://[^\s\"'<>]+"
        r"|(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?(?![\w.]*\w)"
        r"|(?<!\w)[0-9a-f:]*::[0-9a-f:.]*(?!\w)|(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])"
        r"|\blocalhost\b(?::\d+)?"
        rf"|(?<![\w@.-])[\w-]+(?:\.[\w-]+)*\.(?:{_TLDS})(?::\d+)?(?![\w.-]*\w)"
        r"|(?<![\w.-])(?!\S*\.ya?ml:)[a-z][\w-]*(?:\.[\w-]+)*:\d{2,5}(?![\w:])"
        r"|\bport\s*[=:]?\s*\d+",
        re.IGNORECASE,
    ),
    "[path]": re.compile(
        r"[\"']~?/[^\"'\n]*[\"']|(?<![\w./:>\]-])~?/(?:[^\s\"'(),;:]+)|\b[a-z]:[\\/][^\s\"']*"
        r"|(?<!\w)\\\\[^\s\"']+",
        re.IGNORECASE,
    ),
}


def default_detail(environment: str) -> Detail:
    """How much is said where a channel has no say in it: all in development, else what a reader may see."""
    return "full" if environment.strip().lower() in _DEVELOPMENT else "reader"


def redacted(alert: Alert, detail: Detail) -> Alert:
    """The alert with no more than this level shows."""
    match detail:
        case "full":
            return alert
        case "reader":
            return _for_reader(alert)
        case "minimal":
            return _least(alert)


def scrubbed(text: str) -> str:
    """A text without statements, addresses and paths, and without what an error quotes."""
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    if found := _QUOTED_BY.search(text):
        said = _REASON.sub(lambda part: _QUOTED.sub("\u2026", part["said"]), text[found.end() - 2 :], count=1)
        text = text[: found.end() - 2] + said
    for instead, pattern in _RULES.items():
        text = pattern.sub(instead, text)
    return text


def _for_reader(alert: Alert) -> Alert:
    telling = not isinstance(alert.actual, str) or alert.kind in _OURS
    inside = not re.match(r"[/\\~]|[A-Za-z]:[\\/]|.*\.\.[\\/]", alert.source)
    return replace(
        alert,
        title=scrubbed(alert.title),
        message=scrubbed(alert.message),
        expected=scrubbed(alert.expected),
        actual=alert.actual if telling else None,
        background=tuple(map(scrubbed, alert.background)),
        source=alert.source if inside else "",
        line=alert.line if inside else 0,
    )


def _least(alert: Alert) -> Alert:
    title = scrubbed(alert.title)
    return replace(
        alert,
        element=None,
        title=title,
        message=f"{title}: {_stands(alert)}",
        expected="",
        actual=None,
        consumers=(),
        downstream=(),
        background=(),
        source="",
        line=0,
        source_link=None,
    )


def _stands(alert: Alert) -> str:
    since = f"since {clock(alert.since, alert.at)}"
    match alert.transition:
        case Transition.RESOLVED:
            return "over"
        case Transition.FLAPPING:
            return f"broken and kept in turns, {since}"
        case _:
            return f"broken {since}" if alert.broken else f"close to its limit {since}"
