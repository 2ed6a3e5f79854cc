"""Alertmanager: the alert as Prometheus would post it, by API v2, to be silenced, inhibited, grouped there.

An alert is known by its labels, so only what never changes during an episode is one: a severity among them
would make an escalation a second alert. Alertmanager takes an alert for over at its `endsAt`; what is open
has to be posted again before that, for which there is `renew`.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, SecretStr, field_validator

from floe_dagster.channels._facts import rfc3339, to_text
from floe_dagster.channels._http import ByHttp, Url
from floe_dagster.channels._telling import is_over, link
from floe_dagster.channels._text import shown
from floe_dagster.notify.letter import Post

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert

NAME = "FloeContractViolation"
IDENTITY = frozenset({"alertname", "contract", "server", "check", "environment"})
PATH = "/api/v2/alerts"
_ANNOTATION = 1000
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]+")


class Options(ByHttp):
    """What can be set."""

    url: Url = Field(description="where Alertmanager is, up to its path prefix and without /api/v2/alerts")
    authorization: SecretStr | None = Field(
        default=None, description="the Authorization header, such as Bearer and a token"
    )
    labels: dict[str, str] = Field(
        default_factory=dict, description="added to every alert, for its routes; the same for ever"
    )
    lasts_seconds: float = Field(
        default=900.0, ge=180, le=86400, description="how long an open alert holds unless it is renewed"
    )

    @field_validator("authorization")
    @classmethod
    def _is_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _HEADER_VALUE.fullmatch(value.get_secret_value()):
            raise ValueError("holds a character that a header cannot carry")
        return value

    @field_validator("labels")
    @classmethod
    def _are_labels(cls, labels: dict[str, str]) -> dict[str, str]:
        for name, value in labels.items():
            if not _LABEL.fullmatch(name) or name.startswith("__"):
                raise ValueError(f"{name!r} is not the name of a label: letters, digits and underscores")
            if name in IDENTITY:
                raise ValueError(f"{name} is set by floe; remove it")
            if name == "severity":
                raise ValueError("severity changes during an episode; it is an annotation, and no label")
            if not value:
                raise ValueError(f"the label {name} is empty, which is the same to Alertmanager as none")
        return labels


class Alertmanager:
    """Writes alerts of API v2."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Post:
        """The alert; an open one holds from when it was raised. See `renew`."""
        return self.renew((alert,), options, alert.at)

    def renew(self, alerts: Iterable[Alert], options: BaseModel, now: datetime) -> Post:
        """The newest alert of each episode, the open ones holding from now on."""
        chosen = cast("Options", options)
        auth = chosen.authorization
        return Post(
            url=_endpoint(chosen.url.get_secret_value()),
            body=to_text([_posted(each, chosen, now) for each in alerts]).encode("ascii"),
            headers={
                "Content-Type": "application/json",
                **({"Authorization": auth.get_secret_value()} if auth else {}),
            },
            timeout_seconds=chosen.timeout_seconds,
        )


CHANNEL = Alertmanager()


def _endpoint(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + PATH))


def _posted(alert: Alert, options: Options, now: datetime) -> dict[str, object]:
    ends = alert.at if is_over(alert) else now + timedelta(seconds=options.lasts_seconds)
    return {
        "labels": {
            **options.labels,
            "alertname": NAME,
            "contract": alert.contract,
            "server": alert.server,
            "check": alert.check,
            "environment": alert.environment,
        },
        "annotations": {name: shown(text, _ANNOTATION) for name, text in _annotations(alert) if text},
        "startsAt": rfc3339(alert.since),
        "endsAt": rfc3339(max(ends, alert.since)),
        **({"generatorURL": url} if (url := link(alert)) else {}),
    }


def _annotations(alert: Alert) -> tuple[tuple[str, str], ...]:
    return (
        ("summary", alert.title),
        ("description", alert.message),
        ("severity", str(alert.severity)),
        ("transition", str(alert.transition)),
        ("dataset", alert.dataset),
        ("element", alert.element or ""),
        ("kind", alert.kind),
        ("expected", alert.expected),
        ("actual", "" if alert.actual is None else str(alert.actual)),
        ("owner", alert.owner or ""),
        ("consumers", ", ".join(alert.consumers)),
        ("contract_title", alert.contract_title),
        ("version", alert.version),
        ("source", f"{alert.source}:{alert.line}" if alert.source else ""),
        ("episode", alert.episode),
    )
