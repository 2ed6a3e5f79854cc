"""Outcomes that are heard of late: the timeline they make, and the episodes that were missed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from floe_dagster.outcome.late import in_order, missed, rebuilt
from floe_dagster.outcome.policy import Policy
from floe_dagster.outcome.segment import Segment, hold_forward
from floe_dagster.outcome.wire import MOST_DIFFERENCES, MOST_TEXT, from_dict, to_dict
from floe_dagster.plan.check import Difference, Status
from tests.outcome.outcomes import START, broken, close, kept, measured, unknown

if TYPE_CHECKING:
    from floe_dagster.outcome.outcome import Outcome

POLICY = Policy(cadence_seconds=900)
pytestmark = pytest.mark.requirement("C-07")


def timeline(*outcomes: Outcome) -> list[Segment]:
    chain: list[Segment] = []
    for each in outcomes:
        chain[-1:] = hold_forward(chain[-1] if chain else None, each, POLICY.hold)
    return chain


def shown(segments):
    return [
        (str(each.health), *((at - START) / timedelta(minutes=1) for at in (each.start, each.end)))
        for each in segments
    ]


def test_a_late_breach_splits_a_time_that_looked_kept():
    before = timeline(kept(0), kept(15), kept(45))

    chain = rebuilt(before, [kept(0), kept(15), broken(30), kept(45)], broken(30).at, POLICY.hold)

    assert shown(chain) == [("good", 0, 30), ("bad", 30, 45), ("good", 45, 45)]


def test_a_late_outcome_fills_a_gap_of_which_nothing_was_known():
    before = timeline(kept(0), kept(120))
    assert shown(before) == [("good", 0, 30), ("good", 120, 120)]

    chain = rebuilt(before, [kept(0), kept(20), kept(120)], kept(20).at, POLICY.hold)

    assert shown(chain) == [("good", 0, 50), ("good", 120, 120)]


def test_an_outcome_from_before_everything_else_begins_the_timeline():
    chain = rebuilt(timeline(kept(60)), [broken(50), kept(60)], broken(50).at, POLICY.hold)

    assert shown(chain) == [("bad", 50, 60), ("good", 60, 60)]


def test_where_the_outcomes_around_it_are_no_longer_kept_the_timeline_stays():
    before = timeline(*(kept(each) for each in range(0, 100, 15)))

    assert rebuilt(before, [broken(20), kept(90)], broken(20).at, POLICY.hold) is None


def test_of_two_at_the_same_instant_one_counts_whichever_came_first():
    one, other = measured(5, Status.PASSED, tick="a"), measured(5, Status.FAILED, tick="b", broken=True)

    assert in_order([one, other]) == in_order([other, one])
    assert len(in_order([one, other, measured(5, Status.NOT_EXECUTABLE, tick="c")])) == 1


def test_an_episode_that_was_missed_as_a_whole_is_found():
    late = [broken(15), broken(30)]

    (turns,) = missed([kept(0), *late, kept(45)], {each.id for each in late}, [], POLICY)

    assert [str(each.step.transition) for each in turns] == ["opened", "resolved"]
    assert turns[-1].episode.broken_since == broken(15).at
    assert turns[-1].episode.resolved_at == kept(45).at


def test_a_time_close_to_the_limit_is_an_episode_that_can_be_missed_too():
    (turns,) = missed([kept(0), close(15), kept(30)], {close(15).id}, [], POLICY)

    assert not turns[-1].episode.broken


@pytest.mark.parametrize(
    "outcomes",
    [
        [kept(0), broken(15)],
        [kept(0), unknown(15), kept(30)],
        [kept(0), kept(15), kept(30)],
    ],
    ids=["still open", "unknown", "kept"],
)
def test_nothing_was_missed_where_nothing_is_over(outcomes):
    assert missed(outcomes, {each.id for each in outcomes}, [], POLICY) == ()


def test_an_episode_on_record_speaks_for_every_breach_that_touches_it():
    late = [broken(15), broken(30)]
    (turns,) = missed([kept(0), *late, kept(45)], {each.id for each in late}, [], POLICY)

    assert missed([kept(0), *late, kept(45)], {each.id for each in late}, [turns[-1].episode], POLICY) == ()


def test_an_episode_that_none_of_the_late_outcomes_is_in_is_none_of_theirs():
    assert missed([kept(0), broken(15), kept(30), kept(45)], {kept(45).id}, [], POLICY) == ()


@pytest.mark.parametrize(
    "outcome",
    [
        kept(0),
        broken(3),
        close(3),
        unknown(4),
        measured(
            1,
            Status.FAILED,
            broken=True,
            actual=1.5,
            cause="timeout",
            dimension="completeness",
            interpretation=(("week", "iso"),),
            differences=(Difference(element="a", change="added", expected="", actual="int"),),
        ),
    ],
)
def test_an_outcome_survives_the_wire(outcome):
    again = from_dict(to_dict(outcome))

    assert again == outcome
    assert again.id == outcome.id


def test_a_long_outcome_is_cut_and_still_the_same_one():
    many = tuple(
        Difference(element=f"c{n}", change="type", expected="x" * 5000, actual="") for n in range(90)
    )
    long = measured(
        0, Status.FAILED, broken=True, message="m" * 100_000, actual=float("inf"), differences=many
    )

    again = from_dict(to_dict(long))

    assert again.id == long.id
    assert (len(again.message), len(again.differences), again.actual) == (MOST_TEXT, MOST_DIFFERENCES, None)


@pytest.mark.parametrize(
    "change",
    [
        {"form": 2},
        {"at": "2026-11-20T03:10:00"},
        {"at": "yesterday"},
        {"broken": "yes"},
        {"key": ["orders"]},
        {"key": "abc", "tick": 1},
        {"actual": {"a": 1}},
        {"status": "fine"},
        {"differences": [1]},
    ],
    ids=str,
)
def test_what_is_no_outcome_is_refused(change):
    with pytest.raises(ValueError, match="outcome"):
        from_dict(to_dict(kept(0)) | change)


@pytest.mark.parametrize("found", [None, [], "text", {}, 3])
def test_what_is_not_even_like_one_is_refused(found):
    with pytest.raises(ValueError, match="no outcome"):
        from_dict(found)
