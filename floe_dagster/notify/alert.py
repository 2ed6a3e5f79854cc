"""Alerts: what is said about an episode, before any channel gives it a form. No row of data is in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from floe_dagster.outcome.episode import Transition
    from floe_dagster.plan.check import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing to say about one episode.

    Attributes:
        id: stable over every retry and every process; receivers drop repeats by it.
        episode: the episode's id; opening, escalation and recovery share it.
        sequence: of the transition within the episode, from 1.
        since: when the promise was first seen broken, or close to its limit while it is not `broken`.
        at: when this alert was raised.
        consumers: who reads this data.
        source: the contract's file, with line where the promise stands.
        link: where to look in Dagster, where that is known.
        broken: whether the promise has been broken, and not only been close to its limit.
        downstream: the assets that are made of this data, by the graph, the nearest first.
        background: what may be behind it, each a sentence without its full stop, the most telling first.
        runbook: a page on what to do, where there is one.
        source_link: where the promise can be read on the web.
        incident: the incident that it is part of: its priority, and by when somebody is to answer; or empty.
        occasion: what tells it from others of the same sequence; empty for the transition itself.
    """

    id: str
    episode: str
    sequence: int
    transition: Transition
    severity: Severity
    contract: str
    contract_title: str
    version: str
    server: str
    dataset: str
    check: str
    element: str | None
    kind: str
    title: str
    message: str
    expected: str
    actual: int | float | str | bool | None
    since: datetime
    at: datetime
    environment: str
    owner: str | None = None
    consumers: tuple[str, ...] = ()
    source: str = ""
    line: int = 0
    link: str | None = None
    broken: bool = True
    occasion: str = ""
    downstream: tuple[str, ...] = ()
    background: tuple[str, ...] = ()
    runbook: str | None = None
    source_link: str | None = None
    incident: str = ""
