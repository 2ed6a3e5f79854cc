from __future__ import annotations

from pathlib import Path

import pytest

from floe_dagster.plan.check import Declined
from floe_dagster.plan.interpretation import AMBIGUITIES, profile
from tests.plan.contracts import column, contract, dataset, ids, item, plan

DOCUMENT = (Path(__file__).parents[2] / "docs" / "interpretation.md").read_text(encoding="utf-8")


def choices(custom=None, of_dataset=None):
    made = contract(
        dataset("orders", column("id"), customProperties=as_properties(of_dataset)), custom=custom
    )
    return profile(made, made.datasets[0])


def as_properties(custom):
    return [{"property": name, "value": value} for name, value in (custom or {}).items()]


def test_without_an_override_every_default_stands():
    found, refused = choices()

    assert found == {each.name: each.default for each in AMBIGUITIES}
    assert refused == ()


def test_a_contract_overrides_the_defaults_and_a_dataset_the_contract():
    found, _ = choices(
        {"floe.interpretation": {"between": "exclusive", "duplicates": "rows"}},
        {"floe.interpretation": {"duplicates": "groups"}},
    )

    assert (found["between"], found["duplicates"]) == ("exclusive", "groups")


@pytest.mark.parametrize(
    ("written", "value", "name", "expected"),
    [
        ("undeclaredColumns", "fail", "undeclared_columns", "fail"),
        ("missingIncludesNull", False, "missing_includes_null", "no"),
        ("retention", "atMost", "retention", "at_most"),
        ("naiveTimestamps", "Europe/Berlin", "naive_timestamps", "Europe/Berlin"),
        ("unit_m", "months", "unit_m", "months"),
    ],
)
def test_an_override_may_be_spelled_as_the_standard_spells(written, value, name, expected):
    found, refused = choices({"floe.interpretation": {written: value}})

    assert found[name] == expected
    assert refused == ()


def test_undeclared_columns_have_a_property_of_their_own():
    found, _ = choices({"floe.undeclaredColumns": "fail"}, {"floe.undeclaredColumns": "allow"})

    assert found["undeclared_columns"] == "allow"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"betwen": "exclusive"}, 'floe.interpretation has no "betwen"; did you mean "between"?'),
        (
            {"between": "perhaps"},
            'floe.interpretation: "perhaps" is no choice for between; known are inclusive and exclusive',
        ),
        (
            {"naive_timestamps": "Mars/Olympus"},
            'floe.interpretation: "Mars/Olympus" is no choice for naive_timestamps; known are names of time zones, such as Europe/Berlin',
        ),
        (
            "exclusive",
            "floe.interpretation is not a mapping of names to choices; write it as {between: exclusive}",
        ),
    ],
)
def test_an_override_that_cannot_be_used_is_declined_and_the_default_stands(given, expected):
    custom = {"floe.interpretation": given}
    found, refused = choices(custom)

    assert found["between"] == "inclusive"
    assert [each.reason for each in refused] == [expected]
    declined = [
        each
        for each in plan(dataset("orders", column("id")), custom=custom).items
        if isinstance(each, Declined)
    ]
    assert [each.reason for each in declined] == [f"{expected}; the default is used"]


def test_an_override_of_a_contract_is_refused_once_and_not_for_each_dataset():
    found = plan(
        dataset("a", column("id")), dataset("b", column("id")), custom={"floe.interpretation": {"x": "y"}}
    )

    assert [each for each in ids(found) if "interpretation" in each] == ["a.interpretation_x"]


@pytest.mark.requirement("B-03")
def test_a_check_records_the_choices_that_it_is_judged_by():
    rule = {"metric": "duplicateValues", "mustBeBetween": [0, 5], "unit": "percent"}
    found = plan(
        dataset("orders", column("id", quality=[rule])),
        custom={"floe.interpretation": {"between": "exclusive"}},
    )

    assert item(found, "orders.id.duplicate_values").interpretation == (
        ("duplicates", "excess"),
        ("between", "exclusive"),
        ("percent_of", "rows"),
    )


@pytest.mark.parametrize("ambiguity", AMBIGUITIES, ids=lambda each: each.name)
def test_every_ambiguity_is_documented_with_its_default_and_its_choices(ambiguity):
    section = DOCUMENT.partition(f"## `{ambiguity.name}`")[2].partition("\n## ")[0]

    assert ambiguity.question in section
    assert f"Default: `{ambiguity.default}`" in section
    assert all(f"`{each}`" in section for each in ambiguity.choices)
    assert "```yaml" in section
