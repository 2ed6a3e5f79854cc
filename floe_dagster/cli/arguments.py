"""Arguments: what several commands take, said once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH...",
        help="Contracts: files, folders or globs; those of floe.yaml where there are none.",
        show_default=False,
    ),
]
Server = Annotated[
    str | None,
    typer.Option("--server", metavar="NAME", help="The server of the contracts to ask.", show_default=False),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="The manifest; floe.yaml where it is there.", show_default=False
    ),
]
