"""Telling: what people are told of an alert, whatever the channel: a headline, a sentence, and facts by name.

Every text is visible and of one line; a channel escapes it for its own form and shortens it further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from floe_dagster.channels._text import shown
from floe_dagster.outcome.episode import Transition

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.notify.alert import Alert

LONGEST_MESSAGE = 1200
LONGEST_FACT = 200
_LONGEST_LINK = 1000


def is_over(alert: Alert) -> bool:
    """Whether nothing is wrong any more."""
    return alert.transition is Transition.RESOLVED


def standing(alert: Alert) -> str:
    """How it stands, in the fewest words: `CRITICAL`, `close to its limit`, `flapping`, `resolved`."""
    if is_over(alert):
        return "RESOLVED"
    if alert.transition is Transition.FLAPPING:
        return f"{alert.severity.upper()} (flapping)"
    return alert.severity.upper() if alert.broken else f"{alert.severity.upper()} (close to its limit)"


def headline(alert: Alert, longest: int = 140) -> str:
    """How it stands, where, and which promise; what is too long is cut at its end."""
    return shown(f"{standing(alert)}: {alert.title} [{alert.dataset}, {alert.environment}]", longest)


def message(alert: Alert) -> str:
    """The sentence of the alert."""
    return shown(alert.message, LONGEST_MESSAGE)


def told(alert: Alert) -> tuple[tuple[str, str], ...]:
    """What else there is to know, by name, in the order of reading; what is not known is left out."""
    resolved = is_over(alert)
    period = f"{clock(alert.since)} to {clock(alert.at)}" if resolved else f"since {clock(alert.since)}"
    facts = {
        "Promised": alert.expected,
        "Measured": "" if alert.actual is None else str(alert.actual),
        "Broken" if alert.broken else "Close to its limit": period,
        "Owner": alert.owner or "",
        "Read by": ", ".join(alert.consumers),
        "Dataset": f"{alert.dataset} on {alert.server}",
        "Contract": f"{alert.contract_title} {alert.version}",
        "Stands in": f"{alert.source}:{alert.line}" if alert.source else "",
    }
    return tuple((name, shown(value, LONGEST_FACT)) for name, value in facts.items() if value)


def link(alert: Alert) -> str:
    """Where to look in Dagster as a URL that ends no attribute and no brackets; empty where there is none."""
    found = quote(alert.link or "", safe="/:?#[]@!$&'()*+,;=%~-._", errors="replace")
    try:
        usable = urlsplit(found).scheme in ("http", "https") and urlsplit(found).hostname
    except ValueError:
        usable = None
    return found.replace("'", "%27") if usable and len(found) <= _LONGEST_LINK else ""


def clock(moment: datetime) -> str:
    """A time for people, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
