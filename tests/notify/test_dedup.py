from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.notify.dedup import Drop, Heard, Hold, Send, about, decide, key_of, parcels_for
from floe_dagster.notify.wire import from_json
from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import Parcel, ParcelState
from floe_dagster.outcome.pause import Pause, PauseKind, longest_of
from floe_dagster.plan.check import Severity
from tests.notify.alerts import START, alerts, fresh, hours

if TYPE_CHECKING:
    from floe_dagster.notify.alert import Alert

pytestmark = pytest.mark.requirement("D-03")

DEDUP = timedelta(minutes=30)
BAD, GOOD, CLOSE = hours(6), hours(0.1), hours(3.8)


class Outbox:
    """An outbox whose channel accepts everything at once, or is broken and accepts nothing."""

    def __init__(self, *, works: bool = True, pauses: tuple[Pause, ...] = ()) -> None:
        self.works = works
        self.pauses = pauses
        self.parcels: dict[str, Parcel] = {}
        self.carried: list[tuple[datetime, Alert]] = []

    def post(self, alert: Alert, *channels: str) -> None:
        self.carry(alert.at)
        paused = longest_of(self.pauses, key_of(alert), alert.kind, alert.at)
        heard = {about(alert): self.heard()}
        dispatch = parcels_for(alert, channels, heard, dedup=DEDUP, silence=paused)
        self.parcels |= {each.key: each for each in dispatch.parcels}
        for key, why in dispatch.withdrawn.items():
            self.parcels[key] = replace(self.parcels[key], state=ParcelState.SUPPRESSED, reason=why)
        self.carry(alert.at)

    def heard(self) -> list[Heard]:
        return [
            Heard(
                key=each.key,
                channel=each.channel,
                group=each.group,
                severity=Severity(each.severity),
                transition=Transition(each.transition),
                state=each.state,
                at=each.not_before or each.created_at,
            )
            for each in self.parcels.values()
        ]

    def carry(self, now: datetime) -> None:
        for each in sorted(self.parcels.values(), key=lambda each: each.not_before or each.created_at):
            due = each.not_before or each.created_at
            if each.state is ParcelState.PENDING and due <= now:
                state = ParcelState.SENT if self.works else ParcelState.DEAD
                self.parcels[each.key] = replace(each, state=state)
                if self.works:
                    self.carried.append((due, from_json(each.payload)))

    def received(self) -> list[str]:
        return [
            f"{(due - START) // timedelta(minutes=1)} {each.transition} {each.severity}"
            for due, each in self.carried
        ]

    def states(self) -> list[str]:
        return [f"{each.transition} {each.state}" for each in self.parcels.values()]


def told(*outcomes, works: bool = True, until: float = 100_000) -> Outbox:
    outbox = Outbox(works=works)
    for each in alerts(*outcomes):
        outbox.post(each, "on_call")
    outbox.carry(START + timedelta(minutes=until))
    return outbox


def test_an_opening_and_its_recovery_are_told():
    assert told(fresh(0, BAD), fresh(60, GOOD)).received() == ["0 opened error", "60 resolved error"]


def test_what_opens_again_soon_after_is_held_and_told_when_the_time_is_up():
    outbox = told(fresh(0, BAD), fresh(5, GOOD), fresh(10, BAD))

    assert outbox.received() == ["0 opened error", "5 resolved error", "30 opened error"]


def test_what_is_over_before_the_time_is_up_is_never_told_but_recorded():
    outbox = told(fresh(0, BAD), fresh(5, GOOD), fresh(10, BAD), fresh(15, GOOD))

    assert outbox.received() == ["0 opened error", "5 resolved error"]
    assert outbox.states()[2:] == ["opened suppressed", "resolved suppressed"]
    assert {each.reason for each in list(outbox.parcels.values())[2:]} == {"over before it was told"}


def test_flapping_for_an_hour_is_told_a_few_times():
    flaps = [fresh(minute, BAD if minute % 10 == 0 else GOOD) for minute in range(0, 60, 5)]
    calm = [fresh(minute, GOOD) for minute in range(60, 180, 5)]

    assert told(*flaps, *calm).received() == [
        "0 opened error",
        "5 resolved error",
        "30 opened critical",
        "115 resolved critical",
    ]


def test_that_it_keeps_changing_is_told_once_to_who_knows_of_it():
    flaps = [fresh(minute, BAD if minute % 40 == 20 else GOOD) for minute in range(0, 260, 20)]

    assert [each for each in told(*flaps).received() if "flapping" in each] == ["120 flapping error"]


