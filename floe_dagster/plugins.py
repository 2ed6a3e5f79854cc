"""Plugins: finding what stands on a shelf.

A shelf is a package (`checks`, `channels`, `warehouses`) in which every module exposes one well-known
name. Walking it is the whole registry: adding a thing is adding a file. Other distributions add to a shelf
by an entry point of the shelf's group. Two plugins of one name are an error that names both.
"""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from floe_dagster.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


def on_shelf(package: ModuleType | str, attribute: str, group: str | None = None) -> dict[str, object]:
    """Everything on a shelf, by module name, in the order of the names.

    Args:
        package: the shelf, as a package or its dotted name.
        attribute: the name that every module of the shelf exposes, for example `KIND`.
        group: the entry point group through which other distributions add to the shelf.

    Raises:
        PluginError: two plugins of one name, a plugin that cannot be imported, or one without `attribute`.
    """
    found: dict[str, object] = {}
    origins: dict[str, str] = {}
    for name, origin, plugin in (*_modules(package, attribute), *_installed(group)):
        if name in found:
            raise PluginError(f'two plugins are named "{name}": {origins[name]} and {origin}; rename one of them')
        found[name], origins[name] = plugin, origin
    return dict(sorted(found.items()))


def _modules(package: ModuleType | str, attribute: str) -> Iterator[tuple[str, str, object]]:
    shelf = importlib.import_module(package) if isinstance(package, str) else package
    for info in pkgutil.iter_modules(shelf.__path__):
        if info.name.startswith("_"):
            continue
        dotted = f"{shelf.__name__}.{info.name}"
        try:
            module = importlib.import_module(dotted)
        except Exception as error:
            raise PluginError(f"{dotted} cannot be imported: {error}") from error
        if not hasattr(module, attribute):
            raise PluginError(f"{dotted} stands on a shelf but exposes no {attribute}")
        yield info.name, dotted, getattr(module, attribute)


def _installed(group: str | None) -> Iterator[tuple[str, str, object]]:
    for point in entry_points(group=group) if group else ():
        try:
            yield point.name, f"entry point {point.value}", point.load()
        except Exception as error:
            raise PluginError(f"entry point {point.name} of {group} cannot be loaded: {error}") from error
