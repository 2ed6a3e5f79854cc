"""Console: the alert as a few lines of text in the log of the process, for whoever looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.channels._http import Closed
from floe_dagster.channels._text import visible
from floe_dagster.notify.letter import Print
from floe_dagster.outcome.episode import Transition

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert

LONGEST = 400
"""characters of one line; contracts are written by strangers, and a log is read by people"""


class Options(Closed):
    """There is nothing to set."""


class Console:
    """Writes for people who look at the log."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Print:  # noqa: ARG002
        """What happened; what was promised; where to look."""
        lines = (_headline(alert), _promise(alert), _place(alert))
        return Print(text="\n".join(visible(each, LONGEST) for each in lines))


CHANNEL = Console()


def _headline(alert: Alert) -> str:
    resolved = alert.transition is Transition.RESOLVED
    return f"[{'RESOLVED' if resolved else f'{alert.severity.upper()} {alert.transition}'}] {alert.message}"


def _promise(alert: Alert) -> str:
    resolved = alert.transition is Transition.RESOLVED
    how = "broken" if alert.broken else "close to it"
    when = f"from {_clock(alert.since)} to {_clock(alert.at)}" if resolved else f"since {_clock(alert.since)}"
    owner = f", owner {alert.owner}" if alert.owner else ""
    read_by = f", read by {', '.join(alert.consumers)}" if alert.consumers else ""
    return f"  {alert.dataset}: {alert.title}; promised {alert.expected}, {how} {when}{owner}{read_by}"


def _place(alert: Alert) -> str:
    contract = f"  contract {alert.contract_title} {alert.version} on {alert.server} ({alert.environment})"
    source = f", {alert.source}:{alert.line}" if alert.source else ""
    return f"{contract}{source}{f', {alert.link}' if alert.link else ''}"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
