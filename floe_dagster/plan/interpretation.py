"""Interpretation: what we do where the standard is silent, or contradicts itself.

Each ambiguity has a name, a documented default and an override: `floe.interpretation` under the
customProperties of a contract, or of one dataset. The choice that a check was judged by is recorded with each
of its outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from floe_dagster.plan.identity import snake

if TYPE_CHECKING:
    from floe_dagster.contract.model import Contract, Dataset

PROPERTY = "floe.interpretation"
QUALITY_ENGINE = "quality_engine"
UNDECLARED = "floe.undeclaredColumns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguity:
    """One question that the standard leaves open.

    Attributes:
        question: what is open, in one sentence.
        default: our choice.
        choices: all that can be chosen; none where `accepts` decides.
        accepts: whether a choice that is not in a list can be used.
    """

    name: str
    question: str
    default: str
    choices: tuple[str, ...] = ()
    accepts: Callable[[str], bool] = lambda _: False


def _is_zone(text: str) -> bool:
    try:
        ZoneInfo(text)
    except (
        ValueError,
        OSError,
    ):  # ZoneInfoNotFoundError is a KeyError on some versions, an OSError on others
        return False
    except KeyError:
        return False
    return True


AMBIGUITIES = (
    Ambiguity(
        name="between",
        question="Do the two ends of a between belong to it?",
        default="inclusive",
        choices=("inclusive", "exclusive"),
    ),
    Ambiguity(
        name="duplicates",
        question="What is counted of duplicates: rows beyond the first, keys, or all rows of such keys?",
        default="excess",
        choices=("excess", "groups", "rows"),
    ),
    Ambiguity(
        name="missing_includes_null",
        question="Is NULL a missing value where the list of missing values does not name it?",
        default="yes",
        choices=("yes", "no"),
    ),
    Ambiguity(
        name="percent_of",
        question="Of what is a percentage: of all rows, or of those that hold a value?",
        default="rows",
        choices=("rows", "present"),
    ),
    Ambiguity(
        name="pattern",
        question="Does a pattern have to match the whole text, or a part of it?",
        default="search",
        choices=("search", "full"),
    ),
    Ambiguity(
        name="naive_timestamps",
        question="In which zone is a timestamp without one, where its column names no defaultTimezone?",
        default="UTC",
        accepts=_is_zone,
    ),
    Ambiguity(
        name="future_stamps",
        question="What is known of the age where the newest timestamp lies in the future?",
        default="unknown",
        choices=("unknown", "fresh", "broken"),
    ),
    Ambiguity(
        name="empty_dataset",
        question="Is a dataset without rows fresh?",
        default="stale",
        choices=("stale", "fresh"),
    ),
    Ambiguity(
        name="latency",
        question="Of a latency between two columns, how many rows may take longer?",
        default="maximum",
        choices=("maximum", "p99", "p95", "p90", "p50"),
    ),
    Ambiguity(
        name="frequency",
        question="How much later than promised may data arrive before it is missing?",
        default="half",
        choices=("half", "none"),
    ),
    Ambiguity(
        name="frequency_window",
        question="Over how long is it looked at how often data arrived?",
        default="ten_periods",
        choices=("ten_periods", "hundred_periods", "everything"),
    ),
    Ambiguity(
        name="time_of_availability",
        question="The data of which day has to be there by the time of availability?",
        default="same_day",
        choices=("same_day", "day_before"),
    ),
    Ambiguity(
        name="throughput",
        question="Of the rows that came in an interval, are those that went taken off?",
        default="rises",
        choices=("rises", "net"),
    ),
    Ambiguity(
        name="error_rate",
        question="Of what is an error rate: of the time, or of the measurements?",
        default="time",
        choices=("time", "looks"),
    ),
    Ambiguity(
        name="response",
        question="How many episodes have to be detected, told of or repaired in time?",
        default="every",
        choices=("every", "p95", "median"),
    ),
    Ambiguity(
        name="time_to_detect",
        question="When did a breach begin that was not there at one look, and was at the next?",
        default="at_most",
        choices=("at_most", "at_least"),
    ),
    Ambiguity(
        name="retention",
        question="Is data kept for at least, or for at most, the time that is promised?",
        default="at_least",
        choices=("at_least", "at_most"),
    ),
    Ambiguity(
        name="unit_m",
        question="Is m a minute or a month?",
        default="by_property",
        choices=("by_property", "minutes", "months"),
    ),
    Ambiguity(
        name="undeclared_columns",
        question="What is a column that is there and not in the contract?",
        default="warn",
        choices=("allow", "warn", "fail"),
    ),
    Ambiguity(
        name="nullability",
        question="What is a required column that the catalogue lets be NULL?",
        default="ignore",
        choices=("ignore", "warn", "fail"),
    ),
    Ambiguity(
        name="severity",
        question="How severe is a broken promise that names no severity?",
        default="error",
        choices=("info", "warning", "error", "critical"),
    ),
    Ambiguity(
        name=QUALITY_ENGINE,
        question="Which engine counts the rows that break a promise?",
        default="native",
        choices=("native", "great_expectations"),
    ),
)

_BY_NAME = {each.name: each for each in AMBIGUITIES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An override that cannot be used, and why."""

    name: str
    reason: str


