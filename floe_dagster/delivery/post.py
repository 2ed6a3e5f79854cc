"""Post: carries a letter by HTTP, once, and says how it was received.

Built on httpx2's transport and not on its client: a client logs every URL, and a webhook's URL is a secret;
it follows the proxies of the environment; and it cannot be told which address to connect to. No redirect is
followed, the answer's body is not read, and the whole exchange ends at the letter's timeout even where the
other side sends a byte at a time. No message holds more of the URL than its host, nor anything that the other
side wrote, which may echo our headers.
"""

from __future__ import annotations

import contextlib
import socket
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from floe_dagster.delivery.addresses import Resolve, allowed, resolve
from floe_dagster.delivery.deadline import Deadline
from floe_dagster.delivery.signature import sign
from floe_dagster.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx2

    from floe_dagster.notify.letter import Post

CONNECT_SECONDS = 2.0
_MAY_PASS = frozenset({302, 303, 307, 408, 425, 429})
"""statuses below 500 after which the same letter may be accepted; any other one is final"""


class Client(Protocol):
    """Who carries letters by HTTP; used from several threads."""

    def post(self, letter: Post, now: datetime) -> str:
        """Carry the letter once and return what was answered, such as `HTTP 202`.

        Raises:
            DeliveryError: it was not accepted, or nobody knows whether it was.
        """

    def knock(self, letter: Post) -> str:
        """Connect to where the letter would go, send nothing, and return what was found.

        Raises:
            DeliveryError: nobody is there.
        """


class HttpClient:
    """Carries letters by HTTP/1.1.

    Args:
        ask: finds the addresses of a host.
    """

    def __init__(self, ask: Resolve = resolve) -> None:
        self._ask = ask

    def post(self, letter: Post, now: datetime) -> str:
        """See `Client.post`."""
        import httpx2

        url = _parsed(letter.url)
        request = httpx2.Request("POST", url, headers=sign(letter, now), content=letter.body)
        with Deadline(letter.timeout_seconds) as deadline:
            status, retry_after = self._exchange(request, deadline)
        return _judge(url.host, status, retry_after, now)

    def knock(self, letter: Post) -> str:
        """See `Client.knock`."""
        url = _parsed(letter.url)
        trouble = ""
        for address in self._addresses(url):
            try:
                socket.create_connection((address, _port(url)), CONNECT_SECONDS).close()
            except OSError as error:
                trouble = _said(error)
            else:
                return f"{url.host} answers"
        raise DeliveryError(f"{url.host} cannot be reached: {trouble}")

    def _addresses(self, url: httpx2.URL) -> tuple[str, ...]:
        return allowed(url.raw_host.decode("ascii"), _port(url), self._ask)

    def _exchange(self, request: httpx2.Request, deadline: Deadline) -> tuple[int, str]:
        import httpx2

        trouble = ""
        for address in self._addresses(request.url):
            try:
                return self._once(request, address, deadline)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                trouble = _said(error)
                if deadline.over:
                    break
            except (httpx2.TimeoutException, httpx2.ProtocolError, httpx2.NetworkError, OSError) as error:
                raise DeliveryError(f"{request.url.host}: {_broke(error, deadline)}") from error
        raise DeliveryError(f"{request.url.host} cannot be reached: {trouble}")

    def _once(self, request: httpx2.Request, address: str, deadline: Deadline) -> tuple[int, str]:
        """Status and `Retry-After` from this address, which is asked as the host that the URL names."""
        import httpx2

        pinned = httpx2.Request(
            "POST",
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={
                "timeout": _timeouts(deadline.seconds),
                "sni_hostname": request.url.raw_host.decode("ascii"),
                "trace": _watch(deadline),
            },
        )
        with contextlib.closing(self._transport.handle_request(pinned)) as response:
            return response.status_code, response.headers.get("Retry-After", "")

    @cached_property
    def _transport(self) -> httpx2.HTTPTransport:
        import httpx2

        # The environment is trusted for certificates only: a transport without a client knows no proxies.
        # Nothing is kept alive, since a connection verified for one host must not serve another host of the
        # same address.
        return httpx2.HTTPTransport(trust_env=True, limits=httpx2.Limits(max_keepalive_connections=0))


def _watch(deadline: Deadline) -> Callable[[str, Mapping[str, Any]], None]:
    """Hands each new connection to the deadline; the `trace` extension of httpcore2."""

    def watch(event: str, info: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            deadline.hold(info["return_value"].get_extra_info("socket"))

    return watch


def _parsed(url: str) -> httpx2.URL:
    import httpx2

    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError):
        parsed = httpx2.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise DeliveryError("the URL is not an http or https URL with a host", retry=False)
    return parsed


def _port(url: httpx2.URL) -> int:
    return url.port or (443 if url.scheme == "https" else 80)


def _timeouts(seconds: float) -> dict[str, float]:
    return {"connect": min(CONNECT_SECONDS, seconds), "read": seconds, "write": seconds, "pool": seconds}


def _judge(host: str, status: int, retry_after: str, now: datetime) -> str:
    if 200 <= status < 300:
        return f"HTTP {status}"
    retry = status >= 500 or status in _MAY_PASS
    hint = "; no redirect is followed, set the URL that it leads to" if 300 <= status < 400 else ""
    raise DeliveryError(f"{host}: HTTP {status}{hint}", retry=retry, after_seconds=_seconds(retry_after, now))


def _seconds(retry_after: str, now: datetime) -> float | None:
    """What `Retry-After` asks for (RFC 9110, 10.2.3: seconds or a date), or None where it says nothing."""
    if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 10:
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())


def _broke(error: Exception, deadline: Deadline) -> str:
    import httpx2

    if deadline.over or isinstance(error, httpx2.TimeoutException):
        return f"no answer within {deadline.seconds:g} s"
    if isinstance(error, httpx2.ProtocolError):
        return "the connection ended without an answer in HTTP"
    return _said(error)


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
