"""The watchlist: which contracts are watched, what was compiled of them, and on which server."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from floe_dagster.checks import load_kinds
from floe_dagster.contract.across import Neighbour, Neighbourhood
from floe_dagster.contract.find import find, load
from floe_dagster.errors import UsageError
from floe_dagster.plan.interpretation import QUALITY_ENGINE
from floe_dagster.plan.memory import PlanMemory
from floe_dagster.plan.suites import with_suites
from floe_dagster.settings import SuiteFolder, engine_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from floe_dagster.contract.document import Reading
    from floe_dagster.contract.model import Contract, Server
    from floe_dagster.plan.check import CheckKind, Plan
    from floe_dagster.settings import Settings

_log = logging.getLogger(__name__)
_PLANS = PlanMemory()


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A contract that is watched on one server; the server is None where the contract names none."""

    plan: Plan
    server: Server | None

    @property
    def server_name(self) -> str:
        """The server's name, or an empty text."""
        return self.server.name if self.server else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """Everything that is watched.

    Attributes:
        readings: every contract file found, the invalid ones too.
        watches: the valid ones, compiled.
        kinds: the check kinds they were compiled with, by name.
    """

    settings: Settings
    readings: tuple[Reading, ...]
    watches: tuple[Watch, ...]
    kinds: Mapping[str, CheckKind]

    def where(self, keep: Callable[[Contract], bool]) -> tuple[Watch, ...]:
        """The watches whose contract is wanted."""
        return tuple(each for each in self.watches if keep(each.plan.contract))


def load_watchlist(settings: Settings, paths: Iterable[Path] | None = None) -> Watchlist:
    """Read and compile every contract of the manifest, or those at `paths`.

    No contract at all is fine: then nothing is watched, and nothing else is different.

    Raises:
        PluginError: a check kind cannot be loaded.
        UsageError: a path that was given does not exist.
    """
    kinds = load_kinds(settings.root / settings.checks)
    readings = load(paths) if paths is not None else _of_manifest(settings)
    folder = (Path() if paths is not None else settings.root).resolve()
    return watchlist_of(readings, settings, kinds, folder)


def watchlist_of(
    readings: tuple[Reading, ...], settings: Settings, kinds: Mapping[str, CheckKind], folder: Path
) -> Watchlist:
    """Compile contracts that were read already; `folder` is where their sources are seen from."""
    suites = SuiteFolder(settings.root / settings.great_expectations.project)
    contracts = [with_suites(each, suites.find) for each in _with_targets(readings, settings, folder)]
    return Watchlist(
        settings=settings,
        readings=readings,
        kinds=kinds,
        watches=tuple(
            Watch(
                plan=_PLANS.plan(each, kinds, {QUALITY_ENGINE: settings.quality_engine}),
                server=server_for(each, settings.environment),
            )
            for each in contracts
        ),
    )


def _with_targets(readings: Iterable[Reading], settings: Settings, folder: Path) -> tuple[Contract, ...]:
    """The valid contracts, in which relationships from one to another lead to their targets."""
    valid: list[Neighbour] = []
    unreadable: list[str] = []
    for each in readings:
        file = str(folder / each.source)
        if each.contract is None:
            unreadable.append(file)
            continue
        server = server_for(each.contract, settings.environment)
        engine = engine_of(server, settings) if server else None
        schema = engine.schema if engine else ""
        valid.append(
            Neighbour(
                contract=each.contract, file=file, engine=engine.place if engine else None, schema=schema
            )
        )
    around = Neighbourhood(valid, unreadable)
    return tuple(around.resolved(each) for each in valid)


def _of_manifest(settings: Settings) -> tuple[Reading, ...]:
    """Every contract of the manifest, its source as seen from the manifest's folder."""
    found: dict[Path, None] = {}
    for pattern in settings.contracts:
        try:
            found |= dict.fromkeys(find(settings.root, [pattern]))
        except UsageError as error:  # a folder that is not there yet must not take the code location down
            _log.warning("%s: contracts: nothing is watched there: %s", settings.source or "floe.yaml", error)
    if not found:
        _log.info("no contract is found at %s; nothing is watched", ", ".join(settings.contracts))
    return tuple(_seen_from(settings.root.resolve(), each) for each in load(found))


def _seen_from(root: Path, reading: Reading) -> Reading:
    path = Path(reading.source).resolve()
    source = path.relative_to(root).as_posix() if path.is_relative_to(root) else reading.source
    contract = replace(reading.contract, source=source) if reading.contract else None
    return replace(reading, source=source, contract=contract)


def server_for(contract: Contract, environment: str) -> Server | None:
    """The server of this environment, else the contract's first one."""
    here = (each for each in contract.servers if each.environment == environment)
    return next(here, next(iter(contract.servers), None))
