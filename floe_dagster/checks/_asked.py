"""Asked: what comes of an option of a column's logical type: something to ask, or why there is nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from floe_dagster.plan.offence import Offence


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to ask: the offence, what is said of a row that commits it, and what the column promises."""

    offence: Offence
    words: str
    title: str
    interpretation: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why it cannot be asked."""

    reason: str


@dataclass(frozen=True, slots=True)
class Remark:
    """What there is to know; nothing to ask."""

    note: str
