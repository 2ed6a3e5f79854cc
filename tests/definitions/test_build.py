"""The front door: what a code location holds, and that no contract can take it down."""

from __future__ import annotations

import dagster as dg
import pytest

from floe_dagster import build_definitions
from floe_dagster.errors import SettingsError


def check(defs, instance, asset_key):
    job = dg.define_asset_job(
        "under_test", dg.AssetSelection.checks_for_assets(asset_key), executor_def=dg.in_process_executor
    )
    both = dg.Definitions.merge(defs, dg.Definitions(jobs=[job]))
    (evaluation,) = (
        both.resolve_job_def("under_test").execute_in_process(instance=instance).get_asset_check_evaluations()
    )
    return evaluation


def test_a_location_holds_assets_checks_jobs_schedules_sensors_and_the_report(project):
    defs = build_definitions(project.root)
    dg.Definitions.validate_loadable(defs)
    graph = defs.resolve_asset_graph()

    assert {each.to_user_string() for each in graph.get_all_asset_keys()} == {
        "orders",
        "customers",
        "contract/orders",
        "floe/health",
        "sla_report",
        "sla_report/daily",
        "sla_report/weekly",
        "sla_report/monthly",
    }
    assert {each.name for each in defs.jobs} == {
        "floe_availability",
        "floe_freshness",
        "floe_schema",
        "floe_quality",
        "floe_health",
        "floe_sla_report",
        "floe_sla_report_daily",
        "floe_sla_report_weekly",
        "floe_sla_report_monthly",
        "floe_upkeep",
    }
    assert {each.name: each.cron_schedule for each in defs.schedules} == {
        "floe_availability": "*/5 * * * *",
        "floe_freshness": "*/15 * * * *",
        "floe_schema": "0 */1 * * *",
        "floe_quality": "0 */6 * * *",
        "floe_health": "*/5 * * * *",
        "floe_sla_report_daily": "15 1 * * *",
        "floe_sla_report_weekly": "30 1 * * 1",
        "floe_sla_report_monthly": "45 1 1 * *",
        "floe_upkeep": "30 3 * * *",
    }
    assert {each.name for each in defs.sensors} == {"floe_alerts", "floe_lineage"}


@pytest.mark.requirement("A-02")
def test_an_external_asset_carries_what_the_contract_says(project):
    spec = build_definitions(project.root).resolve_asset_graph().get(dg.AssetKey("orders"))

    assert spec.description == "One row for each order"
    assert set(spec.owners) == {"ada@example.com", "team:shop"}
    assert spec.group_name == "shop"
    assert spec.kinds == {"duckdb"}
    assert [each.name for each in spec.metadata["dagster/column_schema"].columns] == [
        "id",
        "customer",
        "amount",
        "at",
    ]
    assert spec.metadata["dagster/code_references"].code_references[0].line_number == 20


def test_what_the_user_said_of_an_asset_is_kept(project):
    @dg.asset(description="mine", owners=["me@example.com"], kinds={"python"}, group_name="mine")
    def orders() -> None: ...

    spec = build_definitions(project.root, assets=[orders]).resolve_asset_graph().get(dg.AssetKey("orders"))

    assert (spec.description, spec.group_name, list(spec.owners), spec.kinds) == (
        "mine",
        "mine",
        ["me@example.com"],
        {"python"},
    )
    assert spec.metadata["floe/contract"].value == "shop.orders"


@pytest.mark.parametrize(
    "text",
    ["apiVersion: v3.1.0\n", ": not yaml : [", "", "a: &a [*a]", "\x00"],
    ids=["incomplete", "no yaml", "empty", "alias", "control character"],
)
def test_an_invalid_contract_is_a_failing_check_and_everything_else_loads(project, instance, text):
    project.contract("broken", text)

    defs = build_definitions(project.root)

    evaluation = check(defs, instance, "contract/broken")
    assert not evaluation.passed
    assert "broken.odcs.yaml" in evaluation.description
    assert dg.AssetKey("orders") in defs.resolve_asset_graph().get_all_asset_keys()
    assert len(project.alerts()) == 1


def test_a_name_that_dagster_refuses_is_a_failing_check(project, instance):
    text = (project.root / "contracts/orders.odcs.yaml").read_text()
    project.contract(
        "spaced",
        text.replace("id: shop.orders", "id: spaced")
        .replace("name: orders", "name: My Orders")
        .replace("orders.at", "My Orders.at")
        .replace("name: customers", "name: clients")
        .replace("to: customers.id", "to: clients.id"),
    )

    evaluation = check(build_definitions(project.root), instance, "contract/spaced")

    assert not evaluation.passed
    assert "floe.assetKey" in evaluation.description


def test_two_contracts_for_one_dataset_are_two_failing_checks_and_no_dead_location(project, instance):
    text = (project.root / "contracts/orders.odcs.yaml").read_text()
    project.contract("again", text.replace("id: shop.orders", "id: shop.again"))

    defs = build_definitions(project.root)

    for key in ("contract/orders", "contract/again"):
        assert "the same asset is claimed" in check(defs, instance, key).description


@pytest.mark.requirement("A-04")
def test_no_contract_at_all_is_fine(project):
    (project.root / "contracts/orders.odcs.yaml").unlink()

    keys = build_definitions(project.root).resolve_asset_graph().get_all_asset_keys()

    assert {each.to_user_string() for each in keys} == {
        "floe/health",
        "sla_report",
        "sla_report/daily",
        "sla_report/weekly",
        "sla_report/monthly",
    }


def test_no_contract_folder_is_fine_too(project):
    (project.root / "contracts/orders.odcs.yaml").unlink()
    (project.root / "contracts").rmdir()

    dg.Definitions.validate_loadable(build_definitions(project.root))


def test_a_cadence_that_cron_cannot_say_is_refused_with_what_it_can(project):
    project.manifest("timeout: 2 s", "timeout: 2 s\ncadence: {freshness: 7 min}")

    with pytest.raises(SettingsError, match="divide an hour"):
        build_definitions(project.root)
