"""The command `floe contract export`: contracts in the words of another tool."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from floe_dagster.cli.arguments import Config

if TYPE_CHECKING:
    from collections.abc import Sequence

    from floe_dagster.checks._suite import Suite

_NOT_IN_A_NAME = re.compile(r"[^\w.-]")


class To(StrEnum):
    """What a contract can be exported to."""

    GREAT_EXPECTATIONS = "great-expectations"


def export(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Contracts, folders of contracts, or globs.")
    ],
    *,
    to: Annotated[To, typer.Option("--to", help="The tool to write for.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FOLDER", help="One file for each dataset; printed where it is not given."
        ),
    ] = None,
    config: Config = None,
) -> None:
    """Write the checks of contracts for another tool, and say which it has no words for.

    Nothing is measured, and no server is connected to.
    """
    # floe --help is instant
    from floe_dagster.checks._suite import suites_of  # noqa: PLC0415
    from floe_dagster.cli.printable import printable  # noqa: PLC0415
    from floe_dagster.cli.selection import select  # noqa: PLC0415

    del to  # there is one so far, and it has to be named
    selection = select(paths, None, config)
    suites = [suite for watch in selection.watchlist.watches for suite in suites_of(watch.plan)]
    if output is None:
        typer.echo(json.dumps({"suites": [_whole(each) for each in suites]}, indent=2))
    else:
        for line in _written(suites, output):
            typer.echo(printable(line))
    for line in selection.complaints:
        typer.echo(f"floe: {printable(line)}", err=True)
    raise typer.Exit(2 if selection.complaints else 0)


def _whole(suite: Suite) -> dict[str, object]:
    left_out = [{"check": check, "reason": reason} for check, reason in suite.left_out]
    return {**suite.document, "left_out": left_out}


def _written(suites: Sequence[Suite], folder: Path) -> list[str]:
    """Write each suite to a file of its own, and say what is in it and what is not."""
    folder.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    for suite in suites:
        path = folder / f"{_NOT_IN_A_NAME.sub('_', str(suite.document['name']))}.json"
        path.write_text(json.dumps(suite.document, indent=2) + "\n", encoding="utf-8")
        lines.append(f"{path}: {len(_expectations(suite))} expectations, {len(suite.left_out)} left out")
        lines += [f"  {check}: {reason}" for check, reason in suite.left_out]
    return lines


def _expectations(suite: Suite) -> list[object]:
    found = suite.document["expectations"]
    return found if isinstance(found, list) else []
