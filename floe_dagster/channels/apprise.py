"""Apprise: alerts to any of the services that https://github.com/caronc/apprise knows, by its URL.

For the long tail. Apprise says of a failure neither why nor when to try again, so that each one counts as
passing; and it knows neither a resolve nor repeats, so that a recovery is one more message.
Needs `pip install "floe-dagster[apprise]"`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from pydantic import Field, SecretStr, field_validator

from floe_dagster.channels._digest import digest, plain
from floe_dagster.channels._http import Closed
from floe_dagster.channels._telling import BEHIND, behind, headline, is_over, links, message, told
from floe_dagster.notify.letter import Notice
from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert

_LINES = 20
_LINES_CHARACTERS = 2_400
_LOCAL = frozenset({"blink1", "dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})


class Options(Closed):
    """What can be set. The URL belongs into an environment variable."""

    url: SecretStr = Field(
        description="of Apprise, such as ntfy://host/topic; it holds passwords, never shown"
    )

    @field_validator("url")
    @classmethod
    def _is_url(cls, url: SecretStr) -> SecretStr:
        scheme, separator, rest = url.get_secret_value().partition("://")
        if not separator or not rest or not scheme.isascii() or not scheme.isalnum():
            raise ValueError("is not a URL of Apprise, such as ntfy://host/topic")
        if not url.get_secret_value().isprintable():
            raise ValueError("holds a character that a URL cannot have")
        if scheme.lower() in _LOCAL:
            raise ValueError(f"{scheme} is for the machine itself; use the channel file or console")
        return url


class Apprise:
    """Writes notices."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Notice:
        """A title and lines of plain text."""
        facts = [f"{name}: {value}" for name, value in told(alert)]
        why = [f"{BEHIND}:", *(f"- {each}" for each in behind(alert))] if alert.background else []
        where = [url if name == "Look in Dagster" else f"{name}: {url}" for name, url in links(alert)]
        return Notice(
            url=cast("Options", options).url.get_secret_value(),
            title=headline(alert),
            body="\n".join((message(alert), *facts, *why, *where)),
            kind=_kind(alert),
        )

    def write_together(self, alerts: Sequence[Alert], options: BaseModel) -> Notice:
        """A title, the counts, and a line for each of the worst; most services hold some 4000 characters."""
        found = digest(alerts)
        return Notice(
            url=cast("Options", options).url.get_secret_value(),
            title=found.headline,
            body="\n".join(plain(found, most=_LINES, room=_LINES_CHARACTERS)),
            kind=_kind(alerts[0]),
        )


CHANNEL = Apprise()


def _kind(alert: Alert) -> Literal["info", "success", "warning", "failure"]:
    if is_over(alert):
        return "success"
    match alert.severity:
        case Severity.CRITICAL | Severity.ERROR:
            return "failure"
        case Severity.WARNING:
            return "warning"
        case _:
            return "info"
