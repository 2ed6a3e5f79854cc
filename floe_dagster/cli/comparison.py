"""Comparisons: what two policies tell of one history, for people and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from floe_dagster.cli.printable import printable
from floe_dagster.outcome.acknowledgement import Reason
from floe_dagster.plan.check import Severity
from floe_dagster.plan.wording import counted, moment, number, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from floe_dagster.outcome.outcome import Key
    from floe_dagster.rehearsal.compared import Comparison, Labels
    from floe_dagster.rehearsal.telling import Telling, Told

SHOWN = 20
NOISIEST = 10
SCHEMA = "floe.backtest/1"


def as_text(found: Comparison, name: str, notes: Iterable[str]) -> str:
    """A comparison for people.

    Args:
        found: what was told on both sides.
        name: of the file with the other policy.
        notes: what is to be known beside it.
    """
    lines = [
        f"{moment(found.start)} to {moment(found.end)}: {counted(found.outcomes, 'outcome')}, told once more",
        "",
        *_table(("", "now", name), _figures(found)),
        "",
        *_table(("alerts" + _per(found), "now", name), _channels(found)),
        "",
        *_episodes(f"told now, and not with {name}", found.missed),
        "",
        *_episodes(f"told with {name}, and not now", found.added),
        "",
        *_table(("checks told of most, alerts", "now", name), _noisiest(found)),
        "",
        *_alarms(found, name),
        "",
        *(f"note: {each}" for each in notes),
    ]
    return "\n".join(printable(each).rstrip() for each in lines)


def as_json(found: Comparison, notes: Sequence[str]) -> dict[str, Any]:
    """The same for a program; a share of nothing is null."""
    return {
        "schema": SCHEMA,
        "start": _iso(found.start),
        "end": _iso(found.end),
        "since": _iso(found.since),
        "weeks": found.weeks and round(found.weeks, 4),
        "outcomes": found.outcomes,
        "before": _side(found, found.before, found.labels_before),
        "after": _side(found, found.after, found.labels_after),
        "missed": {"count": len(found.missed), "episodes": [_told(each) for each in found.missed[:SHOWN]]},
        "added": {"count": len(found.added), "episodes": [_told(each) for each in found.added[:SHOWN]]},
        "noisiest": [
            {**_key(key), "before": before, "after": after} for key, before, after in found.noisiest(NOISIEST)
        ],
        "false_alarms": {
            "labelled": _by_reason(found.labels_before.labelled),
            "rate": found.rate,
            "spared": found.spared,
            "real_missed": found.lost,
        },
        "notes": [*notes],
    }


def _side(found: Comparison, side: Telling, labels: Labels) -> dict[str, Any]:
    return {
        "alerts": side.total,
        "alerts_a_week": _weekly(found, side.total),
        "messages": sum(side.messages.values()),
        "messages_a_week": _weekly(found, sum(side.messages.values())),
        "channels": [
            {
                "channel": channel,
                "severity": severity,
                "alerts": count,
                "alerts_a_week": _weekly(found, count),
            }
            for (channel, severity), count in sorted(side.alerts.items())
        ],
        "episodes": side.opened,
        "episodes_told": len(side.began),
        "held": side.held,
        "withheld": side.withheld,
        "unrouted": side.unrouted,
        "told_of_labelled": _by_reason(labels.told),
        "false_alarm_rate": labels.rate,
    }


def _told(told: Told) -> dict[str, Any]:
    one = told.episode
    return {
        **_key(one.key),
        "title": one.title,
        "severity": one.severity.value,
        "broken": one.broken,
        "since": _iso(one.broken_since),
        "until": _iso(one.resolved_at) if one.resolved_at else None,
        "told_at": _iso(told.at),
        "channels": [*told.channels],
    }


def _by_reason(counts: Mapping[Reason, int]) -> dict[str, int]:
    return {each.value: counts.get(each, 0) for each in Reason if each is not Reason.WORKING}


def _key(key: Key) -> dict[str, str]:
    return {"contract": key.contract, "server": key.server, "check": key.check}


def _iso(at: Any) -> str:
    return str(at.isoformat()).replace("+00:00", "Z")


def _weekly(found: Comparison, count: int) -> float | None:
    return round(count / found.weeks, 2) if found.weeks else None


def _per(found: Comparison) -> str:
    return " a week" if found.weeks else ""


def _rate(found: Comparison, count: int) -> str:
    """So many a week, or in all where there is not enough of a week."""
    weekly = _weekly(found, count)
    return number(count) if weekly is None else f"{weekly:,.1f}"


def _figures(found: Comparison) -> Iterator[tuple[str, ...]]:
    sides = (found.before, found.after)
    yield f"alerts{_per(found)}", *(_rate(found, each.total) for each in sides)
    yield f"messages{_per(found)}", *(_rate(found, sum(each.messages.values())) for each in sides)
    yield "episodes", *(number(each.opened) for each in sides)
    yield "episodes told", *(number(len(each.began)) for each in sides)
    yield "alerts held back for a while", *(number(each.held) for each in sides)
    yield "alerts never told, overtaken", *(number(each.withheld) for each in sides)
    yield "alerts that no route takes", *(number(each.unrouted) for each in sides)


def _channels(found: Comparison) -> Iterator[tuple[str, ...]]:
    pairs = {*found.before.alerts, *found.after.alerts}
    for channel, severity in sorted(pairs, key=lambda each: (each[0], -Severity(each[1]).rank)):
        counts = (side.alerts.get((channel, severity), 0) for side in (found.before, found.after))
        yield f"{channel}, {severity}", *(_rate(found, each) for each in counts)


def _noisiest(found: Comparison) -> Iterator[tuple[str, ...]]:
    for key, before, after in found.noisiest(NOISIEST):
        where = f" on {key.server}" if key.server else ""
        yield f"{key.contract}: {key.check}{where}", number(before), number(after)


def _episodes(title: str, told: Sequence[Told]) -> Iterator[str]:
    yield f"{title}: {counted(len(told), 'episode') if told else 'none'}"
    for each in told[:SHOWN]:
        one = each.episode
        lasted = (
            "still open" if one.resolved_at is None else f"for {span(one.resolved_at - one.broken_since)}"
        )
        close = "" if one.broken else ", close to its limit"
        yield (
            f"  {one.severity.value:<8}  {moment(one.broken_since)}  {one.key.contract}: {one.title} "
            f"({one.kind}{close}), {lasted}, to {', '.join(each.channels)}"
        )
    if len(told) > SHOWN:
        yield f"  and {len(told) - SHOWN:,} more"


def _alarms(found: Comparison, name: str) -> Iterator[str]:
    if found.rate is None:
        yield "false alarms: not known; nobody has said of an episode whether it was real"
        yield "  `floe alerts ack ID --reason real|false-positive|expected` says so, also of what is over"
        return
    labelled = found.labels_before.labelled
    reasons = (Reason.FALSE_POSITIVE, Reason.REAL, Reason.EXPECTED)
    every = ", ".join(f"{labelled.get(each, 0)} {each.value}" for each in reasons)
    yield f"false alarms: {_percent(found.rate)} of what was labelled ({every})"
    for side, labels in (("now", found.labels_before), (f"with {name}", found.labels_after)):
        told, alarms = sum(labels.told.values()), labels.told.get(Reason.FALSE_POSITIVE, 0)
        rate = "" if labels.rate is None else f", {_percent(labels.rate)}"
        yield f"  told {side}: {counted(told, 'labelled episode')}, {alarms} of them false alarms{rate}"
    gone = f"{counted(found.spared, 'false alarm')} and {counted(found.lost, 'real one')}"
    yield f"  with {name} nobody would hear of {gone} of those told now"


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    every = [head, *rows]
    wide = [max(len(printable(row[at])) for row in every) for at in range(len(head))]
    if len(every) == 1:
        yield f"{head[0]}: none"
        return
    for first, *rest in every:
        cells = (f"{cell:>{max(width, 8)}}" for cell, width in zip(rest, wide[1:], strict=True))
        yield f"{first:<{wide[0]}}  {'  '.join(cells)}"
