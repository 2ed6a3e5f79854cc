"""Planners: which statements read the rows of one table; each engine picks the one that is cheapest for it.

No single shape is the cheapest everywhere. Where a table is kept by rows, every statement reads all of it, so
there are as few as can be. Where it is kept by columns with bounds, a count of its own reads one column, and
often none. Text is parsed anew by every statement, so there is only one. All give the same answers; `plain`
is what each of them is held to. The measurements are in benchmarks/README.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from floe_dagster.plan.metric import Count, Duplicates, Question
from floe_dagster.warehouses._answers import count
from floe_dagster.warehouses._planned import Cell, Planned, Proof, Select, stacked

if TYPE_CHECKING:
    from floe_dagster.plan.field import ColumnRef

_MOST_STACKED = 100
_COUNTS = {
    Count.GROUPS: "count(*)",
    Count.EXCESS: "coalesce(sum(n - 1), 0)",
    Count.ROWS: "coalesce(sum(n), 0)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The columns of a key, and what is asked of its duplicates.

    Attributes:
        source: where to select from.
        columns: as they are asked for.
        given: that every column of it has a value.
        group_by: what to group by so that equal keys, and no others, fall together.
        fingerprint: a number that equal keys share for certain; empty where there is none.
        wide: whether the fingerprint is much smaller than the key.
        questions: each a `Duplicates` of this key.
    """

    source: str
    columns: tuple[ColumnRef, ...]
    given: str
    group_by: tuple[str, ...]
    fingerprint: str = ""
    wide: bool = False
    questions: tuple[Question, ...]

    @property
    def grouped(self) -> Select:
        """Exactly, by the sizes of the groups that have more than one row."""
        groups = f"select count(*) as n from {self.source}\n  where {self.given}"  # noqa: S608  every part is quoted
        key = ", ".join(self.group_by)
        source = f"(\n  {groups}\n  group by {key}\n  having count(*) > 1\n) as duplicated"
        cells = (Cell(each, _COUNTS[how], count) for each, how in self._counts())
        return Select(source, tuple(cells))

    @property
    def proven(self) -> Select:
        """By as many fingerprints as keys, in a statement of its own, before anything is counted exactly."""
        sql = f"count(*) - count(distinct {self.fingerprint})"
        return Select(f"{self.source}\nwhere {self.given}", (self._proof(sql),))

    @property
    def proof_within(self) -> Proof:
        """The same as a value beside others."""
        among = f"filter (where {self.given})"
        return self._proof(f"count(*) {among} - count(distinct {self.fingerprint}) {among}")

    @property
    def distinct(self) -> Select | None:
        """Exactly, as the keys beyond the different ones, where nothing but those is asked of one column."""
        counts = [how for _, how in self._counts()]
        if len(self.group_by) > 1 or counts != [Count.EXCESS]:
            return None
        sql = f"count({self.group_by[0]}) - count(distinct {self.group_by[0]})"
        return Select(self.source, (Cell(self.questions[0], sql, count),))

    def _proof(self, sql: str) -> Proof:
        name = ", ".join(map(str, self.columns))
        return Proof(sql, self.grouped, f"where two values of {name} have the same fingerprint")

    def _counts(self) -> Iterator[tuple[Question, Count]]:
        for each in self.questions:
            if isinstance(each.metric, Duplicates):
                yield each, each.metric.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the rows of one table are asked.

    Attributes:
        source: where to select from.
        cheap: values that statistics answer, where a statement asks for nothing else.
        scanned: values for which rows are read.
        keys: the keys whose duplicates are counted.
        most_cells: how many values one statement may select.
    """

    source: str
    cheap: tuple[Cell, ...] = ()
    scanned: tuple[Cell, ...] = ()
    keys: tuple[Key, ...] = ()
    most_cells: int = 500

    def fused(self, cells: Sequence[Cell | Proof]) -> Iterator[Select]:
        """Values in one pass, or in as many as there have to be."""
        for at in range(0, len(cells), self.most_cells):
            yield Select(self.source, tuple(cells[at : at + self.most_cells]))


Planner = Callable[[Asked], Iterator[Planned]]
"""Plans the statements that read the rows of one table."""


def plain(asked: Asked) -> Iterator[Planned]:
    """For any engine: what statistics answer, all else in one pass, and each key by its groups."""
    yield from asked.fused(asked.cheap)
    yield from asked.fused(asked.scanned)
    yield from (each.grouped for each in asked.keys)


def by_rows(asked: Asked) -> Iterator[Planned]:
    """For tables kept by rows: all values in one pass, and all keys by their groups in one statement."""
    yield from asked.fused((*asked.cheap, *asked.scanned))
    grouped = [each.grouped for each in asked.keys]
    yield from (stacked(each, apart=True) for each in _in_parts(grouped))


def by_columns(asked: Asked) -> Iterator[Planned]:
    """For tables kept by columns, with statistics: counts by themselves, which bounds can spare the reading.

    A key has a statement of its own, since what it takes to tell keys apart is most of the memory.
    """
    yield from asked.fused(asked.cheap)
    yield from asked.fused([each for each in asked.scanned if not each.where])
    counts = [
        Select(f"{asked.source} where {each.where}", (Cell(each.question, "count(*)", count),))
        for each in asked.scanned
        if each.bounded
    ]
    counts += asked.fused([each for each in asked.scanned if each.where and not each.bounded])
    yield from (stacked(each) for each in _in_parts(counts))
    for key in asked.keys:
        yield key.proven if key.fingerprint and key.wide else key.distinct or key.grouped


def in_one_pass(asked: Asked) -> Iterator[Planned]:
    """For text, which every statement parses: all values in one pass, and there too a proof of each key."""
    proofs = [each.proof_within for each in asked.keys if each.fingerprint]
    yield from asked.fused((*asked.cheap, *asked.scanned, *proofs))
    yield from (each.grouped for each in asked.keys if not each.fingerprint)


def _in_parts(selects: Sequence[Select]) -> Iterator[Sequence[Select]]:
    return (selects[at : at + _MOST_STACKED] for at in range(0, len(selects), _MOST_STACKED))
