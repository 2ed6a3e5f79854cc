"""Sentry: the alert as an event in an envelope; one issue for each contract and check.

https://develop.sentry.dev/sdk/foundations/transport/envelopes: three lines of JSON, POSTed to where the DSN
leads. The event's id is derived from the alert's, so that Sentry drops repeats. Written without its SDK,
which would send in a thread of its own, and lose what it cannot send at once.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, NamedTuple, cast
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, field_validator

from floe_dagster.channels._facts import rfc3339, to_text
from floe_dagster.channels._http import ByHttp
from floe_dagster.channels._telling import BEHIND, behind, is_over, links, message, told
from floe_dagster.channels._text import shown
from floe_dagster.notify.letter import Post
from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert

_CLIENT = "floe-dagster/1"
_TAG = 200
_ENVIRONMENT = 64


class Dsn(NamedTuple):
    """Where a project's events go, and the key that they go with."""

    url: str
    key: str


class Options(ByHttp):
    """What can be set. The DSN belongs into an environment variable."""

    dsn: SecretStr = Field(description="of the project, as Sentry shows it; never shown here")

    @field_validator("dsn")
    @classmethod
    def _is_dsn(cls, dsn: SecretStr) -> SecretStr:
        text = dsn.get_secret_value()
        try:
            parts = urlsplit(text)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
            usable = usable and parts.username and parts.username.isalnum() and not parts.password
            usable = usable and _project(parts) and text.isascii() and text.isprintable() and " " not in text
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("is not a DSN: https, a key, @, a host and the number of a project")
        return dsn


class Sentry:
    """Writes envelopes."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Post:
        """The alert as an event; a recovery is one of level info, since events cannot resolve an issue."""
        chosen = cast("Options", options)
        dsn = parsed(chosen.dsn.get_secret_value())
        event = to_text(_event(alert))
        head = to_text({"event_id": _event_id(alert)})
        item = to_text({"type": "event", "length": len(event), "content_type": "application/json"})
        return Post(
            url=dsn.url,
            body=f"{head}\n{item}\n{event}\n".encode("ascii"),
            headers={
                "Content-Type": "application/x-sentry-envelope",
                "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_client={_CLIENT}, sentry_key={dsn.key}",
            },
            timeout_seconds=chosen.timeout_seconds,
        )


CHANNEL = Sentry()


def parsed(dsn: str) -> Dsn:
    """What a valid DSN means: `https://KEY@HOST/PREFIX/PROJECT`."""
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    prefix = parts.path.rpartition("/")[0]
    return Dsn(f"{parts.scheme}://{host}{prefix}/api/{_project(parts)}/envelope/", parts.username or "")


def _project(parts: SplitResult) -> str:
    last = parts.path.rpartition("/")[2]
    return last if last.isdigit() else ""


def _event_id(alert: Alert) -> str:
    return uuid.uuid5(uuid.NAMESPACE_OID, ascii(alert.id)).hex


def _event(alert: Alert) -> dict[str, object]:
    tags = {
        "contract": alert.contract,
        "check": alert.check,
        "dataset": alert.dataset,
        "server": alert.server,
        "kind": alert.kind,
        "transition": str(alert.transition),
        "owner": alert.owner or "",
    }
    facts = dict(told(alert)) | ({BEHIND: list(why)} if (why := behind(alert)) else {}) | dict(links(alert))
    return {
        "event_id": _event_id(alert),
        "timestamp": rfc3339(alert.at),
        "platform": "other",
        "level": _level(alert),
        "logger": "floe",
        # Sentry refuses environments with slashes, and one of this name
        "environment": shown(alert.environment.replace("/", "-"), _ENVIRONMENT),
        "message": {"formatted": message(alert)},
        "fingerprint": [alert.contract, alert.check],
        "tags": {name: shown(value, _TAG) for name, value in tags.items() if value},
        "contexts": {"contract": {"type": "contract", **facts, "episode": shown(alert.episode, _TAG)}},
    }


def _level(alert: Alert) -> str:
    if is_over(alert):
        return "info"
    return "fatal" if alert.severity is Severity.CRITICAL else str(alert.severity)
