"""Deadline: something that is done to a statement that takes too long, from another thread."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


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


def within(seconds: float, call: Callable[[], T]) -> T:
    """What the call returns; one that takes longer goes on in a thread of its own, and nobody waits for it.

    Raises:
        TimeoutError: it takes longer.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:  # noqa: BLE001  it is raised where it is waited for
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome.result(timeout=seconds)
