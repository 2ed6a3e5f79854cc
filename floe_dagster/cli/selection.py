"""Selection: the contracts that a command is about, each on the server that was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from floe_dagster.cli.arguments import settings_of
from floe_dagster.contract.find import find
from floe_dagster.errors import UsageError
from floe_dagster.watchlist import Watchlist, load_watchlist

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from floe_dagster.watchlist import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a command is about.

    Attributes:
        watchlist: the contracts that can be used, each on the server that was asked for.
        complaints: why the others cannot, a line each.
    """

    watchlist: Watchlist
    complaints: tuple[str, ...]


def select(paths: Sequence[str], server: str | None, config: Path | None) -> Selection:
    """Read, compile and place the contracts at these paths, or those of the manifest where there are none.

    Args:
        paths: files, folders and globs, as seen from the current folder.
        server: the name of a server in the contracts; None for that of the environment, else the first.
        config: the manifest; None for `floe.yaml` in the current folder, if it is there.

    Raises:
        UsageError: a path does not exist, or no contract is found.
        SettingsError: the manifest cannot be used.
        PluginError: a check kind cannot be loaded.
    """
    settings = settings_of(config)
    watchlist = load_watchlist(settings, find(Path(), paths) if paths else None)
    if not watchlist.readings:
        where = ", ".join(paths or settings.contracts)
        raise UsageError(f"no contract is found at {where}; a folder is searched for *.odcs.yaml")
    placed = [_placed(each, server) for each in watchlist.watches]
    found = tuple(each for each in placed if not isinstance(each, str))
    wrong = (*_problems(watchlist), *(each for each in placed if isinstance(each, str)))
    return Selection(watchlist=replace(watchlist, watches=found), complaints=wrong)


def _problems(watchlist: Watchlist) -> Iterator[str]:
    for reading in watchlist.readings:
        if reading.contract is None:
            for each in reading.problems:
                place = f"{reading.source}:{each.line}" if each.line else reading.source
                yield f"{place}: {f'{each.path}: ' if each.path else ''}{each.message}"


def _placed(watch: Watch, server: str | None) -> Watch | str:
    if server is None:
        return watch
    contract = watch.plan.contract
    found = next((each for each in contract.servers if each.name == server), None)
    if found is not None:
        return replace(watch, server=found)
    known = ", ".join(f'"{each.name}"' for each in contract.servers) or "no server at all"
    return f'{contract.source}: there is no server "{server}"; it has {known}'
