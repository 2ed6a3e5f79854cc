from __future__ import annotations

import pytest

from floe_dagster.outcome.grade import grade
from floe_dagster.plan.check import Severity, Status, Verdict
from floe_dagster.plan.metric import Cause, NotMeasured
from floe_dagster.settings import Grading
from tests.plan.contracts import column, dataset, item, plan

pytestmark = pytest.mark.requirement("C-02")


def check(severity="error"):
    rule = {"id": "it", "metric": "rowCount", "mustBe": 5, "severity": severity}
    return item(plan(dataset("orders", column("a"), quality=[rule])), "orders.it")


def graded(severity="error", **verdict):
    return grade(check(severity), Verdict(**{"broken": False, "message": ""} | verdict), Grading())


def test_a_kept_promise_passes():
    assert graded() == (Status.PASSED, Severity.ERROR)


@pytest.mark.parametrize(
    ("severity", "status"),
    [
        ("info", Status.WARNED),
        ("warning", Status.WARNED),
        ("error", Status.FAILED),
        ("critical", Status.FAILED),
    ],
)
def test_a_broken_promise_fails_from_error_on(severity, status):
    assert graded(severity, broken=True) == (status, Severity(severity))


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (0.79, (Status.PASSED, Severity.ERROR)),
        (0.8, (Status.WARNED, Severity.INFO)),
        (0.89, (Status.WARNED, Severity.INFO)),
        (0.9, (Status.WARNED, Severity.WARNING)),
        (1.0, (Status.WARNED, Severity.WARNING)),
    ],
)
def test_a_promise_that_is_nearly_used_up_is_warned_of(used, expected):
    assert graded(used=used) == expected


def test_nobody_is_warned_more_severely_than_the_check_is():
    assert graded("info", used=0.95) == (Status.WARNED, Severity.INFO)


def test_the_limits_are_settings():
    verdict = Verdict(broken=False, message="", used=0.5)

    assert grade(check(), verdict, Grading(info_at=0.4, warning_at=0.5)) == (Status.WARNED, Severity.WARNING)


@pytest.mark.parametrize("cause", [each for each in Cause if each is not Cause.UNSUPPORTED])
def test_what_could_not_be_measured_is_an_error_and_no_failure(cause):
    assert graded(unknown=NotMeasured(cause, "")) == (Status.ERROR, Severity.ERROR)


def test_what_never_can_be_measured_is_not_executable():
    assert graded(unknown=NotMeasured(Cause.UNSUPPORTED, "")) == (Status.NOT_EXECUTABLE, Severity.ERROR)


def test_a_verdict_that_names_a_severity_is_of_that_severity():
    assert graded(severity="error") == (Status.PASSED, Severity.ERROR)
    assert grade(check(), Verdict(broken=False, message="", severity=Severity.WARNING), Grading()) == (
        Status.WARNED,
        Severity.WARNING,
    )
    assert grade(check(), Verdict(broken=True, message="", severity=Severity.CRITICAL), Grading()) == (
        Status.FAILED,
        Severity.CRITICAL,
    )
