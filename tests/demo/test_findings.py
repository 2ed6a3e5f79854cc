"""The whole way from the contracts to outcomes, on the real data: what is found, and that nothing else is."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from floe_dagster import engine
from floe_dagster.checks import load_kinds
from floe_dagster.contract.document import read
from floe_dagster.plan.check import Status
from floe_dagster.plan.compile import compile_contract
from floe_dagster.settings import Settings
from floe_dagster.warehouses import open_warehouse

if TYPE_CHECKING:
    from floe_dagster.outcome.outcome import Outcome

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def outcomes(loaded: Path) -> tuple[Outcome, ...]:
    """Every check of both contracts, once."""
    kinds = load_kinds(ROOT / "checks")
    found: list[Outcome] = []
    for path in sorted((ROOT / "contracts").glob("*.odcs.yaml")):
        contract = read(path.read_text(), path.name).contract
        assert contract is not None
        (server,) = contract.servers
        plan = compile_contract(contract, kinds)
        access = {"database": str(loaded)}
        with closing(open_warehouse(server, root=ROOT, timeout_seconds=60, access=access)) as warehouse:
            found += engine.run(
                plan,
                plan.checks,
                warehouse,
                server=server.name,
                tick="1",
                clock=lambda: datetime.now(UTC),
                kinds=kinds,
                grading=Settings().grading,
            )
    return tuple(found)


@pytest.mark.requirement("B-01")
@pytest.mark.requirement("B-02")
@pytest.mark.requirement("B-03")
def test_the_defects_are_found_with_their_counts_and_nothing_else(outcomes: tuple[Outcome, ...]) -> None:
    broken = {
        each.key.check: (each.status.value, each.severity.value, each.actual)
        for each in outcomes
        if each.broken
    }
    *grade, seconds = broken.pop("airlines.airlines_fresh")
    assert broken == {
        "flights.dest.relationship": ("failed", "error", 7_602),
        "flights.tailnum.relationship": ("failed", "error", 50_094),
        "weather.one_observation_an_hour": ("failed", "error", 3),
        "weather.wind_speed.maximum": ("failed", "error", 1),
        "airports.zone_known": ("warned", "warning", 3),
        "planes.schema": ("failed", "error", 1),
    }
    assert grade == ["failed", "error"]
    assert seconds == pytest.approx(9 * 86_400, abs=3_600)


def test_everything_else_passes(outcomes: tuple[Outcome, ...]) -> None:
    """What is told from history alone cannot be known of a single look."""
    known = [each for each in outcomes if each.kind not in ("uptime", "server")]
    assert [each.message for each in known if not each.broken and each.status is not Status.PASSED] == []
    assert len(known) > 100


def test_a_difference_of_schema_says_what_was_expected(outcomes: tuple[Outcome, ...]) -> None:
    (planes,) = (each for each in outcomes if each.key.check == "planes.schema")
    (speed,) = planes.differences
    assert (speed.element, speed.breaking) == ("speed", True)
    assert "speed" in planes.message
    assert "VARCHAR" in planes.message


@pytest.mark.requirement("B-04")
def test_all_five_datasets_can_be_read(outcomes: tuple[Outcome, ...]) -> None:
    readable = {
        each.dataset for each in outcomes if each.kind == "availability" and each.status is Status.PASSED
    }
    assert readable == {"airlines", "airports", "flights", "planes", "weather"}


def test_a_finding_names_its_promise_and_its_place(outcomes: tuple[Outcome, ...]) -> None:
    (dest,) = (each for each in outcomes if each.key.check == "flights.dest.relationship")
    text = (ROOT / "contracts" / "flights.odcs.yaml").read_text().splitlines()
    assert "airports.faa" in text[dest.line - 1] + text[dest.line]
    assert dest.path == "schema[0].properties[13].relationships[0]"
    assert "7,602" in dest.message
    assert "airports" in dest.message
