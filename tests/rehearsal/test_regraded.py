"""Another grading makes of a stored outcome what it would have made of the measurement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.outcome.grade import regraded
from floe_dagster.plan.check import Severity, Status
from floe_dagster.settings import Grading
from tests.posting.platform import measured

pytestmark = pytest.mark.requirement("D-08")

shares = st.floats(0, 1)
severities = st.sampled_from(list(Severity))


def kept(used, own, grading):
    """A kept promise as it is recorded under a grading."""
    raw = measured(0, broken=False, used=used, severity=own)
    return regraded(raw, grading, own)


@given(st.floats(0, 1.2), severities, shares, shares, shares, shares)
def test_grading_again_forgets_how_it_was_graded_before(used, own, a, b, c, d):
    one, other = Grading(info_at=a, warning_at=b), Grading(info_at=c, warning_at=d)
    assert regraded(kept(used, own, one), other, own) == kept(used, own, other)


@given(st.floats(0, 1.2), severities, shares, shares)
def test_a_warning_is_no_more_severe_than_the_check(used, own, a, b):
    found = kept(used, own, Grading(info_at=a, warning_at=b))
    assert found.severity.rank <= own.rank
    assert (found.status is Status.WARNED) is (used >= min(a, b))


@pytest.mark.parametrize(
    "fact",
    [
        {"broken": True, "used": 0.1},
        {"broken": False, "status": Status.ERROR},
        {"broken": False, "status": Status.WARNED, "severity": Severity.WARNING},
        {"broken": False},
        {"broken": False, "status": Status.INFORMATIONAL, "used": 0.99},
    ],
)
def test_what_was_not_graded_by_how_much_was_used_stays_as_it_was(fact):
    outcome = measured(0, **fact)
    assert regraded(outcome, Grading(info_at=0, warning_at=0), Severity.INFO) is outcome
