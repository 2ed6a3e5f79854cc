"""Frames: DataFrames held against a contract before they are stored, without server, store or Dagster."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING
from uuid import uuid4

from floe_dagster import engine
from floe_dagster.checks import load_kinds
from floe_dagster.contract.document import read
from floe_dagster.contract.find import load
from floe_dagster.contract.model import Contract, Server
from floe_dagster.errors import ContractError, UsageError
from floe_dagster.plan.compile import compile_contract
from floe_dagster.settings import Settings
from floe_dagster.warehouses._frames import FramesWarehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pandas import DataFrame

    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.plan.check import Plan
    from floe_dagster.plan.sample import Sample
    from floe_dagster.settings import Samples

_MEMORY = Server(path="", name="memory", type="dataframe", options={"format": "dataframe"})


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


def check_frames(
    contract: Path | str,
    frames: Mapping[str, DataFrame],
    *,
    timeout_seconds: float = 60.0,
    clock: Callable[[], datetime] = utc_now,
    samples: Samples | None = None,
    on_sample: Callable[[Outcome, Sample], object] | None = None,
) -> tuple[Outcome, ...]:
    """Hold DataFrames against the datasets of a contract, in memory; nothing is recorded, and nobody is told.

    What is of the server, such as availability and physical types, has an outcome that says it was not
    executed, and so has a relationship to a dataset that is not given. Never raises for what is in a frame.

    Args:
        contract: the path of a contract, or its text (which has more than one line).
        frames: the DataFrame of each dataset that is to be checked, by the dataset's name in the contract or
            by its physical name. They are read, and never changed.
        timeout_seconds: how long one statement may take.
        clock: the time, aware, UTC.
        samples: which part of the rows that break a promise may be shown; without a salt its hashes are equal
            within this call alone.
        on_sample: called with each broken check's outcome and its sample, where `samples` are given.

    Returns:
        One outcome for each check of these datasets, then one for each thing that cannot be executed or is
        only for people.

    Raises:
        ContractError: the contract cannot be read; the message lists every problem in it.
        UsageError: the contract has no such dataset, or it is given twice or as something else.
        PluginError: a check kind of another distribution cannot be loaded.
    """
    held = replace(_contract(contract), servers=(_MEMORY,))
    given = _by_dataset(held, frames)
    kinds = load_kinds()
    plan = compile_contract(held, kinds)
    tick = uuid4().hex
    tables = {each.physical_name: given[each.name] for each in held.datasets if each.name in given}
    with closing(FramesWarehouse(tables, timeout_seconds=timeout_seconds)) as warehouse:
        measured = engine.run(
            plan,
            [each for each in plan.checks if each.dataset in given],
            warehouse,
            server=_MEMORY.name,
            tick=tick,
            clock=clock,
            kinds=kinds,
            grading=Settings().grading,
        )
        if samples is not None and on_sample is not None:
            _show(plan, measured, warehouse, samples, on_sample)
    rest = engine.unexecuted(plan, server=_MEMORY.name, tick=tick, now=clock())
    return (*measured, *(each for each in rest if each.dataset in given))


def _show(
    plan: Plan,
    outcomes: Iterable[Outcome],
    warehouse: FramesWarehouse,
    samples: Samples,
    on_sample: Callable[[Outcome, Sample], object],
) -> None:
    by_key = {each.key: each for each in outcomes}
    secret = samples.salt.encode() or token_bytes(32)
    taken = engine.samples_of(plan, by_key.values(), warehouse, samples=samples, secret=secret)
    for key, sample in taken.items():
        on_sample(by_key[key], sample)


def _contract(given: Path | str) -> Contract:
    if isinstance(given, str) and "\n" in given:
        reading = read(given, "contract")
    else:
        (reading,) = load([Path(given)])
    if reading.contract is None:
        problems = (each for each in reading.problems if each.severity == "error")
        raise ContractError("\n".join(f"{reading.source}:{each.line}: {each.message}" for each in problems))
    return reading.contract


def _by_dataset(contract: Contract, frames: Mapping[str, DataFrame]) -> dict[str, DataFrame]:
    """The frames by the names that the datasets have in the contract."""
    import pandas as pd

    known = {each.physical_name: each.name for each in contract.datasets}
    known |= {each.name: each.name for each in contract.datasets}
    found: dict[str, DataFrame] = {}
    for name, frame in frames.items():
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = (
                f'did you mean "{near[0]}"?'
                if near
                else f"there are: {', '.join(sorted(set(known.values())))}"
            )
            raise UsageError(f'the contract {contract.id} has no dataset "{name}"; {hint}')
        if not isinstance(frame, pd.DataFrame):
            raise UsageError(f'"{name}" is a {type(frame).__name__}; give a pandas DataFrame')
        if known[name] in found:
            raise UsageError(f'the dataset "{known[name]}" is given twice; give it once')
        found[known[name]] = frame
    return found
