"""The Slack channel: blocks within their limits, in which nothing that a stranger wrote is a link or a mention."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from floe_dagster.channels.slack import CHANNEL, Options, escaped
from tests.channels.alerts import HOSTILE, OPENED, SCENES

pytestmark = pytest.mark.requirement("D-04")

URL = "https://hooks.slack.example/services/T0/B0/CANARY"
OURS = re.compile(r"<https?://[^|<>\s]*\|(?:Look in Dagster|What to do|Read the promise)>")


def written(alert=OPENED, **changes):
    return json.loads(CHANNEL.write(replace(alert, **changes), Options(url=URL)).body)


def texts(document):
    """Every text of the blocks that Slack reads as its own markup; it reads none in plain text."""
    match document:
        case {"type": "plain_text"}:
            return []
        case {"type": "mrkdwn", "text": text}:
            return [text]
        case dict():
            return [text for each in document.values() for text in texts(each)]
        case list():
            return [text for each in document for text in texts(each)]
    return []


def within_limits(letter):
    document = json.loads(letter.body)
    blocks = document["blocks"]
    assert len(letter.body) <= 13_000
    assert len(blocks) <= 50
    assert len(document["text"]) <= 3000
    for each in blocks:
        match each:
            case {"type": "header", "text": {"text": text}}:
                assert 1 <= len(text) <= 150
            case {"type": "section", "text": {"text": text}}:
                assert 1 <= len(text) <= 3000
            case {"type": "section", "fields": facts}:
                assert 1 <= len(facts) <= 10
                assert all(1 <= len(fact["text"]) <= 2000 for fact in facts)
            case {"type": "context", "elements": elements}:
                assert 1 <= len(elements) <= 10
                assert all(len(element["text"]) <= 3000 for element in elements)
            case _:
                pytest.fail(f"a block of a kind that nobody looked at: {each['type']}")


@pytest.mark.parametrize("alert", SCENES)
def test_every_scene_reads_as_agreed(alert, golden):
    letter = CHANNEL.write(alert, Options(url=URL))
    within_limits(letter)
    golden("slack", ".json", json.dumps(json.loads(letter.body), indent=2) + "\n")


@pytest.mark.parametrize("filler", ["x", "&", "<", "@channel", "\U0001f4a5", "\\", '"', "ü", "\n", "\ud800"])
def test_the_longest_texts_there_are_stay_within_every_limit(filler):
    long = filler * 20_000
    texts = {each.name: long for each in fields(OPENED) if each.type in ("str", "str | None")}
    alert = replace(OPENED, **texts, actual=long, consumers=(long,) * 30)
    within_limits(CHANNEL.write(alert, Options(url=URL)))


def test_nothing_in_angle_brackets_is_of_a_stranger():
    document = written(HOSTILE)
    for each in (*texts(document), document["text"]):
        assert "<" not in OURS.sub("", each)
        assert ">" not in OURS.sub("", each)


@pytest.mark.parametrize(
    "call", ["@channel", "@here", "@everyone", "@Channel", "<!channel>", "<!here|here>", "<@U012>"]
)
def test_nobody_is_called_by_what_stands_in_a_contract(call):
    document = written(title=call, message=call, owner=call)
    read = (*texts(document), document["text"])
    assert len(read) > 8
    assert all(call not in each for each in read)


def test_addresses_and_names_in_a_text_stay_text():
    assert all(each["verbatim"] for each in written()["blocks"][2]["fields"])
    assert written()["blocks"][1]["text"]["verbatim"] is True


@pytest.mark.parametrize(
    "link", [None, "", "javascript:alert(1)", "file:///etc/passwd", "http://", "x" * 5000, "http://[::"]
)
def test_without_a_usable_link_there_is_none(link):
    assert [each["type"] for each in written(link=link)["blocks"]] == ["header", "section", "section"]


@given(st.text(alphabet="&<>ab;", max_size=60), st.integers(4, 60))
def test_escaping_is_undone_by_reading_or_cut_between_characters(text, longest):
    shown = escaped(text, longest)
    assert len(shown) <= longest
    read = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert read == text or (read.endswith("...") and text.startswith(read[:-3]))


def test_the_letter_goes_where_the_options_say_and_in_json():
    letter = CHANNEL.write(OPENED, Options(url=URL, timeout_seconds=3))
    assert (letter.url, letter.timeout_seconds) == (URL, 3)
    assert letter.headers == {"Content-Type": "application/json; charset=utf-8"}


@pytest.mark.parametrize(
    "wrong", [{"url": "CANARY"}, {"url": "ftp://h/CANARY"}, {"url": URL, "chanel": "x"}, {}]
)
def test_what_cannot_be_used_is_refused_without_showing_it(wrong):
    with pytest.raises(ValidationError) as caught:
        Options.model_validate(wrong)
    assert "CANARY" not in str(caught.value)
