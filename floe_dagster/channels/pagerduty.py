"""PagerDuty: the alert as an event of the Events API v2; one incident for each episode.

https://developer.pagerduty.com/docs/send-alert-event: `dedup_key` has at most 255 characters and
`payload.summary` 1024. The routing key is part of the body, which therefore never shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pydantic import Field, SecretStr, field_validator

from floe_dagster.channels._facts import facts, rfc3339
from floe_dagster.channels._http import ByHttp, Url, to_body
from floe_dagster.channels._telling import is_over, link, standing
from floe_dagster.channels._text import shown
from floe_dagster.notify.letter import Post
from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert

EVENTS = "https://events.pagerduty.com/v2/enqueue"
_SUMMARY = 1024
_DEDUP_KEY = 255
_DETAIL = 500
_SEVERITIES: Mapping[Severity, str] = {
    Severity.INFO: "info",
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
    Severity.CRITICAL: "critical",
}


class Options(ByHttp):
    """What can be set. The routing key belongs into an environment variable."""

    routing_key: SecretStr = Field(description="the integration key of a service, 32 letters and digits")
    url: Url = Field(default=SecretStr(EVENTS), description="in the EU another one")

    @field_validator("routing_key")
    @classmethod
    def _is_key(cls, key: SecretStr) -> SecretStr:
        text = key.get_secret_value()
        if len(text) != 32 or not text.isascii() or not text.isalnum():
            raise ValueError("is not a key of the Events API v2: it has 32 letters and digits")
        return key


class PagerDuty:
    """Writes events."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Post:
        """A trigger, which escalation and flapping update, or a resolve."""
        chosen = cast("Options", options)
        event: dict[str, object] = {
            "routing_key": chosen.routing_key.get_secret_value(),
            "event_action": "resolve" if is_over(alert) else "trigger",
            "dedup_key": alert.episode[:_DEDUP_KEY],
        }
        return Post(
            url=chosen.url.get_secret_value(),
            body=to_body(event if is_over(alert) else event | _trigger(alert)),
            headers={"Content-Type": "application/json"},
            timeout_seconds=chosen.timeout_seconds,
        )


CHANNEL = PagerDuty()


def _trigger(alert: Alert) -> dict[str, object]:
    url = link(alert)
    return {
        "client": "floe",
        **({"client_url": url, "links": [{"href": url, "text": "Look in Dagster"}]} if url else {}),
        "payload": {
            "summary": shown(
                f"{standing(alert)}: {alert.message} [{alert.dataset}, {alert.environment}]", _SUMMARY
            ),
            "source": shown(f"{alert.server}/{alert.dataset}", _DETAIL),
            "severity": _SEVERITIES[alert.severity],
            "timestamp": rfc3339(alert.at),
            "component": shown(alert.check, _DETAIL),
            "group": shown(alert.contract, _DETAIL),
            "class": shown(alert.kind, _DETAIL),
            "custom_details": {name: _detail(value) for name, value in facts(alert).items() if value != ""},
        },
    }


def _detail(value: object) -> object:
    match value:
        case str():
            return shown(value, _DETAIL)
        case list():
            return shown(", ".join(map(str, value)), _DETAIL)
        case _:
            return value
