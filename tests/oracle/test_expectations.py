"""Whatever Great Expectations counts in the place of an engine, it counts the same.

Every pair is compiled twice: as it is, and with `quality_engine: great_expectations`. What comes of the second has
to be what came of the first, and what the judge says. Great Expectations takes some tenths of a second for a
contract, so that there are few pairs unless `FLOE_EXAMPLES` asks for more; only then is a failure made small, too.

Where it would count otherwise by its nature, it is not asked: `NATIVE` lists what those outcomes may say.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from floe_dagster.checks import load_kinds
from floe_dagster.contract.document import read
from floe_dagster.engine import run
from floe_dagster.plan.compile import compile_contract
from floe_dagster.settings.model import Grading
from floe_dagster.warehouses._frames import FramesWarehouse
from tests.oracle.engines import Engine, as_held
from tests.oracle.judge import judge
from tests.oracle.pairs import Pair, pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.plan.metric import Warehouse
    from tests.oracle.values import Held

pytestmark = pytest.mark.requirement("B-03")

EXAMPLES = int(os.environ.get("FLOE_EXAMPLES", "40"))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KINDS = {"quality": load_kinds()["quality"]}
PLATFORM = {"quality_engine": "great_expectations"}

NATIVE = {
    "sees one dataset at a time": "relationships need another dataset",
    "has no expectation for": "multiples, formats and what is nested have no expectation",
    "does not look into fields nested": "columns of a DataFrame are flat",
    "a row may offend in several ways": "expectations count a row once each, and the promise counts it once",
    "knows no time zones": "a stamp without a zone is read in UTC alone",
    "which Great Expectations may count otherwise": "by its type: text is ordered and read by the engine's own rules",
    "and holds what Great Expectations may count": "SQLite keeps anything in any column, and stamps as text",
    "has no type that Great Expectations": "so does a DataFrame of objects",
    "takes for missing, or for one another": "NaN is missing to it, and numbers are floats",
    "holds exactly": "limits are made floats",
    "has more digits than": "and so are values",
    "is no ISO 8601": "a limit that is none is told by the database",
    "the pattern": "Python's `re` backtracks, and has no Unicode properties",
    "Python cannot read": "the same",
    "patterns in Python": "the same",
    "no match may be": "the same",
}
"""What an outcome may say that was counted natively all the same, in part, and why that is so."""

Opened = tuple[str, "Warehouse"]

DTYPES = {
    **dict.fromkeys(("text", "decimal", "whole", "tiny", "date", "time", "array", "object"), "object"),
    **dict.fromkeys(("stamp", "day", "clock", "shown", "flat"), "object"),
    "single": "float32",
    "integer": "Int64",
    "double": "float64",
    "boolean": "boolean",
    "timestamp": "datetime64[us]",
    "zoned": "datetime64[us, UTC]",
}


def outcomes(pair: Pair, warehouse: Warehouse, **platform: str) -> dict[str, Outcome]:
    """What comes of every promise about rows that is checked, by where it stands."""
    reading = read(pair.text, "pair.odcs.yaml")
    assert reading.contract is not None, reading.problems
    plan = compile_contract(reading.contract, KINDS, platform=platform)
    found = run(
        plan, plan.checks, warehouse,
        server="here", tick="t", clock=lambda: NOW, kinds=KINDS, grading=Grading(),
    )  # fmt: skip
    return {each.path: each for each in found}


def hold(open_filled: Callable[[Pair], Opened], share: float) -> Counter[str]:
    """Every pair has to come out the same by either engine, and as the judge says; who counted what."""
    who = Counter[str]()
    phases = (Phase.explicit, Phase.reuse, Phase.generate)

    @given(pair=pairs())
    @settings(
        max_examples=max(5, int(EXAMPLES * share)),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(*phases, Phase.shrink) if "FLOE_EXAMPLES" in os.environ else phases,
    )
    def agrees(pair: Pair) -> None:
        name, warehouse = open_filled(pair)
        ours, theirs = outcomes(pair, warehouse), outcomes(pair, warehouse, **PLATFORM)
        who.update(
            filter(None, (dict(each.interpretation).get("quality_engine") for each in theirs.values()))
        )
        assert said(theirs) == said(ours)
        if name:
            ruled = judge(pair.document, as_held(name, pair.tables), NOW)
            found = {
                path: (each.status.value, each.actual) for path, each in theirs.items() if is_theirs(each)
            }
            assert found == {path: (ruled[path].status, ruled[path].actual) for path in found}

    agrees()
    return who


def said(found: Mapping[str, Outcome]) -> dict[str, tuple[Any, ...]]:
    """All that a person sees of the outcomes but who counted."""
    return {
        path: (each.key, each.title, each.status, each.severity, each.expected, each.actual, each.message)
        for path, each in found.items()
    }


def is_theirs(outcome: Outcome) -> bool:
    """Whether Great Expectations counted; what databases count is held against the judge by their own test."""
    return ("quality_engine", "great_expectations") in outcome.interpretation


def filled(engine: Engine) -> Callable[[Pair], Opened]:
    def fill(pair: Pair) -> Opened:
        engine.fill(pair.tables)
        return engine.name, engine.warehouse

    return fill


def in_frames(pair: Pair) -> Opened:
    frames = {name: frame(each) for name, each in pair.tables.items()}
    return "", FramesWarehouse(frames, timeout_seconds=30)


def frame(table: Held) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: pd.Series(table.column(name), dtype=DTYPES[kind])  # type: ignore[call-overload]
            for name, kind in table.columns.items()
        },
        index=range(len(table.rows)),
    )


def explained(who: Counter[str]) -> None:
    """Most of what can be is counted by Great Expectations, and what is not says a reason that is known."""
    unknown = [
        each for each in who if each != "great_expectations" and not any(part in each for part in NATIVE)
    ]
    assert unknown == []
    assert who["great_expectations"] > sum(who.values()) / 2


def test_on_duckdb_both_engines_rule_as_the_judge_does(duckdb_here: Engine) -> None:
    explained(hold(filled(duckdb_here), 0.3))


def test_on_sqlite_both_engines_rule_as_the_judge_does(sqlite_here: Engine) -> None:
    explained(hold(filled(sqlite_here), 0.3))


@pytest.mark.postgres
def test_on_postgres_both_engines_rule_as_the_judge_does(postgres_here: Engine) -> None:
    explained(hold(filled(postgres_here), 0.2))


def test_in_frames_both_engines_rule_the_same() -> None:
    explained(hold(in_frames, 0.2))
