"""The event log: evaluations that are in Dagster's history and may not be in ours.

What a tick could not record it left there, with all of the outcome in the evaluation. What others wrote for
one of our checks is an outcome, too, with what they said. What was recorded in time needs nothing.

Ids become visible out of order on PostgreSQL, where whoever takes a lower one may commit later. So the cursor
stays behind what is younger than a few minutes, and that is read again; an outcome keeps its id, so that it
is recorded once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import dagster as dg

from floe_dagster.definitions.publish import OURS, WHOLE
from floe_dagster.definitions.storage import evaluations, log_id
from floe_dagster.outcome.outcome import Key, Outcome
from floe_dagster.outcome.wire import MOST_TEXT, from_dict
from floe_dagster.plan.check import Severity, Status
from floe_dagster.reconcile import AT_ONCE, Left

if TYPE_CHECKING:
    from collections.abc import Iterator

    from floe_dagster.definitions.storage import Evaluation
    from floe_dagster.monitor import Monitor
    from floe_dagster.plan.check import Check
    from floe_dagster.watchlist import Watch

Places = Mapping[Key, tuple[dg.AssetKey, str]]
"""Where an outcome is shown: the asset, and the check's name on it."""

SETTLED_AFTER = timedelta(minutes=5)
"""how long a record may take to become visible; what is younger is read again"""

LOOK_BACK = timedelta(days=90)
"""how far the first reading goes back"""


@dataclass(frozen=True, kw_only=True)
class EventLog:
    """Dagster's event log as a place where outcomes were left.

    Attributes:
        places: which checks are ours, and where they are shown; others' are left alone.
    """

    instance: dg.DagsterInstance
    monitor: Monitor
    places: Places

    @cached_property
    def name(self) -> str:
        """Of the cursor: one for each history and each project, since each reads its own checks only."""
        project = str(self.monitor.settings.root.resolve())
        digest = hashlib.sha256(project.encode("utf-8", "surrogateescape")).hexdigest()
        return f"dagster/{log_id(self.instance)}/{digest[:12]}"

    def left(self, after: str) -> Iterator[Left]:
        """What was left in the log after a record's id, in parts."""
        read, settled = int(after or 0), int(after or 0)
        since = None if after else self.monitor.clock() - LOOK_BACK
        young = self.monitor.clock() - SETTLED_AFTER
        still_settled = True
        while True:
            page = evaluations(self.instance, after=read, since=since, limit=AT_ONCE)
            for each in page:
                still_settled = still_settled and each.at < young
                settled = each.id if still_settled else settled
            outcomes = [outcome for each in page if (outcome := self._outcome(each))]
            yield Left(outcomes=tuple(outcomes), cursor=str(settled) if settled else "")
            if len(page) < AT_ONCE:
                return
            read = page[-1].id

    def _outcome(self, record: Evaluation) -> Outcome | None:
        """The outcome of a record; None where it is not about one of our checks, or is on record already."""
        event = record.event
        place = (event.asset_key, event.check_name)
        key = self._keys.get(place)
        if key is None:
            return None
        if whole := event.metadata.get(WHOLE):
            try:
                outcome = from_dict(whole.value)
            except ValueError:
                return None
            return outcome if outcome.key == key else None
        if OURS in event.metadata or key not in self._checks:
            return None
        return self._said(record, key, *self._checks[key])

    def _said(self, record: Evaluation, key: Key, watch: Watch, check: Check) -> Outcome:
        """What somebody else said of one of our checks."""
        event = record.event
        error = event.severity is dg.AssetCheckSeverity.ERROR
        status = Status.PASSED if event.passed else Status.FAILED if error else Status.WARNED
        verdict = "kept" if event.passed else "broken"
        message = event.description or f"{check.title}: {verdict}, as somebody else found"
        return Outcome(
            tick=f"{self.name}/{record.id}",
            key=key,
            version=watch.plan.contract.version,
            dataset=check.dataset,
            element=check.element,
            kind=check.kind,
            title=check.title,
            status=status,
            severity=check.severity if event.passed else Severity.ERROR if error else Severity.WARNING,
            broken=not event.passed,
            expected=check.expected,
            actual=None,
            message=message[:MOST_TEXT],
            path=check.path,
            source=watch.plan.contract.source,
            line=check.line,
            at=min(record.at, self.monitor.clock()),
            duration_seconds=0.0,
            dimension=check.dimension,
        )

    @cached_property
    def _keys(self) -> Mapping[tuple[dg.AssetKey, str], Key]:
        return {place: key for key, place in self.places.items()}

    @cached_property
    def _checks(self) -> Mapping[Key, tuple[Watch, Check]]:
        return {
            Key(contract=watch.plan.contract.id, server=watch.server_name, check=check.id): (watch, check)
            for watch in self.monitor.watchlist.watches
            for check in watch.plan.checks
        }
