"""What is ours in customProperties is known, or warned of."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.contract.properties import PLACES, zone_problem

pytestmark = pytest.mark.requirement("A-01")


def of_contract(name: str, value: str = "x") -> str:
    return f"customProperties:\n- {{property: {name}, value: {value}}}\nschema:\n- {{name: a}}\n"


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("Europe/Berln", 'there is no time zone "Europe/Berln"; did you mean "Europe/Berlin"?'),
        ("berlin", 'there is no time zone "berlin"; did you mean "Europe/Berlin"?'),
        ("europe/paris", 'there is no time zone "europe/paris"; did you mean "Europe/Paris"?'),
        ("Zzz", 'there is no time zone "Zzz"; write a name, such as Europe/Berlin'),
        ("../../etc/passwd", "there is no time zone"),
        ("2", "2 is no time zone; write a name, such as Europe/Berlin"),
        ("[UTC]", "is no time zone; write a name"),
        ("null", "null is no time zone"),
    ],
)
def test_a_zone_that_is_none_is_warned_of_with_its_line_and_the_nearest(problems, written, hint):
    (found,) = problems(of_contract("floe.zone", written))

    assert (found.rule, found.severity, found.path, found.line) == (
        "lint.zone",
        "warning",
        "customProperties[0].value",
        9,
    )
    assert hint in found.message
    assert found.message.endswith("; until then its days are of the zone of the manifest")


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
def test_a_zone_that_is_one_is_not(problems, zone):
    assert problems(of_contract("floe.zone", zone)) == ()


@given(st.text(max_size=40))
def test_a_problem_is_found_exactly_where_there_is_no_such_zone(text):
    try:
        ZoneInfo(text)
        is_known = True
    except (KeyError, ValueError, OSError):
        is_known = False

    assert (zone_problem(text) is None) is is_known


def test_a_property_that_is_not_known_names_the_nearest(problems):
    (found,) = problems(of_contract("floe.zoen"))

    assert (found.rule, found.path, found.line) == ("lint.custom-property", "customProperties[0].property", 9)
    assert found.message == '"floe.zoen" is not known, and does nothing; did you mean "floe.zone"?'


def test_a_property_that_stands_where_it_is_not_read_says_where_it_belongs(problems):
    custom = "customProperties: [{property: floe.zone, value: UTC}, {property: floe.samples, value: off}]"
    body = f"schema:\n- name: a\n  {custom}\n  properties:\n  - name: b\n    {custom}\n"

    assert [(each.path, each.message) for each in problems(body)] == [
        (
            "schema[0].customProperties[0].property",
            '"floe.zone" of a dataset is not read; it belongs to the contract',
        ),
        (
            "schema[0].properties[0].customProperties[0].property",
            '"floe.zone" of a column is not read; it belongs to the contract',
        ),
        (
            "schema[0].properties[0].customProperties[1].property",
            '"floe.samples" of a column is not read; it belongs to the contract or dataset',
        ),
    ]


def test_what_is_not_ours_is_left_alone(problems):
    assert problems(of_contract("flow.zone")) == ()
    assert problems(of_contract("floezone")) == ()


@pytest.mark.parametrize("name", sorted(PLACES))
def test_every_property_of_ours_is_taken_where_it_belongs(problems, name):
    custom = f"customProperties: [{{property: {name}, value: UTC}}]\n"
    body = "schema:\n- name: a\n"
    of_dataset, of_whole = f"{body}  {custom}", f"{custom}{body}"

    for place, written in (("dataset", of_dataset), ("contract", of_whole)):
        warned = "lint.custom-property" in [each.rule for each in problems(written)]
        assert warned is (place not in PLACES[name])
