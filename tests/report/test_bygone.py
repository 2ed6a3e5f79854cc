"""What changed in contracts, told from the versions that the store keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from floe_dagster.bygone import changes_between, promised_at, promised_before
from floe_dagster.contract.document import read
from floe_dagster.report.telling import changed
from floe_dagster.settings import load_settings
from floe_dagster.state.records import ContractVersion
from floe_dagster.watchlist import load_watchlist
from tests.project import CONTRACT, Project

pytestmark = [pytest.mark.requirement("G-02"), pytest.mark.requirement("G-03")]

BEGAN = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def watchlist(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("bygone"))
    return load_watchlist(load_settings(project.root / "floe.yaml"))


def at(days: float) -> datetime:
    return BEGAN + timedelta(days=days)


def version(name: str, number: int, first: float, last: float) -> ContractVersion:
    """A contract that was seen from one day to another; each number promises another freshness."""
    text = (
        CONTRACT.replace("id: shop.orders", f"id: {name}")
        .replace("version: 1.0.0", f"version: {number}.0.0")
        .replace("value: 1, unit: d", f"value: {number}, unit: d")
    )
    found = read(text, f"{name}.odcs.yaml").contract
    assert found is not None
    return ContractVersion(
        contract=name,
        digest=found.digest,
        version=found.version,
        text=text,
        first_seen=at(first),
        last_seen=at(last),
    )


def told(watchlist, versions, start: float, end: float = 20):
    """What is said of each contract, and from when on."""
    kept = sorted(versions, key=lambda each: (each.first_seen, each.contract, each.digest))
    before = promised_before(kept, watchlist, at(start))
    after = promised_at(kept, watchlist, (), at(end))
    found = changes_between(before, after, kept, at(start), at(end))
    return {each.contract: (changed(each), each.at) for each in found}


@pytest.mark.parametrize("start", [-30, 0, 0.4])
def test_what_the_store_knew_from_its_beginning_is_not_called_new(watchlist, start):
    versions = [version("a", 1, 0, 30), version("b", 1, 0.5, 30)]
    assert told(watchlist, versions, start) == {}


def test_what_changed_after_the_beginning_is_a_change_and_nothing_new(watchlist):
    versions = [version("a", 1, 0, 5), version("a", 2, 5, 30)]
    said, when = told(watchlist, versions, -30)["a"]
    assert said.startswith("version 1.0.0 to 2.0.0: freshness of orders.at: 1 d to 2 d")
    assert when == at(5)


def test_what_the_store_saw_for_the_first_time_later_is_first_seen(watchlist):
    versions = [version("a", 1, 0, 30), version("b", 1, 3, 6), version("b", 2, 6, 30)]
    expected = {"b": ("first seen, version 2.0.0", at(3))}
    assert told(watchlist, versions, -30) == expected
    assert told(watchlist, versions, 2) == expected
    assert list(told(watchlist, versions, 4)) == ["b"]
    assert told(watchlist, versions, 7) == {}


def test_what_was_there_from_the_beginning_and_is_gone_is_said_to_be(watchlist):
    versions = [version("a", 1, 0, 30), version("b", 1, 0, 4)]
    assert told(watchlist, versions, -30)["b"][0] == "no longer promised; it was version 1.0.0"


def test_what_came_back_was_seen_before_and_is_promised_again(watchlist):
    versions = [version("a", 1, 0, 30), version("b", 1, 0, 2), version("b", 2, 9, 30)]
    said, when = told(watchlist, versions, 6)["b"]
    assert (said, when) == ("promised again, version 2.0.0; it was version 1.0.0", at(9))


def test_a_store_that_knows_no_version_tells_of_no_change(watchlist):
    assert told(watchlist, [], -30) == {}
