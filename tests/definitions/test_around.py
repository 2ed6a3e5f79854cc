"""What stands around datasets in the asset graph, and how their making went."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import dagster as dg
import pytest

from floe_dagster import build_definitions
from floe_dagster.contract.document import read
from floe_dagster.definitions.around import in_time, made_of, surroundings_of
from floe_dagster.definitions.naming import bind
from floe_dagster.plan.check import Plan
from floe_dagster.surroundings import Made, Surroundings
from tests.project import Project

pytestmark = pytest.mark.requirement("C-05", "C-06")


HEAD = """\
apiVersion: v3.1.0
kind: DataContract
version: 1.0.0
status: active
"""


def bound(*names: str):
    """A contract of one dataset for each name."""
    found = [read(f"{HEAD}id: urn:{each}\nschema: [{{name: {each}}}]\n", each).contract for each in names]
    return bind(Plan(contract=each, items=()) for each in found if each).bound


def chain(*keys: str) -> list[dg.AssetSpec]:
    """Each of these is made of the one before it."""
    return [
        dg.AssetSpec(key, deps=[before] if before else [])
        for before, key in zip((None, *keys), keys, strict=False)
    ]


def test_what_is_made_of_a_dataset_is_found_the_nearest_first():
    found = surroundings_of(chain("raw", "orders", "revenue", "board"), bound("orders"))

    assert found == Surroundings(downstream={("urn:orders", "orders"): ("revenue", "board")})
    assert found.affected("urn:orders", "orders") == ("revenue", "board")
    assert found.affected("urn:orders", "") == ("revenue", "board")
    assert found.affected("urn:other", "orders") == ()


def test_a_contract_is_fed_by_the_nearest_contracts_through_assets_that_have_none():
    found = surroundings_of(chain("a", "x", "b", "c"), bound("a", "b", "c"))

    assert found.upstream == {"urn:b": ("urn:a",), "urn:c": ("urn:b",)}
    assert found.downstream[("urn:a", "a")] == ("x", "b", "c")


def test_two_branches_that_meet_are_counted_once_and_a_partition_of_itself_is_no_upstream():
    graph = [
        dg.AssetSpec("a"),
        dg.AssetSpec("left", deps=["a"]),
        dg.AssetSpec("right", deps=["a"]),
        dg.AssetSpec("b", deps=["left", "right", "b"]),
    ]
    found = surroundings_of(graph, bound("a", "b"))

    assert found.upstream == {"urn:b": ("urn:a",)}
    assert found.downstream == {("urn:a", "a"): ("left", "right", "b"), ("urn:b", "b"): ()}


def test_functions_with_inputs_are_read_as_well():
    @dg.asset
    def a() -> int:
        return 1

    @dg.asset
    def b(a: int) -> int:
        return a

    assert surroundings_of([a, b], bound("a", "b")).upstream == {"urn:b": ("urn:a",)}


def test_without_a_graph_there_is_nothing_around():
    assert surroundings_of([], bound("a")) == Surroundings(downstream={("urn:a", "a"): ()})


def test_a_dataset_of_which_nothing_is_made_affects_nothing_whatever_its_contract_does():
    found = Surroundings(downstream={("urn:shop", "orders"): ("board",), ("urn:shop", "notes"): ()})

    assert found.affected("urn:shop", "notes") == ()
    assert found.affected("urn:shop", "") == ("board",)


BREAKS = {"now": False}


@dg.asset
def orders() -> None:
    if BREAKS["now"]:
        raise RuntimeError("on purpose")


def test_how_a_dataset_was_made_is_told_from_its_last_run(instance):
    place, key = ("urn:orders", "orders"), dg.AssetKey("orders")
    look = made_of(instance, {place: key, ("urn:never", "never"): dg.AssetKey("never")})
    instance.wipe_assets([key])
    start = datetime.now(UTC)
    assert look([("urn:never", "never")]) == {}

    dg.materialize([orders], instance=instance)
    [made] = look([place, ("urn:never", "never"), ("urn:unknown", "x")]).values()
    assert made.at is not None
    assert made.at >= start
    assert (made.failed_at, made.running_since) == (None, None)

    BREAKS["now"] = True
    dg.materialize([orders], instance=instance, raise_on_error=False)
    [after] = look([place]).values()
    assert after.at == made.at
    assert after.failed_at is not None
    assert after.failed_at >= made.at


def test_a_look_that_fails_or_hangs_finds_nothing_and_says_so(caplog):
    def fail():
        raise RuntimeError("no such table")

    def hang():
        time.sleep(0.5)
        return {dg.AssetKey("a"): Made()}

    assert in_time(fail, 1) is None
    assert "no such table" in caplog.text
    assert in_time(hang, 0.05) is None
    assert "within 0.05 s" in caplog.text


def test_an_instance_that_does_not_answer_is_asked_but_once():
    class Away:
        asked = 0

        def get_asset_records(self, keys):
            self.asked += 1
            raise RuntimeError("the database is away")

    away = Away()
    look = made_of(away, {("urn:orders", "orders"): dg.AssetKey("orders")})

    assert [look([("urn:orders", "orders")]) for _ in range(3)] == [{}, {}, {}]
    assert away.asked == 1


def test_an_alert_out_of_dagster_says_what_is_made_of_the_data_and_how_it_was_made(tmp_path, instance):
    project = Project(tmp_path)
    instance.wipe_assets([dg.AssetKey("orders")])
    dashboard = dg.AssetSpec("dashboard", deps=["orders"])
    defs = build_definitions(project.root, assets=[orders, dashboard])
    BREAKS["now"] = False
    dg.materialize([orders], instance=instance)

    project.load(orphans=2)
    assert defs.resolve_job_def("floe_quality").execute_in_process(instance=instance).success

    [told] = project.alerts()
    assert told["downstream"] == ["dashboard"]
    assert told["background"][0].startswith("orders was last made at ")
