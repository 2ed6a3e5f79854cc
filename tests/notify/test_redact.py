"""What of an alert a channel may show, by its level and its environment."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.notify.alert import Alert
from floe_dagster.notify.redact import default_detail, redacted, scrubbed
from floe_dagster.outcome.episode import Transition
from tests.channels.alerts import OPENED

pytestmark = pytest.mark.requirement("D-07")

CANARIES = {
    "a server": 'flights cannot be read: connection to server at "canary-db" (10.1.2.3), port 5432 failed',
    "a server by IPv6": "flights cannot be read: could not connect to fe80::ca:1 or 2001:db8:0:0:0:0:ca:11",
    "a host": "flights cannot be read: no route to canary.prod.internal:5432",
    "a host without a port": "flights cannot be read: canary.example.com does not resolve",
    "a host that is one word": "flights cannot be read: canary:5432 refuses",
    "a user": 'flights cannot be read: password authentication failed for user "canary"',
    "a URL": "flights cannot be read: postgresql://canary:secret@db/x answered nothing",
    "a bucket": "flights cannot be read: s3://canary/flights.parquet is gone",
    "a path": "flights cannot be read: /srv/canary/flights.duckdb is locked",
    "a path in quotes": "flights cannot be read: IO Error: Cannot open file '/srv/the canary/flights.db'",
    "a path elsewhere": "2 rows of /home/canary/data.csv without a value",
    "a home": "~/canary/x.csv has no rows",
    "a path of Windows": r"flights cannot be read: C:\canary\flights.db is locked",
    "a share": r"flights cannot be read: \\canary\flights is away",
    "a statement": "flights: SELECT canary FROM flights WHERE x = 1 returned 3",
    "a statement over lines": "flights: select canary,\n  x\nfrom flights\nreturned 3",
    "a statement with a name": "flights: with canary as (select 1) select * from canary",
    "a change": "flights: UPDATE canary SET x = 1 is no query",
    "a driver's excerpt": "flights cannot be read: syntax error LINE 1: canary = 3 ^",
}


@pytest.mark.parametrize("detail", ["reader", "minimal"])
@pytest.mark.parametrize("message", CANARIES.values(), ids=CANARIES)
def test_no_canary_is_shown_in_production(message, detail):
    told = f"now error: {message} (since 07:00 UTC)"
    alert = replace(
        OPENED, message=told, title=message, expected=message, background=(message, f"also broken: {message}")
    )
    shown = redacted(alert, detail)

    texts = [shown.message, shown.title, shown.expected, *shown.background]
    assert [each for each in texts if "canary" in each.lower()] == []
    assert not any(each in "".join(texts) for each in ("10.1.2.3", "fe80", "2001:db8", "5432"))
    assert shown.message.endswith(" UTC)") or detail == "minimal"


@pytest.mark.parametrize(
    "text",
    [
        "flights.dest: 7,602 of 336,776 rows refer to no airports.faa, 0 promised (since 07:00 UTC)",
        "orders.updated_at is 6 h 12 min old; at most 4 h promised (since 2026-11-20 03:10 UTC)",
        "flights: time_hour is VARCHAR, timestamp promised; tailnum is missing",
        "contracts/flights.odcs.yaml:31: schema[0].name: is required",
        "close to its limit: 3.5 rows/s, at least 3 promised (94 % used, since 07:00 UTC)",
        "rows with a value that is not in the list, out of 5 to choose from",
        "broken 4 times before in 30 days, for 1 h the last time, until 2026-03-27 08:15 UTC",
        "the contract has changed since 05:15 UTC, from version 1.1.0 to 1.2.0",
        "flights cannot be read: there is no such table",
    ],
)
def test_what_a_reader_may_see_stays_as_it_is(text):
    assert scrubbed(text) == text


def test_why_data_cannot_be_read_is_said_without_where_it_is():
    message = (
        'flights cannot be read: connection to server at "db" (10.1.2.3), port 5432 failed: Connection refused'
        " (since 07:00 UTC)"
    )
    assert redacted(replace(OPENED, message=message), "reader").message == (
        "flights cannot be read: connection to server at \u2026 ([address]), [address] failed: Connection refused"
        " (since 07:00 UTC)"
    )


def test_numbers_are_shown_to_readers_and_measured_text_is_not():
    assert redacted(OPENED, "reader").actual == 7602
    assert redacted(replace(OPENED, actual="ada@example.com"), "reader").actual is None
    assert redacted(replace(OPENED, actual="VARCHAR", kind="schema"), "reader").actual == "VARCHAR"
    assert redacted(OPENED, "minimal").actual is None


@pytest.mark.parametrize(
    "source", ["/srv/floe/x.yaml", "~/x.yaml", r"C:\x.yaml", "../../x.yaml", r"\\h\x.yaml"]
)
def test_where_a_contract_lies_on_a_machine_is_shown_to_no_reader(source):
    shown = redacted(replace(OPENED, source=source), "reader")
    assert (shown.source, shown.line) == ("", 0)
    assert redacted(OPENED, "reader").source == OPENED.source


def test_the_least_says_what_is_broken_since_when_and_where_to_look():
    alert = replace(
        OPENED,
        background=("orders is broken",),
        downstream=("board",),
        source_link="https://git.example.com/x",
        runbook="https://wiki.example.com/quality",
    )
    shown = redacted(alert, "minimal")

    assert shown.message == "dest refers to airports.faa: broken since 07:00 UTC"
    assert (shown.link, shown.runbook, shown.owner) == (alert.link, alert.runbook, alert.owner)
    assert (shown.consumers, shown.downstream, shown.background, shown.source_link) == ((), (), (), None)
    over = redacted(replace(alert, transition=Transition.RESOLVED), "minimal")
    assert over.message == "dest refers to airports.faa: over"


@pytest.mark.parametrize("detail", ["full", "reader", "minimal"])
def test_what_receivers_tell_alerts_apart_by_is_the_same_at_every_level(detail):
    names = ("id", "episode", "sequence", "transition", "severity", "contract", "server", "check", "kind")
    shown = redacted(OPENED, detail)
    assert [getattr(shown, each) for each in names] == [getattr(OPENED, each) for each in names]
    assert (shown.environment, shown.dataset, shown.since, shown.at) == (
        OPENED.environment,
        OPENED.dataset,
        OPENED.since,
        OPENED.at,
    )


def test_nothing_is_left_out_in_full():
    assert redacted(OPENED, "full") is OPENED


@pytest.mark.parametrize(
    ("environment", "detail"),
    [
        ("dev", "full"),
        ("Local", "full"),
        ("ci", "full"),
        ("prod", "reader"),
        ("staging", "reader"),
        ("", "reader"),
    ],
)
def test_only_development_says_everything_unless_it_is_told_otherwise(environment, detail):
    assert default_detail(environment) == detail


@given(st.text(alphabet="aS/\\:.'\" (1)se\n", max_size=300))
def test_any_text_can_be_scrubbed_and_scrubbing_twice_changes_nothing_more(text):
    once = scrubbed(text)
    assert scrubbed(once) == once


def test_a_long_text_is_scrubbed_in_time():
    for filler in ("a.", "/a", "select ", ": '", "1.", "with a ", "a:"):
        scrubbed("cannot be read: " + filler * 10_000)


def test_every_attribute_stands_in_the_table_of_what_each_level_shows():
    page = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text()
    table = page.split("## How much is said")[1].split("*Scrubbed*")[0]
    assert [each.name for each in fields(Alert) if f"`{each.name}`" not in table] == []