def test_what_opens_again_later_is_told_at_once():
    outbox = told(fresh(0, BAD), fresh(5, GOOD), fresh(31, BAD))

    assert outbox.received()[-1] == "31 opened error"


def test_what_is_worse_passes():
    outbox = told(fresh(0, CLOSE), fresh(5, GOOD), fresh(10, BAD))

    assert outbox.received() == ["0 opened warning", "5 resolved warning", "10 opened error"]


def test_an_escalation_passes_at_once():
    assert told(fresh(0, CLOSE), fresh(5, BAD)).received() == ["0 opened warning", "5 escalated error"]


def test_an_escalation_takes_the_place_of_an_opening_that_is_held():
    outbox = told(fresh(0, BAD), fresh(5, GOOD), fresh(10, CLOSE), fresh(15, BAD))

    assert outbox.received() == ["0 opened error", "5 resolved error", "30 escalated error"]
    assert "opened suppressed" in outbox.states()


def test_a_recovery_does_not_make_the_silence_longer():
    outbox = told(fresh(0, BAD), fresh(25, GOOD), fresh(31, BAD))

    assert outbox.received()[-1] == "31 opened error"


def test_what_never_arrived_holds_nothing_back():
    outbox = Outbox(works=False)
    first, second, third = alerts(fresh(0, BAD), fresh(5, GOOD), fresh(10, BAD))
    outbox.post(first, "on_call")
    outbox.post(second, "on_call")
    outbox.works = True
    outbox.post(third, "on_call")

    assert outbox.received() == ["10 opened error"]
    assert outbox.states()[:2] == ["opened dead", "resolved skipped"]


def test_channels_do_not_hold_each_other_back():
    outbox = Outbox()
    first, second, third = alerts(fresh(0, BAD), fresh(5, GOOD), fresh(10, BAD))
    outbox.post(first, "log")
    outbox.post(second, "log")
    outbox.post(third, "log", "on_call")

    assert [each.channel for each in outbox.parcels.values() if each.state is ParcelState.SENT] == [
        "log",
        "log",
        "on_call",
    ]


def test_a_recovery_goes_to_whoever_heard_the_opening_whatever_the_routes_say_now():
    outbox = Outbox()
    opened, resolved = alerts(fresh(0, BAD), fresh(60, GOOD))
    outbox.post(opened, "log", "on_call")
    outbox.post(resolved, "mail")

    assert [each.channel for each in outbox.parcels.values()] == ["log", "on_call", "log", "on_call"]


def test_a_channel_that_was_reached_by_the_escalation_alone_hears_the_recovery():
    outbox = Outbox()
    opened, escalated, resolved = alerts(fresh(0, CLOSE), fresh(15, BAD), fresh(30, GOOD))
    outbox.post(opened, "log")
    outbox.post(escalated, "log", "on_call")
    outbox.post(resolved)

    assert [f"{each.channel} {each.transition}" for each in outbox.parcels.values()] == [
        "log opened",
        "log escalated",
        "on_call escalated",
        "log resolved",
        "on_call resolved",
    ]


def test_a_parcel_has_a_key_of_its_own_for_each_channel_and_transition():
    outbox = told(fresh(0, BAD), fresh(60, GOOD))

    [opened, resolved] = outbox.parcels.values()
    assert opened.key == f"alert/{opened.group}/1/on_call"
    assert resolved.key == f"alert/{opened.group}/2/on_call"
    assert opened.about == "urn:shop:orders\nprod\norders.updated_at.freshness"


def heard(
    minute: float, state: ParcelState, severity: Severity = Severity.ERROR, group: str = "before"
) -> Heard:
    return Heard(
        key=f"{group}-{minute}",
        channel="on_call",
        group=group,
        severity=severity,
        transition=Transition.OPENED,
        state=state,
        at=START + timedelta(minutes=minute),
    )


[OPENED] = alerts(fresh(0, BAD))


@pytest.mark.parametrize(
    ("before", "decision"),
    [
        ([], Send),
        ([heard(-29, ParcelState.SENT)], Hold),
        ([heard(-29, ParcelState.PENDING)], Hold),
        ([heard(-30, ParcelState.SENT)], Send),
        ([heard(-29, ParcelState.SENT, Severity.WARNING)], Send),
        ([heard(-29, ParcelState.SENT, Severity.CRITICAL)], Hold),
        ([heard(-29, ParcelState.DEAD)], Send),
        ([heard(-29, ParcelState.SUPPRESSED)], Send),
        ([heard(-29, ParcelState.SKIPPED)], Send),
        ([heard(1, ParcelState.PENDING)], Send),
    ],
)
def test_an_opening_is_held_only_where_the_channel_heard_the_same_or_worse(before, decision):
    assert type(decide(OPENED, before, dedup=DEDUP)) is decision


