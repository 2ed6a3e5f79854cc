"""Laws of every plan, over contracts that try to break them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floe_dagster.contract.model import (
    Column,
    Constraint,
    Contract,
    CustomRule,
    Dataset,
    LibraryRule,
    Operator,
    Promise,
    Relationship,
    Server,
    SqlRule,
    TextRule,
    Threshold,
)
from floe_dagster.plan.check import Check, Declined, Noted
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.construct import constructs
from floe_dagster.plan.coverage import coverage
from floe_dagster.plan.explain import explain
from tests.plan.contracts import all_kinds

a_hundred = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# few names, and such as collide once they are made to fit: nothing else would find two things of one id
names = st.sampled_from(["a", "A", "a.b", "a_b", "a b", "ä", "ü", "数", "", "a.required", "schema", "x" * 90])
maybe = st.none() | names
scalars = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "1", "x" * 5, ""])
types = st.sampled_from([None, "string", "integer", "number", "date", "timestamp", "object", "array", "map"])
thresholds = st.none() | st.builds(
    Threshold, operator=st.sampled_from(Operator), value=scalars
).filter(lambda one: one.operator not in (Operator.BETWEEN, Operator.NOT_BETWEEN)) | st.builds(
    Threshold,
    operator=st.sampled_from([Operator.BETWEEN, Operator.NOT_BETWEEN]),
    value=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)  # fmt: skip
said = {
    "path": st.just(""),
    "id": maybe,
    "name": maybe,
    "severity": maybe,
    "unit": maybe | st.just("percent"),
}
rules = st.one_of(
    st.builds(
        LibraryRule,
        **said,
        metric=st.sampled_from(
            ["nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount", "x"]
        ),
        arguments=st.dictionaries(
            st.sampled_from(["missingValues", "validValues", "pattern", "properties", "y"]),
            scalars | st.lists(scalars, max_size=2),
            max_size=2,
        ),
        threshold=thresholds,
    ),
    st.builds(
        SqlRule,
        **said,
        query=st.sampled_from(["select 1", "select {property}", "${x}"]),
        threshold=thresholds,
    ),
    st.builds(TextRule, **said),
    st.builds(
        CustomRule,
        **said,
        engine=st.sampled_from(["floe", "soda"]),
        implementation=st.sampled_from(["fill_rate", {"check": "weekend_volume"}, {"check": "nobody"}, {}]),
    ),
)
constraints = st.builds(
    Constraint,
    path=st.just(""),
    name=st.sampled_from(
        ["minimum", "exclusive_minimum", "max_length", "pattern", "format", "multiple_of", "odd"]
    ),
    value=scalars,
)
relationships = st.builds(
    Relationship,
    path=st.just(""),
    columns=st.lists(names, max_size=2).map(tuple),
    to_dataset=names,
    to_columns=st.lists(names, max_size=2).map(tuple),
    unresolved=maybe,
)


def columns(depth):
    return st.builds(
        Column,
        path=st.just(""),
        name=names,
        physical_name=names,
        logical_type=types,
        physical_type=st.none() | st.just("VARCHAR(5)"),
        required=st.booleans(),
        unique=st.booleans(),
        primary_key=st.booleans(),
        primary_key_position=st.none() | st.integers(-1, 3),
        values=st.none() | st.lists(scalars, max_size=2).map(tuple),
        constraints=st.lists(constraints, max_size=3).map(tuple),
        rules=st.lists(rules, max_size=2).map(tuple),
        relationships=st.lists(relationships, max_size=1).map(tuple),
        measure=st.booleans(),
        columns=st.lists(columns(depth - 1), max_size=1).map(tuple) if depth else st.just(()),
    )


datasets = st.builds(
    Dataset,
    path=st.just(""),
    name=names,
    physical_name=names,
    columns=st.lists(columns(1), max_size=3).map(tuple),
    rules=st.lists(rules, max_size=3).map(tuple),
    relationships=st.lists(relationships, max_size=2).map(tuple),
    custom=st.just({}) | st.just({"floe.interpretation": {"between": "sometimes"}}),
)
promises = st.builds(
    Promise,
    path=st.just(""),
    property=st.sampled_from(
        [
            "freshness",
            "latency",
            "availability",
            "retention",
            "endOfLife",
            "generalAvailability",
            "frequency",
            "?",
        ]
    ),
    value=scalars | st.just("2026-01-01"),
    unit=st.sampled_from([None, "d", "m", "%", "parsec"]),
    elements=st.lists(st.tuples(names, maybe), max_size=3).map(tuple),
    unresolved=maybe,
    id=maybe,
)


def _placed(contract):
    """The contract with every element at its own place, as the reader would have put it."""

    def part(element, path):
        more = {}
        for field, key in (
            ("rules", "quality"),
            ("relationships", "relationships"),
            ("columns", "properties"),
        ):
            if hasattr(element, field) and not isinstance(element, Relationship):
                found = getattr(element, field)
                more[field] = tuple(part(each, f"{path}.{key}[{place}]") for place, each in enumerate(found))
        if hasattr(element, "constraints"):
            more["constraints"] = tuple(
                part(each, f"{path}.logicalTypeOptions.{place}")
                for place, each in enumerate(element.constraints)
            )
        return replace(element, path=path, **more)

    return replace(
        contract,
        datasets=tuple(part(each, f"schema[{place}]") for place, each in enumerate(contract.datasets)),
        promises=tuple(part(each, f"slaProperties[{place}]") for place, each in enumerate(contract.promises)),
    )


contracts = st.builds(
    Contract,
    id=st.just("c"),
    version=st.just("1"),
    api_version=st.sampled_from(["v3.0.2", "v3.1.0"]),
    status=st.just("active"),
    source=st.just("c.odcs.yaml"),
    digest=st.just(""),
    servers=st.just(()) | st.just((Server(path="servers[0]", name="s", type="duckdb"),)),
    datasets=st.lists(datasets, max_size=3).map(tuple),
    promises=st.lists(promises, max_size=4).map(tuple),
    custom=st.just({}) | st.just({"floe.interpretation": "?"}) | st.just({"floe.undeclaredColumns": "maybe"}),
).map(_placed)


@pytest.mark.requirement("B-10")
@a_hundred
@given(contracts)
def test_every_construct_is_executed_or_declined_or_noted_and_only_one_of_them(contract):
    plan = compile_contract(contract, all_kinds())

    counted = Counter(path for each in plan.items for path in each.covers)

    assert set(counted) >= {each.path for each in constructs(contract)}
    assert set(counted.values()) <= {1}
    found = coverage(plan)
    assert found.declared == len(counted) == found.executed + found.not_executable + found.informational


@a_hundred
@given(contracts)
def test_every_id_is_its_own_and_fits_anywhere(contract):
    plan = compile_contract(contract, all_kinds())

    folded = [each.id.replace(".", "_").lower() for each in plan.items]

    assert len(set(folded)) == len(folded)
    assert all(re.fullmatch(r"[A-Za-z0-9_.]+", each.id) for each in plan.items)


@a_hundred
@given(contracts)
def test_everything_in_a_plan_says_why_it_is_there(contract):
    plan = compile_contract(contract, all_kinds())

    for each in plan.items:
        assert each.title
        match each:
            case Check(expected=text) | Declined(reason=text) | Noted(note=text):
                assert text
    assert plan.contract.title in explain(plan, "nobody is asked")


@a_hundred
@given(contracts)
def test_a_plan_does_not_depend_on_the_order_of_the_kinds(contract):
    backwards = dict(reversed(all_kinds().items()))

    one, other = compile_contract(contract, all_kinds()), compile_contract(contract, backwards)

    assert {each.id for each in one.items} == {each.id for each in other.items}
    assert coverage(one) == coverage(other)
