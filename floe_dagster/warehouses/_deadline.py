"""Deadline: something that is done to a statement that takes too long, from another thread."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def deadline(seconds: float, interrupt: Callable[[], None]) -> Iterator[threading.Event]:
    """Call `interrupt` unless the block ends within so many seconds; the event says whether it was called."""
    passed = threading.Event()

    def strike() -> None:
        passed.set()
        interrupt()

    timer = threading.Timer(seconds, strike)
    timer.daemon = True
    timer.start()
    try:
        yield passed
    finally:
        timer.cancel()
