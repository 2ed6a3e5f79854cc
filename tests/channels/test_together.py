"""Several alerts in one message, for people: counts, the worst first, and never more than the channel holds."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from floe_dagster.channels._digest import digest, fitting, left_out, sections
from floe_dagster.channels.console import LINES, LONGEST
from floe_dagster.notify.letter import Mail, Notice, Post, Print, Together
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity
from floe_dagster.plugins import on_shelf
from tests.channels.alerts import HOSTILE, OPENED, told
from tests.channels.digests import (
    A_DEAD_WAREHOUSE,
    DIGESTS,
    HOSTILES,
    ONE_CONTRACT,
    RECOVERIES,
    elsewhere,
    numbered,
    ordered,
)
from tests.channels.every import CANARY, OPTIONS
from tests.channels.test_email import Page
from tests.channels.test_hostile import INJECTIONS, TEXTS, shape
from tests.channels.test_slack import OURS, texts, within_limits
from tests.channels.test_teams import kinds

pytestmark = pytest.mark.requirement("D-03")

CHANNELS = on_shelf("floe_dagster.channels", "CHANNEL")
PEOPLE = ["apprise", "console", "email", "slack", "teams"]
SUFFIX = {"apprise": ".txt", "console": ".txt", "email": ".eml", "slack": ".json", "teams": ".json"}
for_people = pytest.mark.parametrize("kind", PEOPLE)


def together(kind, alerts):
    channel = CHANNELS[kind]
    return channel.write_together(alerts, channel.options.model_validate(OPTIONS[kind]))


def shown(letter):
    """The letter as text, for a golden file."""
    match letter:
        case Post(body=body):
            return json.dumps(json.loads(body), indent=2) + "\n"
        case Mail(message=message):
            return message.decode("ascii").replace("\r\n", "\n")
        case Notice(title=title, body=body, kind=kind):
            return f"{kind}\n{title}\n\n{body}\n"
        case Print(text=text):
            return text + "\n"


def read(alerts):
    return message_from_bytes(together("email", alerts).message, policy=default)


def test_people_are_told_together_and_machines_one_by_one():
    assert [kind for kind, channel in CHANNELS.items() if isinstance(channel, Together)] == PEOPLE


@for_people
@pytest.mark.parametrize("alerts", DIGESTS)
def test_every_digest_reads_as_agreed(kind, alerts, golden):
    golden(kind, SUFFIX[kind], shown(together(kind, alerts)))


@for_people
def test_the_headline_counts_what_is_open_and_what_is_over(kind):
    assert "CRITICAL: 5 alerts and 1 recovery of flights [prod]" in shown(together(kind, ONE_CONTRACT))
    assert "CRITICAL: 50 alerts and 3 recoveries of 53 contracts [prod]" in shown(
        together(kind, A_DEAD_WAREHOUSE)
    )
    assert "RESOLVED: 4 recoveries of flights [prod]" in shown(together(kind, RECOVERIES))


@for_people
def test_the_worst_is_named_and_what_is_left_out_is_counted(kind):
    text = shown(together(kind, A_DEAD_WAREHOUSE)).replace("=\n", "")
    assert "CRITICAL in flights 30: flights 30: nycflights13 does not answer" in text
    named = text.count("nycflights13 does not answer") // (2 if kind == "email" else 1)
    assert named >= 12
    if named < 50:
        assert f"and {53 - named} more, 3 of them over; see floe alerts list" in text
    else:
        assert kind == "email" or "and 3 more; see floe alerts list" in text


@for_people
@pytest.mark.parametrize("filler", ["&", "\U0001f4a5", "\\", ""])
def test_three_hundred_of_the_longest_hostile_alerts_are_within_every_limit(kind, filler):
    long = {name: filler * 3000 for name in TEXTS if name not in ("id", "episode", "contract", "link")}
    many = dict.fromkeys(("consumers", "downstream", "background"), (filler * 3000,) * 5)
    worst = replace(HOSTILE, **many, **(long if filler else {}))
    letter = together(kind, ordered(*(elsewhere(worst, each) for each in range(300))))
    match letter:
        case Post(body=body) if kind == "slack":
            assert len(body) > 1000
            within_limits(letter)
        case Post(body=body):
            assert 1000 < len(body) <= 28 * 1024
        case Mail(message=message):
            assert message.isascii()
            assert all(len(each) <= 998 for each in message.split(b"\r\n"))
            assert len(message) < 1_000_000
        case Notice(title=title, body=body):
            assert len(title) <= 140
            assert len(body) <= 4096
        case Print(text=text):
            assert len(text.splitlines()) <= LINES + 5
            assert max(map(len, text.splitlines())) <= LONGEST


@for_people
def test_whatever_can_be_known_of_all_of_them_fits_with_every_transition_there_is(kind):
    some = [
        elsewhere(
            HOSTILE, number, transition=transition, background=("\U0001f4a5" * 900,), downstream=("&" * 900,)
        )
        for number, transition in enumerate(Transition)
    ]
    letter = together(kind, ordered(*some))
    if kind == "slack":
        within_limits(letter)
    if kind == "teams":
        assert len(letter.body) <= 28 * 1024
    assert len(shown(letter)) > 1000


@for_people
def test_what_is_most_likely_behind_them_is_told_once(kind):
    cause, other = "shop does not answer since 06:10 UTC", "orders broke twice this month"
    some = [elsewhere(OPENED, each, background=(cause,)) for each in range(4)]
    text = shown(together(kind, ordered(*some, elsewhere(OPENED, 9, background=(other,)))))
    assert text.replace("=\n", "").count(cause) == (2 if kind == "email" else 1)
    assert other not in text


@pytest.mark.parametrize("evil", INJECTIONS, ids=repr)
def test_a_hostile_text_everywhere_leaves_every_digest_of_the_same_shape(evil):
    def shapes(text):
        texts = dict.fromkeys(TEXTS, text) | {"link": None}
        alert = replace(OPENED, **texts)
        three = ordered(alert, elsewhere(alert, 1), elsewhere(alert, 2, transition=Transition.RESOLVED))
        return {kind: shape(together(kind, three)) for kind in PEOPLE}

    assert shapes(evil) == shapes("harmless")


def test_nothing_in_angle_brackets_is_of_a_stranger_in_slack():
    document = json.loads(together("slack", HOSTILES).body)
    ours = OURS.pattern.replace("Look in Dagster", "Look")
    assert ours != OURS.pattern
    for each in (*texts(document), document["text"]):
        left = re.sub(ours, "", each)
        assert "<" not in left
        assert ">" not in left


def test_no_element_of_a_card_reads_markdown():
    (attachment,) = json.loads(together("teams", HOSTILES).body)["attachments"]
    known = {"AdaptiveCard", "RichTextBlock", "TextRun", "Container", "Action.OpenUrl"}
    assert kinds(attachment["content"]) <= known


def test_hostile_text_is_text_in_html():
    page = Page(read(HOSTILES).get_body(("html",)).get_content())
    assert page.tags == {"html", "body", "h2", "h3", "table", "tr", "td", "ul", "li", "a"}
    assert all(each.startswith("https://dagster.example/") for each in page.links)
    assert len(page.links) == 3


@for_people
def test_no_secret_is_in_what_people_read(kind):
    letter = together(kind, ONE_CONTRACT)
    assert CANARY not in shown(letter)
    assert CANARY not in repr(letter)


def test_the_same_alerts_are_the_same_mail_to_the_byte_and_others_are_another():
    assert together("email", ONE_CONTRACT).message == together("email", ONE_CONTRACT).message
    assert read(ONE_CONTRACT)["Message-ID"] != read(ONE_CONTRACT[:-1])["Message-ID"]
    assert read(ONE_CONTRACT)["Message-ID"].startswith("<alerts.")


def test_a_mail_of_one_contract_answers_its_episodes_and_one_of_many_answers_nobody():
    opened = read(ordered(OPENED, numbered(OPENED, 1)))
    over = told(Transition.RESOLVED, Severity.ERROR)
    recovered = read(ordered(over, numbered(over, 1)))
    assert opened["References"] == opened["In-Reply-To"] == recovered["References"]
    assert f"<episode.{OPENED.episode}@example.com>" in opened["References"]
    assert read(A_DEAD_WAREHOUSE)["In-Reply-To"] is None


def test_the_references_of_a_mail_are_not_endless():
    mail = read(ordered(*(numbered(OPENED, each) for each in range(300))))
    assert len(mail["References"].split()) == 20


def test_filters_of_mail_find_the_worst_severity_and_every_transition():
    mail = read(ONE_CONTRACT)
    assert mail["X-Floe-Severity"] == "critical"
    assert mail["X-Floe-Transition"] == "opened, escalated, flapping, resolved"
    assert mail["List-Id"] == "<prod.floe.example.com>"


def test_what_is_open_and_what_is_over_are_told_apart_where_there_is_both():
    both, over = digest(ONE_CONTRACT), digest(RECOVERIES)
    assert [(each.title, len(each.entries)) for each in sections(both.entries)] == [("Open", 5), ("Over", 1)]
    assert [(each.title, len(each.entries)) for each in sections(over.entries)] == [("", 4)]


def test_a_contract_is_named_in_a_line_only_where_there_are_several():
    assert digest(ONE_CONTRACT).entries[0].text.startswith("CRITICAL: now critical: flights.dest")
    assert digest(A_DEAD_WAREHOUSE).entries[0].text.startswith("CRITICAL in flights 30: flights 30: nyc")


def test_names_that_are_too_many_are_counted():
    facts = dict(digest(A_DEAD_WAREHOUSE).facts)
    assert facts["Opened"] == "1 critical, 49 error"
    assert facts["Resolved"] == "3 error"
    assert facts["Contracts"].startswith("flights 30, flights 0, flights 1, ")
    assert facts["Contracts"].endswith("more")
    listed = facts["Contracts"].partition(" and ")[0].split(", ")
    assert facts["Contracts"].endswith(f" and {53 - len(listed)} more")
    assert facts["Owner"] == "team 0, team 1, team 2, flight-ops"
    assert "Contract" not in facts


def test_room_is_filled_from_the_worst_on_and_what_does_not_fit_ends_it():
    entries = digest(ONE_CONTRACT).entries
    assert fitting(entries, lambda _: 10, room=25, most=9) == entries[:2]
    assert fitting(entries, lambda _: 10, room=1000, most=3) == entries[:3]
    assert fitting(entries, lambda _: 10, room=9, most=3) == ()
    assert left_out(entries, entries) == ""
    assert left_out(entries, entries[:5]) == "and 1 more; see floe alerts list"
