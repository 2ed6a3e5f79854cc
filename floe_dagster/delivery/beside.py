"""Beside: carries what waits beside other work, so that a slow channel keeps nobody from going on with it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from floe_dagster.delivery.report import DeliveryReport

if TYPE_CHECKING:
    from collections.abc import Callable


class Beside:
    """One drain after the other in a thread of its own, for as long as there is something new.

    Args:
        drain: carries what is due, and does not raise.
    """

    def __init__(self, drain: Callable[[], DeliveryReport]) -> None:
        self._drain = drain
        self._lock = threading.Lock()
        self._wanted = False
        self._thread: threading.Thread | None = None
        self._reports: list[DeliveryReport] = []

    def begin(self) -> None:
        """Carry what waits by now; where a drain is under way already, once more after it."""
        with self._lock:
            self._wanted = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="floe-beside", daemon=True)
                self._thread.start()

    def end(self) -> DeliveryReport | None:
        """Wait until the last drain is over; what all of them did, None where there was none."""
        if thread := self._thread:
            thread.join()
        return sum(self._reports, DeliveryReport()) if self._reports else None

    def _work(self) -> None:
        while self._taken():
            self._reports.append(self._drain())

    def _taken(self) -> bool:
        with self._lock:
            wanted, self._wanted = self._wanted, False
            if not wanted:
                self._thread = None
            return wanted
