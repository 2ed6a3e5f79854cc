"""Rows: values as rows of the tables, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from floe_dagster.notify.dedup import Heard
from floe_dagster.outcome.episode import Episode, Phase, State, Transition
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.parcel import Parcel, ParcelState
from floe_dagster.outcome.pause import Pause, PauseKind
from floe_dagster.outcome.segment import Health, Segment
from floe_dagster.plan.check import Difference, Severity, Status
from floe_dagster.state.records import Aggregate, Claim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from floe_dagster.contract.model import Scalar

Values = dict[str, Any]
"""a value for each column"""

Columns = Mapping[str, list[Any]]
"""values for each column, of as many rows"""

_PARTS = {"contract": "key.contract", "server": "key.server", "check_id": "key.check"}


def _read(items: Sequence[object], *same: str, **paths: str) -> dict[str, list[Any]]:
    """Attributes of these items, column by column; a path where the column has another name."""
    read = {**dict(zip(same, same, strict=True)), **paths}
    return {column: list(map(attrgetter(path), items)) for column, path in read.items()}


def _key(row: Row[Any]) -> Key:
    return Key(contract=row.contract, server=row.server, check=row.check_id)


def outcome_columns(names: list[str], measured: Sequence[Outcome]) -> Columns:
    """Outcomes as rows; their ids are given, since they are dear to make."""
    return {
        "id": names,
        **_read(measured, "tick", "version", "dataset", "element", "kind", "title", "broken", "expected"),
        **_read(measured, "message", "path", "source", "line", "at", "duration_seconds", "used", "cause"),
        **_read(measured, "dimension", status="status.value", severity="severity.value", **_PARTS),
        "actual": [_scalar(each.actual) for each in measured],
        "interpretation": [_listed(each.interpretation) for each in measured],
        "differences": [_listed(tuple(map(asdict, each.differences))) for each in measured],
    }


def _scalar(actual: Scalar) -> str:
    return str(actual) if type(actual) is int else json.dumps(actual)


def _listed(items: tuple[Any, ...]) -> str:
    return json.dumps(items) if items else "[]"


def outcome(row: Row[Any]) -> Outcome:
    """The outcome of a row."""
    return Outcome(
        tick=row.tick,
        key=_key(row),
        version=row.version,
        dataset=row.dataset,
        element=row.element,
        kind=row.kind,
        title=row.title,
        status=Status(row.status),
        severity=Severity(row.severity),
        broken=row.broken,
        expected=row.expected,
        actual=json.loads(row.actual),
        message=row.message,
        path=row.path,
        source=row.source,
        line=row.line,
        at=row.at,
        duration_seconds=row.duration_seconds,
        used=row.used,
        cause=row.cause,
        dimension=row.dimension,
        interpretation=_pairs(row.interpretation),
        differences=()
        if row.differences == "[]"
        else tuple(Difference(**each) for each in json.loads(row.differences)),
    )


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return () if text == "[]" else tuple((name, choice) for name, choice in json.loads(text))


def newest_columns(names: list[str], measured: Sequence[Outcome]) -> Columns:
    """Which outcome is the newest of its key, as rows; their ids are given."""
    return {"outcome": names, **_read(measured, "at", key="key.text", contract="key.contract")}


def state_columns(states: Sequence[State]) -> Columns:
    """States as rows; their episodes and their segments are rows of their own."""
    return {
        **_read(states, "last_outcome", "last_at", "streak", "streak_since", "kept_since"),
        **_read(states, key="key.text", phase="phase.value", **_PARTS),
        "breaches": [_moments(each.breaches) for each in states],
        "segment_start": [each.segment.start if each.segment else None for each in states],
        "recent": [str(list(map(int, each.recent))) for each in states],
        "turns": [_moments(each.turns) for each in states],
    }


STATE = (
    *("key", "phase", "last_outcome", "last_at", "streak", "streak_since"),
    *("breaches", "recent", "turns", "kept_since"),
)
"""the columns of a state that `state` reads, in this order"""

NEWEST_SEGMENT = ("kind", "dataset", "health", "started_at", "ended_at")
"""those of its newest segment, after them"""


def state(key: Key, row: Row[Any], episode: Episode | None) -> State:
    """The state and the newest segment of a row under their own key, with the open episode."""
    # by place, since a tick reads thousands of them, and a name is looked up anew in each row
    _, phase, last_outcome, last_at, streak, streak_since, breaches, recent, turns, kept_since, *newest = row
    kind, dataset, health, start, end = newest
    segment = health and Segment(
        key=key, kind=kind, dataset=dataset, health=Health(health), start=start, end=end
    )
    return State(
        key=key,
        phase=Phase(phase),
        last_outcome=last_outcome,
        last_at=last_at,
        streak=streak,
        streak_since=streak_since,
        breaches=_instants(breaches),
        episode=episode,
        segment=segment or None,
        recent=_flags(recent),
        turns=_instants(turns),
        kept_since=kept_since,
    )


@lru_cache(maxsize=256)
def _flags(text: str) -> tuple[bool, ...]:
    return tuple(map(bool, json.loads(text)))


# few of these differ in a tick: what turns together did so before


@lru_cache(maxsize=1024)
def _moments(instants: tuple[datetime, ...]) -> str:
    return json.dumps([each.isoformat() for each in instants]) if instants else "[]"


@lru_cache(maxsize=1024)
def _instants(text: str) -> tuple[datetime, ...]:
    return tuple(map(datetime.fromisoformat, json.loads(text))) if text != "[]" else ()


def episode_columns(episodes: Sequence[Episode]) -> Columns:
    """Episodes as rows."""
    return {
        **_read(episodes, "id", "version", "dataset", "element", "kind", "title", "message", "broken_since"),
        **_read(episodes, "opened_at", "resolved_at", "sequence", "broken", "flapping", "retired"),
        **_read(episodes, key="key.text", severity="severity.value", **_PARTS),
    }


def episode(row: Row[Any], key: Key | None = None) -> Episode:
    """The episode of a row, under its own key where that is given."""
    return Episode(
        id=row.id,
        key=key or _key(row),
        version=row.version,
        dataset=row.dataset,
        element=row.element,
        kind=row.kind,
        title=row.title,
        severity=Severity(row.severity),
        message=row.message,
        broken_since=row.broken_since,
        opened_at=row.opened_at,
        resolved_at=row.resolved_at,
        sequence=row.sequence,
        broken=row.broken,
        flapping=row.flapping,
        retired=row.retired,
    )


def segment_columns(parts: Sequence[Segment]) -> Columns:
    """Segments as rows."""
    return {
        **_read(parts, "kind", "dataset", key="key.text", health="health.value", **_PARTS),
        **_read(parts, started_at="start", ended_at="end"),
    }


def segment(row: Row[Any]) -> Segment:
    """The segment of a row."""
    return Segment(
        key=_key(row),
        kind=row.kind,
        dataset=row.dataset,
        health=Health(row.health),
        start=row.started_at,
        end=row.ended_at,
    )


def parcel_columns(parcels: Sequence[Parcel]) -> Columns:
    """Parcels that are new in the outbox, as rows."""
    since = [each.not_before or each.created_at for each in parcels]
    return {
        **_read(parcels, "key", "topic", "channel", "sequence", "payload", "created_at", "not_before"),
        **_read(parcels, "about", "reason", group_key="group", state="state.value"),
        "severity": [str(each.severity) for each in parcels],
        "transition": [str(each.transition) for each in parcels],
        "attempts": [0] * len(parcels),
        "waiting_since": since,
        "available_at": since,
        "lease_token": [None] * len(parcels),
        "lease_until": [None] * len(parcels),
        "finished_at": [None if each.state is ParcelState.PENDING else each.created_at for each in parcels],
    }


def parcel(row: Row[Any]) -> Parcel:
    """The parcel of a row."""
    return Parcel(
        key=row.key,
        topic=row.topic,
        channel=row.channel,
        group=row.group_key,
        sequence=row.sequence,
        payload=row.payload,
        created_at=row.created_at,
        about=row.about,
        severity=row.severity,
        transition=row.transition,
        state=ParcelState(row.state),
        reason=row.reason,
        not_before=row.not_before,
        finished_at=row.finished_at,
    )


def claim(row: Row[Any], token: str, lease_until: datetime) -> Claim:
    """The claim on the parcel of a row that has not been claimed yet."""
    return Claim(
        parcel=parcel(row),
        token=token,
        attempts=row.attempts + 1,
        waiting_since=row.waiting_since,
        lease_until=lease_until,
        failures=row.failures,
    )


def heard(row: Row[Any]) -> Heard:
    """The parcel of a row, as dedup sees it."""
    return Heard(
        key=row.key,
        channel=row.channel,
        group=row.group_key,
        severity=Severity(row.severity),
        transition=Transition(row.transition),
        state=ParcelState(row.state),
        at=row.not_before or row.created_at,
    )


def pause_values(pause: Pause) -> Values:
    """A pause as a row."""
    return {
        "id": pause.id,
        "what": pause.what.value,
        "contract": pause.contract,
        "server": pause.server,
        "kind": pause.kind,
        "check_id": pause.check,
        "start_at": pause.start,
        "end_at": pause.end,
        "author": pause.author,
        "reason": pause.reason,
        "declared_at": pause.declared_at,
        "cancelled_at": pause.cancelled_at,
    }


def pause(row: Row[Any]) -> Pause:
    """The pause of a row."""
    return Pause(
        id=row.id,
        what=PauseKind(row.what),
        contract=row.contract,
        server=row.server,
        kind=row.kind,
        check=row.check_id,
        start=row.start_at,
        end=row.end_at,
        author=row.author,
        reason=row.reason,
        declared_at=row.declared_at,
        cancelled_at=row.cancelled_at,
    )


_SAME_NAMES = (
    *("grain", "zone", "contract", "server", "kind", "good", "bad", "unknown", "excused"),
    *("passed", "failed", "warned", "error", "opened", "worst"),
)


def period_values(period: Aggregate) -> Values:
    """A finished period as a row."""
    same = {name: getattr(period, name) for name in _SAME_NAMES}
    return {**same, "start_at": period.start, "end_at": period.end, "check_id": period.check}


def period(row: Row[Any]) -> Aggregate:
    """The finished period of a row."""
    same = {name: getattr(row, name) for name in _SAME_NAMES}
    return Aggregate(**same, start=row.start_at, end=row.end_at, check=row.check_id)
