"""Engines: which servers are one, so that one connection sees the data of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from floe_dagster.contract.model import Server
    from floe_dagster.settings.model import Settings


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Engine:
    """Where a server's data is; it may hold secrets, and so it is compared and never shown.

    Attributes:
        place: equal for two servers whose data one connection sees.
        schema: where unqualified tables are; empty where that is not said or has no meaning.
    """

    place: Hashable
    schema: str = ""


def engine_of(server: Server, settings: Settings) -> Engine:
    """Where a server's data is, after what the manifest adds to it or overrides.

    A database is told by its address or its file, whoever connects and to whichever schema; of anything else
    every option has to be the same. Links are not followed: what is not plainly one is two.
    """
    access = settings.connections.get(server.name, {})
    given = {**server.options, **{name: each for name, each in access.items() if each is not None}}
    options = {name: text for name, each in given.items() if each is not None and (text := str(each).strip())}
    kind = (options.pop("type", "") or server.type).lower()
    if f"connections.{server.name}" in settings.broken:
        return Engine(place=(kind, server.name, frozenset(options.items())))
    match kind:
        case "duckdb":
            return Engine(place=_file(kind, options, settings), schema=options.get("schema", "main"))
        case "sqlite":
            return Engine(place=_file(kind, options, settings))
        case "postgres" | "postgresql" if "url" not in options:
            return Engine(place=_address(options), schema=options.get("schema", ""))
        case "local" if "path" in options:
            options["path"] = _absolute(options["path"], settings)
    return Engine(place=(kind, frozenset(options.items())))


def _file(kind: str, options: Mapping[str, str], settings: Settings) -> Hashable:
    path = options.get("database") or options.get("path")
    return (kind, _absolute(path, settings)) if path else (kind, frozenset(options.items()))


def _address(options: Mapping[str, str]) -> Hashable:
    host, port = options.get("host", "").lower(), options.get("port", "5432")
    return "postgres", host, port, options.get("database", "")


def _absolute(path: str, settings: Settings) -> str:
    return str((settings.root / path).absolute())
