"""How things stood at an earlier time, on each database."""

from __future__ import annotations

import pytest

from floe_dagster.outcome.episode import advance
from floe_dagster.plan.check import Status
from floe_dagster.state.records import Tick
from tests.state.ticks import MINUTE, POLICY, START, key, outcome

pytestmark = pytest.mark.requirement("G-03")


def at(minute: float):
    return START + minute * MINUTE


@pytest.fixture
def lived(store):
    """Two checks measured at minutes 0, 10, 20 and 30; the second from 10 on; one that never can be."""
    made = [
        outcome(0, 0, actual="2026-11-20T01:00:00+00:00", used=0.2),
        outcome(2, 0, status=Status.NOT_EXECUTABLE, actual=None),
        outcome(0, 10, broken=True, used=2.5),
        outcome(1, 10, kind="freshness", used=0.4),
        outcome(0, 20, broken=True, used=1.5),
        outcome(1, 20, kind="freshness", used=0.9),
        outcome(0, 30, used=0.1),
        outcome(1, 30, kind="freshness", used=0.9, status=Status.ERROR, actual=None),
    ]
    states, steps = {}, []
    for each in made:
        step = advance(states.get(each.key), each, POLICY)
        states[each.key] = step.state
        steps.append(step)
    with store.writing() as writing:
        writing.save(
            outcomes=made, steps=steps, tick=Tick(id="t", kind="quality", started_at=START, ended_at=at(30))
        )
    return store


def names(outcomes):
    return [(each.key.check, each.at) for each in outcomes]


def test_the_latest_outcomes_are_those_of_the_time(lived):
    none, first, second = (key(number).check for number in (2, 0, 1))
    assert names(lived.latest(before=at(0))) == []
    assert names(lived.latest(before=at(1))) == [(first, at(0)), (none, at(0))]
    assert names(lived.latest(before=at(20))) == [(first, at(10)), (second, at(10)), (none, at(0))]
    assert names(lived.latest(before=at(99))) == names(lived.latest())


def test_the_first_segment_of_each_key_tells_when_it_was_first_measured(lived):
    assert [(each.key, each.start) for each in lived.first_segments(before=at(99))] == [
        (key(0), at(0)),
        (key(1), at(10)),
    ]
    assert [each.key for each in lived.first_segments(before=at(10))] == [key(0)]


def test_a_key_whose_newest_segment_had_begun_is_unfinished(lived):
    assert lived.unfinished(before=at(31)) == {key(0), key(1)}
    assert lived.unfinished(before=at(30)) == frozenset()


def test_the_worst_is_what_used_most_of_its_promise_and_of_equals_the_earliest(lived):
    (worst,) = lived.worst("quality", start=at(0), end=at(40))
    assert (worst.used, worst.at) == (2.5, at(10))
    (worst,) = lived.worst("freshness", start=at(0), end=at(40))
    assert (worst.used, worst.at) == (0.9, at(20))
    assert lived.worst("freshness", start=at(0), end=at(10)) == ()


def test_what_was_seen_is_that_of_the_kinds_and_of_the_time(lived):
    seen = lived.sightings(["quality"], start=at(0), end=at(20))
    assert [(each.key, each.at, each.actual) for each in seen] == [
        (key(0), at(0), "2026-11-20T01:00:00+00:00"),
        (key(0), at(10), 12),
    ]
    assert [each.at for each in lived.sightings(["freshness", "nothing"], start=at(0), end=at(99))] == [
        at(10),
        at(20),
    ]
    assert lived.sightings([], start=at(0), end=at(99)) == ()


def test_a_breach_knows_when_its_promise_was_last_seen_kept(lived):
    (episode,) = lived.episodes(start=at(0), end=at(99))
    assert lived.around([episode.id])[episode.id].last_kept == at(0)
    assert lived.around([episode.id])[episode.id].told_at is None
    assert lived.around(["unheard of"])["unheard of"].last_kept is None
