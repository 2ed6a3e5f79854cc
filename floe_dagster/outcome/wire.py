"""Wire: an outcome as JSON and back, for where it waits until it can be recorded. Bounded in size.

What people wrote (messages, promises) is cut where it is long; what tells one outcome from another never is,
so that an outcome that waited has the same id, and is recorded once.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.plan.check import Difference, Severity, Status

FORM = 1
"""of the JSON; a later form is not read by earlier code"""

MOST_TEXT = 1000
MOST_DIFFERENCES = 20

_TEXTS = ("version", "dataset", "kind", "title", "expected", "message", "path", "source")
_OPTIONAL = ("element", "cause", "dimension")


def to_dict(outcome: Outcome) -> dict[str, Any]:
    """An outcome as values that JSON knows."""
    return {
        "form": FORM,
        "tick": outcome.tick,
        "key": [outcome.key.contract, outcome.key.server, outcome.key.check],
        **{name: _cut(getattr(outcome, name)) for name in _TEXTS},
        **{name: _cut(value) for name in _OPTIONAL if (value := getattr(outcome, name)) is not None},
        "status": outcome.status.value,
        "severity": outcome.severity.value,
        "broken": outcome.broken,
        "actual": _finite(outcome.actual),
        "line": outcome.line,
        "at": outcome.at.isoformat(),
        "duration_seconds": outcome.duration_seconds,
        "used": _finite(outcome.used),
        "interpretation": [[_cut(name), _cut(choice)] for name, choice in outcome.interpretation],
        "differences": [
            [_cut(each.element), each.change, _cut(each.expected), _cut(each.actual), each.breaking]
            for each in outcome.differences[:MOST_DIFFERENCES]
        ],
    }


def from_dict(found: object) -> Outcome:
    """The outcome of such values.

    Raises:
        ValueError: they are no outcome, or one of a later form; nothing of them is in the message.
    """
    if not isinstance(found, dict) or found.get("form") != FORM:
        raise ValueError(f"this is no outcome of form {FORM}")
    try:
        return _outcome(found)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("this outcome is damaged") from error


def _outcome(found: dict[str, Any]) -> Outcome:
    contract, server, check = map(_text, found["key"])
    at = datetime.fromisoformat(found["at"])
    if at.tzinfo is None:
        raise ValueError("no time zone")
    return Outcome(
        tick=_text(found["tick"]),
        key=Key(contract=contract, server=server, check=check),
        **{name: _text(found[name]) for name in _TEXTS},
        element=_optional(found.get("element")),
        cause=_optional(found.get("cause")),
        dimension=_optional(found.get("dimension")),
        status=Status(found["status"]),
        severity=Severity(found["severity"]),
        broken=_flag(found["broken"]),
        actual=_scalar(found["actual"]),
        line=int(found["line"]),
        at=at,
        duration_seconds=float(found["duration_seconds"]),
        used=None if found["used"] is None else float(found["used"]),
        interpretation=tuple((_text(name), _text(choice)) for name, choice in found["interpretation"]),
        differences=tuple(
            Difference(
                element=_text(element),
                change=_text(change),
                expected=_text(expected),
                actual=_text(actual),
                breaking=_flag(breaking),
            )
            for element, change, expected, actual, breaking in found["differences"]
        ),
    )


def _cut(value: str) -> str:
    return value if len(value) <= MOST_TEXT else value[: MOST_TEXT - 1] + "…"


def _finite(value: float | str | None) -> float | str | None:
    match value:
        case float() if not math.isfinite(value):
            return None
        case str():
            return _cut(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("not a flag")
    return value


def _scalar(value: object) -> int | float | str | bool | None:
    if value is not None and not isinstance(value, int | float | str):
        raise TypeError("not a scalar")
    return value
