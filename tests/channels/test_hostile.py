"""What strangers write into contracts, through every channel: it is shown, and it does nothing."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser

import pytest

from floe_dagster.notify.letter import Line, Mail, Notice, Post, Print
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
                assert body.splitlines()[-1].startswith("Stands in: ")


@every_injection
def test_headers_of_http_hold_nothing_of_an_alert_but_its_id(evil):
    texts = {name: evil for name in TEXTS if name != "id"}
    assert {kind: letter.headers for kind, letter in letters(**texts) if isinstance(letter, Post)} == {
        kind: letter.headers for kind, letter in letters() if isinstance(letter, Post)
    }
