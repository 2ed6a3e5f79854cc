"""Whatever a contract promises of whatever rows, every engine rules as the judge does."""

from __future__ import annotations

import os
from functools import lru_cache
from math import isclose
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from floe_dagster.checks import load_kinds
from floe_dagster.contract.document import read
from floe_dagster.engine import run, unexecuted
from floe_dagster.plan.compile import compile_contract
from floe_dagster.settings.model import Grading
from tests.oracle.engines import Engine, as_held
from tests.oracle.judge import judge
from tests.oracle.pairs import Pair, pairs
from tests.oracle.ruling import Ruling

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from floe_dagster.plan.check import Plan
    from tests.oracle.values import Held

pytestmark = pytest.mark.requirement("B-03")

EXAMPLES = int(os.environ.get("FLOE_EXAMPLES", "2000"))
OURS = ("quality", "freshness", "retention", "schema", "fill_rate", "weekend_volume")
KINDS = {
    name: kind for name, kind in load_kinds(Path(__file__).parents[2] / "checks").items() if name in OURS
}


def settled(share: float) -> settings:
    return settings(
        max_examples=max(20, int(EXAMPLES * share)),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    )


@lru_cache(maxsize=2)
def compiled(text: str) -> Plan:
    """The plan of a contract, which is the same for every engine."""
    reading = read(text, "pair.odcs.yaml")
    assert reading.contract is not None, reading.problems
    return compile_contract(reading.contract, KINDS)


def ruled(engine: Engine, plan: Plan, now: datetime) -> dict[str, Ruling]:
    """What came of every promise, by where it stands; those of an age also by what they are of."""
    outcomes = (
        *run(
            plan, plan.checks, engine.warehouse,
            server=engine.name, tick="t", clock=lambda: now, kinds=KINDS, grading=Grading(),
        ),
        *unexecuted(plan, server=engine.name, tick="t", now=now),
    )  # fmt: skip
    found = {
        f"{each.path}#{each.dataset}.{each.element or ''}"
        if each.path.startswith("sla")
        else each.path: Ruling(each.status.value, each.actual)
        for each in outcomes
    }
    assert len(found) == len(outcomes) == len({each.key.check for each in outcomes})
    return found


def rulings_differ(
    engine: Engine, said: Mapping[str, Ruling], came: Mapping[str, Ruling]
) -> dict[str, tuple[Ruling | None, Ruling | None]]:
    """What the judge says, and what came of it, wherever the two differ."""
    return {
        f"{engine.name}: {path}": (said.get(path), came.get(path))
        for path in {*said, *came}
        if not is_same(said.get(path), came.get(path))
    }


def is_same(said: Ruling | None, came: Ruling | None) -> bool:
    """Numbers with a fraction are the same but for rounding."""
    if said is None or came is None or said.status != came.status:
        return False
    if isinstance(said.actual, float) and isinstance(came.actual, (int, float)):
        return isclose(said.actual, came.actual, rel_tol=1e-12)
    return said.actual == came.actual


def disagreements(engine: Engine, pair: Pair, plan: Plan) -> dict[str, tuple[Ruling | None, Ruling | None]]:
    """What the judge says, and what came of it, wherever the two differ."""
    tables: dict[str, Held] = as_held(engine.name, pair.tables)
    engine.fill(tables)
    return rulings_differ(engine, judge(pair.document, tables, pair.now), ruled(engine, plan, pair.now))


def hold(engine: Engine, share: float) -> None:
    """Every pair has to come out as the judge says."""

    @given(pair=pairs())
    @settled(share)
    def agrees(pair: Pair) -> None:
        assert disagreements(engine, pair, compiled(pair.text)) == {}

    agrees()


def test_sqlite_rules_as_the_judge_does(sqlite_here: Engine) -> None:
    hold(sqlite_here, 0.7)


def test_duckdb_rules_as_the_judge_does(duckdb_here: Engine) -> None:
    hold(duckdb_here, 0.15)


@pytest.mark.postgres
def test_postgres_rules_as_the_judge_does(postgres_here: Engine) -> None:
    hold(postgres_here, 0.15)
