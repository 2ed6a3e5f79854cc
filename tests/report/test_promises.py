"""Deadlines and times to respond: what was promised, how it went, and what was missed."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.plan.metric import LastChange
from floe_dagster.plan.past import Met
from floe_dagster.report.build import build_report
from floe_dagster.report.calendar import Grain, period_named, periods
from floe_dagster.report.parts import MadeUp
from floe_dagster.report.read import read_promised
from floe_dagster.report.render import to_csv, to_html, to_json, to_markdown, to_table
from floe_dagster.report.rows import Rows
from floe_dagster.state.records import Aggregate
from tests.report.conftest import HOLD, History, outcome
from tests.report.promised import DEADLINE, HOUR, LOOKS, MINUTE, RESPONSES, RULE, a_week, local, shop, sighted

pytestmark = [pytest.mark.requirement("B-05"), pytest.mark.requirement("G-02")]

WEEK = period_named("2026-W46", "Europe/Berlin")


def told(*, promises=None, looks=LOOKS, pauses=(), change=lambda rows: rows, **more):
    """The report of the week of the shop, with its one line."""
    history = History.empty()
    a_week(history, outcome, WEEK, promises)
    rows = replace(history.rows(), sightings=sighted(looks), pauses=tuple(pauses))
    given = {"start": WEEK.start, "end": WEEK.end, "now": WEEK.end, "hold": HOLD, "period": WEEK} | more
    return build_report(change(rows), plans=history.plans, **given)


def due(report):
    ((line,),) = (each.deadlines for each in report.contracts)
    return line


def responses(report):
    return {each.what: each for line in report.contracts for each in line.responses}


def maintenance(start, end, **more):
    given = {"id": "p", "what": PauseKind.MAINTENANCE, "author": "ada", "reason": "upgrade"}
    return Pause(**given | {"start": start, "end": end, "declared_at": start - HOUR} | more)


def test_each_day_that_is_due_is_hit_missed_or_not_known_once():
    line = due(told())
    assert {met: line.days(met) for met in Met} == {
        Met.HIT: ("2026-11-09", "2026-11-13"),
        Met.MISS: ("2026-11-10",),
        Met.UNKNOWN: ("2026-11-12",),
        Met.EXCUSED: (),
    }
    assert line.due == 4, "five weekdays, of which one is a holiday"


def test_a_deadline_is_missed_for_good_however_soon_it_was_there():
    late = due(told(looks=[(local(10, 6.9), local(9, 5)), (local(10, 7.05), local(10, 7.01))]))
    assert late.days(Met.MISS) == ("2026-11-10",)


def test_a_deadline_in_maintenance_that_was_declared_before_does_not_count():
    here = (local(10, 6), local(10, 8))
    excused = due(told(pauses=[maintenance(*here)]))
    assert (excused.days(Met.EXCUSED), excused.days(Met.MISS), excused.due) == (("2026-11-10",), (), 3)
    for other in (maintenance(*here, declared_at=local(10, 7)), maintenance(*here, contract="cellar")):
        assert due(told(pauses=[other])).days(Met.MISS) == ("2026-11-10",)


def test_deadlines_from_before_anybody_watched_are_not_due():
    def later(rows):
        segments = [
            replace(each, start=local(10, 12)) if each.key.check == DEADLINE else each
            for each in rows.segments
        ]
        return replace(rows, segments=tuple(segments))

    assert [each.day for each in due(told(change=later)).passed] == ["2026-11-12", "2026-11-13"]


def test_of_a_week_whose_outcomes_are_deleted_it_is_known_what_was_due_and_not_what_became_of_it():
    days = [
        Aggregate(
            grain="day",
            start=day.start,
            end=day.end,
            zone=WEEK.zone,
            contract="shop",
            server="local",
            kind="time_of_availability",
            check=check,
            good=day.seconds,
        )
        for day in periods(Grain.DAY, WEEK.start, WEEK.end, WEEK.zone)
        for check in (DEADLINE, "")
    ]
    line = due(told(looks=(), change=lambda rows: Rows(days=tuple(days))))
    assert (line.due, len(line.days(Met.UNKNOWN))) == (4, 4)


def test_of_a_week_that_goes_on_only_what_has_passed_is_due():
    line = due(told(now=local(10, 7.5)))
    assert [(each.day, each.met) for each in line.passed] == [
        ("2026-11-09", Met.HIT),
        ("2026-11-10", Met.MISS),
    ]


def test_what_is_seen_after_the_end_of_a_window_does_not_change_its_report():
    after = (WEEK.end + HOUR, local(12, 5))
    assert to_json(told(looks=(*LOOKS, after))) == to_json(told())


def test_another_kind_alone_tells_of_no_deadline_and_of_no_response():
    (line,) = told(kinds=["quality"]).contracts
    assert (line.deadlines, line.responses) == ((), ())
    (line,) = told(kinds=["response"]).contracts
    assert [each.breaches for each in line.responses] == [3, 3, 3]


def test_where_the_dataset_says_when_it_was_written_that_is_a_look():
    promises = shop()
    (check,) = (each for each in promises.checks if each.id == DEADLINE)
    written = replace(check.metrics[1], asked=LastChange())
    swapped = {check.id: replace(check, metrics=(LastChange(), written))}
    promises = replace(
        promises,
        items=tuple(swapped.get(each.id, each) for each in promises.items),
        checks=tuple(swapped.get(each.id, each) for each in promises.checks),
    )
    line = due(told(promises=promises, looks=[(local(12, 20), local(12, 6))]))
    assert line.days(Met.HIT) == ("2026-11-12",)


def test_the_promise_of_each_time_is_kept_or_not_and_both_are_said():
    report = told()
    found = responses(report)
    assert {what: (each.kept, each.over, len(each.lengths)) for what, each in found.items()} == {
        "detect": (True, 0, 3),
        "notify": (False, 1, 2),
        "repair": (False, 1, 2),
    }
    repair = found["repair"]
    assert repair.summary.median == 2 * HOUR
    assert repair.summary.longest == 18 * HOUR, "what is still broken counts as long as it has been"
    assert {each.untold for each in found.values()} == {1}


def test_what_nobody_looks_at_any_more_was_not_repaired():
    report = told()
    (unseen,) = report.unseen
    assert (unseen.episode, unseen.times.repair, unseen.open) == ("shop-unseen", None, False)
    assert [each.episode for each in report.recovered] == ["shop-mended"]
    assert dict(report.times)["repair"].count == 1
    repair = responses(report)["repair"]
    assert (repair.breaches, repair.unseen, len(repair.lengths)) == (3, 1, 2)
    page = to_html(report)
    assert page.index("Kept again") < page.index("Closed unseen") < page.index("nobody looks any more")
    document = json.loads(to_json(report))
    assert [each["episode"] for each in document["recovered_breaches"]] == ["shop-mended"]
    assert [each["episode"] for each in document["closed_unseen_breaches"]] == ["shop-unseen"]


def test_a_breach_that_is_retired_after_the_window_is_still_open_at_its_end():
    report = told(end=WEEK.start + timedelta(hours=80), period=None)
    assert [each.episode for each in report.open] == ["shop-unseen"]
    assert responses(report)["repair"].summary.longest == timedelta(hours=32)


def test_detecting_took_as_long_as_since_it_was_last_seen_kept():
    began = WEEK.start + timedelta(hours=24)
    seen = told(change=lambda rows: replace(rows, last_kept={"shop-mended": began - HOUR}))
    detect = responses(seen)["detect"]
    assert (detect.summary.longest, detect.kept, detect.over) == (75 * MINUTE, False, 1)


@pytest.mark.parametrize(
    ("choice", "kept", "said"),
    [("every", False, "missed by 1 of 2"), ("median", True, "kept, though 1 took longer")],
)
def test_which_share_of_the_breaches_has_to_keep_it_is_the_contracts_choice(choice, kept, said):
    report = told(promises=shop(**{"floe.interpretation": {"response": choice}}))
    assert responses(report)["repair"].kept is kept
    assert said in to_markdown(report)


def test_word_that_is_still_on_its_way_counts_as_long_as_it_has_been_and_nobody_to_tell_does_not():
    def with_word(state):
        def changed(rows):
            (late,) = (each for each in rows.episodes if each.id == "shop-open")
            return replace(rows, parcels=(*rows.parcels, History.parcel(late, "pager", state)))

        return responses(told(change=changed))["notify"]

    on_its_way = with_word(ParcelState.PENDING)
    assert on_its_way.summary.longest == 18 * HOUR - 15 * MINUTE
    assert (on_its_way.untold, on_its_way.over) == (1, 2)
    assert len(with_word(ParcelState.SUPPRESSED).lengths) == 2
    assert len(with_word(ParcelState.UNROUTED).lengths) == 2


def test_without_a_breach_there_is_nothing_to_hold_a_promise_against():
    report = told(change=lambda rows: replace(rows, episodes=()))
    assert {each.kept for each in responses(report).values()} == {None}
    assert "no breach to hold it against" in to_markdown(report)


def test_every_form_tells_the_promises():
    report = told()
    document = json.loads(to_json(report))
    (line,) = document["contracts"]
    (deadline,) = line["deadlines"]
    assert (deadline["due"], deadline["hit"], deadline["missed"], deadline["not_known"]) == (4, 2, 1, 1)
    assert deadline["days"]["missed"] == ["2026-11-10"]
    assert [(each["what"], each["promised_seconds"], each["kept"]) for each in line["responses"]] == [
        ("detect", 1800, True),
        ("notify", 600, False),
        ("repair", 14400, False),
    ]
    (row,) = (
        each for each in csv.DictReader(io.StringIO(to_csv(report))) if each["kind"] == "time_of_availability"
    )
    assert [row[f"deadlines_{each}"] for each in ("due", "hit", "missed", "not_known")] == [
        "4",
        "2",
        "1",
        "1",
    ]
    for text in (to_html(report), to_markdown(report), to_table(report, width=200)):
        assert "2026-11-10" in text
        assert "Of 3 breaches 1 was told to nobody" in text
        assert "repair within 4 h" in text


def test_only_rows_of_a_kind_that_promises_deadlines_count_them():
    for row in csv.DictReader(io.StringIO(to_csv(told()))):
        assert bool(row["deadlines_due"]) is (row["kind"] == "time_of_availability")


def test_where_nothing_of_the_kind_is_promised_the_store_is_not_asked():
    class Silent:
        """Fails where it is asked anything."""

    promises = shop(times=[each for each in RESPONSES if each[0] != "timeToDetect"])
    without = replace(
        promises, checks=tuple(each for each in promises.checks if each.id in (RULE, "orders.time_to_repair"))
    )
    rows = Rows()
    assert read_promised(Silent(), rows, [without], start=WEEK.start, end=WEEK.end) is rows


def test_what_was_simulated_stands_at_the_top_and_is_called_so(week):
    page, words, table = to_html(week), to_markdown(week), to_table(week, width=200)
    said = "simulated by a test"
    assert page.index("banner") < page.index(said) < page.index("<h1")
    assert page.count(said) == words.count(said) == table.count(said) == 1
    assert words.index("> **Simulated.** From 1 Nov 2026") < words.index("Observed:")
    document = json.loads(to_json(week))
    assert [each["what"] for each in document["simulated"]] == [said]
    assert said in document["notes"][0]


def test_nobody_is_said_to_have_missed_word_of_what_was_simulated():
    made_up = [MadeUp(kind="simulated by a test", start=WEEK.start, end=WEEK.start + timedelta(days=2))]
    report = told(change=lambda rows: replace(rows, parcels=()), made_up=made_up)
    assert {each.episode: each.word for each in report.breaches} == {
        "shop-mended": "simulated",
        "shop-unseen": "known",
        "shop-open": "known",
    }
    text = to_markdown(report)
    assert "Of 3 breaches 2 were told to nobody" in text
    assert {each.untold for each in responses(report).values()} == {2}
    assert "nobody: it was simulated" in to_html(report)


def test_what_was_missed_is_marked_and_a_name_that_repeats_is_shown_once():
    page = to_html(told())
    assert '<td data-label="Missed" class="is-error">1</td>' in page
    assert '<td data-label="Kept" class="is-error">missed by 1 of 2</td>' in page
    assert '<td data-label="Kept">kept</td>' in page
    assert '<th scope="row" class="again"><span>Shop on local</span></th>' in page


def test_the_name_of_a_kind_may_be_broken_between_its_words():
    page = to_html(told())
    assert '<th scope="row">time_<wbr>of_<wbr>availability</th>' in page


def test_a_report_in_which_all_was_measured_has_no_banner(rich):
    assert "banner" not in to_html(rich).split("</style>")[1]
    assert "Simulated" not in to_markdown(rich)
    assert json.loads(to_json(rich))["simulated"] == []
