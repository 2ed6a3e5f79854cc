"""Great Expectations: imported where a rule needs it, once per process, and told nothing it could pass on.

Importing it takes seconds and a quarter of a gigabyte. Its analytics are off, by the environment before the
import and in the context after it, and so are its progress bars. It is asked for a yes or no first, and for
counts only of what failed; the samples, messages and log lines that it would give, which hold values out of
rows, are never asked for or are dropped here.
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import warnings
from collections.abc import Callable
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.expectation import KNOWN, Says
from floe_dagster.plan.metric import Answer, Cause, Count, Expectation, Finding, Measured, NotMeasured

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pandas import DataFrame

_ONE_AT_A_TIME = threading.Lock()
_COUNTS = {"result_format": "BASIC", "partial_unexpected_count": 0}
_LISTS = {
    "result_format": "COMPLETE",
    "include_unexpected_rows": False,
    "return_unexpected_index_query": False,
    "partial_unexpected_count": 0,
}
"""Of keys that repeat, every value is needed to tell how many there are; none of them leaves this file."""

_RAISED = re.compile(r"^(?:\w+\.)*(\w*(?:Error|Exception|error))\b", re.MULTILINE)
_LINE = re.compile(r"^(\S+)\n  (.+)$", re.MULTILINE)


Arguments = Callable[[Expectation], dict[str, Any]]
"""The kwargs of an expectation, as its class takes them; raises `WarehouseError` where it is not asked."""


def evaluate(wanted: Sequence[Expectation], frame: DataFrame, read: Arguments) -> dict[Expectation, Answer]:
    """Hold rows against expectations, together; one that cannot be evaluated disturbs no other."""
    with _ONE_AT_A_TIME, _quiet():
        batch = _definition().get_batch({"dataframe": frame})
        at_once = [each for each in wanted if each.counts and KNOWN[each.type].says is Says.NUMBER]
        found = _judged(batch, [each for each in wanted if each not in at_once], read, "BOOLEAN_ONLY")
        worth = [*at_once, *(each for each, answer in found.items() if _is_worth_counting(each, answer))]
        keys = [each for each in worth if each.counts in (Count.EXCESS, Count.GROUPS)]
        found |= _judged(batch, [each for each in worth if each not in keys], read, _COUNTS)
        return found | _judged(batch, keys, read, _LISTS)


def _is_worth_counting(wanted: Expectation, answer: Answer) -> bool:
    return (
        isinstance(answer, Measured)
        and isinstance(answer.value, Finding)
        and not answer.value.kept
        and KNOWN[wanted.type].says in (Says.ROWS, Says.NUMBER)
    )


def _judged(
    batch: Any, wanted: Sequence[Expectation], read: Arguments, form: object
) -> dict[Expectation, Answer]:
    made: dict[Expectation, Any] = {}
    found: dict[Expectation, Answer] = {}
    for each in wanted:
        try:
            made[each] = _made(each, len(made), read)
        except WarehouseError as error:
            found[each] = NotMeasured(Cause(error.cause), error.message)
        except Exception as error:  # noqa: BLE001  pydantic's, and whatever a validator of theirs raises
            reason = f"{each.type} cannot be made of these kwargs: {_refusal(error)}"
            found[each] = NotMeasured(Cause.UNSUPPORTED, reason)
    return found | _validated(batch, made, form)


def _made(wanted: Expectation, place: int, read: Arguments) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    return get_expectation_impl(wanted.type)(**read(wanted), meta={"place": place})


def _validated(batch: Any, made: dict[Expectation, Any], form: object) -> dict[Expectation, Answer]:
    """One suite for all, so that what they share is computed once; in halves where the suite itself fails."""
    from great_expectations import ExpectationSuite

    if not made:
        return {}
    try:
        suite = ExpectationSuite(name="floe", expectations=list(made.values()))
        results = batch.validate(suite, result_format=form).results
    except Exception as error:  # noqa: BLE001  one expectation must not take the others with it
        if len(made) == 1:
            reason = f"Great Expectations failed with {type(error).__name__}"
            return dict.fromkeys(made, NotMeasured(Cause.BROKEN, reason))
        pairs = list(made.items())
        halves = (dict(pairs[: len(pairs) // 2]), dict(pairs[len(pairs) // 2 :]))
        return {key: value for half in halves for key, value in _validated(batch, half, form).items()}
    places = {each.meta["place"]: wanted for wanted, each in made.items()}
    asked = ((places[each.expectation_config.meta["place"]], each) for each in results)
    return {wanted: _answer(wanted, each) for wanted, each in asked}


def _answer(wanted: Expectation, result: Any) -> Answer:
    if raised := _raised(result.exception_info or {}):
        reason = f"Great Expectations could not evaluate {wanted.type}: {raised}"
        return NotMeasured(Cause.BROKEN, f"{reason}; see whether it fits the column's type")
    kept, given = bool(result.success), result.result or {}
    match KNOWN[wanted.type].says:
        case Says.ROWS:
            if "unexpected_list" in given:
                return Measured(Finding(kept, offending=_repeated(wanted, given["unexpected_list"])))
            # the shares that some rows may miss are not counted where the expectation is met
            whole = kept and "mostly" not in json.loads(wanted.kwargs)
            return Measured(Finding(kept, offending=given.get("unexpected_count", 0 if whole else None)))
        case Says.NUMBER:
            return Measured(Finding(kept, observed=_number(given.get("observed_value"))))
        case Says.NOTHING | Says.SHAPE:
            return Measured(Finding(kept))


def _repeated(wanted: Expectation, rows: Sequence[Any]) -> int:
    """Of rows whose key occurs more than once: how many keys they have, or rows beyond the first of each."""
    keys = {tuple(each.values()) if isinstance(each, dict) else each for each in rows}
    return len(keys) if wanted.counts is Count.GROUPS else len(rows) - len(keys)


def _raised(info: dict[str, Any]) -> str:
    """The kind of error alone: its message may hold a value out of a row."""
    each = [info] if "raised_exception" in info else [one for one in info.values() if isinstance(one, dict)]
    failed = [one for one in each if one.get("raised_exception")]
    if not failed:
        return ""
    kinds = _RAISED.findall(str(failed[0].get("exception_traceback") or ""))
    return kinds[0] if kinds else "an error"


def _refusal(error: Exception) -> str:
    """What is wrong with which argument; what was given is in the contract."""
    faults = _LINE.findall(str(error))
    return (
        "; ".join(f"{name}: {said.partition(' (type=')[0]}" for name, said in faults) or type(error).__name__
    )


def _number(raw: object) -> int | float | None:
    item = getattr(raw, "item", None)
    plain = item() if callable(item) else raw
    return plain if isinstance(plain, int | float) and not isinstance(plain, bool) else None


@contextmanager
def _quiet() -> Iterator[None]:
    """Their warnings and log lines are about their own insides, or quote rows."""
    import pandas as pd

    logger = logging.getLogger("great_expectations")
    level = logger.level
    # patterns are Python's, and not those of the engine that pandas may find installed
    with warnings.catch_warnings(), pd.option_context("mode.string_storage", "python"):
        warnings.simplefilter("ignore")
        logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            logger.setLevel(level)


@cache
def context() -> Any:
    """The one context of this process, which is in memory and reports to nobody."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    made = gx.get_context(mode="ephemeral")
    made.enable_analytics(enable=False)
    made.variables.progress_bars = ProgressBarsConfig(globally=False)
    return made


@cache
def _definition() -> Any:
    """How a DataFrame becomes a batch."""
    asset = context().data_sources.add_pandas("floe").add_dataframe_asset("rows")
    return asset.add_batch_definition_whole_dataframe("all")
