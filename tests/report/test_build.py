"""Building: what a report says of the rows that it is given."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from floe_dagster.contract.model import Promise
from floe_dagster.outcome.outcome import Key
from floe_dagster.outcome.segment import Health
from floe_dagster.plan.check import Severity, Status
from floe_dagster.report.kinds import target_of
from floe_dagster.report.rows import Watched
from floe_dagster.report.telling import strip
from floe_dagster.state.records import Aggregate

pytestmark = pytest.mark.requirement("G-04")


def line(report, name):
    return next(each for each in report.contracts if each.contract == name)


def kind(report, name, of):
    return next(each for each in line(report, name).kinds if each.kind == of)


def test_an_hour_of_six_broken_is_in_the_kind_and_in_the_contract(rich):
    quality = kind(rich, "flights", "quality")
    assert (quality.compliance.good, quality.compliance.bad, quality.compliance.unknown) == (
        64_800,
        21_600,
        0,
    )
    assert quality.compliance.ratio == 0.75


def test_a_total_is_the_seconds_of_every_line(rich):
    lines = [each.compliance for contract in rich.contracts for each in contract.kinds]
    assert rich.compliance.good == sum(each.good for each in lines)
    assert rich.compliance.total == sum(each.total for each in lines)


def test_a_gap_between_measurements_is_unknown(rich):
    went = kind(rich, "flights", "availability").compliance
    assert (went.bad, went.unknown) == (300, 3600)


def test_a_kind_of_several_checks_is_kept_only_while_all_of_them_are(rich):
    assert kind(rich, "flights", "quality").compliance.bad == 21_600
    checks = {each.id: each.compliance for each in line(rich, "flights").checks}
    assert checks["flights.dest.relationship"].ratio == 0.75
    assert checks["flights.rows.volume"].ratio == 1.0


def test_a_check_that_is_silent_does_not_hide_behind_the_others(everything, now):
    """Kept while all of them are: of six hours nobody knows whether the last one was."""
    silent = next(each for each in everything.outcomes if each.key.check == "flights.rows.volume")
    everything.segments = [
        replace(each, end=now - timedelta(hours=20)) if each.key == silent.key else each
        for each in everything.segments
    ]
    went = kind(everything.report(hold={"*": timedelta(hours=1)}), "flights", "quality").compliance
    assert went.unknown == (13 * 3_600)  # from an hour after its last word to when another one broke
    assert went.bad == 21_600


def test_a_check_that_is_asked_for_no_more_is_silent_for_good_and_no_gap(everything, now):
    gone = next(each for each in everything.outcomes if each.key.check == "flights.gone")
    start = now - timedelta(days=1)
    everything.segments.append(everything.segment(gone, Health.GOOD, start, start + timedelta(hours=2)))
    assert kind(everything.report(), "flights", "quality").compliance.unknown == 0


def test_a_day_of_which_only_sums_are_kept_counts_by_them(everything, now):
    flights = next(each for each in everything.segments if each.key.check == "flights.availability")
    everything.segments = [each for each in everything.segments if each.key != flights.key]
    everything.outcomes = [each for each in everything.outcomes if each.key != flights.key]
    day = Aggregate(
        grain="day",
        start=now - timedelta(days=1),
        end=now,
        zone="UTC",
        contract="flights",
        server="local",
        kind="availability",
        good=80_000.0,
        bad=4_000.0,
        unknown=2_400.0,
    )
    everything.episodes = [each for each in everything.episodes if each.key != flights.key]
    found = kind(everything.report(days=(day,)), "flights", "availability")
    assert (found.compliance.good, found.compliance.bad, found.compliance.unknown) == (80_000, 4_000, 2_400)
    assert (found.coarse, found.target) == (1, pytest.approx(0.999))
    assert "1 day is known by sums only" in strip(found)


def test_the_worst_age_of_the_window_is_told_beside_the_latest(everything, now):
    fresh = next(each for each in everything.outcomes if each.key.check == "flights.freshness")
    late = replace(fresh, used=2.25, actual=32_400.0, at=now - timedelta(hours=14))
    (check,) = [
        each
        for each in line(everything.report(worst=(late,)), "flights").checks
        if each.id == "flights.freshness"
    ]
    assert (check.worst.actual, check.worst.used, check.worst.at) == (32_400.0, 2.25, late.at)


def test_the_quality_score_weighs_checks_by_severity_and_seconds(everything):
    (score, *_) = line(everything.report(), "flights").scores
    # of two checks of severity error known for the whole day, one was broken for six hours
    assert score.ratio == pytest.approx(1 - 21_600 / (2 * 86_400))
    assert (score.checks, len(score.points)) == (2, 24)
    assert (score.points[0], score.points[-1]) == (1.0, 0.5)


def test_only_kinds_and_domains_that_are_asked_for_are_in_a_report(everything):
    report = everything.report(kinds=("freshness",))
    assert {each.kind for one in report.contracts for each in one.kinds} == {"freshness"}
    assert {each.kind for each in report.breaches} == {"freshness"}
    assert {each.kind for each in report.gaps} <= {"freshness"}
    assert {each.domain for each in everything.report(domains=("avi*",)).contracts} == {"aviation"}
    assert everything.report(domains=("nothing",)).empty


def test_a_breach_that_got_worse_later_is_told_as_it_was(everything, now):
    """What is on record of an open episode may be younger than the window."""
    worse = [
        replace(each, severity=Severity.CRITICAL, message="worse") if each.resolved_at is None else each
        for each in everything.episodes
    ]
    for each in everything.parcels:
        assert each.severity != "critical" or each.created_at < now
    everything.parcels = [replace(each, severity="error") for each in everything.parcels]
    everything.episodes = worse
    (breach,) = everything.report(now=now + timedelta(days=1)).open
    assert breach.severity is Severity.ERROR
    assert breach.message != "worse"


def test_the_window_does_not_reach_before_a_kind_was_first_measured(rich, now):
    quality = kind(rich, "airports", "quality")
    assert quality.observed_since == now - timedelta(minutes=90)
    assert (quality.compliance.total, quality.compliance.coverage) == (5_400, 1.0)


def test_a_kind_that_was_watched_before_the_window_is_watched_from_its_start(everything, now):
    key = Key(contract="airports", server="local", check="airports.faa.unique")
    first_seen = {Watched(key, "quality"): now - timedelta(days=9)}
    went = kind(everything.report(first_seen=first_seen), "airports", "quality").compliance
    assert (went.total, went.unknown) == (86_400, 86_400 - 5_400)


def test_the_window_does_not_reach_beyond_now(everything, now):
    report = everything.report(end=now + timedelta(days=3))
    assert report.as_of == now
    assert kind(report, "flights", "quality").compliance.total == 86_400


def test_nothing_measured_is_no_data_and_not_a_hundred_percent(rich):
    planes = kind(rich, "planes", "freshness")
    assert (planes.compliance.ratio, planes.compliance.coverage, planes.observed_since) == (None, 0.0, None)
    assert planes.tally.unmeasured == 1


def test_a_measurement_speaks_for_the_time_after_it_but_not_for_ever(everything, now):
    held = everything.report(now=now + timedelta(hours=1), end=now + timedelta(hours=1), start=now)
    # measured a minute before: held for 12 h where it is quality, for 10 min where it is availability
    assert kind(held, "flights", "quality").compliance.unknown == 0
    assert kind(held, "flights", "availability").compliance.good == 540


def test_a_minute_after_the_first_tick_everything_is_known(minute):
    assert minute.compliance.coverage == 1.0
    assert minute.as_of - minute.observed_since == timedelta(seconds=70)
    assert kind(minute, "planes", "freshness").compliance.ratio == 0.0
    assert kind(minute, "airlines", "quality").compliance.ratio == 1.0


def test_the_gravest_comes_first(rich):
    assert [each.contract for each in rich.contracts] == ["flights", "airports", "legacy", "planes"]


def test_what_is_broken_is_told_with_its_number_promise_owner_and_channels(rich, now):
    (breach,) = rich.open
    assert (breach.subject, breach.severity, breach.actual, breach.expected) == (
        "flights.dest",
        Severity.CRITICAL,
        7_602,
        "0 rows",
    )
    assert breach.since == now - timedelta(hours=6)
    assert breach.owner == "flights-team@example.com"
    assert [(each.channel, each.state.value) for each in breach.told] == [
        ("console", "sent"),
        ("ops-webhook", "pending"),
    ]


def test_what_is_close_to_its_limit_is_not_broken(rich):
    (close,) = rich.close
    assert close.check == "flights.rows.volume"
    assert close not in rich.breaches


def test_breaches_are_counted_by_kind_and_severity_once_each(rich):
    assert [(each.kind, each.severity.value, each.count) for each in rich.violations] == [
        ("availability", "error", 1),
        ("freshness", "error", 1),
        ("quality", "critical", 1),
    ]
    assert [each.kind for each in rich.recovered] == ["freshness", "availability"]


def test_every_status_is_counted_and_none_is_hidden(rich):
    assert dict(rich.tally.items()) == {
        "passed": 4,
        "failed": 1,
        "warned": 1,
        "error": 1,
        "not_executable": 1,
        "informational": 1,
        "unmeasured": 2,
        "forgotten": 0,
    }


def test_what_was_not_measured_is_listed_with_why(rich):
    assert [(each.what, each.check, each.reason) for each in rich.gaps] == [
        ("unreadable", "", "line 3: a mapping was expected"),
        ("not_executable", "flights.soda", "the engine soda is not run here"),
        (
            "error",
            "flights.schema",
            "columns of flights could not be measured: another process holds the file",
        ),
        (
            "unmeasured",
            "flights.tailnum.pattern",
            "no outcome on record yet; it is measured with the next run of its kind",
        ),
        (
            "unmeasured",
            "planes.freshness",
            "no outcome on record yet; it is measured with the next run of its kind",
        ),
    ]


def test_the_ledger_counts_what_a_warehouse_turned_down_as_not_executable(rich):
    assert (rich.ledger.declared, rich.ledger.executed, rich.ledger.not_executable) == (10, 8, 1)


def test_a_check_that_the_contract_no_longer_asks_for_is_in_no_count(rich):
    flights = line(rich, "flights")
    assert flights.retired == 1
    assert "flights.gone" not in {each.id for each in flights.checks}


def test_a_contract_that_is_gone_is_remembered_as_such(rich):
    legacy = line(rich, "legacy")
    assert (legacy.known, legacy.version, legacy.ledger) == (False, "1.2.0", None)


def test_alerts_are_counted_by_channel_and_state(rich):
    counts = [
        (each.channel, each.sent, each.pending, each.dead, each.suppressed, each.skipped)
        for each in rich.channels
    ]
    assert counts == [("console", 2, 0, 0, 1, 0), ("ops-webhook", 0, 1, 0, 0, 0), ("pager", 0, 0, 1, 0, 1)]


@pytest.mark.parametrize("glob", ["flights", "Fli*", "f?ights"])
def test_contracts_are_chosen_by_id_or_title(everything, glob):
    report = everything.report(contracts=(glob,))
    assert [each.contract for each in report.contracts] == ["flights"]
    assert {each.contract for each in report.gaps} == {"flights"}
    assert report.selection == (glob,)


def test_a_glob_that_matches_nothing_gives_an_empty_report(everything):
    assert everything.report(contracts=("nothing*",)).empty


def test_a_past_window_is_the_same_whenever_it_is_looked_at(everything, now):
    """What happened since, an episode resolved and a segment grown longer, does not change it."""
    before = everything.report()
    later = replace_newest(everything, now)
    assert later.report(now=now).breaches == before.breaches
    after = later.report(now=now + timedelta(days=2))
    assert after.compliance == before.compliance
    assert after.open == before.open
    assert after.generated_at == now


def replace_newest(history, now):
    ends = now - timedelta(minutes=1)
    history.segments = [
        replace(each, end=now + timedelta(hours=3)) if each.end == ends else each for each in history.segments
    ]
    history.episodes = [
        each if each.resolved_at else replace(each, resolved_at=now + timedelta(hours=3))
        for each in history.episodes
    ]
    return history


def test_outcomes_about_a_contract_file_stand_with_the_contract(everything, now):
    flights = next(each for each in everything.outcomes if each.key.contract == "flights")
    about = Key(contract="contracts/flights.odcs.yaml", server="", check="contract_valid")
    one = replace(flights, key=about, kind="contract", status=Status.FAILED, dataset="flights.odcs.yaml")
    everything.outcomes.append(one)
    everything.segments.append(everything.segment(one, Health.BAD, now - timedelta(hours=1), now))
    everything.episodes.append(everything.episode(one, now - timedelta(hours=1)))
    everything.parcels.append(everything.parcel(everything.episodes[-1], "console"))
    report = everything.report()
    assert [each.contract for each in report.contracts] == ["flights", "airports", "legacy", "planes"]
    assert kind(report, "flights", "contract").compliance.bad == 3_600
    assert {each.contract for each in report.open} == {"flights"}
    assert report.channels[0].sent == 3


def test_an_empty_store_is_an_empty_report(nothing):
    assert nothing.empty
    assert nothing.compliance.ratio is None
    assert nothing.observed_since is None


@pytest.mark.parametrize(
    ("value", "unit", "share"),
    [
        (99.9, "%", 0.999),
        ("99.9%", None, 0.999),
        ("99.9", "percent", 0.999),
        (99.9, None, 0.999),
        (0.999, None, 0.999),
        (1, "%", 0.01),
        (100, None, 1.0),
        ("always", None, None),
        (-1, "%", None),
        (101, "%", None),
        (True, None, None),
        ("nan", None, None),
        (None, None, None),
    ],
)
def test_an_availability_promise_is_a_share_of_time(new_contract, value, unit, share):
    promised = Promise(path="slaProperties[0]", property="availability", value=value, unit=unit)
    found = target_of(new_contract(promises=(promised,)), "availability")
    assert found == (share if share is None else pytest.approx(share))


def test_the_strictest_target_counts_and_it_is_met_or_missed(rich):
    went = kind(rich, "flights", "availability")
    assert (went.target, went.met) == (pytest.approx(0.999), False)
    assert kind(rich, "flights", "quality").met is None


def test_a_share_of_another_kind_has_to_be_written_in_percent(new_contract):
    promises = (
        Promise(path="slaProperties[0]", property="availability", value=99.9, unit="%"),
        Promise(path="slaProperties[1]", property="freshness", value=4, unit="h"),
        Promise(path="slaProperties[2]", property="quality", value=98, unit="%"),
        Promise(path="slaProperties[3]", property="retention", value=98, unit="%"),
    )
    found = {
        kind: target_of(new_contract(promises=promises), kind)
        for kind in ("freshness", "quality", "retention")
    }
    assert found == {"freshness": None, "quality": 0.98, "retention": None}
