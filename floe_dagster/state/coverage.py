"""Coverage: how far the finished days and weeks of a contract have been computed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from floe_dagster.state.tables import NAME_BYTES
from floe_dagster.state.types import plain, short

EVERYTHING = "periods"
"""the cursor that says until when the periods of every contract are on record"""

PREFIX = "periods/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Which time of a contract is in its periods.

    Attributes:
        zone: whose days they are.
        since: since when they are of that zone; no second before is in any of them.
        through: until when they are computed.
        again: from when on they are to be computed again, since outcomes came late; None where nothing did.
    """

    zone: str
    since: datetime
    through: datetime
    again: datetime | None = None

    @classmethod
    def read(cls, value: str) -> Self:
        """The coverage that a cursor holds."""
        held = json.loads(value)
        instants = {name: datetime.fromisoformat(text) for name, text in held.items() if name != "zone"}
        return cls(zone=held["zone"], **instants)

    def written(self) -> str:
        """The value of its cursor."""
        instants = {"since": self.since, "through": self.through, "again": self.again}
        return json.dumps(
            {"zone": self.zone, **{name: each.isoformat() for name, each in instants.items() if each}}
        )

    def reopened(self, at: datetime) -> Self:
        """The same, to be computed again from then on."""
        return self if at >= self.through else replace(self, again=min(at, self.again or at))


def cursor_of(contract: str) -> str:
    """The name of the cursor of a contract's coverage."""
    return short(plain(PREFIX + contract), NAME_BYTES)
