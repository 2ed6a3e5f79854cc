"""A webhook receiver on loopback that can be told to misbehave."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver(ThreadingHTTPServer):
    """Answers each POST with the next behaviour of its script, and 202 when that is over."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = []
        self.received = []
        self.at_once = threading.Lock()
        self.release = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook/CANARY-PATH"

    @property
    def ids(self):
        return [json.loads(body)["id"] for _, _, body in self.received]

    def handle_error(self, request, client_address):
        """A client that hangs up is none of the receiver's business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.at_once:
            self.server.received.append((self.path, dict(self.headers), body))
            act = self.server.script.pop(0) if self.server.script else status(202)
        act(self)
        self.close_connection = True

    def log_message(self, *_):
        pass


def status(code, **headers):
    def act(handler):
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return act


def hang(handler):
    handler.server.release.wait(20)


def drip(handler):
    """A byte of an endless header every tenth of a second: no read ever times out."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not handler.server.release.wait(0.1):
        handler.wfile.write(b"x")
        handler.wfile.flush()


def hang_up(handler):
    """Takes the letter and loses the answer."""
    handler.connection.close()


def garbage(handler):
    handler.wfile.write(b"220 GIBBERISH mail.example ESMTP ready\r\n")


def huge(handler):
    handler.send_response(200)
    handler.end_headers()
    chunk = b"x" * 65536
    while not handler.server.release.is_set():
        handler.wfile.write(chunk)


@contextmanager
def receiver():
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.release.set()
        server.shutdown()
        server.server_close()
