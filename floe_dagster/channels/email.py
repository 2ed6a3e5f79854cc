"""E-mail: the alert, or several of them, as a message of plain text and of HTML, by SMTP.

Opening, escalation and recovery of an episode stand in one thread: the opening's `Message-ID` is the
episode's, and what comes later refers to it. Ids, dates and boundaries follow from the alert alone, so that a
repeat is the same message to the byte, which mail servers may drop. Several alerts of one contract are an
answer to all of their episodes, so that their opening and their recovery stand in one thread, too.
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

from floe_dagster.channels._digest import digest, fitting, left_out, plain, sections
from floe_dagster.channels._http import Closed
from floe_dagster.channels._telling import BEHIND, behind, headline, is_over, links, message, told
from floe_dagster.notify.digest import tally
from floe_dagster.notify.letter import Mail, Security
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Self

    from pydantic import BaseModel

    from floe_dagster.channels._digest import Digest, Entry
    from floe_dagster.notify.alert import Alert

PORTS: Mapping[Security, int] = {"starttls": 587, "tls": 465, "none": 25}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_HOST = re.compile(r"[A-Za-z0-9_:.-]{1,253}")
_PLAIN_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_LINES = 100
_LINES_CHARACTERS = 50_000
_MOST_ROOTS = 20
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
        return _mail(_message(alert, chosen), chosen)

    def write_together(self, alerts: Sequence[Alert], options: BaseModel) -> Mail:
        """The counts, and a line for each of the worst, as plain text and as HTML."""
        chosen = cast("Options", options)
        return _mail(_digest(alerts, chosen), chosen)


CHANNEL = Email()


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError("is not a mail address such as data@example.com, without a name before it")
    return text


def _mail(message: bytes, options: Options) -> Mail:
    return Mail(
        host=options.host,
        port=options.port or PORTS[options.security],
        security=options.security,
        user=options.user.get_secret_value() if options.user else "",
        password=options.password.get_secret_value() if options.password else "",
        sender=options.sender,
        recipients=options.to,
        message=message,
        timeout_seconds=options.timeout_seconds,
    )


def _message(alert: Alert, options: Options) -> bytes:
    domain = options.sender.rpartition("@")[2]
    mail = _addressed(headline(alert), alert.at, options)
    root = _root(alert, domain)
    if alert.transition is Transition.OPENED:
        mail["Message-ID"] = root
    else:
        mail["Message-ID"] = f"<alert.{_id(alert.id)}@{domain}>"
        mail["In-Reply-To"] = root
        mail["References"] = root
    _label(mail, alert, domain, str(alert.transition))
    return _whole(mail, _text(alert), _html(alert))


def _digest(alerts: Sequence[Alert], options: Options) -> bytes:
    domain = options.sender.rpartition("@")[2]
    found = digest(alerts)
    mail = _addressed(found.headline, max(each.at for each in alerts), options)
    ids = hashlib.sha256("\n".join(sorted(_id(each.id) for each in alerts)).encode()).hexdigest()
    mail["Message-ID"] = f"<alerts.{ids}@{domain}>"
    if len({each.contract for each in alerts}) == 1:
        roots = sorted({_root(each, domain) for each in alerts})[:_MOST_ROOTS]
        mail["In-Reply-To"] = mail["References"] = " ".join(roots)
    _label(mail, alerts[0], domain, ", ".join(tally(alerts)))
    text = "\n".join((*plain(found, most=_LINES, room=_LINES_CHARACTERS), ""))
    return _whole(mail, text, _digest_html(found, _colour(alerts[0])))


def _addressed(subject: str, at: datetime, options: Options) -> EmailMessage:
    mail = EmailMessage(policy=_SEVEN_BIT)
    mail["From"] = Address("floe", addr_spec=options.sender)
    mail["To"] = ", ".join(options.to)
    # Python decodes an encoded word that it is given, and writes the line breaks in it as they are.
    mail["Subject"] = subject.replace("=?", "= ?")
    mail["Date"] = at.replace(microsecond=0)
    return mail


def _label(mail: EmailMessage, worst: Alert, domain: str, transitions: str) -> None:
    environment = re.sub(r"[^a-z0-9]+", "-", worst.environment.lower())[:40].strip("-") or "unnamed"
    mail["List-Id"] = f"<{environment}.floe.{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Floe-Severity"] = str(worst.severity)
    mail["X-Floe-Transition"] = transitions


def _root(alert: Alert, domain: str) -> str:
    """The id of the message that an episode's thread begins with."""
    return f"<episode.{_id(alert.episode)}@{domain}>"


def _whole(mail: EmailMessage, text: str, html: str) -> bytes:
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    # Whoever could foresee the boundary could end a part with it.
    mail.set_boundary(f"floe-{hashlib.sha256(f'{text}{html}'.encode()).hexdigest()[:32]}")
    return mail.as_bytes()


def _id(text: str) -> str:
    """An id as one may stand in a header."""
    return text if _PLAIN_ID.fullmatch(text) else hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _text(alert: Alert) -> str:
    facts = [f"{name}: {value}" for name, value in told(alert)]
    why = ["", f"{BEHIND}:", *(f"- {each}" for each in behind(alert))] if alert.background else []
    where = [url if name == "Look in Dagster" else f"{name}: {url}" for name, url in links(alert)]
    return "\n".join((message(alert), "", *facts, *why, *(["", *where] if where else []), ""))


def _html(alert: Alert) -> str:
    where = " &middot;\n".join(f'<a href="{escape(url)}">{name}</a>' for name, url in links(alert))
    why = "".join(f'<li style="padding:2px 0">{escape(each)}</li>\n' for each in behind(alert))
    body = f"<p>{escape(message(alert))}</p>\n{_table(told(alert))}"
    body += f'<p>{BEHIND}:</p>\n<ul style="padding-left:16px">\n{why}</ul>\n' if why else ""
    return _page(headline(alert), _colour(alert), body + (f"<p>{where}</p>\n" if where else ""))


def _digest_html(found: Digest, colour: str) -> str:
    kept = fitting(found.entries, lambda each: len(each.text) + len(each.link), _LINES_CHARACTERS, _LINES)
    body = _table(found.facts)
    for section in sections(kept):
        title = f'<h3 style="font-size:14px">{section.title}</h3>\n' if section.title else ""
        lines = "".join(map(_item, section.entries))
        body += f'{title}<ul style="padding-left:16px">\n{lines}</ul>\n'
    more = left_out(found.entries, kept)
    return _page(found.headline, colour, body + (f"<p>{escape(more)}</p>\n" if more else ""))


def _item(entry: Entry) -> str:
    look = f' <a href="{escape(entry.link)}">Look</a>' if entry.link else ""
    return f'<li style="padding:2px 0">{escape(entry.text)}{look}</li>\n'


def _page(title: str, colour: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">'
        '<body style="font-family:sans-serif;font-size:14px;color:#1f2328">\n'
        f'<h2 style="font-size:16px;color:{colour}">{escape(title)}</h2>\n{body}</body></html>\n'
    )


def _table(facts: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><td style="color:#59636e;padding:2px 16px 2px 0;vertical-align:top">{escape(name)}</td>'
        f'<td style="padding:2px 0">{escape(value)}</td></tr>\n'
        for name, value in facts
    )
    return f'<table style="border-collapse:collapse">\n{rows}</table>\n'


def _colour(alert: Alert) -> str:
    return "#1a7f37" if is_over(alert) else _COLOURS[alert.severity]
