"""Rows: values as rows of the tables, and back."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
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
    from sqlalchemy import Row

Values = dict[str, Any]


def _parts(key: Key) -> Values:
    return {"contract": key.contract, "server": key.server, "check_id": key.check}


def _key(row: Row[Any]) -> Key:
    return Key(contract=row.contract, server=row.server, check=row.check_id)


def outcome_values(name: str, outcome: Outcome) -> Values:
    """An outcome as a row; its id is given, since it is dear to make."""
    return {
        "id": name,
        "tick": outcome.tick,
        **_parts(outcome.key),
        "version": outcome.version,
        "dataset": outcome.dataset,
        "element": outcome.element,
        "kind": outcome.kind,
        "title": outcome.title,
        "status": outcome.status.value,
        "severity": outcome.severity.value,
        "broken": outcome.broken,
        "expected": outcome.expected,
        "actual": json.dumps(outcome.actual),
        "message": outcome.message,
        "path": outcome.path,
        "source": outcome.source,
        "line": outcome.line,
        "at": outcome.at,
        "duration_seconds": outcome.duration_seconds,
        "used": outcome.used,
        "cause": outcome.cause,
        "dimension": outcome.dimension,
        "interpretation": json.dumps(outcome.interpretation) if outcome.interpretation else "[]",
        "differences": json.dumps([asdict(each) for each in outcome.differences])
        if outcome.differences
        else "[]",
    }


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


def newest_values(name: str, outcome: Outcome) -> Values:
    """Which outcome is the newest of its key, as a row; its id is given."""
    return {"key": outcome.key.text, "contract": outcome.key.contract, "outcome": name, "at": outcome.at}


def state_values(state: State) -> Values:
    """A state as a row; its episode and its segment are rows of their own."""
    return {
        "key": state.key.text,
        **_parts(state.key),
        "phase": state.phase.value,
        "last_outcome": state.last_outcome,
        "last_at": state.last_at,
        "streak": state.streak,
        "streak_since": state.streak_since,
        "breaches": _moments(state.breaches),
        "segment_start": state.segment.start if state.segment else None,
        "recent": json.dumps([int(each) for each in state.recent]) if state.recent else "[]",
        "turns": _moments(state.turns),
        "kept_since": state.kept_since,
    }


def state(row: Row[Any], episode: Episode | None, segment: Segment | None) -> State:
    """The state of a row, with what belongs to it."""
    return State(
        key=_key(row),
        phase=Phase(row.phase),
        last_outcome=row.last_outcome,
        last_at=row.last_at,
        streak=row.streak,
        streak_since=row.streak_since,
        breaches=_instants(row.breaches),
        episode=episode,
        segment=segment,
        recent=tuple(map(bool, json.loads(row.recent))) if row.recent != "[]" else (),
        turns=_instants(row.turns),
        kept_since=row.kept_since,
    )


def _moments(instants: tuple[datetime, ...]) -> str:
    return json.dumps([each.isoformat() for each in instants]) if instants else "[]"


def _instants(text: str) -> tuple[datetime, ...]:
    return tuple(map(datetime.fromisoformat, json.loads(text))) if text != "[]" else ()


def episode_values(episode: Episode) -> Values:
    """An episode as a row."""
    return {
        "id": episode.id,
        "key": episode.key.text,
        **_parts(episode.key),
        "version": episode.version,
        "dataset": episode.dataset,
        "element": episode.element,
        "kind": episode.kind,
        "title": episode.title,
        "severity": episode.severity.value,
        "message": episode.message,
        "broken_since": episode.broken_since,
        "opened_at": episode.opened_at,
        "resolved_at": episode.resolved_at,
        "sequence": episode.sequence,
        "broken": episode.broken,
        "flapping": episode.flapping,
        "retired": episode.retired,
    }


def episode(row: Row[Any]) -> Episode:
    """The episode of a row."""
    return Episode(
        id=row.id,
        key=_key(row),
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


def segment_values(segment: Segment) -> Values:
    """A segment as a row."""
    return {
        "key": segment.key.text,
        "started_at": segment.start,
        "ended_at": segment.end,
        **_parts(segment.key),
        "kind": segment.kind,
        "dataset": segment.dataset,
        "health": segment.health.value,
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


def parcel_values(parcel: Parcel) -> Values:
    """A parcel that is new in the outbox, as a row."""
    since = parcel.not_before or parcel.created_at
    return {
        "key": parcel.key,
        "topic": parcel.topic,
        "channel": parcel.channel,
        "group_key": parcel.group,
        "sequence": parcel.sequence,
        "payload": parcel.payload,
        "created_at": parcel.created_at,
        "not_before": parcel.not_before,
        "about": parcel.about,
        "severity": str(parcel.severity),
        "transition": str(parcel.transition),
        "state": parcel.state.value,
        "reason": parcel.reason,
        "attempts": 0,
        "waiting_since": since,
        "available_at": since,
        "lease_token": None,
        "lease_until": None,
        "finished_at": None if parcel.state is ParcelState.PENDING else parcel.created_at,
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
