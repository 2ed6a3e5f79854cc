"""The engine: runs checks over a warehouse.

All metrics of all checks go to the warehouse at once, each question once, so that it can pick the cheapest
plan. Nothing that data or a warehouse does is an exception here: it is an outcome.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.outcome.grade import graded
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.plan.check import (
    Check,
    Declined,
    Noted,
    Plan,
    PlanItem,
    Severity,
    Status,
    Verdict,
    first_gap,
)
from floe_dagster.plan.metric import Answer, Cause, Measured, NotMeasured, Question
from floe_dagster.plan.past import Past
from floe_dagster.plan.sample import Sample, Sampler, Wanted, wanted_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from floe_dagster.plan.check import CheckKind
    from floe_dagster.plan.metric import Warehouse
    from floe_dagster.plan.past import Memory
    from floe_dagster.settings import Grading, Samples

_NOWHERE = (Cause.UNREACHABLE, Cause.NO_DATASET, Cause.NO_COLUMN, Cause.DENIED, Cause.LOCKED)
"""Why nothing can be asked, whichever way."""

_FORGETFUL = "it is told from what was recorded earlier, and nothing is remembered here"
_MOST_SAMPLES = 10
_ENOUGH = f"{_MOST_SAMPLES} samples of this dataset are the most that are taken at a time"

_log = logging.getLogger(__name__)


def run(
    plan: Plan,
    checks: Sequence[Check],
    warehouse: Warehouse,
    *,
    server: str,
    tick: str,
    clock: Callable[[], datetime],
    kinds: Mapping[str, CheckKind],
    grading: Grading,
    memory: Memory | None = None,
) -> tuple[Outcome, ...]:
    """Measure checks of a plan, and judge them, in their order.

    Never raises for what a warehouse, its data or a check kind does; that is an outcome of status `error`.

    Args:
        plan: the compiled contract.
        checks: those of its checks to run.
        warehouse: what to ask.
        server: the server's name, for the outcomes' keys.
        tick: the id of this run.
        clock: the time, aware, UTC; read once, after the warehouse has answered.
        kinds: the check kinds that the plan was compiled with, by name.
        grading: when a promise is close to broken.
        memory: what was recorded; where there is none, what is asked of the past is never measured.
    """
    answers = _answers(warehouse, questions_of(checks))
    settled = [_settled(each, answers) for each in checks]
    # a second round for what a route led nowhere
    answers |= _answers(warehouse, tuple(each for each in questions_of(settled) if each not in answers))
    now = clock()
    answers |= _recalled(memory, settled, answers, now)
    return tuple(
        _outcome(
            plan, each, _judged(each, answers, kinds, now), answers, grading, server=server, tick=tick, at=now
        )
        for each in settled
    )


def questions_of(checks: Iterable[Check]) -> tuple[Question, ...]:
    """What the checks ask of a warehouse first, each question once."""
    asked = ((each.table, metric) for each in checks for metric in each.routed.metrics)
    return tuple(
        dict.fromkeys(Question(table, metric) for table, metric in asked if not isinstance(metric, Past))
    )


def samples_of(
    plan: Plan, outcomes: Iterable[Outcome], warehouse: Warehouse, *, samples: Samples, secret: bytes
) -> dict[Key, Sample]:
    """Some rows of each broken check that points at rows, as they may be shown; nothing where that is off.

    Never raises, and changes no outcome: a sample that cannot be taken says why. Of one dataset no more than
    ten are taken at a time.

    Args:
        plan: the compiled contract.
        outcomes: what came of its checks.
        warehouse: what they were measured with, still open.
        samples: what may be shown.
        secret: the key of the hashes.
    """
    keys = {each.key.check: each.key for each in outcomes if each.broken}
    found: dict[Key, Sample] = {}
    wanted: dict[Key, Wanted] = {}
    many: Counter[str] = Counter()
    for check in (each for each in plan.checks if each.id in keys):
        match _wanted(check, plan, samples):
            case Wanted() as one if many[check.dataset] == _MOST_SAMPLES:
                found[keys[check.id]] = Sample(one.columns, gap=_ENOUGH)
            case Wanted() as one:
                many[check.dataset] += 1
                wanted[keys[check.id]] = one
            case Sample() as refused:
                found[keys[check.id]] = refused
    return found | dict(zip(wanted, _taken(warehouse, tuple(wanted.values()), secret), strict=True))


def unexecuted(plan: Plan, *, server: str, tick: str, now: datetime) -> tuple[Outcome, ...]:
    """An outcome for everything in a plan that is no check: what cannot be run, and what is for people."""
    return tuple(
        _blank(plan, each, server=server, tick=tick, at=now)
        for each in plan.items
        if not isinstance(each, Check)
    )


def _answers(warehouse: Warehouse, questions: tuple[Question, ...]) -> dict[Question, Answer]:
    if not questions:
        return {}
    try:
        found = warehouse.ask(questions)
    except Exception as error:  # noqa: BLE001 - a warehouse may be anybody's
        _log.exception("a warehouse raised instead of answering")
        return dict.fromkeys(questions, NotMeasured(Cause.BROKEN, _said(error)))
    silent = NotMeasured(Cause.BROKEN, "the warehouse did not answer this question")
    return {each: found.get(each, silent) for each in questions}


def _recalled(
    memory: Memory | None, checks: Iterable[Check], answers: Mapping[Question, Answer], now: datetime
) -> dict[Question, Answer]:
    asked = (Question(each.table, metric) for each in checks for metric in each.metrics)
    questions = tuple(dict.fromkeys(each for each in asked if isinstance(each.metric, Past)))
    if memory is None:
        return dict.fromkeys(questions, NotMeasured(Cause.UNSUPPORTED, _FORGETFUL))
    return memory.recall(questions, answers, now) if questions else {}


def _wanted(check: Check, plan: Plan, samples: Samples) -> Wanted | Sample | None:
    try:
        return wanted_of(check, plan.contract, samples)
    except Exception as error:  # noqa: BLE001 - a check kind may be anybody's
        _log.warning("no sample of %s can be taken: %s", check.id, type(error).__name__)
        return Sample(gap="the check does not say which rows it counts")


def _taken(warehouse: Warehouse, wanted: tuple[Wanted, ...], secret: bytes) -> tuple[Sample, ...]:
    gap = "this warehouse takes no samples"
    if wanted and isinstance(warehouse, Sampler):
        try:
            taken = warehouse.samples(wanted, secret)
            return tuple(each for each, _ in zip(taken, wanted, strict=True))
        except Exception as error:  # noqa: BLE001 - what it says may hold a row, and is not told
            _log.warning("no samples of failing rows were taken: %s", type(error).__name__)
            gap = "the warehouse could not take it"
    return tuple(Sample(each.columns, gap=gap) for each in wanted)


def _settled(check: Check, answers: Mapping[Question, Answer]) -> Check:
    """The check as it is judged: by its route, or by what it asks itself where that led nowhere."""
    if check.route is None:
        return check
    gap = first_gap(answers[Question(check.table, each)] for each in check.route.metrics)
    if gap is None or gap.cause in _NOWHERE:
        return check.routed
    said = tuple(
        each if each in check.route.interpretation else (each[0], f"{each[1]}: {gap.reason}")
        for each in check.interpretation
    )
    return replace(check, interpretation=said, route=None)


def _judged(
    check: Check, answers: Mapping[Question, Answer], kinds: Mapping[str, CheckKind], now: datetime
) -> Verdict:
    given = tuple(answers[Question(check.table, each)] for each in check.metrics)
    try:
        return kinds[check.kind].judge(check, given, now)
    except Exception as error:  # noqa: BLE001 - a check kind may be anybody's
        _log.exception("the check kind %s could not judge %s", check.kind, check.id)
        reason = f'the check kind "{check.kind}" failed: {_said(error)}'
        return Verdict.not_known(check.title, NotMeasured(Cause.BROKEN, reason))


def _outcome(
    plan: Plan,
    check: Check,
    verdict: Verdict,
    answers: Mapping[Question, Answer],
    grading: Grading,
    *,
    server: str,
    tick: str,
    at: datetime,
) -> Outcome:
    taken = (answers[Question(check.table, each)] for each in check.metrics)
    seconds = max((each.seconds for each in taken if isinstance(each, Measured)), default=0.0)
    return graded(plan, check, verdict, grading, server=server, tick=tick, at=at, seconds=seconds)


def _blank(plan: Plan, item: PlanItem, *, server: str, tick: str, at: datetime) -> Outcome:
    match item:
        case Declined(reason=text):
            status = Status.NOT_EXECUTABLE
        case Noted(note=text):
            status = Status.INFORMATIONAL
        case Check(title=text):
            status = Status.NOT_EXECUTABLE
    return Outcome(
        tick=tick,
        key=Key(contract=plan.contract.id, server=server, check=item.id),
        version=plan.contract.version,
        dataset=item.dataset,
        element=item.element,
        kind=item.kind,
        title=item.title,
        status=status,
        severity=Severity.INFO,
        broken=False,
        expected="",
        actual=None,
        message=text,
        path=item.path,
        source=plan.contract.source,
        line=item.line,
        at=at,
        duration_seconds=0.0,
    )


def _said(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200]}" if lines else type(error).__name__
