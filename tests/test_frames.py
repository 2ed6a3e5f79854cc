"""DataFrames are held against a contract before they are stored, with nothing else around."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from floe_dagster import check_frames
from floe_dagster.errors import ContractError, UsageError
from floe_dagster.plan.check import Status
from floe_dagster.settings import Samples

if TYPE_CHECKING:
    from pathlib import Path

    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.plan.sample import Sample

pytestmark = pytest.mark.requirement("B-03")

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: shop
version: 1.0.0
status: active
servers:
  - {server: warehouse, type: postgres, host: db.example.com, port: 5432, database: shop, schema: public}
schema:
  - name: orders
    physicalName: shop.orders
    properties:
      - {name: id, logicalType: integer, physicalType: bigint, required: true, unique: true}
      - name: status
        logicalType: string
        quality:
          - {metric: invalidValues, arguments: {validValues: [open, paid]}, mustBe: 0}
      - {name: customer, logicalType: integer, relationships: [{to: customers.id}]}
      - {name: at, logicalType: timestamp}
    quality:
      - {type: sql, query: "select count(*) from {object}", mustBeGreaterThan: 0, name: some_rows}
  - name: customers
    properties:
      - {name: id, logicalType: integer}
slaProperties:
  - {property: freshness, value: 4, unit: h, element: orders.at}
  - {property: availability, value: 99.9, unit: percent}
"""


def orders(**columns: Any) -> pd.DataFrame:
    given = {
        "id": [1, 2, 3],
        "status": ["open", "paid", None],
        "customer": [7, 7, 8],
        "at": pd.to_datetime([NOW - timedelta(hours=each) for each in (1, 2, 3)]),
    }
    return pd.DataFrame(given | columns)


def statuses(contract: Any = CONTRACT, **frames: pd.DataFrame) -> dict[str, Status]:
    return {each.key.check: each.status for each in check_frames(contract, frames, clock=lambda: NOW)}


def test_a_frame_that_keeps_its_contract_has_nothing_broken() -> None:
    found = statuses(orders=orders(), customers=pd.DataFrame({"id": [7, 8]}))
    assert set(found.values()) == {Status.PASSED, Status.NOT_EXECUTABLE}
    never = {name for name, status in found.items() if status is Status.NOT_EXECUTABLE}
    past = ("availability", "server", "uptime", "physical")
    assert all(any(word in each for word in past) for each in never), never
    assert len(never) >= 2


def test_every_broken_promise_of_a_frame_is_its_own_outcome() -> None:
    frame = orders(
        id=[1.0, 1.0, None], status=["open", "lost", "paid"], at=pd.to_datetime([NOW - timedelta(days=1)] * 3)
    )
    found = check_frames(CONTRACT, {"orders": frame}, clock=lambda: NOW)
    broken = {each.title for each in found if each.broken}
    assert len(broken) == 5, broken
    types = next(each for each in found if each.kind == "schema" and each.broken)
    assert "id is number (float64), integer promised" in types.message
    assert {each.key.server for each in found} == {"memory"}
    assert {each.at for each in found} == {NOW}


def test_only_the_datasets_that_are_given_are_checked() -> None:
    found = check_frames(CONTRACT, {"customers": pd.DataFrame({"id": [7]})}, clock=lambda: NOW)
    assert {each.dataset for each in found} == {"customers"}


def test_a_relationship_to_a_frame_that_is_not_given_is_not_executable() -> None:
    found = check_frames(CONTRACT, {"orders": orders()}, clock=lambda: NOW)
    (orphans,) = (each for each in found if 'no DataFrame "customers" is given' in each.message)
    assert orphans.status is Status.NOT_EXECUTABLE


def test_a_dataset_may_be_given_by_its_physical_name() -> None:
    assert statuses(**{"shop.orders": orders()}) == statuses(orders=orders())


def test_a_contract_may_be_a_path(tmp_path: Path) -> None:
    path = tmp_path / "shop.odcs.yaml"
    path.write_text(CONTRACT)
    assert (
        statuses(path, orders=orders()) == statuses(str(path), orders=orders()) == statuses(orders=orders())
    )


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ({"order": orders()}, 'the contract shop has no dataset "order"; did you mean "orders"?'),
        ({"x": orders()}, 'the contract shop has no dataset "x"; there are: customers, orders'),
        ({"orders": [1]}, '"orders" is a list; give a pandas DataFrame'),
        ({"orders": orders(), "shop.orders": orders()}, 'the dataset "orders" is given twice; give it once'),
    ],
)
def test_what_cannot_be_meant_is_refused(frames: Any, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_frames(CONTRACT, frames)
    assert str(refused.value) == said


def test_a_contract_that_cannot_be_read_says_every_problem_in_it(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="contract:"):
        check_frames(CONTRACT.replace("kind: DataContract\n", ""), {"orders": orders()})
    with pytest.raises(ContractError, match=r"nowhere\.yaml"):
        check_frames(tmp_path / "nowhere.yaml", {"orders": orders()})


def test_neither_dagster_nor_a_store_is_imported() -> None:
    code = (
        "import sys, pandas as pd; from floe_dagster import check_frames\n"
        f"found = check_frames({CONTRACT!r}, {{'customers': pd.DataFrame({{'id': [1]}})}})\n"
        "print(len(found) > 0, sorted({'dagster', 'floe_dagster.state', 'httpx2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "True []\n", done.stderr


@pytest.mark.requirement("B-09")
def test_rows_that_break_a_promise_are_shown_to_whoever_asks_for_them() -> None:
    contract = CONTRACT.replace(
        "{name: id, logicalType: integer, phys", "{name: id, primaryKey: true, phys", 1
    )
    given = {"orders": orders(id=[1, 2, 2], status=["open", "canary", "paid"])}
    seen: dict[str, list[list[str | None]]] = {}

    def show(outcome: Outcome, sample: Sample) -> None:
        seen[outcome.key.check] = [[cell.text for cell in row] for row in sample.rows]

    plain = check_frames(contract, given, clock=lambda: NOW)
    outcomes = check_frames(contract, given, clock=lambda: NOW, samples=Samples(keys="shown"), on_sample=show)

    assert seen == {
        "orders.primary_key": [["2"], ["2"]],
        "orders.id.unique": [["2"], ["2"]],
        "orders.status.invalid_values": [["2", "masked"]],
    }
    assert [(each.key, each.status) for each in outcomes] == [(each.key, each.status) for each in plain]
    assert "canary" not in str(outcomes)
