"""A mail server on loopback that can be told to misbehave; aiosmtpd, and a bare socket for what it cannot."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


class Mailbox:
    """Keeps what arrives; `script` answers the next commands of a kind instead of 250."""

    def __init__(self):
        self.received = []
        self.script = {"MAIL": [], "RCPT": [], "DATA": []}
        self.refused = {}
        self.sessions = []

    def _answer(self, command):
        return self.script[command].pop(0) if self.script[command] else None

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd gives the names
        session.host_name = hostname
        self.sessions.append(session)
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd gives the names
        if answer := self._answer("MAIL"):
            return answer
        envelope.mail_from = address
        return "250 2.1.0 ok"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd gives the names
        if answer := self._answer("RCPT") or self.refused.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd gives the names
        if answer := self._answer("DATA"):
            return answer
        self.received.append((tuple(envelope.rcpt_tos), envelope.content, session.ssl is not None))
        return "250 2.0.0 queued as CANARY-ANSWER"


class MailServer(Controller):
    """Listens on a port that the system chooses."""

    def __init__(self, handler, **more):
        super().__init__(handler, hostname="127.0.0.1", port=0, **more)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(*, login=None, **more):
    """A server, and the mailbox behind it; `login` is the user and password that it takes."""
    box = Mailbox()
    if login:

        def known(server, session, envelope, mechanism, data):
            return AuthResult(success=(data.login, data.password) == login, handled=False)

        more |= {"authenticator": known, "auth_required": True}
    server = MailServer(box, **more)
    server.start()
    box.port = server.port
    try:
        yield box
    finally:
        server.stop()


@contextmanager
def bare_server(act):
    """A port where each connection is given to `act`, with an event that is set when the test is over."""
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)

    def serve():
        while not over.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            with connection:
                try:
                    act(connection, over)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        over.set()
        thread.join(5)
        listening.close()
