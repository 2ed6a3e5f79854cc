"""Checks in Dagster: each can be run alone, none fails a run, and none is lost because of a neighbour."""

from __future__ import annotations

import dagster as dg
import duckdb
import pytest

from floe_dagster import build_definitions


def run(defs, instance, selection, **kwargs):
    job = dg.define_asset_job("under_test", selection=selection, executor_def=dg.in_process_executor)
    both = dg.Definitions.merge(defs, dg.Definitions(jobs=[job]))
    return both.resolve_job_def("under_test").execute_in_process(instance=instance, **kwargs)


def evaluations(result):
    return {
        (each.asset_key.to_user_string(), each.check_name): each
        for each in result.get_asset_check_evaluations()
    }


@pytest.mark.requirement("A-03")
def test_every_dataset_has_its_checks_of_all_four_kinds(project):
    graph = build_definitions(project.root).resolve_asset_graph()
    names = {key.name for key in graph.asset_check_keys if key.asset_key == dg.AssetKey("orders")}

    assert {
        "schema",
        "availability",
        "id_required",
        "id_unique",
        "customer_relationship",
        "amount_minimum",
    } <= names
    assert any("freshness" in each for each in names)


def test_the_execute_button_on_one_check_runs_that_one_only(project, instance):
    project.load(orphans=4)
    only = dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey("orders"), "customer_relationship"))

    result = run(build_definitions(project.root), instance, only)

    ((where, evaluation),) = evaluations(result).items()
    assert where == ("orders", "customer_relationship")
    assert not evaluation.passed
    assert evaluation.metadata["floe/actual"].value == 4
    assert result.success


@pytest.mark.requirement("A-08")
def test_checks_run_in_the_same_run_after_the_asset_that_the_user_wrote(project, instance):
    @dg.asset
    def orders() -> None:
        project.load(orphans=2)

    result = run(
        build_definitions(project.root, assets=[orders]), instance, dg.AssetSelection.assets("orders")
    )

    assert evaluations(result)["orders", "customer_relationship"].metadata["floe/actual"].value == 2
    assert len(project.alerts()) == 1


def test_an_asset_that_fails_does_not_hide_the_checks_of_its_neighbour_in_the_same_contract(
    project, instance
):
    @dg.asset
    def customers() -> None:
        """Stays as it is."""

    @dg.asset
    def orders() -> None:
        raise RuntimeError("the source is down")

    defs = build_definitions(project.root, assets=[customers, orders])
    result = run(defs, instance, dg.AssetSelection.assets("customers", "orders"), raise_on_error=False)

    checked = {asset for asset, _ in evaluations(result)}
    assert checked == {"customers"}


@pytest.mark.requirement("A-10")
def test_a_failed_check_leaves_the_run_green(project, instance):
    project.load(orphans=10)

    result = run(build_definitions(project.root), instance, dg.AssetSelection.checks_for_assets("orders"))

    assert result.success
    assert not all(each.passed for each in result.get_asset_check_evaluations())


def test_a_missing_database_is_unknown_and_unavailable_and_leaves_the_run_green(project, instance):
    (project.root / "shop.duckdb").unlink()

    result = run(build_definitions(project.root), instance, dg.AssetSelection.checks_for_assets("orders"))

    found = evaluations(result)
    assert result.success
    assert found["orders", "availability"].metadata["floe/status"].value == "failed"
    assert found["orders", "amount_minimum"].metadata["floe/status"].value == "error"
    assert found["orders", "amount_minimum"].severity is dg.AssetCheckSeverity.WARN


def test_a_dead_store_does_not_keep_the_results_from_dagster(project, instance):
    project.manifest(f"sqlite:///{project.root}/floe.db", "postgresql://nobody@127.0.0.1:1/x")

    result = run(build_definitions(project.root), instance, dg.AssetSelection.checks_for_assets("orders"))

    assert result.success
    assert all(each.passed for each in result.get_asset_check_evaluations())


def test_a_table_that_is_not_there_is_a_broken_promise_of_its_structure_and_unknown_otherwise(
    project, instance
):
    with duckdb.connect(str(project.root / "shop.duckdb")) as connection:
        connection.execute("drop table orders")

    found = evaluations(
        run(
            build_definitions(project.root),
            instance,
            dg.AssetSelection.checks_for_assets("orders", "customers"),
        )
    )

    assert found["orders", "schema"].metadata["floe/status"].value == "failed"
    assert found["orders", "amount_minimum"].metadata["floe/status"].value == "error"
    assert found["customers", "schema"].passed


def test_an_alert_says_where_to_look_in_dagster(project, instance):
    project.load(orphans=1)

    run(build_definitions(project.root), instance, dg.AssetSelection.checks_for_assets("orders"))

    (alert,) = project.alerts()
    assert (
        alert["link"]
        == "http://dagster.example.com/assets/orders?view=checks&checkDetail=customer_relationship"
    )
