from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floe_dagster.outcome.episode import Episode
from floe_dagster.outcome.incident import Incident, Priority, deadlines, follow
from floe_dagster.outcome.outcome import Key
from floe_dagster.plan.check import Severity
from floe_dagster.settings import Incidents

pytestmark = pytest.mark.requirement("D-05")

FRIDAY = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WANTED = Incidents()
BY_WHEN = deadlines(
    dict(zip(Priority, (WANTED.p0, WANTED.p1, WANTED.p2, WANTED.p3), strict=True)), ZoneInfo("Europe/Berlin")
)


def episode(name: str, severity: Severity = Severity.CRITICAL, *, minute: int = 0) -> Episode:
    at = FRIDAY + minute * MINUTE
    return Episode(
        id=name,
        key=Key(contract="orders", server="prod", check=name),
        version="1",
        dataset="orders",
        element=None,
        kind="freshness",
        title=name,
        severity=severity,
        message="late",
        broken_since=at,
        opened_at=at,
    )


def over(of: Episode, minute: int) -> Episode:
    return replace(of, resolved_at=FRIDAY + minute * MINUTE)


def followed(*some: Episode, least: Severity = Severity.CRITICAL) -> Incident | None:
    incident: Incident | None = None
    for each in some:
        at = each.resolved_at or each.opened_at
        incident = follow(incident, [each], least=least, by_when=BY_WHEN, at=at)
    return incident


def test_a_grave_breach_is_an_incident_with_deadlines():
    incident = followed(episode("a"))

    assert incident is not None
    assert (incident.priority, incident.opened_at) == (Priority.P0, FRIDAY)
    assert (incident.acknowledge_by, incident.respond_by) == (FRIDAY + 5 * MINUTE, FRIDAY + 15 * MINUTE)


def test_a_breach_that_is_not_grave_enough_is_none():
    assert followed(episode("a", Severity.ERROR)) is None
    assert followed(replace(episode("a"), broken=False)) is None


def test_what_breaks_meanwhile_belongs_to_it():
    incident = followed(episode("a"), episode("b", minute=3))
    assert incident is not None
    assert incident.open == ("a", "b")


def test_it_is_over_with_the_last_of_its_breaches():
    a, b = episode("a"), episode("b", minute=3)

    first = followed(a, b, over(a, 5))
    assert first is not None
    assert (first.open, first.over, first.resolved_at) == (("b",), ("a",), None)

    both = followed(a, b, over(a, 5), over(b, 9))
    assert both is not None
    assert (both.open, both.over, both.resolved_at) == ((), ("a", "b"), FRIDAY + 9 * MINUTE)


def test_what_breaks_as_the_last_one_ends_belongs_to_it_in_whatever_order_they_come():
    known = followed(episode("a"))
    for some in (
        [over(episode("a"), 5), episode("b", minute=5)],
        [episode("b", minute=5), over(episode("a"), 5)],
    ):
        incident = follow(known, some, least=Severity.CRITICAL, by_when=BY_WHEN, at=FRIDAY + 5 * MINUTE)
        assert incident is not None
        assert known is not None
        assert (incident.id, incident.open, incident.over) == (known.id, ("b",), ("a",))
        assert incident.resolved_at is None


def test_what_breaks_after_it_is_over_is_another_one():
    a = episode("a")
    incident = followed(a, over(a, 5), episode("b", minute=7))
    assert incident is not None
    assert (incident.open, incident.over, incident.resolved_at) == (("b",), (), None)


def test_where_it_gets_worse_it_is_more_urgent_and_wants_another_answer():
    first = followed(episode("a", Severity.ERROR), least=Severity.ERROR)
    assert first is not None
    answered = replace(first, acknowledged_at=FRIDAY + MINUTE, acknowledged_by="ada")

    worse = follow(answered, [episode("a")], least=Severity.ERROR, by_when=BY_WHEN, at=FRIDAY + 40 * MINUTE)

    assert worse is not None
    assert (worse.priority, worse.acknowledged_at, worse.open) == (Priority.P0, None, ("a",))
    assert worse.acknowledge_by == FRIDAY + 45 * MINUTE
    assert worse.respond_by == FRIDAY + 55 * MINUTE


def test_it_is_overdue_until_somebody_answers_or_it_is_over():
    incident = followed(episode("a"))
    assert incident is not None
    late, later = FRIDAY + 6 * MINUTE, FRIDAY + 16 * MINUTE

    assert incident.overdue(FRIDAY + 4 * MINUTE) == ""
    assert incident.overdue(late) == "acknowledge"
    assert incident.overdue(later) == "respond"
    assert replace(incident, acknowledged_at=late).overdue(late) == ""
    assert replace(incident, acknowledged_at=late).overdue(later) == "respond"
    assert replace(incident, responded_at=late).overdue(later) == ""
    assert replace(incident, resolved_at=late).overdue(later) == ""


def test_where_weekends_do_not_count_friday_afternoon_is_due_on_monday():
    acknowledge_by, _ = BY_WHEN(Priority.P3, FRIDAY)
    assert acknowledge_by == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    saturday, _ = BY_WHEN(Priority.P3, FRIDAY + timedelta(days=1))
    assert saturday == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)


def test_every_severity_has_a_priority():
    assert [Priority.of(each) for each in Severity] == [Priority.P3, Priority.P2, Priority.P1, Priority.P0]


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from(Severity), st.booleans()), min_size=1, max_size=20
    )
)
def test_an_incident_is_open_as_long_as_one_of_its_breaches_is(turns):
    incident: Incident | None = None
    still_open: set[str] = set()
    for minute, (name, severity, ends) in enumerate(turns):
        before = incident
        each = episode(name, severity, minute=minute)
        each = over(each, minute) if ends else each
        incident = follow(
            incident, [each], least=Severity.ERROR, by_when=BY_WHEN, at=FRIDAY + minute * MINUTE
        )
        if ends:
            still_open.discard(name)
        elif severity.rank >= Severity.ERROR.rank:
            still_open.add(name)
        assert (incident is not None and incident.resolved_at is None) == bool(still_open)
        if incident:
            assert {*incident.open} == still_open
            if before and before.id == incident.id and before.resolved_at is None:
                assert incident.priority <= before.priority
