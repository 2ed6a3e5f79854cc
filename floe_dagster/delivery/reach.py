"""Reach: whether letters would find their way to each channel. Nothing is sent."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from floe_dagster.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Told = TypeVar("Told")
Way = TypeVar("Way")
Way_co = TypeVar("Way_co", covariant=True)

PATIENCE_SECONDS = 8.0
"""how long a channel may take to show that it is there"""


class Opened(Protocol[Way_co]):
    """Channels or transports, by name: each is either ready, or broken for a reason."""

    @property
    def ready(self) -> Mapping[str, Way_co]:
        """Those that can be used."""

    @property
    def broken(self) -> Mapping[str, str]:
        """Why the others cannot."""


def reach(
    channels: Opened[Way], check: Callable[[Way], str], seconds: float = PATIENCE_SECONDS
) -> Mapping[str, str]:
    """What is wrong with each channel, by name, or an empty text.

    Args:
        channels: of the manifest; all are looked at at once.
        check: how one is looked at; what it raises is what is wrong with it.
        seconds: how long one may take. One that hangs costs this time, and delays no other.
    """

    def asked(destination: Way) -> str:
        try:
            check(destination)
        except DeliveryError as error:
            return error.message
        except Exception as error:  # noqa: BLE001 - a channel from elsewhere may raise anything
            return f"the channel raised {type(error).__name__}"
        return ""

    ready = channels.ready
    told = in_time({name: partial(asked, each) for name, each in ready.items()}, seconds)
    late = f"it did not show within {seconds:g} s that it is there; see that its address is right and answers"
    return dict(sorted({**channels.broken, **{name: told.get(name, late) for name in ready}}.items()))


def in_time(questions: Mapping[str, Callable[[], Told]], seconds: float) -> Mapping[str, Told]:
    """The answers that come in time, all asked at once; what hangs is left behind, and holds nobody up."""
    answers: dict[str, Told] = {}

    def ask(name: str, question: Callable[[], Told]) -> None:
        answers[name] = question()

    threads = [
        threading.Thread(target=ask, args=each, name=f"floe-{each[0]}", daemon=True)
        for each in questions.items()
    ]
    for each in threads:
        each.start()
    until = time.monotonic() + seconds
    for each in threads:
        each.join(max(0.0, until - time.monotonic()))
    return dict(answers)
