"""Versions: which contracts were promised at a time gone by, and what changed between two times.

What a contract said then is kept by the store. Of two versions that were both seen around a time, the one
counts that the outcomes of the time name; else the one that was seen last.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from floe_dagster.report.rows import grouped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

GONE_AFTER = timedelta(days=1)
"""a contract that was not seen for so long, while others were, was no longer promised"""


class Version(Protocol):
    """A contract as it was at some time."""

    @property
    def contract(self) -> str:
        """Its id."""

    @property
    def digest(self) -> str:
        """Of its text."""

    @property
    def version(self) -> str:
        """What it calls itself."""

    @property
    def text(self) -> str:
        """As it stood in its file; empty where that is not kept."""

    @property
    def first_seen(self) -> datetime:
        """When this text was first measured by."""

    @property
    def last_seen(self) -> datetime:
        """When it was last."""


def in_force(
    versions: Iterable[Version], at: datetime, named: Mapping[str, str] | None = None
) -> dict[str, Version]:
    """The version of each contract that was promised just before `at`, by contract.

    Args:
        versions: all that is kept, in any order.
        at: aware.
        named: by contract, what the newest outcome of the time calls its version.
    """
    known = grouped((each for each in versions if each.first_seen < at), lambda each: each.contract)
    if not known:
        return {}
    last_sign = max(min(each.last_seen, at) for every in known.values() for each in every)
    return {
        contract: _one(every, at, (named or {}).get(contract))
        for contract, every in sorted(known.items())
        if max(min(each.last_seen, at) for each in every) >= last_sign - GONE_AFTER
    }


def _one(every: Iterable[Version], at: datetime, named: str | None) -> Version:
    return max(
        every,
        key=lambda each: (each.version == named, min(each.last_seen, at), each.first_seen, each.digest),
    )
