"""What is likely behind a breach, as sentences."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.notify.context import Change, Known, Open, Spell, background
from floe_dagster.surroundings import Made
from tests.channels.alerts import OPENED

pytestmark = pytest.mark.requirement("C-06")

NOW = OPENED.at


def ago(**length: float):
    return NOW - timedelta(**length)


def open_(number: int, kind: str, title: str, since, contract: str = OPENED.contract) -> Open:
    return Open(
        id=f"e{number}", contract=contract, server="nycflights13", kind=kind, title=title, since=since
    )


SCHEMA = open_(1, "schema", "columns of flights", ago(minutes=65))
DOWN = open_(2, "server", "the server answers", ago(minutes=5))
COUNTED = [open_(number, "quality", f"rule {number}", ago(minutes=number)) for number in range(3, 8)]
OTHER = open_(9, "freshness", "landing is fresh", ago(hours=20), "urn:landing")
SOME_DAYS = ago(days=5)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (Known(), ()),
        (
            Known(beside=[SCHEMA]),
            ("also broken since 06:10 UTC: columns of flights (schema)",),
        ),
        (
            Known(beside=[DOWN, SCHEMA, *COUNTED]),
            (
                "also broken since 07:10 UTC: the server answers (server)",
                "also broken since 06:10 UTC: columns of flights (schema)",
                "5 more checks of this contract are broken, the first since 07:08 UTC",
            ),
        ),
        (Known(beside=COUNTED[:1]), ("also broken since 07:12 UTC: rule 3 (quality)",)),
        (
            Known(beside=COUNTED, more=90),
            ("95 other checks of this contract are broken, the first since 07:08 UTC",),
        ),
        (
            Known(upstream=[("landing", OTHER)]),
            ("landing, which feeds it, is broken since 2026-03-28 11:15 UTC: landing is fresh (freshness)",),
        ),
        (
            Known(upstream=[(f"c{n}", replace(OTHER, id=f"o{n}", contract=f"urn:{n}")) for n in range(4)]),
            (
                "c0, which feeds it, is broken since 2026-03-28 11:15 UTC: landing is fresh (freshness)",
                "c1, which feeds it, is broken since 2026-03-28 11:15 UTC: landing is fresh (freshness)",
                "2 more contracts that feed it have something broken",
            ),
        ),
        (
            Known(made=Made(at=ago(days=1), failed_at=ago(minutes=20))),
            (
                "the last run that was to make flights failed at 06:55 UTC; it was last made at 2026-03-28 07:15 UTC",
            ),
        ),
        (
            Known(made=Made(failed_at=ago(minutes=20))),
            ("the last run that was to make flights failed at 06:55 UTC; it was never made before",),
        ),
        (
            Known(made=Made(at=ago(minutes=30), running_since=ago(minutes=2))),
            (
                "a run that makes flights is going since 07:13 UTC",
                "flights was last made at 06:45 UTC, 30 min before",
            ),
        ),
        (
            Known(change=Change(before="1.1.0", after="1.2.0", seen=ago(hours=2))),
            ("the contract has changed since 05:15 UTC, from version 1.1.0 to 1.2.0",),
        ),
        (
            Known(change=Change(before="1.2.0", after="1.2.0", seen=ago(hours=2))),
            ("the contract has changed since 05:15 UTC, and is still called 1.2.0",),
        ),
        (Known(neighbours=1), ("1 other contract on nycflights13 has something broken, too",)),
        (Known(neighbours=7), ("7 other contracts on nycflights13 have something broken, too",)),
        (Known(watched_since=ago(days=90)), ("broken for the first time in 30 days",)),
        (
            Known(watched_since=SOME_DAYS),
            ("broken for the first time since it is watched, which is since 2026-03-24 07:15 UTC",),
        ),
        (Known(watched_since=OPENED.since), ()),
        (
            Known(spells=[Spell(start=ago(days=2), end=ago(days=2) + timedelta(minutes=35))]),
            ("broken once before in 30 days, for 35 min the last time, until 2026-03-27 07:50 UTC",),
        ),
        (
            Known(
                spells=[Spell(start=ago(days=n), end=ago(days=n) + timedelta(hours=1)) for n in (3, 9, 2, 20)]
            ),
            ("broken 4 times before in 30 days, for 1 h the last time, until 2026-03-27 08:15 UTC",),
        ),
    ],
)
def test_what_is_known_is_said_in_a_sentence(known, said):
    assert background(OPENED, known) == said


def test_what_explains_most_comes_first_and_history_last():
    every = Known(
        watched_since=ago(days=90),
        beside=[DOWN, *COUNTED],
        upstream=[("landing", OTHER)],
        neighbours=3,
        change=Change(before="1", after="2", seen=ago(hours=1)),
        made=Made(at=ago(days=1), failed_at=ago(minutes=1)),
    )
    said = background(OPENED, every)

    opening = [
        "also broken",
        "landing, which",
        "the last run",
        "the contract has",
        "5 more",
        "3 other",
        "broken for",
    ]
    assert [each.startswith(start) for each, start in zip(said, opening, strict=True)] == [True] * 7


@given(st.text(max_size=3000), st.integers(0, 10_000))
def test_no_sentence_is_long_whatever_a_contract_calls_its_things(text, more):
    named = replace(SCHEMA, title=text, kind="schema")
    known = Known(beside=[named, DOWN], more=more, upstream=[(text, named)], neighbours=more)
    alert = replace(OPENED, dataset=text, server=text)

    assert all(len(each) < 400 for each in background(alert, known))