def profile(
    contract: Contract, dataset: Dataset | None = None, *, platform: Mapping[str, str] = MappingProxyType({})
) -> tuple[dict[str, str], tuple[Refused, ...]]:
    """The choices for a dataset: the defaults, the contract's over them, the dataset's own over those.

    Args:
        contract: whose own choices go before those of the platform.
        dataset: whose own choices go before those of the contract.
        platform: choices that go before our defaults.

    Returns:
        the choices by name, and the overrides that cannot be used; for those the default stands.
    """
    choices = {each.name: each.default for each in AMBIGUITIES} | dict(platform)
    refused = list[Refused]()
    for custom in (contract.custom, dataset.custom if dataset else {}):
        for written, value in _overrides(custom):
            name, choice = snake(written), _choice(value)
            if reason := _problem(written, name, choice):
                refused.append(Refused(name=written, reason=reason))
            else:
                choices[name] = choice
    return choices, tuple(refused)


def chosen(choices: Mapping[str, str], *names: str) -> tuple[tuple[str, str], ...]:
    """These choices, as a check records them."""
    return tuple((each, choices[each]) for each in names)


def _overrides(custom: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    if UNDECLARED in custom:
        yield "undeclared_columns", custom[UNDECLARED]
    match custom.get(PROPERTY):
        case None:
            return
        case Mapping() as given:
            yield from ((str(name), value) for name, value in given.items())
        case other:
            yield PROPERTY, other


def _problem(written: str, name: str, choice: str) -> str | None:
    if written == PROPERTY:
        return f"{PROPERTY} is not a mapping of names to choices; write it as {{between: exclusive}}"
    ambiguity = _BY_NAME.get(name)
    if ambiguity is None:
        return f'{PROPERTY} has no "{written}"{nearest(name, _BY_NAME)}'
    if choice in ambiguity.choices or ambiguity.accepts(choice):
        return None
    known = " and ".join(ambiguity.choices) or "names of time zones, such as Europe/Berlin"
    return f'{PROPERTY}: "{choice}" is no choice for {name}; known are {known}'


def nearest(wanted: str, known: Mapping[str, object]) -> str:
    """The known names that are nearest to a wanted one, as the end of a sentence."""
    near = get_close_matches(wanted, known, n=1)
    if near:
        return f'; did you mean "{near[0]}"?'
    return f"; known are {', '.join(known)}" if known else "; there is none"


def _choice(value: object) -> str:
    if isinstance(value, bool):  # YAML reads yes and no as truth values
        return "yes" if value else "no"
    text = str(value)
    return text if "/" in text or text.isupper() else snake(text)
