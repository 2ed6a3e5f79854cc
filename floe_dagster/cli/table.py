"""Tables: verdicts for people, with colour and columns on a terminal and as plain lines elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from floe_dagster.cli.printable import printable
from floe_dagster.cli.sampled import sample_lines
from floe_dagster.plan.check import UNMEASURED, Severity, Status
from floe_dagster.plan.explain import coverage_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TextIO

    from rich.table import Table

    from floe_dagster.cli.verdict import ContractVerdict
    from floe_dagster.outcome.outcome import Key, Outcome
    from floe_dagster.plan.sample import Sample

_STYLES = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.WARNED: "yellow",
    Status.ERROR: "magenta",
    Status.NOT_EXECUTABLE: "cyan",
    Status.INFORMATIONAL: "dim",
}
_QUIET = (Status.PASSED, Status.INFORMATIONAL)


class _Row(NamedTuple):
    status: Status
    severity: Severity
    name: str
    message: str
    sample: tuple[str, ...] = ()


def print_verdicts(verdicts: Iterable[ContractVerdict], stream: TextIO, *, everything: bool) -> None:
    """Print verdicts for people.

    Args:
        verdicts: in the order in which they are printed.
        stream: where to; a terminal gets a table.
        everything: whether what passed, and what is for people, is shown too.
    """
    if not stream.isatty():
        stream.write("\n".join(line for each in verdicts for line in _lines(each, everything=everything)))
        return
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.text import Text  # noqa: PLC0415

    console = Console(file=stream)
    for each in verdicts:
        console.print(Text(_head(each), style="bold"))
        shown = _shown(each, everything=everything)
        if shown:
            console.print(_table(shown))
        console.print(Text(f"{_counted(each)}\n{coverage_line(each.coverage)}\n"))


def _table(rows: Iterable[_Row]) -> Table:
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(
        "status", "severity", "check", "what was found", box=None, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for each in rows:
        table.add_row(
            Text(each.status.replace("_", " "), style=_STYLES[each.status]),
            Text(each.severity if each.status not in (Status.NOT_EXECUTABLE, *_QUIET) else ""),
            Text(printable(each.name)),
            Text(printable(each.message)),
        )
        if each.sample:
            table.add_row("", "", "", Text("\n".join(each.sample), style="dim"))
    return table


def _lines(verdict: ContractVerdict, *, everything: bool) -> Iterator[str]:
    yield _head(verdict)
    for each in _shown(verdict, everything=everything):
        status = each.status.replace("_", " ")
        yield f"  {status:<14}  {printable(each.name)}: {printable(each.message)}"
        yield from (f"{'':<18}{line}" for line in each.sample)
    yield f"  {_counted(verdict)}"
    yield f"  {coverage_line(verdict.coverage)}"
    yield ""


def _head(verdict: ContractVerdict) -> str:
    contract = verdict.plan.contract
    server = f" on {verdict.server}" if verdict.server else ""
    return printable(f"{contract.title} {contract.version}{server} ({contract.source}): {verdict.status}")


def _shown(verdict: ContractVerdict, *, everything: bool) -> list[_Row]:
    order = (Status.FAILED, Status.ERROR, Status.WARNED, Status.NOT_EXECUTABLE, *_QUIET)
    shown = [each for each in verdict.outcomes if everything or each.status not in _QUIET]
    return _together(sorted(shown, key=lambda each: order.index(each.status)), verdict.samples)


def _together(outcomes: Iterable[Outcome], samples: Mapping[Key, Sample]) -> list[_Row]:
    """A line each, but one line for all that could not be measured for one and the same reason."""
    groups: dict[tuple[str, ...], list[Outcome]] = {}
    for each in outcomes:
        reason = each.message.partition(UNMEASURED)[2] if each.status is Status.ERROR else ""
        groups.setdefault((reason,) if reason else ("", each.key.check), []).append(each)
    return [_row(some, reason, samples) for (reason, *_), some in groups.items()]


def _row(outcomes: list[Outcome], reason: str, samples: Mapping[Key, Sample]) -> _Row:
    first = outcomes[0]
    if len(outcomes) == 1:
        sample = samples.get(first.key)
        lines = tuple(sample_lines(sample)) if sample else ()
        return _Row(first.status, first.severity, first.key.check, first.message, lines)
    worst = max((each.severity for each in outcomes), key=lambda each: each.rank)
    return _Row(first.status, worst, f"{len(outcomes)} checks", reason)


def _counted(verdict: ContractVerdict) -> str:
    counts = verdict.counts
    found = [f"{counts[each]} {each.replace('_', ' ')}" for each in _STYLES if counts[each]]
    return ", ".join(found) or "nothing to check"
