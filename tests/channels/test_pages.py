"""Every channel has a page, on which every option stands and whose example opens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from floe_dagster.channels import open_channels
from floe_dagster.plugins import on_shelf
from floe_dagster.settings import load_settings

pytestmark = pytest.mark.requirement("D-04")

PAGES = sorted((Path(__file__).parents[2] / "docs" / "channels").glob("*.md"))
CHANNELS = on_shelf("floe_dagster.channels", "CHANNEL")
VALUES = {
    "PAGERDUTY_ROUTING_KEY": "0123456789abcdef0123456789abcdef",
    "SENTRY_DSN": "https://key@sentry.example/42",
    "APPRISE_URL": "ntfys://ntfy.example/data",
    "SMTP_USER": "floe",
    "SMTP_PASSWORD": "secret",
}
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda each: each.stem)


def test_whoever_is_not_described_with_the_alerts_has_a_page():
    assert {each.stem for each in PAGES} == set(CHANNELS) - {"console", "file", "webhook"}


@every_page
def test_every_option_stands_on_it(page):
    text = page.read_text()
    assert [name for name in CHANNELS[page.stem].options.model_fields if f"`{name}`" not in text] == []


@every_page
def test_its_example_opens(page, tmp_path):
    (example,) = re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    file = tmp_path / "floe.yaml"
    file.write_text(example)
    names = re.findall(r"\$\{(\w+)\}", example)
    found = open_channels(
        load_settings(file, {name: VALUES.get(name, "https://example.com/x") for name in names})
    )
    assert not found.broken
    assert len(found.ready) == 1


@every_page
def test_it_shows_what_people_see(page):
    shown = [line for line in page.read_text().splitlines() if line.startswith("    ")]
    assert any("7,602 of 336,776 rows" in line for line in shown)


@pytest.mark.parametrize("channel", sorted(CHANNELS))
def test_there_is_a_small_picture_of_what_it_writes(channel):
    docs = Path(__file__).parents[2] / "docs"
    page = docs / "channels" / f"{channel}.md"
    text = page.read_text() if page in PAGES else (docs / "alerts.md").read_text()
    assert f"images/channels/{channel}.png)" in text
    picture = (docs / "images/channels" / f"{channel}.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 80_000
