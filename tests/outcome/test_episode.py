from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from floe_dagster.outcome.episode import Phase, Transition, advance
from floe_dagster.outcome.policy import Policy
from floe_dagster.plan.check import Severity, Status
from floe_dagster.settings import Grading
from tests.outcome.outcomes import ORDERS, START, History, broken, close, kept, measured, unknown

pytestmark = pytest.mark.requirement("C-03")


def test_a_promise_that_is_kept_opens_nothing(check):
    check.see(kept(0), kept(15))

    assert check.state.phase is Phase.OK
    assert check.transitions == []


def test_a_broken_promise_opens_an_episode_that_says_since_when(check):
    episode = check.see(kept(0), broken(15)).episode

    assert check.transitions == ["opened error"]
    assert episode.key == ORDERS
    assert episode.broken
    assert episode.broken_since == episode.opened_at == START + timedelta(minutes=15)
    assert episode.message == "measured at minute 15"


def test_an_episode_that_goes_on_is_told_once(check):
    check.see(*(broken(minute) for minute in range(0, 600, 15)))

    assert check.transitions == ["opened error"]


def test_the_first_kept_outcome_ends_the_episode_and_keeps_what_was_wrong(check):
    check.see(broken(0))
    over = check.see(kept(35)).episode

    assert check.transitions == ["opened error", "resolved error"]
    assert over.resolved_at == START + timedelta(minutes=35)
    assert over.message == "measured at minute 0"
    assert check.state.episode is None
    assert check.state.phase is Phase.OK


def test_the_next_breach_is_an_episode_of_its_own(check):
    first = check.see(broken(0)).episode
    second = check.see(kept(15), broken(30)).episode

    assert first.id != second.id


def test_the_same_history_gives_the_same_ids(check):
    again = History(check.policy)

    assert check.see(broken(0)).episode.id == again.see(broken(0)).episode.id


class TestOpenAfter:
    @pytest.fixture
    def check(self) -> History:
        return History(Policy(cadence_seconds=900, open_after=3))

    def test_too_few_broken_outcomes_in_a_row_are_pending(self, check):
        check.see(broken(0), broken(15))

        assert check.state.phase is Phase.PENDING
        assert check.transitions == []

    def test_enough_of_them_open_and_date_back_to_the_first(self, check):
        episode = check.see(broken(0), broken(15), broken(30)).episode

        assert episode.broken_since == START
        assert episode.opened_at == START + timedelta(minutes=30)

    def test_a_kept_one_in_between_starts_the_count_again(self, check):
        check.see(broken(0), broken(15), kept(30), broken(45), broken(60))

        assert check.transitions == []

    def test_an_unknown_one_in_between_does_not(self, check):
        check.see(broken(0), broken(15), unknown(30), broken(45))

        assert check.transitions == ["opened error"]

    def test_an_early_warning_becomes_a_breach_only_when_enough_are_broken(self, check):
        check.see(close(0), broken(15), broken(30))
        assert check.transitions == ["opened warning"]

        episode = check.see(broken(45)).episode
        assert check.transitions == ["opened warning", "escalated error"]
        assert episode.broken_since == START + timedelta(minutes=15)


class TestUnknown:
    def test_it_opens_nothing(self, check):
        check.see(unknown(0))

        assert check.state.phase is Phase.UNKNOWN

    def test_it_resolves_nothing(self, check):
        check.see(broken(0), unknown(15), unknown(30))

        assert check.state.phase is Phase.OPEN
        assert check.transitions == ["opened error"]

    def test_it_leaves_what_was_ok_ok(self, check):
        check.see(kept(0), unknown(15))

        assert check.state.phase is Phase.OK


