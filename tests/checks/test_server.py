"""Whether it is the server that is down, and not a dataset."""

from __future__ import annotations

import pytest

from floe_dagster.plan.metric import Cause, NotMeasured, Probe, Table
from floe_dagster.plan.past import Reach, Reached
from tests.checks.judging import check_of, judge
from tests.plan.contracts import column, dataset, ids, plan

pytestmark = pytest.mark.requirement("B-04")

TWO = (dataset("orders", column("id")), dataset("customers", column("id")))
PROMISED = [{"property": "availability", "value": 99.9}]
SILENT = NotMeasured(Cause.UNREACHABLE, "no answer from db:5432")


def server():
    return check_of("orders.server", *TWO, sla=PROMISED)


def test_a_contract_that_promises_the_availability_of_several_datasets_has_one():
    assert server().metrics == (Probe(), Reached((Table("orders"), Table("customers"))))
    assert "customers.server" not in ids(plan(*TWO, sla=PROMISED))


def test_other_contracts_have_none():
    for found in (plan(*TWO), plan(TWO[0], sla=PROMISED), plan(*TWO, sla=PROMISED, servers=())):
        assert [each for each in found.items if each.kind == "server"] == []


def test_a_server_that_answers_nothing_is_down_and_is_named():
    verdict = judge(server(), SILENT, Reach(server="prod", tried=2))

    assert verdict.broken
    assert verdict.message == (
        'the server "prod" does not answer, and none of 2 datasets can be read: no answer from db:5432'
    )


def test_one_answer_shows_that_it_is_there():
    assert not judge(server(), SILENT, Reach(server="prod", tried=2, answered=1)).broken
    assert not judge(server(), 0.1, Reach(server="prod", tried=2, answered=2)).broken


@pytest.mark.parametrize("cause", [Cause.NO_DATASET, Cause.DENIED, Cause.LOCKED])
def test_so_does_a_refusal_that_only_a_server_can_give(cause):
    verdict = judge(server(), NotMeasured(cause, "no"), Reach(server="prod", tried=2))

    assert (verdict.broken, verdict.unknown) == (False, None)


def test_what_cannot_even_be_tried_is_unknown():
    gap = NotMeasured(Cause.MISCONFIGURED, "SHOP_URL is not set")

    assert judge(server(), gap, Reach(server="prod", tried=2)).unknown is gap


def test_where_nothing_is_remembered_the_probe_alone_counts():
    gap = NotMeasured(Cause.UNSUPPORTED, "nothing is remembered here")

    assert judge(server(), SILENT, gap).broken
    assert not judge(server(), 0.1, gap).broken
