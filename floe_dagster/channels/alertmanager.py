"""Alertmanager: the alert as Prometheus would post it, by API v2, to be silenced, inhibited, grouped there.

An alert is known there by its labels, and who has been told of it is told again only when there is another
one. So an escalation is another one, with a label `severity` of its own, beside those of the severities
before, which stay open as long as the episode: nobody hears that they are over while they are not, and an
inhibition lets the worst speak for all. Alertmanager takes an alert for over at its `endsAt`; what is open
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
from floe_dagster.channels._telling import behind, is_over, link, listed, message, usable
from floe_dagster.channels._text import shown
from floe_dagster.notify.letter import Post

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert
    from floe_dagster.plan.check import Severity

NAME = "FloeContractViolation"
IDENTITY = frozenset({"alertname", "contract", "server", "check", "kind", "environment", "severity"})
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
            if not value:
                raise ValueError(f"the label {name} is empty, which is the same to Alertmanager as none")
        return labels


class Alertmanager:
    """Writes alerts of API v2."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Post:
        """The alert, as if nothing had been told of its episode before; see `renew`."""
        return self.renew((alert,), options, alert.at)

    def renew(self, alerts: Iterable[Alert], options: BaseModel, now: datetime) -> Post:
        """What was told of some episodes, each severity once; the open ones hold from now on."""
        chosen = cast("Options", options)
        auth = chosen.authorization
        return Post(
            url=_endpoint(chosen.url.get_secret_value()),
            body=to_text(
                [each for told in _by_episode(alerts) for each in _posted(told, chosen, now)]
            ).encode("ascii"),
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


def _by_episode(alerts: Iterable[Alert]) -> Iterable[Sequence[Alert]]:
    """What was told of each episode, in order."""
    found: dict[str, list[Alert]] = {}
    for each in sorted(alerts, key=lambda alert: (alert.sequence, alert.at)):
        found.setdefault(each.episode, []).append(each)
    return found.values()


def _posted(told: Sequence[Alert], options: Options, now: datetime) -> Iterator[dict[str, object]]:
    newest = told[-1]
    ends = newest.at if is_over(newest) else now + timedelta(seconds=options.lasts_seconds)
    began = _began([each for each in told if not is_over(each)] or told)
    for severity, starts in began.items():
        yield {
            "labels": {
                **options.labels,
                "alertname": NAME,
                "contract": newest.contract,
                "server": newest.server,
                "check": newest.check,
                "kind": newest.kind,
                "environment": newest.environment,
                "severity": str(severity),
            },
            "annotations": {name: shown(text, _ANNOTATION) for name, text in _annotations(newest) if text},
            "startsAt": rfc3339(starts),
            "endsAt": rfc3339(max(ends, starts)),
            **({"generatorURL": url} if (url := link(newest)) else {}),
        }


def _began(told: Iterable[Alert]) -> dict[Severity, datetime]:
    """Since when each severity has been told of.

    Not since when the promise is broken: an alert that began longer ago than `group_wait` is sent at once,
    without those of its group that come right after it.
    """
    found: dict[Severity, datetime] = {}
    for each in told:
        found.setdefault(each.severity, each.at)
    return found


def _annotations(alert: Alert) -> tuple[tuple[str, str], ...]:
    return (
        ("summary", alert.title),
        ("description", message(alert, _ANNOTATION)),
        ("transition", str(alert.transition)),
        ("since", rfc3339(alert.since)),
        ("dataset", alert.dataset),
        ("element", alert.element or ""),
        ("expected", alert.expected),
        ("actual", "" if alert.actual is None else str(alert.actual)),
        ("owner", alert.owner or ""),
        ("consumers", ", ".join(alert.consumers)),
        ("downstream", listed(alert.downstream, _ANNOTATION)),
        ("background", "; ".join(behind(alert))),
        ("runbook_url", usable(alert.runbook)),
        ("source_url", usable(alert.source_link)),
        ("contract_title", alert.contract_title),
        ("version", alert.version),
        ("source", f"{alert.source}:{alert.line}" if alert.source else ""),
        ("episode", alert.episode),
    )
