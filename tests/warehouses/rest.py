"""A catalogue over REST for tests: as little of it as reading a table takes, and whatever is wrong with it."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Rest:
    """What it answers, and what it was asked.

    Attributes:
        config: what it says of itself.
        lent: what it says with a table.
        metadata: of the one table, made anew each time it is loaded.
        status: of every answer.
        slow_seconds: how long it thinks about every answer.
        asked: the paths it was asked for, with the header Authorization.
    """

    def __init__(self, metadata: Callable[[], tuple[str, dict[str, Any]]]) -> None:
        self.config: dict[str, Any] = {"defaults": {}, "overrides": {}}
        self.lent: dict[str, str] = {}
        self.metadata = metadata
        self.status = 200
        self.slow_seconds = 0.0
        self.asked: list[tuple[str, str | None]] = []
        self.url = ""

    def answer(self, path: str) -> tuple[int, Any]:
        bare = path.partition("?")[0]
        if self.status != 200:
            return self.status, {
                "error": {"message": "s3cret is wrong", "type": "Error", "code": self.status}
            }
        if bare == "/v1/config":
            return 200, self.config
        if bare == "/v1/namespaces/sales/tables":
            return 200, {"identifiers": [{"namespace": ["sales"], "name": "orders"}]}
        if bare == "/v1/namespaces/sales/tables/orders":
            location, metadata = self.metadata()
            return 200, {"metadata-location": location, "metadata": metadata, "config": self.lent}
        return 404, {"error": {"message": "no", "type": "NoSuchTableException", "code": 404}}


@contextmanager
def served(rest: Rest) -> Iterator[Rest]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            rest.asked.append((self.path, self.headers.get("Authorization")))
            time.sleep(rest.slow_seconds)
            status, body = rest.answer(self.path)
            sent = json.dumps(body).encode()
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked did not wait
                self.send_response(status)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

        def log_message(self, *args: Any) -> None:
            del args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    rest.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield rest
    finally:
        server.shutdown()
        server.server_close()
