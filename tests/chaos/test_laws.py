"""The laws themselves: each notices what it is there for, and none is broken by what is allowed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floe_dagster.outcome.episode import Transition
from floe_dagster.outcome.parcel import Parcel, ParcelState
from floe_dagster.state.records import Attempt
from tests.chaos.laws import Found, broken
from tests.chaos.receiver import Receipt, Verdict, verdict_of
from tests.chaos.story import expected, outcomes_of
from tests.chaos.terms import Terms
from tests.state.ticks import START

SENT, DEAD, SKIPPED, PENDING = ParcelState.SENT, ParcelState.DEAD, ParcelState.SKIPPED, ParcelState.PENDING


def parcel(sequence, state=SENT, transition=None, episode="one"):
    told = transition or (Transition.OPENED if sequence == 1 else Transition.RESOLVED)
    return Parcel(
        key=f"alert/{episode}/{sequence}/desk",
        topic="alert",
        channel="desk",
        group=episode,
        sequence=sequence,
        payload="{}",
        created_at=START,
        transition=told,
        state=state,
        finished_at=START,
    )


def receipt(sequence, verdict=Verdict.ACCEPTED, *, later=0.0, id_=None, episode="one"):
    return Receipt(
        at=START.timestamp() + later,
        channel="desk",
        id=id_ or f"{episode}.{sequence}",
        episode=episode,
        sequence=sequence,
        verdict=verdict,
    )


def attempt(sequence, number=1, *, accepted=True):
    return Attempt(
        parcel=f"alert/one/{sequence}/desk",
        channel="desk",
        attempt=number,
        at=START,
        accepted=accepted,
        note="",
    )


KEPT = Found(
    expected={"alert/one/1/desk": Transition.OPENED, "alert/one/2/desk": Transition.RESOLVED},
    parcels=[parcel(1), parcel(2)],
    attempts=[attempt(1), attempt(2)],
    receipts=[receipt(1), receipt(2)],
    late_seconds=10,
)
REFUSED = replace(
    KEPT,
    parcels=[parcel(1, DEAD), parcel(2, SKIPPED)],
    attempts=[attempt(1, accepted=False)],
    receipts=[receipt(1, Verdict.REFUSED)],
)


def names(found):
    return [each.partition(":")[0] for each in broken(found)]


def test_a_quiet_day_breaks_no_law():
    assert names(KEPT) == names(REFUSED) == []


@pytest.mark.parametrize("first", [Verdict.LOST, Verdict.BUSY, Verdict.LATER, Verdict.HUNG])
def test_a_letter_that_comes_again_under_the_same_id_breaks_no_law(first):
    again = [attempt(1, accepted=False), attempt(1, 3), attempt(2)]
    found = replace(KEPT, receipts=[receipt(1, first), receipt(1), receipt(2)], attempts=again)
    assert names(found) == []


@pytest.mark.parametrize(
    ("found", "law"),
    [
        (replace(KEPT, parcels=[parcel(1)], attempts=[attempt(1)], receipts=[receipt(1)]), "not recorded"),
        (replace(KEPT, expected={"alert/one/1/desk": Transition.OPENED}), "not recorded"),
        (replace(KEPT, receipts=[receipt(1), receipt(2, Verdict.BUSY)]), "lost"),
        (replace(KEPT, receipts=[receipt(1), receipt(1, id_="else"), receipt(2)]), "told under two ids"),
        (replace(KEPT, receipts=[receipt(1), receipt(2, id_="one.1")]), "told under two ids"),
        (replace(KEPT, receipts=[receipt(2), receipt(1)]), "came before"),
        (
            replace(
                KEPT, receipts=[receipt(1, Verdict.BUSY), receipt(2, Verdict.BUSY), receipt(1), receipt(2)]
            ),
            "came before",
        ),
        (
            replace(
                REFUSED,
                parcels=[parcel(1, DEAD), parcel(2)],
                attempts=[attempt(1, accepted=False), attempt(2)],
                receipts=[*REFUSED.receipts, receipt(2)],
            ),
            "recovery of what nobody heard of",
        ),
        (
            replace(REFUSED, receipts=[*REFUSED.receipts, receipt(1, Verdict.REFUSED, later=11)]),
            "carried when given up",
        ),
        (replace(KEPT, parcels=[parcel(1), parcel(2, PENDING)]), "left over"),
        (replace(KEPT, parcels=[parcel(1), parcel(2, DEAD)]), "the store says otherwise"),
        (replace(KEPT, parcels=[parcel(1), parcel(2, SKIPPED)]), "the store says otherwise"),
        (replace(KEPT, attempts=[attempt(1), attempt(1, 2), attempt(2)]), "acknowledged by somebody"),
        (
            replace(KEPT, attempts=[attempt(1, 2, accepted=False), attempt(1, 1), attempt(1, 3), attempt(2)]),
            "acknowledged by somebody",
        ),
        (replace(KEPT, attempts=[attempt(1)]), "acknowledged by somebody"),
    ],
)
def test_each_law_is_noticed_when_it_is_broken(found, law):
    assert any(each.startswith(law) for each in names(found))


def test_the_story_is_the_same_for_everybody_and_another_one_for_another_seed(tmp_path):
    terms = Terms(url="", folder=tmp_path, seed=1, events=300, kills=0)
    assert outcomes_of(terms, 7) == outcomes_of(terms, 7)
    assert expected(terms) == expected(terms)
    assert expected(terms) != expected(replace(terms, seed=2))


def test_the_receiver_treats_as_many_letters_badly_as_it_is_told(tmp_path):
    terms = Terms(url="", folder=tmp_path, seed=1, events=300, kills=0, refused=0.0)
    verdicts = [verdict_of(terms, "desk", f"letter {each}", 1) for each in range(4000)]
    assert sum(each is not Verdict.ACCEPTED for each in verdicts) / 4000 == pytest.approx(0.15, abs=0.02)
    assert set(verdicts) == set(Verdict) - {Verdict.REFUSED}
