"""Deadline: ends an exchange when its time is over, whatever it is waiting for.

A timeout of a socket is for one read: a receiver that sends a byte at a time never meets it.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self


class Deadline:
    """Shuts the connections that it holds when the time is over.

    Attributes:
        seconds: how much time there is, from entering.
        over: whether it is over.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.over = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()

    def hold(self, connection: socket.socket) -> None:
        """Shut this connection too when the time is over."""
        # A duplicate stays valid when TLS takes the socket over, and shutting it down shuts both.
        twin = connection.dup()
        with self._lock:
            self._sockets.append(twin)
            if self.over:
                self._shut(twin)

    def _end(self) -> None:
        self.over = True
        with self._lock:
            for each in self._sockets:
                self._shut(each)

    @staticmethod
    def _shut(twin: socket.socket) -> None:
        with contextlib.suppress(OSError):
            twin.shutdown(socket.SHUT_RDWR)
