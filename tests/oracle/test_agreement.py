"""Whatever a contract promises of whatever rows, every engine rules as the judge does."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from floe_dagster.checks import load_kinds
from floe_dagster.contract.document import read
from floe_dagster.engine import run, unexecuted
from floe_dagster.plan.compile import compile_contract
from floe_dagster.settings.model import Grading
from tests.oracle.engines import Engine, as_held
from tests.oracle.judge import Ruling, judge
from tests.oracle.pairs import Pair, pairs

if TYPE_CHECKING:
    from floe_dagster.plan.check import Plan

pytestmark = pytest.mark.requirement("B-03")

EXAMPLES = int(os.environ.get("FLOE_EXAMPLES", "2000"))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = {"quality": load_kinds()["quality"]}


def settled(share: float) -> settings:
    return settings(
        max_examples=max(20, int(EXAMPLES * share)),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    )


def compiled(pair: Pair) -> Plan:
    reading = read(pair.text, "pair.odcs.yaml")
    assert reading.contract is not None, reading.problems
    return compile_contract(reading.contract, KINDS)


def ruled(engine: Engine, plan: Plan) -> dict[str, Ruling]:
    """What came of every promise about rows, by where it stands."""
    outcomes = (
        *run(
            plan, plan.checks, engine.warehouse,
            server=engine.name, tick="t", clock=lambda: NOW, kinds=KINDS, grading=Grading(),
        ),
        *unexecuted(plan, server=engine.name, tick="t", now=NOW),
    )  # fmt: skip
    ours = [each for each in outcomes if each.kind == "quality"]
    assert len({each.path for each in ours}) == len(ours) == len({each.key.check for each in ours})
    globals()["MSGS"] = {e.path: e.message for e in ours}
    return {each.path: Ruling(each.status.value, each.actual) for each in ours}


def disagreements(engine: Engine, pair: Pair, plan: Plan) -> dict[str, tuple[Ruling | None, Ruling | None]]:
    """What the judge says, and what came of it, wherever the two differ."""
    engine.fill(pair.tables)
    said, came = judge(pair.document, as_held(engine.name, pair.tables)), ruled(engine, plan)
    return {
        f"{engine.name}: {path}": (said.get(path), came.get(path))
        for path in {*said, *came}
        if said.get(path) != came.get(path)
    }


def hold(engine: Engine, share: float) -> None:
    """Every pair has to come out as the judge says."""

    @given(pair=pairs())
    @settled(share)
    def agrees(pair: Pair) -> None:
        assert disagreements(engine, pair, compiled(pair)) == {}

    agrees()


def test_sqlite_rules_as_the_judge_does(sqlite_here: Engine) -> None:
    hold(sqlite_here, 0.6)


def test_duckdb_rules_as_the_judge_does(duckdb_here: Engine) -> None:
    hold(duckdb_here, 0.3)


@pytest.mark.postgres
def test_postgres_rules_as_the_judge_does(postgres_here: Engine) -> None:
    hold(postgres_here, 0.15)
