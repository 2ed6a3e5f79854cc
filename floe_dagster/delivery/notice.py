"""Notice: hands a message to Apprise, which carries it to one of the many services that it knows.

Apprise says that a message was not accepted, and neither why nor when to try again; so every failure is taken
for one that passes. It connects by itself: the host that its URL names is looked at before, but the address
is not held. While it works it logs nothing, since its log, and that of what it stands on, names URLs.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

from floe_dagster.delivery.addresses import Resolve, allowed, resolve
from floe_dagster.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.notify.letter import Notice

TIMEOUT_SECONDS = 10.0
_TALKATIVE = ("apprise", "urllib3.connectionpool", "requests_oauthlib.oauth1_session")
_silent: ContextVar[bool] = ContextVar("floe_dagster_notice", default=False)


class Announcer(Protocol):
    """Who carries notices; used from several threads."""

    def announce(self, letter: Notice) -> str:
        """Carry the letter once and return what was answered.

        Raises:
            DeliveryError: it was not accepted, or nobody knows whether it was.
        """

    def knock(self, letter: Notice) -> str:
        """Whether the letter's URL is one that can be used; nothing is sent.

        Raises:
            DeliveryError: it is not.
        """


class Apprise:
    """Carries notices by Apprise.

    Args:
        ask: finds the addresses of a host.
        timeout_seconds: for one letter.
    """

    def __init__(self, ask: Resolve = resolve, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._ask = ask
        self._timeout_seconds = timeout_seconds

    def announce(self, letter: Notice) -> str:
        """See `Announcer.announce`."""
        with _silence():
            apprise, service = self._service(letter)
            crowd = apprise.Apprise()
            crowd.add(service)
            try:
                accepted = crowd.notify(
                    body=letter.body,
                    title=letter.title,
                    notify_type=letter.kind,
                    body_format=apprise.NotifyFormat.TEXT,
                    timeout=self._timeout_seconds,
                )
            except Exception as error:  # noqa: BLE001 - each of its services raises what it likes
                raise DeliveryError(f"Apprise raised {type(error).__name__}") from None
        if not accepted:
            raise DeliveryError(f"{service.service_name} did not accept it; Apprise does not say why")
        return f"{service.service_name} accepted it"

    def knock(self, letter: Notice) -> str:
        """See `Announcer.knock`."""
        with _silence():
            return f"{self._service(letter)[1].service_name} is known"

    def _service(self, letter: Notice) -> tuple[Any, Any]:
        apprise = _library()
        try:
            service = apprise.Apprise.instantiate(letter.url)
        except Exception:  # noqa: BLE001 - its text may hold the URL
            service = None
        if service is None:
            raise DeliveryError("Apprise cannot use the URL; see its page of the service")
        for host in _hosts(service):
            allowed(host, service.port or 0, self._ask)
        return apprise, service


def _hosts(service: Any) -> Iterator[str]:
    """The hosts that the URL names, and not those that a service always has."""
    if "host" in type(service).template_tokens and service.host:
        yield service.host
    if relay := getattr(service, "smtp_host", None):
        yield relay


def _library() -> Any:
    try:
        import apprise
    except ImportError:
        raise DeliveryError('Apprise is not installed; pip install "floe-dagster[apprise]"') from None
    return apprise


@contextmanager
def _silence() -> Iterator[None]:
    for each in _TALKATIVE:
        logger = logging.getLogger(each)
        if _unheard not in logger.filters:
            logger.addFilter(_unheard)
    token = _silent.set(True)
    try:
        yield
    finally:
        _silent.reset(token)


def _unheard(_record: logging.LogRecord) -> bool:
    return not _silent.get()
