"""Contracts at the command line: `floe contract lint`, `floe contract export`."""

from __future__ import annotations

import json
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from floe_dagster.cli.export import export
from floe_dagster.cli.printable import printable
from floe_dagster.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from floe_dagster.contract.document import Reading
    from floe_dagster.contract.problem import Problem

app = typer.Typer(name="contract", help="Contracts: check what is written in them.", no_args_is_help=True)


class Format(StrEnum):
    """How the result is printed."""

    TEXT = "text"
    JSON = "json"


@app.callback()
def contract() -> None:
    """Contracts: check what is written in them."""


app.command()(export)


@app.command()
def lint(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Contracts, folders of contracts, or globs.")
    ],
    format_: Annotated[Format, typer.Option("--format", help="For people, or for programs.")] = Format.TEXT,
) -> None:
    """Say everything that is wrong with contracts: file, line, path, reason and what to do.

    Leaves with 1 where a contract is invalid; warnings leave it valid.
    """
    from floe_dagster.contract.find import find, load  # noqa: PLC0415

    files = find(Path(), paths)
    if not files:
        raise UsageError(
            f"no contract in {', '.join(paths)}; a contract is a file named *.odcs.yaml or *.odcs.yml"
        )
    readings = load(files)
    typer.echo(_as_json(readings) if format_ is Format.JSON else "\n".join(_as_text(readings)))
    if not all(each.valid for each in readings):
        raise typer.Exit(1)


def _as_json(readings: Sequence[Reading]) -> str:
    files = [
        {"path": each.source, "valid": each.valid, "problems": [_as_dict(one) for one in each.problems]}
        for each in readings
    ]
    return json.dumps({"files": files}, indent=2)


def _as_dict(problem: Problem) -> dict[str, object]:
    return {
        "rule": problem.rule,
        "severity": problem.severity,
        "path": problem.path,
        "line": problem.line,
        "message": problem.message,
    }


def _as_text(readings: Sequence[Reading]) -> Iterator[str]:
    for reading in readings:
        yield from (_line(reading.source, each) for each in reading.problems)
        if reading.problems:
            yield ""
    yield _summary(readings)


def _line(source: str, problem: Problem) -> str:
    place = f"{source}:{problem.line}" if problem.line else source
    parts = [place, problem.severity, *([problem.path] if problem.path else []), problem.message]
    return printable(f"{': '.join(parts)} ({problem.rule})")


def _summary(readings: Sequence[Reading]) -> str:
    count = Counter(each.severity for reading in readings for each in reading.problems)
    invalid = sum(not each.valid for each in readings)
    what = f"{len(readings)} {'contract' if len(readings) == 1 else 'contracts'}"
    found = ", ".join(_counted(count[each], each) for each in ("error", "warning"))
    return f"{what}: {f'{invalid} invalid' if invalid else 'all valid'}; {found}"


def _counted(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
