"""What holds for every history, whatever comes in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from floe_dagster.outcome.episode import Episode, Phase, Transition, advance
from floe_dagster.outcome.policy import Policy
from floe_dagster.outcome.segment import Segment, health_of
from floe_dagster.plan.check import Severity, Status
from tests.outcome.outcomes import broken, close, kept, unknown

if TYPE_CHECKING:
    from floe_dagster.outcome.outcome import Outcome

severities = st.sampled_from(Severity)
durations = st.integers(1, 12).map(lambda hours: timedelta(hours=hours))
policies = st.builds(
    Policy,
    cadence_seconds=st.sampled_from([300, 900, 3_600]),
    open_after=st.integers(1, 3),
    open_within=st.integers(0, 5),
    critical_after_episodes=st.integers(1, 3),
    critical_after_open=st.none() | durations,
    flap_turns=st.sampled_from([0, 2, 3, 6]),
    flap_within=durations,
    flap_quiet=durations,
)
outcomes = st.one_of(
    st.just(kept),
    st.just(unknown),
    severities.map(lambda severity: lambda minute: broken(minute, severity)),
    severities.map(lambda severity: lambda minute: close(minute, severity)),
)


class Histories(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.policy = Policy(cadence_seconds=900)
        self.told: dict[str, list[Transition]] = {}
        self.state = None
        self.minute = 0
        self.seen: list[Outcome] = []
        self.episodes: dict[str, Episode] = {}
        self.segments: dict[object, Segment] = {}

    @initialize(policy=policies)
    def begin(self, policy):
        self.policy = policy

    @rule(make=outcomes, after=st.integers(1, 120))
    def measure(self, make, after):
        self.minute += after
        outcome = make(self.minute)
        before, step = self.state, advance(self.state, outcome, self.policy)
        self.check_transition(before, step, outcome)
        self.check_told(before, step, outcome)
        self.segments |= {each.start: each for each in step.segments}
        if step.episode:
            self.episodes[step.episode.id] = step.episode
            self.told.setdefault(step.episode.id, []).append(step.transition)
        self.seen.append(outcome)
        self.state = step.state
        self.check_time(outcome)

    def check_transition(self, before, step, outcome):
        was = before.phase if before else Phase.UNKNOWN
        if outcome.unknown:
            assert step.state.phase is was
            assert step.transition is None
        if step.transition is Transition.OPENED:
            assert was is not Phase.OPEN
            assert step.episode.id not in self.episodes
        if step.transition is Transition.RESOLVED:
            assert was is Phase.OPEN
            assert not outcome.broken
            assert not outcome.unknown
        if not outcome.broken and outcome.status is Status.PASSED:
            restless = step.state.episode is not None and step.state.episode.flapping
            assert step.state.phase is (Phase.OPEN if restless else Phase.OK)

    def check_told(self, before, step, outcome):
        """What an episode is never changes without a transition, and its severity never falls."""
        known = before.episode if before else None
        now = step.state.episode
        if known and now:
            assert known.id == now.id
            assert now.severity.rank >= known.severity.rank
            if step.transition is None:
                assert now == known
            else:
                assert now.sequence == known.sequence + 1
                worse = now.severity.rank > known.severity.rank
                assert worse or (now.broken and not known.broken) or (now.flapping and not known.flapping)
                assert (step.transition is Transition.FLAPPING) == (now.flapping and not known.flapping)
        if known and not now:
            assert step.transition is Transition.RESOLVED
        if outcome.broken and now and now.broken and outcome.severity is not Severity.CRITICAL:
            assert now.severity.rank >= outcome.severity.rank

    def check_time(self, outcome):
        """The newest segment says what the outcome said, and ends with it."""
        newest = max(self.segments.values(), key=lambda each: each.start)
        assert newest == self.state.segment
        assert newest.end == outcome.at
        assert newest.health is health_of(outcome)

    @precondition(lambda self: self.seen)
    @rule(data=st.data())
    def replay(self, data):
        step = advance(self.state, data.draw(st.sampled_from(self.seen)), self.policy)
        assert step.state is self.state
        assert not step.changed
        assert not step.segments

    @precondition(lambda self: self.seen)
    @rule(make=outcomes)
    def come_late(self, make):
        late = replace(make(self.minute - 1), tick="late")
        assert advance(self.state, late, self.policy).state is self.state

    @invariant()
    def at_most_one_episode_is_open(self):
        still_open = [each for each in self.episodes.values() if each.resolved_at is None]
        assert len(still_open) <= 1
        assert still_open == ([self.state.episode] if self.state and self.state.episode else [])

    @invariant()
    def an_episode_is_told_in_order_and_as_flapping_once(self):
        for name, told in self.told.items():
            assert told[0] is Transition.OPENED
            assert told.count(Transition.OPENED) == 1
            assert told.count(Transition.FLAPPING) <= 1
            assert Transition.RESOLVED not in told[:-1]
            assert self.episodes[name].sequence == len(told)

    @invariant()
    def open_is_what_has_an_episode(self):
        if self.state:
            assert (self.state.phase is Phase.OPEN) == (self.state.episode is not None)

    @invariant()
    def segments_never_overlap_and_equal_neighbours_are_one(self):
        inorder = [self.segments[start] for start in sorted(self.segments)]
        for before, after in pairwise(inorder):
            assert before.start <= before.end <= after.start
            assert before.end < after.start or before.health is not after.health

    @invariant()
    def nothing_is_held_longer_than_twice_the_cadence(self):
        for each in self.segments.values():
            spoken = max(
                seen.at
                for seen in self.seen
                if each.start <= seen.at <= each.end and health_of(seen) is each.health
            )
            assert each.end - spoken <= self.policy.hold


TestHistories = pytest.mark.requirement("C-03")(Histories.TestCase)
TestHistories.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
