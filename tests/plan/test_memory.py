"""What was compiled once is not compiled again, as long as everything that goes into it is the same."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

from floe_dagster.plan.check import Noted
from floe_dagster.plan.compile import compile_contract
from floe_dagster.plan.memory import PlanMemory
from tests.plan.contracts import column, contract, dataset, kinds


class Counting:
    """A check kind that counts how often it compiles."""

    name = "counting"
    cadence_seconds = 60

    def __init__(self):
        self.times = 0

    def compile(self, contract, dataset, choices):
        self.times += 1
        return [
            Noted(
                id=f"{dataset.name}.{self.times}",
                kind=self.name,
                dataset=dataset.name,
                path="",
                line=0,
                title="t",
                note="n",
            )
        ]

    def judge(self, check, answers, now):
        raise NotImplementedError


def orders(name="orders"):
    return contract(dataset(name, column("id", "integer", required=True)))


def test_the_same_contract_read_again_is_not_compiled_again():
    kind, memory = Counting(), PlanMemory()

    first = memory.plan(orders(), {"counting": kind}, {})
    second = memory.plan(orders(), {"counting": kind}, {})

    assert kind.times == 1
    assert second is first


def test_a_remembered_plan_is_the_one_that_would_be_compiled():
    memory = PlanMemory()
    memory.plan(orders(), kinds(), {})

    assert memory.plan(orders(), kinds(), {}) == compile_contract(orders(), kinds())


def test_another_text_is_compiled():
    kind, memory = Counting(), PlanMemory()

    for name in ("orders", "customers", "orders"):
        memory.plan(orders(name), {"counting": kind}, {})

    assert kind.times == 2


def test_another_file_of_the_same_text_has_its_own_plan():
    memory = PlanMemory()
    moved = replace(orders(), source="elsewhere.odcs.yaml")
    memory.plan(orders(), kinds(), {})

    assert memory.plan(moved, kinds(), {}).contract.source == "elsewhere.odcs.yaml"


def test_a_kind_that_only_looks_the_same_compiles_anew():
    one, other, memory = Counting(), Counting(), PlanMemory()
    memory.plan(orders(), {"counting": one}, {})
    memory.plan(orders(), {"counting": other}, {})
    memory.plan(orders(), {"counting": other, "another": SimpleNamespace(compile=lambda *_: [])}, {})

    assert (one.times, other.times) == (1, 2)


def test_another_choice_of_the_platform_compiles_anew():
    kind, memory = Counting(), PlanMemory()
    for engine in ("native", "great_expectations", "native"):
        memory.plan(orders(), {"counting": kind}, {"quality_engine": engine})

    assert kind.times == 3


def test_a_relationship_that_leads_elsewhere_now_compiles_anew():
    """The text is the same; what it means depends on the contracts around it."""
    kind, memory = Counting(), PlanMemory()
    made = orders()
    led = replace(made, datasets=tuple(replace(each, tags=("elsewhere",)) for each in made.datasets))

    memory.plan(made, {"counting": kind}, {})
    memory.plan(led, {"counting": kind}, {})

    assert kind.times == 2


def test_the_least_used_is_forgotten_first():
    kind, memory = Counting(), PlanMemory(most=2)
    for name in ("a", "b", "a", "c", "a"):
        memory.plan(orders(name), {"counting": kind}, {})
    assert kind.times == 3

    memory.plan(orders("b"), {"counting": kind}, {})
    assert kind.times == 4
