"""Webhook: the alert as a CloudEvent, POSTed; signed as Standard Webhooks has it where a secret is set.

CloudEvents 1.0, structured mode (https://github.com/cloudevents/spec). Opening, escalation and recovery are
of one type, `floe.contract.violation`, and `data.transition` tells which: who subscribes to the breach also
hears of its end. The event's id is the alert's, the same on every retry, and stands in `Idempotency-Key` and
`webhook-id` too.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from pydantic import Field, SecretStr, field_validator

from floe_dagster.channels._facts import SCHEMA, facts, rfc3339, to_text
from floe_dagster.channels._http import ByHttp, Url
from floe_dagster.notify.letter import Post

if TYPE_CHECKING:
    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert

TYPE = "floe.contract.violation"
OURS = frozenset(
    {"content-type", "content-length", "host", "transfer-encoding", "connection", "idempotency-key"}
    | {"webhook-id", "webhook-timestamp", "webhook-signature"}
)
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class Options(ByHttp):
    """What can be set. The URL, the headers and the secret belong into environment variables."""

    url: Url = Field(description="http or https; a webhook's URL is often its password, so it never shows")
    headers: dict[str, SecretStr] = Field(
        default_factory=dict, description="sent along, for example Authorization"
    )
    secret: SecretStr | None = Field(default=None, description="Standard Webhooks key: whsec_ and base64")
    previous_secret: SecretStr | None = Field(
        default=None,
        description="the key of before: letters are signed by both until every receiver has the new one",
    )

    @field_validator("headers")
    @classmethod
    def _are_headers(cls, headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is not the name of a header")
            if name.lower() in OURS:
                raise ValueError(f"{name} is set by floe; remove it")
            text = value.get_secret_value()
            if not text.isascii() or not text.isprintable():
                raise ValueError(f"the value of {name} holds a character that a header cannot carry")
        return headers

    @field_validator("secret", "previous_secret")
    @classmethod
    def _is_key(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not 16 <= len(_key(secret)) <= 64:
            raise ValueError("must be 16 to 64 bytes in base64, with whsec_ before it or without")
        return secret


class Webhook:
    """Writes CloudEvents."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Post:
        """The alert as a CloudEvent in structured mode."""
        chosen = cast("Options", options)
        own = {name: value.get_secret_value() for name, value in chosen.headers.items()}
        return Post(
            url=chosen.url.get_secret_value(),
            body=to_text(_event(alert)).encode("ascii"),
            headers={
                "Content-Type": "application/cloudevents+json; charset=utf-8",
                "Idempotency-Key": alert.id,
                "webhook-id": alert.id,
                **own,
            },
            timeout_seconds=chosen.timeout_seconds,
            signing_keys=tuple(_key(each) for each in (chosen.secret, chosen.previous_secret) if each),
        )


CHANNEL = Webhook()


def _event(alert: Alert) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "type": TYPE,
        "id": alert.id,
        "source": f"/floe/{_quoted(alert.environment)}/contracts/{_quoted(alert.contract)}",
        "subject": f"{alert.dataset}/{alert.check}",
        "time": rfc3339(alert.at),
        "datacontenttype": "application/json",
        "data": {"schema": SCHEMA, **facts(alert)},
    }


def _key(secret: SecretStr) -> bytes:
    try:
        return base64.b64decode(secret.get_secret_value().removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return b""


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")
