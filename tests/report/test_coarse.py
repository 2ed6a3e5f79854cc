"""A week whose outcomes and segments are long deleted is told from the sums of its days, on each database."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta

import pytest

from floe_dagster.outcome.episode import advance
from floe_dagster.outcome.grade import graded
from floe_dagster.outcome.parcel import ParcelState
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.outcome.policy import Policy
from floe_dagster.plan.check import Verdict
from floe_dagster.report.calendar import period_named
from floe_dagster.report.render import to_html, to_json, to_markdown
from floe_dagster.reporting import report_of
from floe_dagster.schedule import cadence_seconds
from floe_dagster.settings import load_settings
from floe_dagster.settings.model import Retention
from floe_dagster.state.records import Tick
from floe_dagster.upkeep.keep import keep_up
from floe_dagster.validity import validity
from floe_dagster.watchlist import load_watchlist
from tests.project import Project
from tests.state.conftest import store, store_url  # noqa: F401  the same stores
from tests.state.ticks import parcels_of

pytestmark = [pytest.mark.requirement("G-03"), pytest.mark.requirement("C-04")]

WEEK = period_named("2026-W43", "Europe/Berlin")
"""It ends with the Sunday of 25 hours."""
HOUR = timedelta(hours=1)
FIRST = WEEK.start - 3 * timedelta(days=1) + 7 * HOUR
OUTAGE = (WEEK.start + 30 * HOUR, WEEK.start + 41 * HOUR)
SILENCE = (WEEK.start + 100 * HOUR, WEEK.start + 131 * HOUR)
WORK = (WEEK.start + 60 * HOUR, WEEK.start + 66 * HOUR)


@pytest.fixture
def watchlist(tmp_path):
    project = Project(tmp_path)
    project.manifest("reports: {folder: reports}", MANIFEST)
    return load_watchlist(load_settings(tmp_path / "floe.yaml"))


MANIFEST = """\
reports: {folder: reports, zone: Europe/Berlin, target: 0.9}
retention: {outcomes: 3 d, segments: 3 d, parcels: 3 d, ticks: 3 d, deliveries: 3 d}
"""


def within(at, span):
    return span[0] <= at < span[1]


def lived(store, watchlist):  # noqa: F811
    """Two weeks of every check, some of it broken, silent or excused."""
    (watch,) = watchlist.watches
    draw = random.Random(43)
    states, made, steps = {}, [], []
    ends = WEEK.end + timedelta(days=6)
    at = FIRST
    while at < ends:
        if not within(at, SILENCE):
            for one in outcomes(watchlist, watch, at, draw):
                seconds = cadence_seconds(watchlist.settings.cadence, one.kind)
                step = advance(states.get(one.key), one, Policy(cadence_seconds=seconds))
                states[one.key] = step.state
                made.append(one)
                steps.append(step)
        at += 6 * HOUR
    told = [
        replace(each, state=ParcelState.SENT, finished_at=step.episode.opened_at)
        for step in steps
        if step.transition
        for each in parcels_of([step], step.episode.opened_at)
    ]
    with store.writing() as writing:
        (reading,) = watchlist.readings
        for seen in (FIRST, ends):
            writing.register([reading.contract], seen, {reading.contract.digest: reading.text})
        writing.add_pause(maintenance())
        writing.save(
            outcomes=made,
            steps=steps,
            parcels=told,
            tick=Tick(id="t", kind="quality", started_at=FIRST, ended_at=ends),
        )


def outcomes(watchlist, watch, at, draw):
    for check in watch.plan.checks:
        broken = within(at, OUTAGE) and check.kind == "quality" and draw.random() < 0.5
        verdict = Verdict(broken=broken, actual=7 if broken else 0, message="so it is")
        yield graded(
            watch.plan,
            check,
            verdict,
            watchlist.settings.grading,
            server=watch.server_name,
            tick=at.isoformat(),
            at=at,
        )
    yield validity(watchlist.readings[0], None, tick=at.isoformat(), now=at)


def maintenance():
    return Pause(
        id="p",
        what=PauseKind.MAINTENANCE,
        start=WORK[0],
        end=WORK[1],
        author="ada",
        reason="upgrade",
        declared_at=FIRST,
    )


def same_time(was, now):
    """Whether two reports say the same of time, to the hundredth of a second."""
    (old_line,), (new_line,) = was.contracts, now.contracts
    assert (new_line.server, new_line.known, new_line.version) == (old_line.server, True, old_line.version)
    assert [each.kind for each in new_line.kinds] == [each.kind for each in old_line.kinds]
    for old, new in zip(old_line.kinds, new_line.kinds, strict=True):
        assert seconds(new.compliance) == pytest.approx(seconds(old.compliance), abs=0.01), old.kind
        assert (new.observed_since, new.target, new.met) == (old.observed_since, old.target, old.met)
        assert (new.breaches, new.trend is None) == (old.breaches, old.trend is None)
        assert new.budget.left == pytest.approx(old.budget.left, abs=0.01)
    for old, new in zip(old_line.scores, new_line.scores, strict=True):
        assert (new.dimension, new.checks) == (old.dimension, old.checks)
        assert new.ratio == pytest.approx(old.ratio)
    return old_line, new_line


def seconds(went):
    return (went.good, went.bad, went.unknown, went.excused)


LATE = WEEK.end + timedelta(days=20)


@pytest.fixture
def month(store, watchlist):  # noqa: F811
    """The reports of all that was recorded, before anything was deleted."""
    lived(store, watchlist)
    soon = WEEK.end + timedelta(hours=1)
    names = ("2026-W42", "2026-W43", "2026-10-20", "2026-10-25")
    whole = replace(watchlist, settings=watchlist.settings.model_copy(update={"retention": Retention()}))
    return {name: report_of(store, whole, period_named(name, "Europe/Berlin"), now=soon) for name in names}


def again(store, watchlist, name):  # noqa: F811
    return report_of(store, watchlist, period_named(name, "Europe/Berlin"), now=LATE)


def test_the_report_of_an_old_period_says_the_same_of_time_when_only_sums_are_left(store, watchlist, month):  # noqa: F811
    gone = {each.table: each.rows for each in keep_up(store, watchlist, LATE).pruned}
    assert min(gone[f"floe_{each}"] for each in ("outcomes", "segments", "parcels")) > 0
    for name, days in (("2026-W42", 3), ("2026-W43", 7), ("2026-10-20", 1), ("2026-10-25", 1)):
        before, after = month[name], again(store, watchlist, name)
        assert {each.coarse for each in before.contracts[0].kinds} == {0}
        old, new = same_time(before, after)
        assert {each.coarse for each in new.kinds} == {days}, name
        assert [(each.episode, each.since, each.resolved_at, each.expected) for each in new.breaches] == [
            (each.episode, each.since, each.resolved_at, each.expected) for each in old.breaches
        ]
    says_what_is_gone(month["2026-W43"], again(store, watchlist, "2026-W43"))


def says_what_is_gone(before, after):
    """Nothing is made of what is no longer on record."""
    checks = len(before.contracts[0].checks)
    assert (before.tally.forgotten, after.tally.forgotten) == (0, checks - 1)
    assert (after.tally.passed, after.tally.unmeasured, after.gaps) == (0, 0, ())
    assert before.breaches
    assert {each.word for each in before.breaches} == {"known"}
    assert {(each.word, each.untold) for each in after.breaches} == {("forgotten", False)}
    text = to_markdown(after)
    assert "Of 7 days only sums are on record any more" in text
    assert "The alerts of that time are no longer on record." in text
    for never in ("nobody: no route matches", "told to nobody:", "not yet measured,", "No alert was raised"):
        assert never not in text
    assert "only sums" not in to_markdown(before)
    assert f"{checks - 1} no longer on record" in to_html(after)
    assert "</span> of " not in to_html(after), "none passed and none failed, as far as anybody knows"
    document = json.loads(to_json(after))
    assert {each["days_known_by_sums"] for each in document["contracts"][0]["kinds"]} == {7}
    assert {each["notified"] for each in document["recovered_breaches"]} == {None}


def test_a_week_of_which_only_a_part_is_deleted_says_the_same_as_well(store, watchlist, month):  # noqa: F811
    while_it_goes = WEEK.end - timedelta(hours=2)
    keep_up(store, watchlist, while_it_goes)
    period = period_named("2026-W43", "Europe/Berlin")
    after = report_of(store, watchlist, period, now=WEEK.end + timedelta(hours=1))
    _, new = same_time(month["2026-W43"], after)
    assert {each.coarse for each in new.kinds} == {5}, "Monday to Friday, on which deleting stopped"
