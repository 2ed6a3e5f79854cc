"""Document: the report as JSON, for programs.

The form is versioned (`schema`, `schema_version`) and described in docs/reports.md. Numbers are numbers,
shares are from 0 to 1, what is not known is null, instants are ISO 8601 in UTC. It is plain ASCII: the text
of others cannot reach a terminal as an escape.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from floe_dagster.plan.past import Met
from floe_dagster.report.meanings import MEANINGS
from floe_dagster.report.model import SCHEMA, SCHEMA_VERSION
from floe_dagster.report.telling import headline, simulated

if TYPE_CHECKING:
    from floe_dagster.contract.model import Scalar
    from floe_dagster.report.budget import Budget
    from floe_dagster.report.calendar import Period
    from floe_dagster.report.model import Breach, CheckLine, ContractLine, KindLine, SlaReport, Tally
    from floe_dagster.report.parts import Change, DueLine, Quiet, ResponseLine, Score
    from floe_dagster.report.sla import Compliance
    from floe_dagster.report.trend import Trend

Json = dict[str, object]

_MET = {"hit": Met.HIT, "missed": Met.MISS, "not_known": Met.UNKNOWN, "excused": Met.EXCUSED}


def to_json(report: SlaReport) -> str:
    """The whole report, with every check; ends with a line break."""
    return json.dumps(document(report), indent=2, allow_nan=False) + "\n"


def document(report: SlaReport) -> Json:
    """The report as JSON values."""
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "generated_at": _instant(report.generated_at),
        "environment": report.environment,
        "selection": {
            "contracts": list(report.selection),
            "domains": list(report.domains),
            "kinds": list(report.kinds),
        },
        "period": _period(report.period),
        "zone": report.zone,
        "notes": [*map(simulated, report.made_up), *report.notes],
        "simulated": [
            {"what": each.kind, "start": _instant(each.start), "end": _instant(each.end)}
            for each in report.made_up
        ],
        "window": {
            "start": _instant(report.start),
            "end": _instant(report.end),
            "observed_since": _instant(report.observed_since),
            "as_of": _instant(report.as_of),
            "parts": [_instant(each) for each in report.parts],
        },
        "headline": headline(report),
        "totals": {
            "contracts": len({each.contract for each in report.contracts}),
            "open_breaches": len(report.open),
            "breaches": len(report.breaches),
            "compliance": _compliance(report.compliance),
            "checks": _tally(report.tally),
            "constructs": asdict(report.ledger),
        },
        "open_breaches": [_breach(each) for each in report.open],
        "close_to_limit": [_breach(each) for each in report.close],
        "recovered_breaches": [_breach(each) for each in report.recovered],
        "closed_unseen_breaches": [_breach(each) for each in report.unseen],
        "violations": [
            {"kind": each.kind, "severity": each.severity.value, "count": each.count}
            for each in report.violations
        ],
        "contracts": [_contract(each) for each in report.contracts],
        "not_measured": [asdict(each) for each in report.gaps],
        "told": [asdict(each) for each in report.channels],
        "times": {
            name: {
                "count": each.count,
                "median_seconds": each.median.total_seconds(),
                "p95_seconds": each.p95.total_seconds(),
                "longest_seconds": each.longest.total_seconds(),
            }
            for name, each in report.times
        },
        "pauses": [_pause(each) for each in report.pauses],
        "changes": [_change(each) for each in report.changes],
        "meanings": MEANINGS,
    }


def _contract(line: ContractLine) -> Json:
    return {
        "contract": line.contract,
        "title": line.title,
        "version": line.version,
        "server": line.server,
        "owner": line.owner,
        "domain": line.domain,
        "consumers": list(line.consumers),
        "source": line.source,
        "served": line.known,
        "observed_since": _instant(line.observed_since),
        "compliance": _compliance(line.compliance),
        "checks_by_status": _tally(line.tally),
        "constructs": asdict(line.ledger) if line.ledger else None,
        "retired_checks": line.retired,
        "open_breaches": len(line.open),
        "breaches": len(line.breaches),
        "kinds": [_kind(each) for each in line.kinds],
        "deadlines": [_due(each) for each in line.deadlines],
        "responses": [_response(each) for each in line.responses],
        "quality_scores": [_score(each) for each in line.scores],
        "datasets": [
            {"dataset": each.dataset, "checks_by_status": _tally(each.tally)} for each in line.datasets
        ],
        "checks": [_check(each) for each in line.checks],
    }


def _kind(line: KindLine) -> Json:
    return {
        "kind": line.kind,
        "observed_since": _instant(line.observed_since),
        "compliance": _compliance(line.compliance),
        "target": line.target,
        "target_met": line.met,
        "target_is_promised": line.promised if line.target is not None else None,
        "budget": _budget(line.budget) if line.budget else None,
        "trend": _trend(line.trend),
        "days_known_by_sums": line.coarse,
        "checks_by_status": _tally(line.tally),
        "breaches": line.breaches,
        "timeline": [
            {"state": each.health.value, "start": _instant(each.start), "end": _instant(each.end)}
            for each in line.stretches
        ],
    }


def _check(line: CheckLine) -> Json:
    return {
        "check": line.id,
        "dataset": line.dataset,
        "element": line.element,
        "kind": line.kind,
        "title": line.title,
        "status": line.status.value,
        "severity": line.severity.value,
        "expected": line.expected,
        "actual": _value(line.actual),
        "message": line.message,
        "cause": line.cause,
        "path": line.path,
        "at": _instant(line.at),
        "dimension": line.dimension,
        "weight": line.weight,
        "worst": {
            "actual": _value(line.worst.actual),
            "used": _share(line.worst.used),
            "at": _instant(line.worst.at),
        }
        if line.worst
        else None,
        "compliance": _compliance(line.compliance),
    }


def _period(period: Period | None) -> Json | None:
    return {"grain": period.grain.value, "name": period.name, "zone": period.zone} if period else None


def _score(score: Score) -> Json:
    return {
        "dimension": score.dimension or None,
        "ratio": _share(score.ratio),
        "checks": score.checks,
        "points": [_share(each) for each in score.points],
        "trend": _trend(score.trend),
    }


def _trend(trend: Trend | None) -> Json | None:
    if trend is None:
        return None
    return {
        "direction": trend.direction.value,
        "change": round(trend.change, 6),
        "before": round(trend.before, 6),
    }


def _budget(budget: Budget) -> Json:
    return {
        "allowed_seconds": round(budget.allowed, 3),
        "spent_seconds": round(budget.spent, 3),
        "left_seconds": round(budget.left, 3),
        "unknown_seconds": round(budget.unknown, 3),
        "exhausted_at": _instant(budget.exhausted_at),
        "burns": [
            {
                "long_seconds": each.pair.long.total_seconds(),
                "short_seconds": each.pair.short.total_seconds(),
                "at_least": each.pair.at_least,
                "long": _share(each.long),
                "short": _share(each.short),
                "high": each.high,
            }
            for each in budget.burns
        ],
    }


def _pause(pause: Quiet) -> Json:
    return {
        "what": pause.what,
        "start": _instant(pause.start),
        "end": _instant(pause.end),
        "covers": pause.covers,
        "author": pause.author,
        "reason": pause.reason,
        "excused": pause.excused,
    }


def _change(change: Change) -> Json:
    return {
        "contract": change.contract,
        "title": change.title,
        "what": change.what,
        "at": _instant(change.at),
        "before": change.before,
        "after": change.after,
        "words": list(change.words),
    }


def _share(share: float | None) -> float | None:
    return None if share is None or not math.isfinite(share) else round(share, 6)


def _due(line: DueLine) -> Json:
    return {
        "check": line.check,
        "dataset": line.dataset,
        "element": line.element,
        "title": line.title,
        "promised": line.expected,
        "due": line.due,
        **{name: len(line.days(met)) for name, met in _MET.items()},
        "days": {name: list(line.days(met)) for name, met in _MET.items()},
    }


def _response(line: ResponseLine) -> Json:
    found = line.summary
    return {
        "check": line.check,
        "dataset": line.dataset or None,
        "title": line.title,
        "what": line.what,
        "promised_seconds": line.promised.total_seconds(),
        "of_a_hundred": line.rank,
        "kept": line.kept,
        "breaches": line.breaches,
        "counted": len(line.lengths),
        "took_longer": line.over,
        "median_seconds": None if found is None else found.median.total_seconds(),
        "longest_seconds": None if found is None else found.longest.total_seconds(),
        "not_notified": line.untold,
        "closed_unseen": line.unseen,
    }


def _breach(breach: Breach) -> Json:
    return {
        "episode": breach.episode,
        "contract": breach.contract,
        "server": breach.server,
        "dataset": breach.dataset,
        "check": breach.check,
        "kind": breach.kind,
        "subject": breach.subject,
        "title": breach.title,
        "severity": breach.severity.value,
        "message": breach.message,
        "expected": breach.expected,
        "actual": _value(breach.actual),
        "since": _instant(breach.since),
        "opened_at": _instant(breach.opened_at),
        "resolved_at": _instant(breach.resolved_at),
        "owner": breach.owner,
        "flapping": breach.flapping,
        "retired": breach.retired,
        "consumers": list(breach.consumers),
        "told": [{"channel": each.channel, "state": each.state.value} for each in breach.told],
        "notified": breach.delivered if breach.word == "known" else None,
    }


def _compliance(went: Compliance) -> Json:
    return {
        "ratio": None if went.ratio is None else round(went.ratio, 6),
        "coverage": round(went.coverage, 6),
        "low": round(went.low, 6),
        "high": round(went.high, 6),
        "good_seconds": round(went.good, 3),
        "bad_seconds": round(went.bad, 3),
        "unknown_seconds": round(went.unknown, 3),
        "excused_seconds": round(went.excused, 3),
    }


def _tally(tally: Tally) -> Json:
    return dict(tally.items())


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat()


def _value(value: Scalar) -> Scalar:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
