"""How fast breaches are detected, told of and repaired."""

from __future__ import annotations

from datetime import timedelta

import pytest

from floe_dagster.plan.check import Declined
from floe_dagster.plan.past import Response, Responses, ResponseTimes
from tests.checks.judging import NOW, check_of, judge
from tests.plan.contracts import column, dataset

pytestmark = pytest.mark.requirement("B-05")

MONTH = 30 * 86400.0


def promise(what, value=1, unit="h", custom=None, element=None, **more):
    sla = [{"property": f"timeTo{what.title()}", "value": value, "unit": unit, **more}]
    sla[0] |= {"element": element} if element else {}
    return check_of(
        f"orders.time_to_{what}",
        dataset("orders", column("id")),
        sla=sla,
        custom={"floe.interpretation": custom} if custom else None,
    )


def took(*minutes, of="repair", **more):
    return ResponseTimes(
        tuple(
            Response(
                **{
                    "title": f"e{n}",
                    "opened_at": NOW,
                    "detect_low": 0,
                    "detect": None,
                    "notify": None,
                    "repair": None,
                }
                | {of: None if each is None else each * 60.0}
                | more
            )
            for n, each in enumerate(minutes)
        )
    )


def test_the_episodes_of_the_contract_or_of_the_element_are_looked_at():
    assert promise("repair").metrics == (Responses(MONTH),)
    assert promise("repair", element="orders").metrics == (Responses(MONTH, ("orders",)),)
    assert promise("repair", valueExt="7 d").metrics == (Responses(7 * 86400.0),)


def test_what_is_no_length_of_time_is_declined():
    assert isinstance(promise("repair", 0), Declined)


@pytest.mark.parametrize("what", ["detect", "notify", "repair"])
def test_every_episode_has_to_keep_it(what):
    assert not judge(promise(what), took(10, 60, of=what)).broken
    verdict = judge(promise(what), took(10, 61, None if what != "detect" else 5, of=what))

    assert (verdict.broken, verdict.actual) == (True, 61 * 60)
    assert f"took longer to {what} in the last 30 d, the slowest 1 h 1 min (e1, " in verdict.message


@pytest.mark.parametrize(("choice", "broken"), [("every", True), ("p95", False), ("median", False)])
def test_how_many_have_to_is_a_choice(choice, broken):
    verdict = judge(promise("repair", custom={"response": choice}), took(*[10] * 19, 90))

    assert verdict.broken is broken


def test_detecting_took_as_long_as_it_may_have_unless_chosen_otherwise():
    times = took(90, of="detect", detect_low=600.0)

    assert judge(promise("detect"), times).actual == 90 * 60
    assert judge(promise("detect", custom={"time_to_detect": "at_least"}), times).actual == 600


def test_a_contract_without_breaches_keeps_it():
    verdict = judge(promise("repair"), took())

    assert (verdict.broken, verdict.actual) == (False, None)
    assert verdict.message == "Shop had no breach to repair in the last 30 d; at most 1 h promised"


def test_how_much_is_used_up_is_told():
    assert judge(promise("repair"), took(45)).used == pytest.approx(0.75)
    assert timedelta(seconds=judge(promise("repair"), took(45)).actual) == timedelta(minutes=45)
