"""PagerDuty: the alert as an event of the Events API v2; one incident for each episode.

https://developer.pagerduty.com/docs/send-alert-event: `dedup_key` has at most 255 characters and
`payload.summary` 1024. The routing key is part of the body, which therefore never shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from pydantic import Field, SecretStr, field_validator

from floe_dagster.channels._facts import facts, rfc3339
from floe_dagster.channels._http import ByHttp, Url, to_body
from floe_dagster.channels._telling import link, links, message, standing
from floe_dagster.channels._text import shown
from floe_dagster.notify.letter import Post
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert

EVENTS = "https://events.pagerduty.com/v2/enqueue"
_SUMMARY = 1024
_DEDUP_KEY = 255
_DETAIL = 500
_ACTIONS: Mapping[Transition, str] = {
    Transition.ACKNOWLEDGED: "acknowledge",
    Transition.RESOLVED: "resolve",
}
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
        """A trigger, which escalation and flapping update, an acknowledgement, or a resolve."""
        chosen = cast("Options", options)
        action = _ACTIONS.get(alert.transition, "trigger")
        event: dict[str, object] = {
            "routing_key": chosen.routing_key.get_secret_value(),
            "event_action": action,
            "dedup_key": alert.episode[:_DEDUP_KEY],
        }
        return Post(
            url=chosen.url.get_secret_value(),
            body=to_body(event | _trigger(alert) if action == "trigger" else event),
            headers={"Content-Type": "application/json"},
            timeout_seconds=chosen.timeout_seconds,
        )


CHANNEL = PagerDuty()


def _trigger(alert: Alert) -> dict[str, object]:
    url = link(alert)
    where = [{"href": each, "text": name} for name, each in links(alert)]
    lead, place = f"{standing(alert)}: ", f" [{shown(alert.dataset, 100)}, {shown(alert.environment, 60)}]"
    return {
        "client": "floe",
        **({"client_url": url} if url else {}),
        **({"links": where} if where else {}),
        "payload": {
            "summary": lead + message(alert, _SUMMARY - len(lead) - len(place)) + place,
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
