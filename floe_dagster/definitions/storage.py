"""Storage: Dagster's event log. The one file that uses what Dagster does not call public.

There is no public way to read evaluations after a cursor: `get_event_records` is deprecated, and raises on
SQLite, where the ids of a run's own file are not those of the index. `_get_event_records` reads the index on
SQLite and the table on PostgreSQL, by the ids of both. `get_latest_asset_check_execution_by_key` answers for
many checks with one query; the public way asks once for each. `tests/definitions/test_storage.py` and
`test_shown.py` hold all of it on SQLite and on PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """An evaluation in the event log.

    Attributes:
        id: of the record; ids may become visible out of order.
        at: when it was written, by the clock of whoever wrote it.
        run_id: empty for an event without a run.
    """

    id: int
    at: datetime
    run_id: str
    event: dg.AssetCheckEvaluation


def evaluations(
    instance: dg.DagsterInstance, *, after: int, since: datetime | None = None, limit: int
) -> tuple[Evaluation, ...]:
    """Evaluations of any check with a higher id, in the order of ids.

    Args:
        instance: whose event log.
        after: an id.
        since: leave out what was written before; slower, since no index holds it.
        limit: how many at most.
    """
    wanted = dg.EventRecordsFilter(
        dg.DagsterEventType.ASSET_CHECK_EVALUATION,
        after_cursor=after,
        after_timestamp=since.timestamp() if since else None,
    )
    log: Any = instance.event_log_storage
    records = log._get_event_records(wanted, limit=limit, ascending=True)  # noqa: SLF001  see above
    return tuple(
        Evaluation(
            id=each.storage_id,
            at=datetime.fromtimestamp(each.event_log_entry.timestamp, UTC),
            run_id=each.event_log_entry.run_id,
            event=event,
        )
        for each in records
        if (event := each.event_log_entry.asset_check_evaluation) is not None
    )


def latest(
    instance: dg.DagsterInstance, keys: Sequence[dg.AssetCheckKey]
) -> Mapping[dg.AssetCheckKey, dg.EventLogEntry]:
    """The event of the newest evaluation of these checks; those without a result are left out."""
    records = instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
    return {
        key: record.event
        for key, record in records.items()
        if record.event is not None
        and record.event.dagster_event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION
    }


def log_id(instance: dg.DagsterInstance) -> str:
    """What tells this instance's history from that of another one."""
    runs: Any = instance.run_storage
    return str(runs.get_run_storage_id())
