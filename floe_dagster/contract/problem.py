"""Problems: what is wrong with a document, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a contract.

    Attributes:
        rule: a stable name for the kind of problem, such as `yaml.duplicate-key` or `schema.required`.
        severity: `error` makes the contract invalid; `warning` does not.
        path: where in the document, as `schema[0].properties[2]`; empty for the document as a whole.
        line: counted from 1; 0 where the problem has no line.
        message: what is wrong, and what to do.
    """

    rule: str
    severity: Literal["error", "warning"]
    path: str
    line: int
    message: str
