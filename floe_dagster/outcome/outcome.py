"""Outcomes: what came of one check at one time."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha1
from typing import TYPE_CHECKING
from uuid import UUID

from floe_dagster.plan.check import Difference, Severity, Status

if TYPE_CHECKING:
    from datetime import datetime

NAMESPACE = UUID("5f0c4c0e-3d5c-5b57-9a53-7d0e1f2b8c41")
_NAMESPACE = NAMESPACE.bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What an outcome is about; episodes and segments are kept by it."""

    contract: str
    server: str
    check: str

    @property
    def text(self) -> str:
        """The three of them, joined with a newline."""
        return f"{self.contract}\n{self.server}\n{self.check}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one check at one time. No row of data is in it.

    Attributes:
        tick: the id of the tick that measured it.
        key: contract id, server name and check id.
        version: of the contract.
        broken: the promise is broken, whatever the severity.
        used: how much of the promise is used up, 1.0 being all of it.
        cause: why it is unknown, a value of `plan.metric.Cause`; None where it is known.
        expected: the promise, for people.
        actual: what was measured; a number where the check counts.
        path: the construct in the contract.
        source: the contract's file, and line the construct's.
        at: when it was judged, aware, UTC.
        duration_seconds: of the statement that answered it.
    """

    tick: str
    key: Key
    version: str
    dataset: str
    element: str | None
    kind: str
    title: str
    status: Status
    severity: Severity
    broken: bool
    expected: str
    actual: int | float | str | bool | None
    message: str
    path: str
    source: str
    line: int
    at: datetime
    duration_seconds: float
    used: float | None = None
    cause: str | None = None
    dimension: str | None = None
    interpretation: tuple[tuple[str, str], ...] = ()
    differences: tuple[Difference, ...] = ()

    @property
    def unknown(self) -> bool:
        """It could not be measured this time; neither kept nor broken."""
        return self.status is Status.ERROR

    @property
    def id(self) -> str:
        """Deterministic: the same check in the same tick has the same id."""
        return stable_id(self.tick, self.key.text)


def stable_id(*parts: str) -> str:
    """A UUID that depends on these texts and on nothing else (RFC 9562, version 5).

    A tick makes thousands of them, and so it is put together here: `uuid5` takes three times as long.
    """
    name = "\n".join(parts).encode("utf-8", "backslashreplace")  # a contract may hold half a character
    made = sha1(_NAMESPACE + name, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(made[16], 16) & 3]
    return f"{made[:8]}-{made[8:12]}-5{made[13:16]}-{variant}{made[17:20]}-{made[20:32]}"
