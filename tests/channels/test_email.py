"""The e-mail channel: threads, text and HTML, and headers into which nobody writes but floe."""

from __future__ import annotations

from dataclasses import fields, replace
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from floe_dagster.channels.email import CHANNEL, Options
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity
from tests.channels.alerts import HOSTILE, OPENED, SCENES, told

pytestmark = pytest.mark.requirement("D-04")

HEADERS = ["From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted"]
HEADERS += ["X-Floe-Severity", "X-Floe-Transition", "MIME-Version", "Content-Type"]
THREADED = [*HEADERS[:5], "In-Reply-To", "References", *HEADERS[5:]]
TEXTS = [each.name for each in fields(OPENED) if each.type in ("str", "str | None")]


def options(**more):
    return Options.model_validate(
        {"host": "mail.example.com", "sender": "floe@example.com", "to": ["data@example.com"], **more}
    )


def letter(alert=OPENED, chosen=None, **changes):
    return CHANNEL.write(replace(alert, **changes), chosen or options())


def read(alert=OPENED, **changes):
    return message_from_bytes(letter(alert, **changes).message, policy=default)


def part(kind, alert=OPENED, **changes):
    return read(alert, **changes).get_body((kind,)).get_content()


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.seen = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in ("href", "src")]
        assert not any(name.startswith("on") for name, _ in attributes)

    def handle_data(self, data):
        self.seen.append(data)


@pytest.mark.parametrize("alert", SCENES)
def test_every_scene_reads_as_agreed(alert, golden):
    golden("email", ".eml", letter(alert).message.decode("ascii").replace("\r\n", "\n"))


@pytest.mark.parametrize("alert", SCENES)
def test_it_is_plain_ascii_in_lines_that_every_server_takes(alert):
    lines = letter(alert).message.split(b"\r\n")
    assert all(len(each) <= 998 and b"\n" not in each and b"\r" not in each for each in lines)
    assert letter(alert).message.isascii()


def test_opening_escalation_and_recovery_are_one_thread():
    opening, *later = (read(told(transition, Severity.ERROR)) for transition in Transition)
    assert opening["In-Reply-To"] is None
    assert {each["In-Reply-To"] for each in later} == {opening["Message-ID"]}
    assert {each["References"] for each in later} == {opening["Message-ID"]}
    assert len({each["Message-ID"] for each in (opening, *later)}) == len(Transition)
    assert read(episode="another")["Message-ID"] != opening["Message-ID"]


def test_the_same_alert_is_the_same_message_to_the_byte():
    assert letter().message == letter().message


def test_lists_and_filters_have_something_to_go_by():
    mail = read()
    assert mail["List-Id"] == "<prod.floe.example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["X-Floe-Severity"], mail["X-Floe-Transition"]) == ("error", "opened")


def test_both_forms_say_the_same():
    text, page = part("plain"), Page(part("html"))
    seen = " ".join(page.seen)
    for each in (
        "7,602 of 336,776 rows",
        "flight-ops",
        "delay dashboard, fare model",
        "flights.odcs.yaml:31",
    ):
        assert each in text
        assert each in seen
    assert page.links == [OPENED.link]
    assert OPENED.link in text


def test_hostile_text_is_text_in_html():
    page = Page(part("html", HOSTILE))
    assert page.tags == {"html", "body", "h2", "p", "table", "tr", "td", "a", "ul", "li"}
    assert [each.partition("/?")[0] for each in page.links] == [
        "https://dagster.example",
        "https://wiki.example",
        "https://git.example",
    ]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "http://"])
def test_a_link_that_leads_nowhere_safe_is_left_out(link):
    assert Page(part("html", link=link)).links == []
    assert link not in part("plain", link=link)


@given(st.text(), st.sampled_from(TEXTS))
def test_no_text_anywhere_adds_or_changes_a_header(text, name):
    mail = read(**{name: text})
    assert list(mail.keys()) == HEADERS
    assert mail["To"] == "data@example.com"
    assert [each.get_content_type() for each in mail.iter_parts()] == ["text/plain", "text/html"]


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\r\n\r\n", "%0d%0a"])
def test_no_line_ending_starts_a_header(ending):
    evil = f"x{ending}Bcc: all@evil.example{ending}{ending}body"
    alert = replace(told(Transition.ESCALATED, Severity.ERROR), **dict.fromkeys(TEXTS, evil))
    assert list(read(alert).keys()) == THREADED
    assert letter(alert).recipients == ("data@example.com",)


@pytest.mark.parametrize(
    "word",
    ["=?utf-8?q?=0D=0ABcc:_all@evil.example?=", "=?utf-8?b?DQpCY2M6IGFAYi5j?=", "=?=?utf-8?q?=0ABcc:_x?="],
)
def test_an_encoded_word_is_not_decoded_into_a_header(word):
    for alert in (replace(OPENED, title=word), replace(OPENED, dataset=word, environment=word)):
        assert b"\nBcc" not in letter(alert).message
        assert list(read(alert).keys()) == HEADERS


def test_a_part_cannot_be_ended_by_what_is_in_it():
    boundary = read().get_boundary()
    mail = read(message=f"--{boundary}--", title=f"--{boundary}")
    assert len(list(mail.iter_parts())) == 2
    assert mail.get_boundary() != boundary


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_follows_from_the_security_unless_it_is_set(security, port):
    assert letter(chosen=options(security=security)).port == port
    assert letter(chosen=options(security=security, port=2525)).port == 2525


def test_encryption_is_not_left_out_unless_asked_for():
    assert letter().security == "starttls"


def test_everybody_is_written_to_once():
    chosen = options(to=["a@example.com", "b@example.com", "a@example.com"])
    assert letter(chosen=chosen).recipients == ("a@example.com", "b@example.com")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sender": "floe"}, "is not a mail address"),
        ({"sender": "floe@example.com\r\nBcc: x@example.com"}, "is not a mail address"),
        ({"to": ["Ann <ann@example.com>"]}, "is not a mail address"),
        ({"to": ["ann@example.com, bob@example.com"]}, "is not a mail address"),
        ({"to": []}, "at least 1"),
        ({"host": "mail example"}, "is not the name of a host"),
        ({"host": "http://mail.example.com"}, "is not the name of a host"),
        ({"security": "ssl"}, "'starttls', 'tls' or 'none'"),
        ({"port": 0}, "greater than or equal to 1"),
        ({"user": "CANARY"}, "both, user and password"),
        ({"password": "CANARY"}, "both, user and password"),
        ({"user": "u", "password": "CANARY", "security": "none"}, "not sent without encryption"),
        ({"user": "u", "password": "CANARY é"}, "cannot carry"),
        ({"user": "u", "password": "CANARY\r\nRSET"}, "cannot carry"),
        ({"pasword": "CANARY"}, "pasword"),
    ],
)
def test_what_cannot_be_used_is_refused_without_showing_it(wrong, said):
    with pytest.raises(ValidationError) as caught:
        options(**wrong)
    assert said in str(caught.value)
    assert "CANARY" not in str(caught.value)
