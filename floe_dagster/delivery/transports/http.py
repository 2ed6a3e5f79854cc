"""HTTP: events POSTed one by one, as Marquez and every other backend of OpenLineage takes them.

Not by the OpenLineage client: that one follows redirects and the proxies of the environment, connects to any
address, and retries by itself, for 9 s where nobody is there. Retries are the outbox's, which has all day.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field, SecretStr, field_validator

from floe_dagster.channels._http import Closed, Url
from floe_dagster.delivery.lane import one_by_one
from floe_dagster.notify.letter import Post

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from floe_dagster.delivery.transports import Outside
    from floe_dagster.state.records import Claim

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_OURS = frozenset({"content-type", "content-length", "host", "transfer-encoding", "connection"})


class Options(Closed):
    """What can be set."""

    url: Url = Field(description="where the backend is, up to its path prefix; empty is off")
    endpoint: str = Field(default="api/v1/lineage", description="the path that events are posted to")
    api_key: SecretStr | None = Field(
        default=None, description="sent as `Authorization: Bearer`; empty is none"
    )
    headers: dict[str, SecretStr] = Field(
        default_factory=dict, description="further headers, which may be secrets"
    )
    timeout_seconds: float = Field(default=2.0, gt=0, le=15, description="for the whole exchange")

    @field_validator("endpoint")
    @classmethod
    def _is_path(cls, value: str) -> str:
        if not re.fullmatch(r"[\x21-\x7e]*", value) or value.startswith("//") or "#" in value:
            raise ValueError("is no path, such as api/v1/lineage")
        return value

    @field_validator("api_key")
    @classmethod
    def _is_value(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        return _carried(value)

    @field_validator("headers")
    @classmethod
    def _are_headers(cls, headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for name, value in headers.items():
            if not _NAME.fullmatch(name) or name.lower() in _OURS:
                raise ValueError("holds a name that is not that of a header, or that is set by floe")
            _carried(value)
        return headers


def _carried(value: SecretStr) -> SecretStr:
    if not _VALUE.fullmatch(value.get_secret_value()):
        raise ValueError("holds a character that a header cannot carry")
    return value


class HttpTransport:
    """POSTs one event after the other."""

    options: ClassVar[type[BaseModel]] = Options

    def __init__(self, options: Options, outside: Outside) -> None:
        base = options.url.get_secret_value().rstrip("/")
        self._url = f"{base}/{options.endpoint.lstrip('/')}" if options.endpoint else base
        self._headers = _headers(options)
        self._timeout_seconds = options.timeout_seconds
        self._outside = outside

    def bundles(self, claims: Sequence[Claim]) -> Iterable[Sequence[Claim]]:
        """See `Transport.bundles`; few backends take several at once."""
        return one_by_one(claims)

    def carry(self, events: Sequence[str]) -> str:
        """See `Transport.carry`."""
        answer = ""
        for each in events:
            answer = self._outside.client.post(self._letter(each), self._outside.clock())
        return answer

    def check(self) -> str:
        """See `Transport.check`."""
        return self._outside.client.knock(self._letter("{}"))

    def _letter(self, event: str) -> Post:
        return Post(
            url=self._url,
            body=event.encode(),
            headers=self._headers,
            timeout_seconds=self._timeout_seconds,
        )


def _headers(options: Options) -> Mapping[str, str]:
    headers = {"Content-Type": "application/json"}
    if options.api_key:
        headers["Authorization"] = f"Bearer {options.api_key.get_secret_value()}"
    return {**headers, **{name: value.get_secret_value() for name, value in options.headers.items()}}


TRANSPORT = HttpTransport
