"""HTTP: what options of channels that POST have in common."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr


def _http(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        usable = usable and text.isprintable() and " " not in text
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("is not an http or https URL with a host")
    if parts.username or parts.password:
        raise ValueError("holds a user or a password; put them into an Authorization header instead")
    return url


Url = Annotated[SecretStr, AfterValidator(_http)]
"""http or https with a host; often a password by itself, and so never shown"""


class Closed(BaseModel):
    """Options of which no unknown one is taken, and none is shown by an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class ByHttp(Closed):
    """What every channel that POSTs can set."""

    timeout_seconds: float = Field(default=5.0, gt=0, le=15, description="for the whole exchange")


def to_body(document: object) -> bytes:
    """JSON in UTF-8: receivers count bytes, and an escaped letter is up to six times as long."""
    return json.dumps(document, allow_nan=False, ensure_ascii=False).encode("utf-8", errors="replace")
