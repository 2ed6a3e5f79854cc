"""Home: where this machine keeps what is remembered."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from floe_dagster.settings.model import Settings

_SQLITE = "sqlite:///"


def store_url(settings: Settings) -> str:
    """Where we remember: as the manifest says, else SQLite beside Dagster's storage, else in `.floe`."""
    if settings.store:
        return _from_root(settings.store, settings.root)
    home = os.environ.get("DAGSTER_HOME")
    folder = Path(home) / "floe" if home else settings.root.resolve() / ".floe"
    return f"{_SQLITE}{folder / 'floe.db'}"


def _from_root(url: str, root: Path) -> str:
    """The same URL with a relative SQLite path seen from the manifest's folder, like every path in it."""
    path = url.removeprefix(_SQLITE)
    return f"{_SQLITE}{root.resolve() / path}" if path not in (url, ":memory:") else url
