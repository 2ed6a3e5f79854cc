"""Histories to report on: the demo after a minute, a month, nothing, three hundred contracts, and everything at once."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from floe_dagster.contract.model import Contract, Member, Promise
from floe_dagster.outcome.episode import Episode
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.parcel import Parcel, ParcelState
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.outcome.segment import Health, Segment
from floe_dagster.plan.check import Check, Declined, Noted, Plan, PlanItem, Severity, Status
from floe_dagster.plan.metric import RowCount, Table
from floe_dagster.report.build import build_report
from floe_dagster.report.calendar import period_named
from floe_dagster.report.parts import Change, MadeUp
from floe_dagster.report.rows import Rows
from tests.report.promised import a_week, sighted

if TYPE_CHECKING:
    from floe_dagster.report.model import SlaReport

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
KINDS = ["freshness", "schema", "quality", "availability"]
HOLD = {
    "availability": 10 * MINUTE,
    "freshness": 30 * MINUTE,
    "schema": 2 * HOUR,
    "*": 12 * HOUR,
}


def contract(name: str, **changes: Any) -> Contract:
    return replace(
        Contract(
            id=name,
            name=name.title(),
            version="1.2.0",
            api_version="v3.1.0",
            status="active",
            source=f"contracts/{name}.odcs.yaml",
            digest="0" * 64,
            domain="aviation",
            team=(Member(username=f"{name}-team@example.com", role="owner"),),
            consumers=("delay dashboard", "ops planning"),
        ),
        **changes,
    )


def check(name: str, kind: str = "quality", dataset: str = "", **changes: Any) -> Check:
    return replace(
        Check(
            id=name,
            kind=kind,
            dataset=dataset or name.partition(".")[0],
            path="schema[0]",
            title=f"{name} holds",
            covers=("schema[0]",),
            table=Table("t"),
            metrics=(RowCount(),),
            terms=None,
            expected="0 rows",
        ),
        **changes,
    )


def declined(name: str, reason: str) -> Declined:
    return Declined(
        id=name,
        kind="quality",
        dataset=name.partition(".")[0],
        path="schema[0].quality[1]",
        title="soda rule",
        covers=("schema[0].quality[1]",),
        reason=reason,
    )


def plan(of: Contract, *items: PlanItem) -> Plan:
    return Plan(contract=of, items=items, checks=tuple(each for each in items if isinstance(each, Check)))


def outcome(item: PlanItem, of: Contract, status: Status = Status.PASSED, **changes: Any) -> Outcome:
    bad = status in (Status.FAILED, Status.WARNED)
    return replace(
        Outcome(
            tick="tick-1",
            key=Key(contract=of.id, server="local", check=item.id),
            version=of.version,
            dataset=item.dataset,
            element=item.element,
            kind=item.kind,
            title=item.title,
            status=status,
            severity=Severity.ERROR,
            broken=bad,
            expected=item.expected if isinstance(item, Check) else "",
            actual=1_234 if bad else 0,
            message=f"{item.title}: {'1,234 rows do not' if bad else 'so it is'}",
            path=item.path,
            source=of.source,
            line=12,
            at=NOW - MINUTE,
            duration_seconds=0.01,
        ),
        **changes,
    )


def segment(of: Outcome, health: Health, start: datetime, end: datetime) -> Segment:
    return Segment(key=of.key, kind=of.kind, dataset=of.dataset, health=health, start=start, end=end)


def episode(of: Outcome, since: datetime, until: datetime | None = None, **changes: Any) -> Episode:
    return replace(
        Episode(
            id=f"episode-{of.key.contract}-{of.key.check}-{since:%d%H%M}",
            key=of.key,
            version=of.version,
            dataset=of.dataset,
            element=of.element,
            kind=of.kind,
            title=of.title,
            severity=of.severity,
            message=of.message,
            broken_since=since,
            opened_at=since,
            resolved_at=until,
        ),
        **changes,
    )


def parcel(about: Episode, channel: str, state: ParcelState = ParcelState.SENT, **changes: Any) -> Parcel:
    return replace(
        Parcel(
            key=f"alert/{about.id}/1/{channel}",
            topic="alert",
            channel=channel,
            group=about.id,
            sequence=1,
            payload="{}",
            created_at=about.opened_at,
            about=f"{about.key.contract}\n{about.key.server}\n{about.key.check}",
            severity=about.severity.value,
            transition="opened",
            state=state,
        ),
        **changes,
    )


@dataclass
class History:
    """Rows being gathered, and the plans that they belong to."""

    outcomes: list[Outcome]
    segments: list[Segment]
    episodes: list[Episode]
    parcels: list[Parcel]
    plans: list[Plan]

    @classmethod
    def empty(cls) -> History:
        return cls([], [], [], [], [])

    def rows(self) -> Rows:
        return Rows(
            latest=tuple(self.outcomes),
            segments=tuple(self.segments),
            episodes=tuple(self.episodes),
            parcels=tuple(self.parcels),
        )

    def report(self, length: timedelta = DAY, first_seen: Any = None, **arguments: Any) -> SlaReport:
        given = {"start": NOW - length, "end": NOW, "now": NOW, "hold": HOLD, "environment": "prod"}
        more = {name: arguments.pop(name) for name in ("days", "worst", "pauses") if name in arguments}
        rows = replace(self.rows(), first_seen=first_seen or {}, **more)
        return build_report(rows, plans=self.plans, **(given | arguments))

    segment = staticmethod(segment)
    episode = staticmethod(episode)
    parcel = staticmethod(parcel)


def demo(history: History, went: Any) -> History:
    """Five contracts of four kinds; `went(outcome, broken)` gives each its segments."""
    for name in ("flights", "airports", "planes", "airlines", "weather"):
        of = contract(name, promises=(Promise(path="sla", property="availability", value=99.9, unit="%"),))
        items = [
            check(f"{name}.freshness", "freshness", expected="at most 1 d", title=f"{name} is fresh"),
            check(
                f"{name}.schema", "schema", expected="the columns of the contract", title=f"columns of {name}"
            ),
            *(check(f"{name}.rule{number}", title=f"rule {number} of {name}") for number in range(6)),
            check(f"{name}.availability", "availability", expected="answers", title=f"{name} can be read"),
        ]
        history.plans.append(plan(of, *items))
        for item in items:
            broken = item.id in ("flights.rule2", "flights.rule4", "weather.rule0", "planes.freshness")
            one = outcome(item, of, Status.FAILED if broken else Status.PASSED)
            history.outcomes.append(one)
            went(history, one, broken)
    return history


def minute_of(history: History, one: Outcome, broken: bool) -> None:
    """One tick, some seconds ago: segments have no length yet."""
    at = NOW - timedelta(seconds=70 - 13 * KINDS.index(one.kind))
    history.outcomes[-1] = one = replace(one, at=at)
    history.segments.append(segment(one, Health.BAD if broken else Health.GOOD, at, at))
    if broken:
        history.episodes.append(episode(one, at))
        history.parcels.extend(parcel(history.episodes[-1], channel) for channel in ("console", "webhook"))


def month_of(length: timedelta) -> Any:
    def went(history: History, one: Outcome, broken: bool) -> None:
        chance = random.Random(one.key.check + one.key.contract)
        at, end = NOW - length, NOW - 2 * MINUTE
        while at < end:
            good = min(end, at + HOUR * chance.uniform(20, 400))
            history.segments.append(segment(one, Health.GOOD, at, good))
            if good == end:
                break
            state = chance.choice((Health.BAD, Health.BAD, Health.UNKNOWN))
            at = min(end, good + HOUR * chance.uniform(0.2, 9))
            history.segments.append(segment(one, state, good, at))
            if state is Health.BAD and at < end:
                history.episodes.append(episode(one, good, at))
                history.parcels.append(parcel(history.episodes[-1], "console"))
        if broken:
            since = NOW - HOUR * chance.uniform(2, 50)
            history.segments.append(segment(one, Health.BAD, since, end))
            history.episodes.append(episode(one, since))
            history.parcels.append(parcel(history.episodes[-1], "webhook"))

    return went


@pytest.fixture(scope="session")
def minute() -> SlaReport:
    """The demo, a minute after its first tick."""
    return demo(History.empty(), minute_of).report()


@pytest.fixture(scope="session")
def month() -> SlaReport:
    """Five contracts over thirty days."""
    return demo(History.empty(), month_of(30 * DAY)).report(30 * DAY)


@pytest.fixture(scope="session")
def week() -> SlaReport:
    """A finished week of the same contracts, with a target, maintenance, and a contract that changed.

    One more promises deadlines and times to respond. The days before the week are made up.
    """
    history = demo(History.empty(), month_of(60 * DAY))
    period = period_named("2026-W46", "Europe/Berlin")
    history.outcomes = [replace(each, at=period.end - HOUR) for each in history.outcomes]
    a_week(history, outcome, period)
    work = Pause(
        id="work",
        what=PauseKind.MAINTENANCE,
        start=period.start + 2 * DAY,
        end=period.start + 2 * DAY + 14 * HOUR,
        author="ada",
        reason="the warehouse is upgraded",
        declared_at=period.start,
        contract="fli*",
    )
    changed = Change(
        contract="flights",
        title="Flights",
        what="changed",
        at=period.start + DAY,
        before="1.1.0",
        after="1.2.0",
        words=("freshness of flights.at: 1 d to 4 h", "column flights.gate was added"),
    )
    return build_report(
        replace(history.rows(), pauses=(work,), sightings=sighted()),
        start=period.start,
        end=period.end,
        now=NOW,
        plans=history.plans,
        environment="prod",
        hold=HOLD,
        period=period,
        zone=period.zone,
        target=0.95,
        changes=[changed],
        notes=["The words of planes as they were then are not kept; what is promised now was taken."],
        made_up=[MadeUp(kind="simulated by a test", start=period.start - 7 * DAY, end=period.start)],
    )


@pytest.fixture(scope="session")
def nothing() -> SlaReport:
    """An empty store and no contract."""
    return History.empty().report()


def crowd(contracts: int, checks: int) -> History:
    history = History.empty()
    for number in range(contracts):
        of = contract(f"contract-{number:03}")
        items = [
            check(f"data.{place:03}", ("freshness", "schema", "quality", "availability")[place % 4])
            for place in range(checks)
        ]
        history.plans.append(plan(of, *items))
        for item in items:
            broken = number % 11 == 0 and item.id == "data.002"
            one = outcome(item, of, Status.FAILED if broken else Status.PASSED)
            history.outcomes.append(one)
            if number % 4 == 0:
                month_of(7 * DAY)(history, one, broken)
            else:
                history.segments.append(segment(one, Health.GOOD, NOW - 7 * DAY, NOW - 2 * MINUTE))
    return history


@pytest.fixture(scope="session")
def many() -> SlaReport:
    """Three hundred contracts over a week."""
    return crowd(300, 8).report(7 * DAY)


@pytest.fixture(scope="session")
def rich() -> SlaReport:
    """A day with one of everything."""
    return one_of_everything().report(
        unreadable={"contracts/broken.odcs.yaml": "line 3: a mapping was expected"}
    )


@pytest.fixture
def everything() -> History:
    """The same as rows, for a test to change."""
    return one_of_everything()


@pytest.fixture(scope="session")
def now() -> datetime:
    """When the reports are made."""
    return NOW


@pytest.fixture(scope="session")
def new_contract() -> Any:
    """Makes contracts."""
    return lambda **changes: contract("flights", **changes)


def one_of_everything() -> History:
    """One of everything that a report can show."""
    history = History.empty()
    start = NOW - DAY
    flights = contract(
        "flights",
        promises=(
            Promise(path="slaProperties[0]", property="availability", value="99.9%"),
            Promise(path="slaProperties[1]", property="availability", value=0.95),
        ),
    )
    rule = check("flights.dest.relationship", title="dest refers to airports.faa", element="dest")
    fresh = check("flights.freshness", "freshness", title="flights is fresh", expected="at most 4 h")
    probe = check("flights.availability", "availability", title="flights can be read", expected="answers")
    drift = check("flights.schema", "schema", title="columns of flights", expected="19 columns")
    slow = check("flights.rows.volume", title="enough rows", expected="at least 300,000 rows")
    late = check("flights.tailnum.pattern", title="tailnum matches a pattern")
    items = (
        rule,
        fresh,
        probe,
        drift,
        slow,
        late,
        declined("flights.soda", "the engine soda is not run here"),
    )
    note = Noted(
        id="flights.note",
        kind="quality",
        dataset="flights",
        path="q",
        title="for people",
        covers=("q",),
        note="read me",
    )
    history.plans.append(plan(flights, *items, note))
    broken = outcome(
        rule,
        flights,
        Status.FAILED,
        actual=7_602,
        message="7,602 rows of flights have a dest that is in no row of airports; 0 promised",
    )
    close = outcome(
        slow, flights, Status.WARNED, actual=336_776, severity=Severity.WARNING, used=0.93, broken=False
    )
    unknown = outcome(
        drift,
        flights,
        Status.ERROR,
        cause="locked",
        actual=None,
        message="columns of flights could not be measured: another process holds the file",
    )
    old, up = outcome(fresh, flights), outcome(probe, flights)
    refused = outcome(
        items[-1], flights, Status.NOT_EXECUTABLE, actual=None, message="the engine soda is not run here"
    )
    retired = outcome(check("flights.gone"), flights, Status.FAILED)
    history.outcomes += [broken, close, unknown, old, up, refused, retired]
    tick = NOW - MINUTE
    history.segments += [
        segment(broken, Health.GOOD, start - HOUR, NOW - 6 * HOUR),
        segment(broken, Health.BAD, NOW - 6 * HOUR, tick),
        segment(close, Health.GOOD, start, tick),
        segment(unknown, Health.GOOD, start, NOW - 8 * HOUR),
        segment(unknown, Health.UNKNOWN, NOW - 8 * HOUR, tick),
        segment(old, Health.GOOD, start, NOW - 15 * HOUR),
        segment(old, Health.BAD, NOW - 15 * HOUR, NOW - 13 * HOUR),
        segment(old, Health.GOOD, NOW - 13 * HOUR, tick),
        segment(up, Health.GOOD, start, NOW - 20 * HOUR),
        segment(up, Health.BAD, NOW - 20 * HOUR, NOW - 20 * HOUR + 5 * MINUTE),
        segment(up, Health.GOOD, NOW - 20 * HOUR + 5 * MINUTE, NOW - 10 * HOUR),
        segment(up, Health.GOOD, NOW - 9 * HOUR, tick),
    ]
    news = episode(broken, NOW - 6 * HOUR, severity=Severity.CRITICAL, sequence=2)
    tight = episode(close, NOW - 3 * HOUR, broken=False, message="enough rows: 93 % of the promise is used")
    over = episode(old, NOW - 15 * HOUR, NOW - 13 * HOUR, message="flights was 9 h old; 4 h promised")
    blip = episode(up, NOW - 20 * HOUR, NOW - 20 * HOUR + 5 * MINUTE, message="flights could not be read")
    history.episodes += [news, over, blip, tight]
    history.parcels += [
        parcel(news, "console"),
        parcel(news, "ops-webhook", ParcelState.PENDING),
        parcel(over, "console"),
        parcel(over, "console", ParcelState.SUPPRESSED, sequence=2, key=f"alert/{over.id}/2/console"),
        parcel(blip, "pager", ParcelState.DEAD),
        parcel(blip, "pager", ParcelState.SKIPPED, sequence=2, key=f"alert/{blip.id}/2/pager"),
        Parcel(
            key="lineage/run/START",
            topic="lineage",
            channel="file",
            group="run",
            sequence=1,
            payload="{}",
            created_at=NOW - HOUR,
        ),
    ]
    airports = contract("airports", consumers=(), domain=None)
    calm = check("airports.faa.unique", title="faa is unique")
    history.plans.append(plan(airports, calm))
    history.outcomes.append(outcome(calm, airports))
    history.segments.append(segment(history.outcomes[-1], Health.GOOD, NOW - 90 * MINUTE, tick))
    history.plans.append(plan(contract("planes"), check("planes.freshness", "freshness")))
    gone = contract("legacy")
    history.outcomes.append(outcome(check("legacy.rows"), gone, at=NOW - 20 * HOUR))
    history.segments.append(segment(history.outcomes[-1], Health.GOOD, start, NOW - 20 * HOUR))
    return history
