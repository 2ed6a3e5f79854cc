"""What goes to Dagster: with `publish: on_change` only what says something new, on both of its storages."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg
import pytest
from sqlalchemy.engine import make_url

from floe_dagster import build_definitions
from floe_dagster.definitions.shown import Shown, shown, worth_showing
from tests.outcome.outcomes import START, kept

NOW = START
ORPHANS = dg.AssetCheckKey(dg.AssetKey("orders"), "customer_relationship")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def history(request, instance):
    if request.param == "sqlite":
        yield instance
        return
    url = make_url(request.getfixturevalue("postgres_url")).set(drivername="postgresql")
    storage = {"postgres": {"postgres_url": url.render_as_string(hide_password=False)}}
    with dg.instance_for_test(overrides={"storage": storage}) as found:
        yield found


def published(project, history):
    job = build_definitions(project.root).resolve_job_def("floe_quality")
    result = job.execute_in_process(instance=history)
    return {each.check_name for each in result.get_asset_check_evaluations()}


def test_only_what_changed_is_published_and_all_again_after_a_materialization(project, history):
    project.manifest("timeout: 2 s", "timeout: 2 s\npublish: on_change")
    history.wipe_assets([dg.AssetKey("orders"), dg.AssetKey("customers")])

    first = published(project, history)
    assert "customer_relationship" in first
    assert published(project, history) == set()

    project.load(orphans=2)
    assert published(project, history) == {"customer_relationship"}

    history.report_runless_asset_event(dg.AssetMaterialization("orders"))
    again = published(project, history)
    assert "customer_relationship" in again
    assert len(again) < len(first)


def test_what_is_shown_is_what_was_published_last(project, history):
    history.wipe_assets([dg.AssetKey("orders"), dg.AssetKey("customers")])
    project.load(orphans=2)
    published(project, history)

    now = shown(history, [ORPHANS, dg.AssetCheckKey(dg.AssetKey("orders"), "never_run")])

    assert {key: (each.status, each.severity, each.current) for key, each in now.items()} == {
        ORPHANS: ("failed", "error", True)
    }


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (None, True),
        (Shown(status="passed", severity="error", at=NOW, current=True), False),
        (Shown(status="passed", severity="error", at=NOW, current=False), True),
        (Shown(status="failed", severity="error", at=NOW, current=True), True),
        (Shown(status="passed", severity="warning", at=NOW, current=True), True),
        (Shown(status="passed", severity="error", at=NOW - timedelta(hours=6), current=True), True),
    ],
    ids=[
        "never shown",
        "the same",
        "hidden by a materialization",
        "another status",
        "another severity",
        "long ago",
    ],
)
def test_an_outcome_is_worth_showing_where_it_says_something_new(now, expected):
    assert worth_showing(kept(0), now, timedelta(hours=6)) is expected