@pytest.mark.requirement("C-02")
class TestSeverity:
    def test_it_rises_and_that_is_told(self, check):
        check.see(broken(0, Severity.WARNING), broken(15, Severity.ERROR))

        assert check.transitions == ["opened warning", "escalated error"]
        assert check.state.episode.sequence == 2

    def test_it_never_falls_within_an_episode(self, check):
        check.see(broken(0), broken(15, Severity.INFO))

        assert check.state.episode.severity is Severity.ERROR
        assert check.transitions == ["opened error"]

    def test_the_fourth_breach_in_a_day_is_critical(self, check):
        for hour in range(0, 16, 4):
            check.see(broken(60 * hour), kept(60 * hour + 30))

        assert check.transitions[-2:] == ["opened critical", "resolved critical"]
        assert check.transitions[:6] == ["opened error", "resolved error"] * 3

    def test_one_long_breach_is_not(self, check):
        check.see(*(broken(minute) for minute in range(0, 1440, 15)))

        assert check.transitions == ["opened error"]

    def test_breaches_of_the_day_before_do_not_count(self, check):
        for hour in (0, 1, 2, 25):
            check.see(broken(60 * hour), kept(60 * hour + 30))

        assert "opened critical" not in check.transitions

    def test_a_promise_called_less_important_than_an_error_does_not_become_critical(self, check):
        for hour in range(6):
            check.see(broken(60 * hour, Severity.WARNING), kept(60 * hour + 30))

        assert set(check.transitions) == {"opened warning", "resolved warning"}

    def test_when_it_becomes_critical_is_configured(self):
        grading = Grading(critical_after_episodes=1, critical_within=timedelta(hours=2))
        check = History(Policy.of(grading, 900))
        check.see(broken(0), kept(15), broken(30))

        assert check.transitions[-1] == "opened critical"

    def test_no_more_breaches_are_remembered_than_it_takes(self, check):
        for hour in range(10):
            check.see(broken(60 * hour), kept(60 * hour + 30))

        assert len(check.state.breaches) == 4


@pytest.mark.requirement("C-02")
class TestCloseToTheLimit:
    def test_a_promise_close_to_its_limit_opens_an_episode_that_is_not_broken(self, check):
        episode = check.see(close(0, Severity.INFO)).episode

        assert check.transitions == ["opened info"]
        assert not episode.broken

    def test_closer_still_is_told(self, check):
        check.see(close(0, Severity.INFO), close(15, Severity.WARNING))

        assert check.transitions == ["opened info", "escalated warning"]

    def test_when_it_breaks_the_episode_escalates_and_is_broken_from_then_on(self, check):
        early = check.see(close(0)).episode
        late = check.see(broken(15)).episode

        assert check.transitions == ["opened warning", "escalated error"]
        assert late.id == early.id
        assert late.broken
        assert late.broken_since == START + timedelta(minutes=15)

    def test_it_breaks_at_a_severity_that_is_no_higher_and_that_is_told_too(self, check):
        check.see(close(0, Severity.WARNING), broken(15, Severity.WARNING))

        assert check.transitions == ["opened warning", "escalated warning"]

    def test_room_to_spare_ends_it(self, check):
        check.see(close(0), kept(15))

        assert check.transitions == ["opened warning", "resolved warning"]

    def test_a_breach_is_over_once_the_promise_is_kept_however_closely(self, check):
        check.see(broken(0), close(15), close(30))

        assert check.transitions == ["opened error", "resolved error", "opened warning"]

    def test_early_warnings_do_not_count_towards_critical(self, check):
        for hour in range(5):
            check.see(close(60 * hour), kept(60 * hour + 15))
        check.see(broken(600))

        assert check.transitions[-1] == "opened error"


class TestReplay:
    @pytest.mark.parametrize(
        "last", [kept(15), broken(15), close(15), unknown(15)], ids=lambda each: each.status
    )
    def test_the_same_outcome_again_changes_nothing(self, check, last):
        check.see(broken(0), last)

        again = advance(check.state, last, check.policy)
        assert not again.changed
        assert again.state is check.state
        assert (again.episode, again.transition, again.segments) == (None, None, ())

    def test_an_older_outcome_that_comes_late_changes_nothing(self, check):
        check.see(kept(0), broken(30))

        assert not check.see(kept(15)).changed
        assert check.state.phase is Phase.OPEN

    def test_another_outcome_of_the_same_instant_changes_nothing(self, check):
        check.see(broken(0))

        assert not check.see(replace(kept(0), tick="another tick")).changed


@pytest.mark.parametrize("status", [Status.NOT_EXECUTABLE, Status.INFORMATIONAL])
def test_what_is_never_measured_has_no_state(check, status):
    step = check.see(measured(0, status))

    assert (step.state, step.changed) == (None, False)


@pytest.mark.parametrize("status", [Status.NOT_EXECUTABLE, Status.INFORMATIONAL])
def test_what_is_no_longer_measured_keeps_its_state(check, status):
    check.see(broken(0))
    before = check.state

    assert check.see(measured(15, status)).state is before


