"""Letters: what a channel writes, ready to be carried. Who carries them is `delivery/`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An HTTP POST. The URL may be a secret, and so does not show in a repr.

    Attributes:
        timeout_seconds: for the whole exchange, up to the head of the answer; its body is not read.
        signing_keys: raw keys for a Standard Webhooks signature over the `webhook-id` header, the time of
            sending and the body. Whoever carries the letter signs it: a signature is only good for minutes.
    """

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_seconds: float = 5.0
    signing_keys: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line appended to a file; the text holds no line break."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """Text for the log of the process, one or more lines."""

    text: str


Security = Literal["starttls", "tls", "none"]
"""how a connection to a mail server is encrypted: from its second word on, from its first, or not"""

Tone = Literal["info", "success", "warning", "failure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message for a mail server. The login does not show in a repr.

    Attributes:
        security: without encryption where it is asked for, nothing is sent.
        user: empty for none; then there is no login.
        message: headers and body, as RFC 5322 has it, in ASCII with CRLF.
        timeout_seconds: for the whole exchange.
    """

    host: str
    port: int
    security: Security
    sender: str
    recipients: tuple[str, ...]
    message: bytes = field(repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    timeout_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message for the services that Apprise knows. Its URL is a secret."""

    url: str = field(repr=False)
    title: str
    body: str
    kind: Tone


Letter = Post | Line | Print | Mail | Notice


class Channel(Protocol):
    """A kind of destination. Pure: an alert and options in, a letter out."""

    options: type[BaseModel]
    """what an operator may set, validated when settings are read; unknown keys are refused"""

    def write(self, alert: Alert, options: BaseModel) -> Letter:
        """The alert in this channel's form."""


@runtime_checkable
class Renewing(Channel, Protocol):
    """A channel whose receiver takes an alert for over unless it hears of it again, and knows no episodes."""

    def renew(self, alerts: Iterable[Alert], options: BaseModel, now: datetime) -> Letter:
        """All that the channel was told of some episodes, as of now; the open ones hold on from now."""


@runtime_checkable
class Together(Channel, Protocol):
    """A channel that people read: what is due at one time is told in few messages."""

    def write_together(self, alerts: Sequence[Alert], options: BaseModel) -> Letter:
        """Two alerts or more, what is open first and the worst first, as one letter."""
