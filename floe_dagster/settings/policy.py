"""Policy: the parts of a manifest that decide what is told to whom, read to be tried out on history.

Only the names and types of channels count, so that nothing has to be set that is needed to reach one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from floe_dagster.contract.wording import meant, quoted
from floe_dagster.errors import SettingsError
from floe_dagster.settings.manifest import settings_in, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from floe_dagster.settings.model import Settings

SECTIONS: Final = ("grading", "alerts", "cadence")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may be tried out.

    Attributes:
        settings: a manifest with these sections in the place of its own.
        notes: what of the file does not count, and what it leaves to defaults.
    """

    settings: Settings
    notes: tuple[str, ...] = ()


def load_policy(file: Path, base: Settings, environ: Mapping[str, str] | None = None) -> Policy:
    """Read a policy: a whole manifest, or some sections of one.

    A section stands in the place of that of `base`, whole; one that is not in the file is that of `base`, and
    so are `alerts.channels`.

    Args:
        file: where it stands.
        base: the manifest that it is held against.
        environ: where variables are read; the process's environment where nothing is given.

    Raises:
        SettingsError: it does not exist, holds no section, or cannot be used; the message has every problem
            with its line.
    """
    tree = tree_of(file)
    written: dict[str, Any] = tree.value if isinstance(tree.value, dict) else {}
    values: dict[str, Any] = {name: written[name] for name in SECTIONS if name in written}
    if not values:
        near = "".join(
            f"; {quoted(str(each))} is none of them{meant(str(each), SECTIONS)}" for each in written
        )
        raise SettingsError(f"{file}: there is nothing to try out in it; write {_listed(SECTIONS)}{near}")
    if isinstance(alerts := values.get("alerts"), dict):
        values["alerts"] = {**alerts, "channels": _channels(alerts, base)}
    found = settings_in(file, replace(tree, value=values), os.environ if environ is None else environ)
    settings = base.model_copy(update={name: getattr(found, name) for name in values})
    return Policy(settings=settings, notes=tuple(_notes(file, written, values, found, base)))


def as_policy(settings: Settings, environ: Mapping[str, str] | None = None) -> Settings:
    """A manifest with all of its channels, those too that cannot be used for want of a secret."""
    if not settings.source or not any(each.startswith("channels.") for each in settings.broken):
        return settings
    return load_policy(Path(settings.source), settings, environ).settings


def _channels(alerts: Mapping[str, Any], base: Settings) -> object:
    if "channels" not in alerts:
        return {name: {"type": each.type} for name, each in base.alerts.channels.items()}
    channels = alerts["channels"]
    if not isinstance(channels, dict):
        return channels
    return {name: {"type": each["type"]} if _typed(each) else each for name, each in channels.items()}


def _typed(channel: object) -> bool:
    return isinstance(channel, dict) and "type" in channel


def _notes(
    file: Path, written: Mapping[str, Any], values: Mapping[str, Any], found: Settings, base: Settings
) -> Iterator[str]:
    if ignored := [str(each) for each in written if each not in SECTIONS]:
        yield f"{file.name}: {_listed(ignored)} {'does' if len(ignored) == 1 else 'do'} not count here"
    if same := [each for each in SECTIONS if each not in values]:
        yield f"{file.name} has no {_listed(same)}; what the manifest says there counts"
    for name in values:
        mine, theirs = getattr(found, name), getattr(base, name)
        left = sorted(theirs.model_fields_set - mine.model_fields_set)
        changed = [each for each in left if getattr(mine, each) != getattr(theirs, each)]
        if changed:
            keys = _listed([f"{name}.{each.rstrip('_')}" for each in changed])
            yield f"{file.name} does not say {keys}, as the manifest does; the default counts"


def _listed(names: Any) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else str(last)
