"""Mail: carries a message to a mail server, once, and says how it was received.

The connection goes to an address that was looked at, the certificate is held against the name that was set,
and the whole exchange ends at the letter's timeout. Where encryption is asked for and not to be had, nothing
is sent. No message of ours holds what the server wrote, which may echo a login; only its codes.

What is refused before the message has been named is no verdict on the message: it is carried again, so that
whoever mends a password finds the alerts still there.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from typing import TYPE_CHECKING, Protocol

from floe_dagster.delivery.addresses import Resolve, allowed, resolve
from floe_dagster.delivery.deadline import Deadline
from floe_dagster.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from floe_dagster.notify.letter import Mail

CONNECT_SECONDS = 3.0
LEAVE_SECONDS = 1.0
_ENHANCED = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
_READY = 220
_TAKEN = frozenset({250, 251, 252})
_FINAL = 500


class Mailer(Protocol):
    """Who carries mail; used from several threads."""

    def send(self, letter: Mail) -> str:
        """Carry the letter once and return what was answered.

        Raises:
            DeliveryError: it was accepted for nobody, or nobody knows whether it was.
        """

    def knock(self, letter: Mail) -> str:
        """Connect, encrypt and log in as for the letter, send nothing, and return what was found.

        Raises:
            DeliveryError: one of these fails.
        """


class SmtpMailer:
    """Carries mail by SMTP.

    Args:
        ask: finds the addresses of a host.
        trust: makes what certificates are held against.
    """

    def __init__(
        self, ask: Resolve = resolve, trust: Callable[[], ssl.SSLContext] = ssl.create_default_context
    ) -> None:
        self._ask = ask
        self._trust = trust

    def send(self, letter: Mail) -> str:
        """See `Mailer.send`. Where some recipients are refused, the others get it, and the answer says so."""
        with self._greeted(letter) as server:
            return _handed_over(server, letter)

    def knock(self, letter: Mail) -> str:
        """See `Mailer.knock`."""
        with self._greeted(letter):
            return f"{letter.host} answers{', and takes the login' if letter.user else ''}"

    @contextlib.contextmanager
    def _greeted(self, letter: Mail) -> Iterator[smtplib.SMTP]:
        """A server that would take a message now; whatever goes wrong comes out as a DeliveryError."""
        with Deadline(letter.timeout_seconds) as deadline:
            server = self._connected(letter, deadline)
            try:
                self._introduced(server, letter)
                yield server
            except (smtplib.SMTPException, OSError, ValueError) as error:
                raise DeliveryError(f"{letter.host}: {_broke(error, deadline)}") from None
            finally:
                _leave(server)

    def _connected(self, letter: Mail, deadline: Deadline) -> smtplib.SMTP:
        trouble = ""
        for address in allowed(letter.host, letter.port, self._ask):
            server = _Server(letter, address, deadline, self._trust)
            try:
                code, said = server.connect(letter.host, letter.port)
                if code == _READY:
                    return server
                trouble = _codes(code, said)
            except (smtplib.SMTPException, OSError) as error:
                trouble = _broke(error, deadline)
            server.close()
            if deadline.over:
                break
        raise DeliveryError(f"{letter.host} cannot be reached: {trouble}")

    def _introduced(self, server: smtplib.SMTP, letter: Mail) -> None:
        server.ehlo_or_helo_if_needed()
        if letter.security == "starttls":
            if not server.has_extn("starttls"):
                raise DeliveryError(f"{letter.host} offers no STARTTLS; nothing was sent")
            server.starttls(context=self._trust())
            server.ehlo_or_helo_if_needed()
        if letter.user:
            if not server.has_extn("auth"):
                raise DeliveryError(f"{letter.host} takes no login; remove the user, or set another port")
            server.login(letter.user, letter.password)


class _Server(smtplib.SMTP):
    """A server at an address that was looked at, which is held to be the host that the letter names."""

    def __init__(
        self, letter: Mail, address: str, deadline: Deadline, trust: Callable[[], ssl.SSLContext]
    ) -> None:
        # With a name given here, the name of this machine is neither looked up nor told.
        super().__init__(local_hostname="localhost", timeout=letter.timeout_seconds)
        self._host = letter.host
        self._address = address
        self._deadline = deadline
        self._context = trust() if letter.security == "tls" else None

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((self._address, port), min(CONNECT_SECONDS, timeout))
        connection.settimeout(timeout)
        self._deadline.hold(connection)
        own = connection.getsockname()[0]
        self.local_hostname = f"[IPv6:{own}]" if ":" in own else f"[{own}]"
        return self._context.wrap_socket(connection, server_hostname=host) if self._context else connection


def _handed_over(server: smtplib.SMTP, letter: Mail) -> str:
    _expect(letter, "the sender", *server.mail(letter.sender))
    refused: dict[str, tuple[int, str]] = {}
    for each in letter.recipients:
        code, said = server.rcpt(each)
        if code not in _TAKEN:
            refused[each] = code, _codes(code, said)
    told = "; ".join(f"not for {name}: {codes}" for name, (_, codes) in refused.items())
    if len(refused) == len(letter.recipients):
        retry = any(code < _FINAL for code, _ in refused.values())
        raise DeliveryError(f"{letter.host}: {told}", retry=retry)
    code, said = server.data(letter.message)
    _expect(letter, "the message", code, said)
    return f"{_codes(code, said)}{f', {told}' if told else ''}"


def _expect(letter: Mail, what: str, code: int, said: bytes) -> None:
    if code not in _TAKEN:
        refusal = f"{letter.host} refused {what}: {_codes(code, said)}"
        raise DeliveryError(refusal, retry=code < _FINAL)


def _leave(server: smtplib.SMTP) -> None:
    """Take leave of a server; what it says to that changes nothing any more."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        if server.sock is not None:
            server.sock.settimeout(LEAVE_SECONDS)
            server.quit()
    server.close()


def _codes(code: int, said: bytes) -> str:
    enhanced = _ENHANCED.match(said)
    return f"SMTP {code}{f' {enhanced[0].decode()}' if enhanced else ''}" if code > 0 else "no answer in SMTP"


def _broke(error: Exception, deadline: Deadline) -> str:
    if deadline.over or isinstance(error, TimeoutError):
        return f"no answer within {deadline.seconds:g} s"
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"the login was refused ({_codes(error.smtp_code, _bytes(error))})"
        case smtplib.SMTPResponseException():
            return _codes(error.smtp_code, _bytes(error))
        case smtplib.SMTPException():
            return "the connection ended without an answer in SMTP"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"TLS failed: {error.reason or 'the connection ended'}"
        case OSError():
            return error.strerror or type(error).__name__
    # Its text may hold what could not be encoded, and so a part of a password.
    return type(error).__name__


def _bytes(error: smtplib.SMTPResponseException) -> bytes:
    return error.smtp_error if isinstance(error.smtp_error, bytes) else b""
