"""Letters: what a channel writes, ready to be carried. Who carries them is `delivery.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

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


Letter = Post | Line | Print


class Channel(Protocol):
    """A kind of destination. Pure: an alert and options in, a letter out."""

    options: type[BaseModel]
    """what an operator may set, validated when settings are read; unknown keys are refused"""

    def write(self, alert: Alert, options: BaseModel) -> Letter:
        """The alert in this channel's form."""
