"""How health is written: for a terminal, for Dagster, and for programs."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from floe_dagster.health import Aspect, Finding, Health, examine
from floe_dagster.health.facts import Silent
from floe_dagster.health.words import LONGEST_TABLE, to_json, to_lines, to_markdown
from floe_dagster.plan.check import Severity
from tests.health.facts import NOW, due, facts, given_up, key, recorded, waits

pytestmark = pytest.mark.requirement("F-10")


GOLDEN = Path(__file__).parents[1] / "golden" / "health"


def golden(name: str, text: str) -> None:
    """Compares a text with its file; `FLOE_GOLDEN=write pytest tests/health` writes the files."""
    path = GOLDEN / name
    if os.environ.get("FLOE_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert text == path.read_text()


def unwell() -> Health:
    return examine(
        facts(
            memory=recorded(
                measured={key(): NOW - timedelta(hours=2)},
                waiting=(waits(reason="hooks.example: HTTP 503"),),
                given_up=(given_up(),),
            ),
            channels={"log": "", "slack": "SLACK_URL is not set"},
            linked=False,
        )
    )


def test_a_terminal_gets_a_line_for_each_aspect_then_what_was_found_and_what_to_do():
    golden("unwell.txt", "\n".join(to_lines(unwell())) + "\n")
    golden("well.txt", "\n".join(to_lines(examine(facts()))) + "\n")
    golden("store_away.txt", "\n".join(to_lines(examine(facts(memory=Silent(reason="it is away"))))) + "\n")


def test_dagster_gets_a_table():
    golden("unwell.md", to_markdown(unwell().findings) + "\n")


def test_programs_get_all_of_it():
    told = json.loads(to_json(unwell()))

    assert told["at"] == "2026-03-02T12:00:00Z"
    assert told["exit_code"] == 1
    assert list(told["aspects"]) == [each.value for each in Aspect]
    assert told["aspects"]["store"] == {
        "status": "ok",
        "said": "the store floe.db answers, at version 0002",
        "findings": [],
    }
    assert told["aspects"]["channels"]["status"] == "error"
    away = json.loads(to_json(examine(facts(memory=Silent(reason="away")))))["aspects"]
    assert (away["store"]["status"], away["ticks"]["status"]) == ("error", "unknown")


def test_what_others_wrote_forms_nothing():
    hostile = "a|b\n# <img src=x onerror=alert(1)> [x](javascript:alert(1)) \x1b[31m"
    health = examine(facts(channels={hostile: hostile}, unusable={hostile: hostile}))

    table = to_markdown(health.findings)
    assert {each.count("|") - each.count("\\|") for each in table.splitlines()} == {5}
    assert "<img" not in table
    assert "[x](" not in table
    assert "\x1b" not in "".join(to_lines(health))
    assert all("\n" not in each for each in to_lines(health))


def test_a_table_ends_where_it_would_be_too_long_and_says_how_much_is_left_out():
    many = [
        Finding(aspect=Aspect.CONTRACTS, severity=Severity.ERROR, about=str(n), what="x", then="y")
        for n in range(LONGEST_TABLE + 7)
    ]

    table = to_markdown(many)

    assert len(table.splitlines()) == 2 + LONGEST_TABLE + 2
    assert table.endswith("And 7 more: floe doctor has them all.")


def test_ten_thousand_contracts_that_are_late_are_one_short_table():
    checks = tuple(due(contract=f"shop.{n}") for n in range(10_000))
    health = examine(
        facts(due=checks, memory=recorded(measured={each.key: NOW - timedelta(days=1) for each in checks}))
    )

    assert health.said(Aspect.MEASURED).endswith("(and 9999 more)")
    assert len(to_markdown(health.of(Aspect.MEASURED))) < 20_000
