"""Console: the alert, or several of them, as text in the log of the process, for whoever looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.channels._digest import digest, left_out, sections
from floe_dagster.channels._http import Closed
from floe_dagster.channels._telling import behind, listed, message, short_id, usable
from floe_dagster.channels._text import cut, visible
from floe_dagster.notify.letter import Print
from floe_dagster.outcome.episode import Transition

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from pydantic import BaseModel

    from floe_dagster.channels._digest import Entry
    from floe_dagster.notify.alert import Alert

LONGEST = 400
"""characters of one line; contracts are written by strangers, and a log is read by people"""

_MOST = 360
"""characters of the sentence, which with what stands before it is one line"""

LINES = 50
"""alerts of one message"""


class Options(Closed):
    """There is nothing to set."""


class Console:
    """Writes for people who look at the log."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Print:  # noqa: ARG002
        """What happened; what was promised; where to look; what is likely behind it, where that is known."""
        lines = (_headline(alert), _promise(alert), _place(alert), *_behind(alert))
        return Print(text="\n".join(visible(each, LONGEST) for each in lines))

    def write_together(self, alerts: Sequence[Alert], options: BaseModel) -> Print:  # noqa: ARG002
        """How many there are; a line for each of the worst."""
        found = digest(alerts)
        kept = found.entries[:LINES]
        facts = "; ".join(f"{name.lower()}: {value}" for name, value in found.facts)
        lines = [found.headline, f"  {facts}"]
        for section in sections(kept):
            lines += [f"  {section.title.lower()}:"] if section.title else []
            lines += map(_line, section.entries)
        if more := left_out(found.entries, kept):
            lines.append(f"  {more}")
        return Print(text="\n".join(visible(each, LONGEST) for each in lines))


CHANNEL = Console()


def _line(entry: Entry) -> str:
    line, linked = f"  - {entry.text}", f"  - {entry.text}, {entry.link}"
    return linked if entry.link and len(linked) <= LONGEST else line


def _headline(alert: Alert) -> str:
    resolved = alert.transition is Transition.RESOLVED
    lead = f"[{'RESOLVED' if resolved else f'{alert.severity.upper()} {alert.transition}'}] "
    return lead + (alert.message if len(alert.message) < _MOST else message(alert, _MOST))


def _promise(alert: Alert) -> str:
    resolved = alert.transition is Transition.RESOLVED
    promised = f"promised {cut(alert.expected, LONGEST // 2)}, " if alert.expected else ""
    how = "broken" if alert.broken else "close to it" if promised else "close to its limit"
    when = f"from {_clock(alert.since)} to {_clock(alert.at)}" if resolved else f"since {_clock(alert.since)}"
    owner = f", owner {alert.owner}" if alert.owner else ""
    read_by = f", read by {', '.join(alert.consumers)}" if alert.consumers else ""
    feeds = f", feeds {listed(alert.downstream)}" if alert.downstream else ""
    what = f"{cut(alert.dataset, 60)}: {cut(alert.title, 80)}"
    return f"  {what}; {promised}{how} {when}{owner}{read_by}{feeds}"


def _behind(alert: Alert) -> tuple[str, ...]:
    """One more line, where there is something to say in it."""
    url = usable(alert.runbook)
    todo = f"what to do: {url}" if url and len(url) < LONGEST // 2 else ""
    kept, room = list[str](), LONGEST - len(todo) - 4
    for each in behind(alert):
        room -= len(each) + 2
        if room < 0:
            break
        kept.append(each)
    parts = (*kept, *([todo] if todo else []))
    return (f"  {'; '.join(parts)}",) if parts else ()


def _place(alert: Alert) -> str:
    contract = f"  contract {alert.contract_title} {alert.version} on {alert.server} ({alert.environment})"
    source = f", {alert.source}:{alert.line}" if alert.source else ""
    episode = "" if alert.transition is Transition.RESOLVED else f", episode {short_id(alert.episode)}"
    return f"{contract}{source}{episode}{f', {alert.link}' if alert.link else ''}"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
