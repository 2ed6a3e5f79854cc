"""The Apprise channel: a title and lines of plain text, for whoever Apprise knows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from floe_dagster.channels.apprise import CHANNEL, Options
from floe_dagster.outcome.episode import Transition
from floe_dagster.plan.check import Severity
from tests.channels.alerts import HOSTILE, OPENED, SCENES, told

pytestmark = pytest.mark.requirement("D-04")

URL = "ntfys://user:CANARY@ntfy.example/data"


def written(alert=OPENED, **changes):
    return CHANNEL.write(replace(alert, **changes), Options(url=URL))


@pytest.mark.parametrize("alert", SCENES)
def test_every_scene_reads_as_agreed(alert, golden):
    letter = written(alert)
    golden("apprise", ".txt", f"{letter.kind}\n{letter.title}\n\n{letter.body}\n")


@pytest.mark.parametrize(
    ("alert", "kind"),
    [
        (told(Transition.OPENED, Severity.CRITICAL), "failure"),
        (told(Transition.OPENED, Severity.ERROR), "failure"),
        (told(Transition.OPENED, Severity.WARNING), "warning"),
        (told(Transition.OPENED, Severity.INFO), "info"),
        (told(Transition.RESOLVED, Severity.CRITICAL), "success"),
    ],
)
def test_the_kind_tells_how_it_stands(alert, kind):
    assert written(alert).kind == kind


def test_no_hostile_text_adds_a_line():
    harmless = replace(
        HOSTILE, **dict.fromkeys(("message", "expected", "dataset"), "x"), background=("x",) * 20
    )
    assert len(written(HOSTILE).body.splitlines()) == len(written(harmless).body.splitlines())
    assert len(written(HOSTILE).title.splitlines()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "CANARY",
        "://CANARY",
        "ntfy://",
        "n tfy://CANARY",
        "syslog://CANARY",
        "DBus://CANARY",
        "ntfy://h/CANARY\n",
    ],
)
def test_what_cannot_be_used_is_refused_without_showing_it(url):
    with pytest.raises(ValidationError) as caught:
        Options(url=url)
    assert "CANARY" not in str(caught.value)
