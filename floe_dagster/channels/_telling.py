"""Telling: what people are told of an alert, whatever the channel: a headline, a sentence, and facts by name.

Every text is visible and of one line; a channel escapes it for its own form and shortens it further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from floe_dagster.channels._text import shown
from floe_dagster.outcome.episode import Transition

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from floe_dagster.notify.alert import Alert

LONGEST_MESSAGE = 1200
LONGEST_FACT = 200
LONGEST_PROMISE = 300
LONGEST_CLUE = 300
BEHIND = "What may be behind it"
_MOST_CLUES = 6
_WORDS = {
    Transition.FLAPPING: "flapping",
    Transition.ACKNOWLEDGED: "acknowledged",
    Transition.REMINDED: "still open",
}
_LONGEST_LINK = 1000


def is_over(alert: Alert) -> bool:
    """Whether nothing is wrong any more."""
    return alert.transition is Transition.RESOLVED


def standing(alert: Alert) -> str:
    """How it stands, in the fewest words: `CRITICAL`, `ERROR (close to its limit)`, `RESOLVED`."""
    if is_over(alert):
        return "RESOLVED"
    word = _WORDS.get(alert.transition, "" if alert.broken else "close to its limit")
    return f"{alert.severity.upper()} ({word})" if word else alert.severity.upper()


def headline(alert: Alert, longest: int = 140) -> str:
    """How it stands, where, and which promise; what is too long is cut at its end."""
    return shown(f"{standing(alert)}: {alert.title} [{alert.dataset}, {alert.environment}]", longest)


def message(alert: Alert, longest: int = LONGEST_MESSAGE) -> str:
    """The sentence of the alert; one that is too long is cut, and ends with the promise and the number."""
    if len(alert.message) <= longest or not alert.expected:
        return shown(alert.message, longest)
    number = "" if alert.actual is None else f", measured {shown(str(alert.actual), 40)}"
    end = f"; promised {shown(alert.expected, longest // 3)}{number}"
    return shown(alert.message, longest - len(end)) + end


def behind(alert: Alert) -> tuple[str, ...]:
    """What may be behind it, a sentence each, the most telling first."""
    return tuple(shown(each, LONGEST_CLUE) for each in alert.background[:_MOST_CLUES])


def told(alert: Alert) -> tuple[tuple[str, str], ...]:
    """What else there is to know, by name, in the order of reading; what is not known is left out."""
    resolved = is_over(alert)
    period = f"{clock(alert.since)} to {clock(alert.at)}" if resolved else f"since {clock(alert.since)}"
    facts = {
        "Incident": alert.incident,
        "Promised": alert.expected,
        "Measured": "" if alert.actual is None else str(alert.actual),
        "Broken" if alert.broken else "Close to its limit": period,
        "Owner": alert.owner or "",
        "Read by": ", ".join(alert.consumers),
        "Feeds": listed(alert.downstream),
        "Dataset": f"{alert.dataset} on {alert.server}",
        "Contract": f"{alert.contract_title} {alert.version}",
        "Stands in": f"{alert.source}:{alert.line}" if alert.source else "",
        "Episode": "" if resolved else short_id(alert.episode),
    }
    longest = {"Promised": LONGEST_PROMISE}
    return tuple(
        (name, shown(value, longest.get(name, LONGEST_FACT))) for name, value in facts.items() if value
    )


def short_id(episode: str) -> str:
    """As much of an episode's id as `floe alerts ack` needs."""
    return episode[:8]


def listed(names: Sequence[str], longest: int = LONGEST_FACT) -> str:
    """As many names as fit, and how many more there are."""
    text = ""
    for count, name in enumerate(names):
        rest = len(names) - count
        longer = f"{text}, {shown(name, 80)}" if text else shown(name, 80)
        if len(longer) + len(f" and {rest} more") > longest:
            return f"{text} and {rest} more"
        text = longer
    return text


def links(alert: Alert) -> tuple[tuple[str, str], ...]:
    """Where to go from here, by name, as URLs that end no attribute and no brackets."""
    found = (
        ("Look in Dagster", link(alert)),
        ("What to do", usable(alert.runbook)),
        ("Read the promise", usable(alert.source_link)),
    )
    return tuple((name, url) for name, url in found if url)


def link(alert: Alert) -> str:
    """Where to look in Dagster as a URL that ends no attribute and no brackets; empty where there is none."""
    return usable(alert.link)


def usable(url: str | None) -> str:
    """A URL of http or https that ends no attribute and no brackets; empty where it is none such."""
    found = quote(url or "", safe="/:?#[]@!$&'()*+,;=%~-._", errors="replace")
    try:
        known = urlsplit(found).scheme in ("http", "https") and urlsplit(found).hostname
    except ValueError:
        known = None
    return found.replace("'", "%27") if known and len(found) <= _LONGEST_LINK else ""


def clock(moment: datetime) -> str:
    """A time for people, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