def test_what_is_held_is_held_until_the_dedup_time_since_the_last_telling_is_up():
    decided = decide(OPENED, [heard(-20, ParcelState.SENT), heard(-10, ParcelState.SENT)], dedup=DEDUP)

    assert isinstance(decided, Hold)
    assert decided.until == START + timedelta(minutes=20)


@pytest.mark.parametrize("state", [ParcelState.SUPPRESSED, ParcelState.DEAD])
def test_a_recovery_nobody_heard_the_opening_of_is_dropped_and_says_why(state):
    resolved = replace(OPENED, transition=Transition.RESOLVED)

    decided = decide(resolved, [heard(-10, state, group=OPENED.episode)], dedup=DEDUP)

    assert isinstance(decided, Drop)
    assert decided.reason


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.sampled_from([GOOD, CLOSE, hours(3.3), BAD])),
        min_size=1,
        max_size=40,
    )
)
def test_whatever_happens_a_channel_hears_enough_and_not_too_much(course):
    minute, outcomes = 0, []
    for after, age in course:
        minute += after
        outcomes.append(fresh(minute, age))
    outbox = told(*outcomes, until=minute)
    raised = alerts(*outcomes)
    received = {(each.episode, each.transition) for _, each in outbox.carried}

    for _, each in outbox.carried:  # nothing is over that was not told
        if each.transition is Transition.RESOLVED:
            assert {(each.episode, Transition.OPENED), (each.episode, Transition.ESCALATED)} & received
    for each in raised:  # what was told and is over is told to be over
        began = {(each.episode, Transition.OPENED), (each.episode, Transition.ESCALATED)} & received
        if each.transition is Transition.RESOLVED and began:
            assert (each.episode, Transition.RESOLVED) in received
    over = {each.episode for each in raised if each.transition is Transition.RESOLVED}
    for each in raised:  # what is still so after the dedup time has been told
        if (
            each.episode not in over
            and each.transition is Transition.OPENED
            and each.at + DEDUP <= START + timedelta(minutes=minute)
        ):
            assert {(each.episode, Transition.OPENED), (each.episode, Transition.ESCALATED)} & received
    openings = [(due, each) for due, each in outbox.carried if each.transition is Transition.OPENED]
    for (before, one), (after, other) in pairwise(openings):  # and no more often than that
        assert after - before >= DEDUP or other.severity.rank > one.severity.rank


@pytest.mark.requirement("D-06")
class TestPaused:
    """From minute 10 to minute 60."""

    def paused(self, *outcomes, **changes):
        values = {
            "id": "p1",
            "what": PauseKind.MUTE,
            "start": START + timedelta(minutes=10),
            "end": START + timedelta(minutes=60),
            "author": "ada",
            "reason": "upgrade",
            "declared_at": START,
        }
        outbox = Outbox(pauses=(Pause(**values | changes),))
        for each in alerts(*outcomes):
            outbox.post(each, "log")
        return outbox

    def test_what_opens_in_it_and_is_over_in_it_is_recorded_and_told_to_nobody(self):
        outbox = self.paused(fresh(20, BAD), fresh(40, GOOD))
        outbox.carry(START + timedelta(days=1))

        assert outbox.received() == []
        assert len(outbox.parcels) == 2
        assert {each.reason for each in outbox.parcels.values()} == {"over before it was told"}

    def test_what_is_still_open_when_it_ends_is_told_then(self):
        outbox = self.paused(fresh(20, BAD), fresh(90, GOOD))

        assert outbox.received() == ["60 opened error", "90 resolved error"]

    def test_what_was_open_before_it_may_be_over_in_it(self):
        assert self.paused(fresh(5, BAD), fresh(30, GOOD)).received() == [
            "5 opened error",
            "30 resolved error",
        ]

    def test_even_what_gets_worse_in_it_waits(self):
        outbox = self.paused(fresh(5, CLOSE), fresh(20, BAD), fresh(90, GOOD))

        assert outbox.received() == ["5 opened warning", "60 escalated error", "90 resolved error"]

    def test_why_nobody_is_told_stands_with_what_is_held_back(self):
        (held,) = self.paused(fresh(20, BAD)).parcels.values()

        assert held.reason == "muted until 2026-11-20 04:10 UTC by ada: upgrade (p1)"

    def test_what_it_does_not_cover_is_told_at_once(self):
        assert self.paused(fresh(20, BAD), kind="quality").received() == ["20 opened error"]
        assert self.paused(fresh(20, BAD), cancelled_at=START).received() == ["20 opened error"]
