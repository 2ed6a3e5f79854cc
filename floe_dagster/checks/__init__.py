"""The shelf of check kinds: one file each, exposing `KIND`, all of them pure.

Yours stand in the `checks/` of your project, in the same shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from floe_dagster.errors import PluginError
from floe_dagster.plan.check import CheckKind
from floe_dagster.plugins import in_folder, on_shelf

if TYPE_CHECKING:
    from pathlib import Path


def load_kinds(folder: Path | None = None) -> dict[str, CheckKind]:
    """Every check kind by name: ours, those of installed distributions (`floe.checks`), those in `folder`.

    Args:
        folder: the project's own `checks/`; one that is not there holds nothing.

    Raises:
        PluginError: a kind that cannot be imported, that is no check kind, or whose name is taken.
    """
    ours = on_shelf("floe_dagster.checks", "KIND", "floe.checks")
    found = dict[str, CheckKind]()
    for name, plugin in (*ours.items(), *(in_folder(folder, "KIND").items() if folder else ())):
        kind = _kind(name, plugin)
        if kind.name in found:
            raise PluginError(
                f'two check kinds are named "{kind.name}"; rename the one in {folder or "the plugin"}'
            )
        found[kind.name] = kind
    return found


def _kind(name: str, plugin: object) -> CheckKind:
    lacking = [each for each in ("name", "cadence_seconds", "compile", "judge") if not hasattr(plugin, each)]
    if lacking:
        raise PluginError(f'the KIND of "{name}" is no check kind: it has no {" and no ".join(lacking)}')
    return cast("CheckKind", plugin)
