"""Judging in tests: one check of a contract, answers as given, the verdict that the kind gives."""

from __future__ import annotations

from datetime import UTC, datetime

from floe_dagster.plan.metric import Measured, NotMeasured
from tests.plan.contracts import all_kinds, item, plan

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def check_of(id_, *datasets, **more):
    return item(plan(*datasets, with_kinds=all_kinds(), **more), id_)


def judge(check, *answers, now=NOW):
    given = tuple(each if isinstance(each, NotMeasured | Measured) else Measured(each) for each in answers)
    assert len(given) == len(check.metrics)
    return all_kinds()[check.kind].judge(check, given, now)
