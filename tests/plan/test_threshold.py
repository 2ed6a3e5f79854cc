from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.contract.model import Operator, Threshold
from floe_dagster.plan.threshold import as_number, holds, numeric


def threshold(operator, value):
    return Threshold(operator=operator, value=value)


@pytest.mark.requirement("B-03")
@pytest.mark.parametrize(
    ("operator", "below", "at", "above"),
    [
        ("=", False, True, False),
        ("!=", True, False, True),
        (">", False, False, True),
        (">=", False, True, True),
        ("<", True, False, False),
        ("<=", True, True, False),
    ],
)
def test_an_operator_compares_with_its_value(operator, below, at, above):
    promised = threshold(Operator(operator), 5)

    assert [holds(promised, each) for each in (4, 5, 6)] == [below, at, above]


@pytest.mark.parametrize(("inclusive", "expected"), [(True, [0, 1, 1, 1, 0]), (False, [0, 0, 1, 0, 0])])
def test_the_ends_of_a_between_belong_to_it_as_chosen(inclusive, expected):
    inside = threshold(Operator.BETWEEN, (5, 7))
    outside = threshold(Operator.NOT_BETWEEN, (5, 7))

    for number, kept in zip((4, 5, 6, 7, 8), expected, strict=True):
        assert holds(inside, number, inclusive=inclusive) is bool(kept)
        assert holds(outside, number, inclusive=inclusive) is not bool(kept)


@given(st.integers() | st.floats(allow_nan=False), st.integers(-1000, 1000))
def test_at_most_is_the_opposite_of_above(actual, limit):
    assert holds(threshold(Operator.AT_MOST, limit), actual) is not holds(
        threshold(Operator.ABOVE, limit), actual
    )


def test_a_condition_that_an_engine_answers_with_one_is_true():
    assert holds(threshold(Operator.EQUAL, True), 1) is True
    assert holds(threshold(Operator.EQUAL, True), 0) is False
    assert holds(threshold(Operator.EQUAL, 1), True) is True


def test_a_number_and_a_text_of_that_number_are_the_same():
    assert holds(threshold(Operator.EQUAL, "5"), 5) is True
    assert holds(threshold(Operator.EQUAL, 5), "5.0") is True


def test_text_is_compared_as_it_is():
    assert holds(threshold(Operator.EQUAL, "05"), "5") is False
    assert holds(threshold(Operator.NOT_EQUAL, "a"), "b") is True


@pytest.mark.parametrize("actual", [float("nan"), "many", True, None])
def test_what_is_no_number_cannot_be_compared(actual):
    assert holds(threshold(Operator.BELOW, 5), actual) is None


def test_a_float_that_was_computed_is_what_was_promised():
    assert holds(threshold(Operator.EQUAL, 0.3), 0.1 + 0.2) is True


def test_only_thresholds_of_numbers_are_numeric():
    assert numeric(threshold(Operator.BETWEEN, ("1", "2.5"))) == threshold(Operator.BETWEEN, (1, 2.5))
    assert numeric(threshold(Operator.EQUAL, "zero")) is None
    assert numeric(threshold(Operator.EQUAL, True)) is None
    assert as_number("1e3") == 1000
