"""Carrier: brings letters to where they belong, whatever their form. Used from several threads."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, assert_never

from floe_dagster.delivery.append import append, writable
from floe_dagster.delivery.mail import SmtpMailer
from floe_dagster.delivery.notice import Apprise
from floe_dagster.errors import DeliveryError
from floe_dagster.notify.alert import Alert
from floe_dagster.notify.letter import Line, Mail, Notice, Post, Print, Renewing, Together
from floe_dagster.notify.redact import redacted
from floe_dagster.notify.wire import from_json
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from floe_dagster.channels import Destination
    from floe_dagster.delivery.mail import Mailer
    from floe_dagster.delivery.notice import Announcer
    from floe_dagster.delivery.post import Client
    from floe_dagster.notify.letter import Letter

_alerts = logging.getLogger("floe_dagster.alerts")

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
SAMPLE = Alert(
    id="sample",
    episode="sample",
    sequence=1,
    transition=Transition.OPENED,
    severity=Severity.INFO,
    contract="sample",
    contract_title="sample",
    version="1",
    server="sample",
    dataset="sample",
    check="sample",
    element=None,
    kind="sample",
    title="sample",
    message="sample",
    expected="sample",
    actual=None,
    since=_EPOCH,
    at=_EPOCH,
    environment="sample",
)
"""asks a channel where its letters go; it is never sent"""


class Carrier:
    """Brings letters to where they belong.

    Args:
        root: relative paths of files start here.
        clock: the time, aware, UTC.
        client: who carries letters by HTTP.
        mailer: who carries mail.
        announcer: who carries notices.
    """

    def __init__(
        self,
        root: Path,
        clock: Callable[[], datetime],
        client: Client,
        mailer: Mailer | None = None,
        announcer: Announcer | None = None,
    ) -> None:
        self._root = root
        self._clock = clock
        self._client = client
        self._mailer = mailer or SmtpMailer()
        self._announcer = announcer or Apprise()

    def alert(self, payload: str, destination: Destination) -> str:
        """Give an alert the channel's form, bring it there, and return what was answered.

        Raises:
            DeliveryError: it was not accepted.
        """
        return self.alerts((payload,), destination)

    def alerts(self, payloads: Sequence[str], destination: Destination) -> str:
        """Bring alerts there in one letter; where there are several, the channel is one that tells people.

        Raises:
            DeliveryError: it was not accepted, and so none of them was.
        """
        alerts = tuple(from_json(each) for each in payloads)
        return self._carried(_written(destination, alerts, self._clock()))

    def retell(self, before: Sequence[str], payload: str, destination: Destination) -> str:
        """Bring an alert to a channel whose receiver forgets, with what it was told of the episode before.

        Raises:
            DeliveryError: it was not accepted.
        """
        alerts = (*_readable(before), from_json(payload))
        return self._carried(_written(destination, alerts, self._clock()))

    def renew(self, payloads: Sequence[str], destination: Destination) -> str:
        """Say of what is open that it still is, where the channel's receiver would take it for over.

        Args:
            payloads: what the channel was told of each open episode.
            destination: where to; one that does not forget is told nothing, and the answer is empty.

        Raises:
            DeliveryError: it was not accepted, or there was something among it that cannot be read.
        """
        if not payloads or not isinstance(destination.channel, Renewing):
            return ""
        alerts = _readable(payloads)
        answer = self._carried(_written(destination, alerts, self._clock())) if alerts else ""
        if unread := len(payloads) - len(alerts):
            raise DeliveryError(f"{unread} of {len(payloads)} alerts cannot be read; the others hold")
        return answer

    def _carried(self, letter: Letter) -> str:
        match letter:
            case Post():
                return self._client.post(letter, self._clock())
            case Mail():
                return self._mailer.send(letter)
            case Notice():
                return self._announcer.announce(letter)
            case Line(path=path, text=text):
                return append(self._root / path, (text,))
            case Print(text=text):
                # At this level Python shows it on stderr even where nobody has configured logging; stdout is
                # left to commands whose answer goes to a program.
                _alerts.warning("%s", text)
                return "printed"
            case _:
                assert_never(letter)

    def check(self, destination: Destination) -> str:
        """Whether letters would find their way; nothing is sent. Returns what was found.

        Raises:
            DeliveryError: they would not, and why.
        """
        channel, options, _ = destination
        match channel.write(SAMPLE, options):
            case Post() as letter:
                return self._client.knock(letter)
            case Mail() as letter:
                return self._mailer.knock(letter)
            case Notice() as letter:
                return self._announcer.knock(letter)
            case Line(path=path):
                return writable(self._root / path)
            case Print():
                return "prints"
            case letter:
                assert_never(letter)


def _readable(payloads: Sequence[str]) -> tuple[Alert, ...]:
    """Those that can be read; none of them ends the others' hold."""
    found: list[Alert] = []
    for each in payloads:
        with suppress(DeliveryError):
            found.append(from_json(each))
    return tuple(found)


def _written(destination: Destination, alerts: Sequence[Alert], now: datetime) -> Letter:
    channel, options, detail = destination
    alerts = [redacted(each, detail) for each in alerts]
    if isinstance(channel, Renewing):
        # An alert may have waited for longer than it would have lasted.
        return channel.renew(alerts, options, now)
    if len(alerts) > 1:
        assert isinstance(channel, Together), "who cannot write of several is given one at a time"
        return channel.write_together(alerts, options)
    return channel.write(alerts[0], options)
