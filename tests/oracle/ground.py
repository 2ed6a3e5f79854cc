"""Ground: what every ruling stands on: the rows of a dataset, how they are counted, and what a count comes to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.ruling import DEFAULTS, NOT_EXECUTABLE, NOT_MEASURED, Ruling, broken
from tests.oracle.values import Document, Held, NotMeasurableError, Value, chosen, physical

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime


class NotExecutableError(Exception):
    """What this kind of column can never be asked."""


@dataclass(frozen=True)
class Ground:
    """One dataset of a contract, and the tables."""

    document: Document
    dataset: Document
    path: str
    tables: Mapping[str, Held]
    now: datetime

    @property
    def choices(self) -> dict[str, str]:
        return DEFAULTS | chosen(self.document) | chosen(self.dataset)

    @property
    def held(self) -> Held:
        return self.tables_of(self.dataset)

    def tables_of(self, dataset: Document) -> Held:
        if physical(dataset) not in self.tables:
            raise NotMeasurableError(physical(dataset))
        return self.tables[physical(dataset)]

    def offending(self, column: Document, offends: Callable[[Value, str], bool]) -> int:
        """Rows whose value offends; NULL offends nothing but what says so."""
        name = physical(column)
        held = self.held
        return sum(offends(each, held.kind(name)) for each in held.column(name) if each is not None)

    def keys(self, columns: list[Document]) -> list[tuple[Value, ...]]:
        """The complete keys: a row with a NULL in it repeats no other."""
        values = [self.held.column(physical(each)) for each in columns]
        return [each for each in zip(*values, strict=True) if None not in each]

    def named(self, names: list[str]) -> list[Document]:
        return [next(c for c in self.dataset["properties"] if c["name"] == name) for name in names]

    def none(self, count: Callable[[], int], severity: str | None = None) -> Ruling:
        return self.held_against(count, lambda found: found == 0, severity)

    def held_against(
        self, count: Callable[[], float | Fraction], keeps: Callable[[Any], bool], severity: str | None
    ) -> Ruling:
        try:
            found = count()
        except NotMeasurableError:
            return NOT_MEASURED
        except NotExecutableError:
            return NOT_EXECUTABLE
        actual = float(found) if isinstance(found, Fraction) else found
        if keeps(found):
            return Ruling("passed", actual)
        return broken(severity or self.choices["severity"], actual)

    def matches(self, value: str, pattern: str) -> bool:
        """ASCII classes, no line break for a dot, and `$` at the very end, as docs/checks.md says of patterns."""
        spelled = pattern.replace("$", r"\Z")
        spelled = re.sub(r"(?<!\\)\.", r"[^\\n\\r]", spelled)
        find = re.fullmatch if self.choices["pattern"] == "full" else re.search
        return find(spelled, value, re.ASCII) is not None
