"""Excuses: maintenance windows laid over what was recorded.

A window says nothing of the time outside it, and what was recorded inside it does not count, good or bad.
Only windows that were declared before they began excuse anything.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.outcome.segment import Health, Segment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from floe_dagster.outcome.pause import Pause

Span = tuple["datetime", "datetime"]


def excuse(segments: Iterable[Segment], pauses: Iterable[Pause]) -> tuple[Segment, ...]:
    """The segments with every excused stretch of each key as a segment of its own, by key and time.

    A key that was never recorded is not excused either: there is nothing to excuse.
    """
    every = tuple(segments)
    windows = [each for each in pauses if each.excuses and each.start < each.over_at]
    if not windows:
        return every
    by_key = defaultdict[tuple[str, str, str, str], list[Segment]](list)
    for each in every:
        by_key[each.key.contract, each.key.server, each.key.check, each.kind].append(each)
    return tuple(part for mine in by_key.values() for part in _excused(mine, windows))


def _excused(segments: list[Segment], windows: Iterable[Pause]) -> Iterator[Segment]:
    one = segments[0]
    spans = _joined((each.start, each.over_at) for each in windows if each.matches(one.key, one.kind))
    for each in segments:
        yield from without(each, spans)
    for start, end in spans:
        yield replace(one, health=Health.EXCUSED, start=start, end=end)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch or overlap as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def without(segment: Segment, spans: Iterable[Span]) -> Iterator[Segment]:
    """What is left of a segment outside the spans, which are in order and apart."""
    start = segment.start
    for first, last in spans:
        if last <= start or first >= segment.end:
            continue
        if start < first:
            yield replace(segment, start=start, end=first)
        start = last
    if start < segment.end:
        yield replace(segment, start=start)
