"""Plugins: finding what stands on a shelf.

A shelf is a package (`checks`, `channels`, `warehouses`) in which every module exposes one well-known
name. Walking it is the whole registry: adding a thing is adding a file. Other distributions add to a shelf
by an entry point of the shelf's group. Two plugins of one name are an error that names both.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from floe_dagster.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
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
            raise PluginError(
                f'two plugins are named "{name}": {origins[name]} and {origin}; rename one of them'
            )
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


def in_folder(folder: Path, attribute: str) -> dict[str, object]:
    """Everything that a user's folder holds, by file name: one plugin per file, as on our own shelves.

    Args:
        folder: where the files are; one that is not there holds nothing. `_private.py` files are passed over.
        attribute: the name that every file exposes.

    Raises:
        PluginError: a file that cannot be run, or that does not expose `attribute`.
    """
    files = sorted(folder.glob("*.py")) if folder.is_dir() else []
    shown = [each for each in files if not each.name.startswith("_")]
    return {each.stem: _exposed(_loaded(each), attribute, each) for each in shown}


def _loaded(file: Path) -> ModuleType:
    name = f"floe_dagster_plugins.{file.parent.name}.{file.stem}"
    if (known := sys.modules.get(name)) is not None and known.__file__ == str(file.resolve()):
        return known
    spec = importlib.util.spec_from_file_location(name, file.resolve())
    if spec is None or spec.loader is None:
        raise PluginError(f"{file} cannot be imported: it is no Python file")
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up here while the file runs
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise PluginError(f"{file} cannot be imported: {type(error).__name__}: {error}") from error
    return module


def _exposed(module: ModuleType, attribute: str, file: Path) -> object:
    if not hasattr(module, attribute):
        raise PluginError(f"{file} exposes no {attribute}; name it _{file.name} if it is no plugin")
    return getattr(module, attribute)