def test_each_transition_has_the_next_number(check):
    check.see(close(0, Severity.INFO), close(15), broken(30), kept(45))

    assert [each.episode.sequence for each in check.steps] == [1, 2, 3, 4]
    assert [each.transition for each in check.steps] == [
        Transition.OPENED,
        Transition.ESCALATED,
        Transition.ESCALATED,
        Transition.RESOLVED,
    ]


class TestWithin:
    """Two broken ones of the newest three."""

    @pytest.fixture
    def check(self) -> History:
        return History(Policy(cadence_seconds=900, open_after=2, open_within=3))

    def test_a_kept_outcome_between_two_broken_ones_does_not_hide_them(self, check):
        check.see(broken(0), kept(15), broken(30))

        assert check.transitions == ["opened error"]

    def test_what_is_older_than_the_newest_three_does_not_count(self, check):
        check.see(broken(0), kept(15), kept(30), broken(45))

        assert check.transitions == []
        assert check.state.phase is Phase.PENDING

    def test_unknown_outcomes_are_none_of_the_three(self, check):
        check.see(broken(0), unknown(15), unknown(30), unknown(45), broken(60))

        assert check.transitions == ["opened error"]


@pytest.mark.requirement("C-03")
class TestFlapping:
    """Six changes within six hours are too many to tell of each; an hour of peace ends it."""

    @pytest.fixture
    def check(self) -> History:
        return History(Policy(cadence_seconds=300))

    def flap(self, check: History, *, turns: int) -> None:
        for turn in range(turns + 1):
            check.see((broken if turn % 2 else kept)(10 * turn))

    def test_the_sixth_turn_is_told_as_flapping_and_not_as_over(self, check):
        self.flap(check, turns=6)

        assert check.transitions[-2:] == ["opened error", "flapping error"]
        assert check.state.episode.flapping
        assert check.state.phase is Phase.OPEN

    def test_further_turns_are_not_told(self, check):
        self.flap(check, turns=6)
        check.see(broken(70, Severity.WARNING), kept(80), broken(90, Severity.WARNING), kept(100))

        assert check.transitions[-1] == "flapping error"

    def test_a_fourth_breach_in_a_day_is_critical_all_the_same(self, check):
        self.flap(check, turns=7)

        assert check.transitions[-2:] == ["flapping error", "escalated critical"]

    def test_it_is_over_when_it_was_kept_for_an_hour(self, check):
        self.flap(check, turns=6)
        check.see(kept(90), unknown(100), kept(119))
        assert check.transitions[-1] == "flapping error"

        check.see(kept(120))
        assert check.transitions[-1] == "resolved error"
        assert check.state.phase is Phase.OK

    def test_a_turn_within_the_hour_begins_it_anew(self, check):
        self.flap(check, turns=6)
        check.see(broken(100, Severity.WARNING), kept(110), kept(169))
        assert check.state.phase is Phase.OPEN

        check.see(kept(170))
        assert check.transitions[-1] == "resolved error"

    def test_what_breaks_again_soon_after_opens_as_flapping(self, check):
        self.flap(check, turns=6)
        check.see(kept(120), broken(130))

        assert check.state.episode.flapping
        check.see(kept(140))
        assert check.state.phase is Phase.OPEN

    def test_turns_that_are_far_apart_are_no_flapping(self, check):
        for turn in range(12):
            check.see((broken if turn % 2 else kept)(90 * turn))

        assert not any(each.startswith("flapping") for each in check.transitions)


class TestLasting:
    """A breach of two hours is critical."""

    @pytest.fixture
    def check(self) -> History:
        return History(Policy(cadence_seconds=900, critical_after_open=timedelta(hours=2)))

    def test_a_breach_that_lasts_becomes_critical_once(self, check):
        check.see(*(broken(minute) for minute in range(0, 240, 15)))

        assert check.transitions == ["opened error", "escalated critical"]

    def test_one_of_a_lower_severity_does_not(self, check):
        check.see(*(broken(minute, Severity.WARNING) for minute in range(0, 240, 15)))

        assert check.transitions == ["opened warning"]

    def test_nobody_is_paged_for_time_in_which_nothing_was_known(self, check):
        check.see(broken(0), *(unknown(minute) for minute in range(15, 240, 15)))

        assert check.transitions == ["opened error"]
