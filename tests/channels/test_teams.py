"""The Teams channel: an Adaptive Card in which what strangers wrote is shown as it is."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from floe_dagster.channels.teams import CHANNEL, Options
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity
from tests.channels.alerts import OPENED, SCENES, told

pytestmark = pytest.mark.requirement("D-04")

URL = "https://prod-1.logic.example/workflows/1/triggers/manual/paths/invoke?sig=CANARY"
LIMIT = 28 * 1024


def written(alert=OPENED, **changes):
    letter = CHANNEL.write(replace(alert, **changes), Options(url=URL))
    assert len(letter.body) <= LIMIT
    return json.loads(letter.body)


def card(alert=OPENED, **changes):
    (attachment,) = written(alert, **changes)["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    return attachment["content"]


@pytest.mark.parametrize("alert", SCENES)
def test_every_scene_reads_as_agreed(alert, golden):
    golden("teams", ".json", json.dumps(written(alert), indent=2) + "\n")


@pytest.mark.parametrize("filler", ["x", '"', "\U0001f4a5", "\x00", "\ud800"])
def test_the_longest_texts_there_are_stay_within_the_limit(filler):
    long = filler * 20_000
    texts = {each.name: long for each in fields(OPENED) if each.type in ("str", "str | None")}
    written(replace(OPENED, **texts, actual=long, consumers=(long,) * 30))


def kinds(document):
    found = {document["type"]} if isinstance(document, dict) and "type" in document else set()
    inner = (
        document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    )
    return found.union(*(kinds(each) for each in inner))


@pytest.mark.parametrize("alert", SCENES)
def test_no_element_reads_markdown(alert):
    assert kinds(card(alert)) <= {"AdaptiveCard", "RichTextBlock", "TextRun", "Container", "Action.OpenUrl"}


@pytest.mark.parametrize(
    ("alert", "colour"),
    [
        (told(Transition.OPENED, Severity.CRITICAL), "attention"),
        (told(Transition.OPENED, Severity.WARNING), "warning"),
        (told(Transition.OPENED, Severity.INFO), "accent"),
        (told(Transition.RESOLVED, Severity.CRITICAL), "good"),
    ],
)
def test_the_colour_tells_how_it_stands(alert, colour):
    assert card(alert)["body"][0]["inlines"][0]["color"] == colour


@pytest.mark.parametrize("link", [None, "javascript:alert(1)", "data:text/html,x"])
def test_only_an_address_of_the_web_can_be_followed(link):
    assert "actions" not in card(link=link)
    assert card()["actions"][0]["url"] == OPENED.link
