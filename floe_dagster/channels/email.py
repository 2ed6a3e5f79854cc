"""E-mail: the alert as a message of plain text and of HTML, by SMTP.

Opening, escalation and recovery of an episode stand in one thread: the opening's `Message-ID` is the
episode's, and what comes later refers to it. Ids, dates and boundaries follow from the alert alone, so that a
repeat is the same message to the byte, which mail servers may drop.
"""

from __future__ import annotations

import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import TYPE_CHECKING, cast

from pydantic import Field, SecretStr, field_validator, model_validator

from floe_dagster.channels._http import Closed
from floe_dagster.channels._telling import headline, is_over, link, message, told
from floe_dagster.notify.letter import Mail, Security
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from pydantic import BaseModel

    from floe_dagster.notify.alert import Alert

PORTS: Mapping[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_HOST = re.compile(r"[A-Za-z0-9_:.-]{1,253}")
_PLAIN_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_SEVEN_BIT = SMTP.clone(cte_type="7bit")
_COLOURS: Mapping[Severity, str] = {
    Severity.INFO: "#1f6feb",
    Severity.WARNING: "#9a6700",
    Severity.ERROR: "#bc4c00",
    Severity.CRITICAL: "#cf222e",
}


class Options(Closed):
    """What can be set. User and password belong into environment variables."""

    host: str = Field(description="the mail server; its certificate is held against this name")
    port: int | None = Field(default=None, ge=1, le=65535, description="587, 465 or 25, as security has it")
    security: Security = Field(default="starttls", description="starttls, tls or none")
    user: SecretStr | None = Field(default=None, description="for the login; never shown")
    password: SecretStr | None = Field(default=None, description="for the login; never shown")
    sender: str = Field(description="the address that it comes from")
    to: tuple[str, ...] = Field(min_length=1, max_length=50, description="the addresses that it goes to")
    timeout_seconds: float = Field(default=10.0, gt=0, le=15, description="for the whole exchange")

    @field_validator("host")
    @classmethod
    def _is_host(cls, host: str) -> str:
        if not _HOST.fullmatch(host):
            raise ValueError("is not the name of a host")
        return host

    @field_validator("sender")
    @classmethod
    def _is_sender(cls, sender: str) -> str:
        return _address(sender)

    @field_validator("to")
    @classmethod
    def _are_addresses(cls, to: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_address(each) for each in to))

    @field_validator("user", "password")
    @classmethod
    def _can_be_sent(cls, secret: SecretStr | None) -> SecretStr | None:
        text = secret.get_secret_value() if secret else "ok"
        if not text or not text.isascii() or not text.isprintable():
            raise ValueError("is empty, or holds a character that a login by SMTP cannot carry")
        return secret

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.user is None) is not (self.password is None):
            raise ValueError("a login takes both, user and password")
        if self.user is not None and self.security == "none":
            raise ValueError("a login is not sent without encryption; set security to starttls or tls")
        return self


class Email:
    """Writes mail."""

    options: type[BaseModel] = Options

    def write(self, alert: Alert, options: BaseModel) -> Mail:
        """Headers for threads and filters, plain text, and the same as HTML."""
        chosen = cast("Options", options)
        return Mail(
            host=chosen.host,
            port=chosen.port or PORTS[chosen.security],
            security=chosen.security,
            user=chosen.user.get_secret_value() if chosen.user else "",
            password=chosen.password.get_secret_value() if chosen.password else "",
            sender=chosen.sender,
            recipients=chosen.to,
            message=_message(alert, chosen),
            timeout_seconds=chosen.timeout_seconds,
        )


CHANNEL = Email()


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("is not a mail address such as data@example.com, without a name before it")
    return text


def _message(alert: Alert, options: Options) -> bytes:
    domain = options.sender.rpartition("@")[2]
    mail = EmailMessage(policy=_SEVEN_BIT)
    mail["From"] = Address("floe", addr_spec=options.sender)
    mail["To"] = ", ".join(options.to)
    # Python decodes an encoded word that it is given, and writes the line breaks in it as they are.
    mail["Subject"] = headline(alert).replace("=?", "= ?")
    mail["Date"] = alert.at.replace(microsecond=0)
    root = f"<episode.{_id(alert.episode)}@{domain}>"
    if alert.transition is Transition.OPENED:
        mail["Message-ID"] = root
    else:
        mail["Message-ID"] = f"<alert.{_id(alert.id)}@{domain}>"
        mail["In-Reply-To"] = root
        mail["References"] = root
    mail["List-Id"] = f"<{_label(alert.environment)}.floe.{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Floe-Severity"] = str(alert.severity)
    mail["X-Floe-Transition"] = str(alert.transition)
    text, html = _text(alert), _html(alert)
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    # Whoever could foresee the boundary could end a part with it.
    mail.set_boundary(f"floe-{hashlib.sha256(f'{text}{html}'.encode()).hexdigest()[:32]}")
    return mail.as_bytes()


def _id(text: str) -> str:
    """An id as one may stand in a header."""
    return text if _PLAIN_ID.fullmatch(text) else hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _label(environment: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", environment.lower())[:40].strip("-") or "unnamed"


def _text(alert: Alert) -> str:
    facts = [f"{name}: {value}" for name, value in told(alert)]
    url = link(alert)
    return "\n".join((message(alert), "", *facts, *(["", url] if url else []), ""))


def _html(alert: Alert) -> str:
    colour = "#1a7f37" if is_over(alert) else _COLOURS[alert.severity]
    rows = "".join(
        f'<tr><td style="color:#59636e;padding:2px 16px 2px 0;vertical-align:top">{escape(name)}</td>'
        f'<td style="padding:2px 0">{escape(value)}</td></tr>\n'
        for name, value in told(alert)
    )
    url = link(alert)
    button = f'<p><a href="{escape(url)}">Look in Dagster</a></p>\n' if url else ""
    return (
        '<!doctype html>\n<html lang="en">'
        '<body style="font-family:sans-serif;font-size:14px;color:#1f2328">\n'
        f'<h2 style="font-size:16px;color:{colour}">{escape(headline(alert))}</h2>\n'
        f"<p>{escape(message(alert))}</p>\n"
        f'<table style="border-collapse:collapse">\n{rows}</table>\n{button}</body></html>\n'
    )
