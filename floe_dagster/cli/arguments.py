"""Arguments: what several commands take, said once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from floe_dagster.settings import Settings

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


def settings_of(config: Path | None) -> Settings:
    """The manifest that was named, else the one in the current folder, else the defaults.

    Raises:
        SettingsError: it cannot be used.
    """
    from floe_dagster.settings import load_settings  # noqa: PLC0415 - floe --help is instant

    beside = Path("floe.yaml")
    return load_settings(config or (beside if beside.is_file() else None))
