"""The manifest: `floe.yaml` read, with every problem at once and no secret in any of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError

from floe_dagster.contract.loader import MAX_BYTES, Tree, load, spell
from floe_dagster.contract.wording import meant, quoted
from floe_dagster.errors import SettingsError
from floe_dagster.settings.model import Settings
from floe_dagster.settings.openlineage import with_client
from floe_dagster.settings.variables import replaced_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic_core import ErrorDetails

    from floe_dagster.contract.loader import Steps
    from floe_dagster.contract.problem import Problem

_NOT_KEYS: Final = ("root", "source", "broken")
# each of these is a thing of its own: where it cannot be used, everything else goes on
_PARTS: Final[Mapping[Steps, str]] = {
    ("alerts", "channels"): "channels",
    ("connections",): "connections",
    ("lineage", "transports"): "lineage",
}

_Complaint = tuple[tuple[str | int, ...], str]


def load_settings(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the manifest.

    A channel or connection in which a variable is not set is left out, and stands in `Settings.broken`.

    Args:
        path: `floe.yaml`, or the folder that holds it; None for defaults, with the current folder as root.
        environ: where variables are read; the process's environment where nothing is given.

    Raises:
        SettingsError: it does not exist, cannot be read, or cannot be used; the message has every problem.
    """
    if path is None:
        return Settings(root=Path.cwd())
    file = path / "floe.yaml" if path.is_dir() else path
    return settings_in(file, tree_of(file), os.environ if environ is None else environ)


def tree_of(file: Path) -> Tree:
    """A manifest as it was written, every variable still in it; its value is a mapping, or None.

    Raises:
        SettingsError: it does not exist, or cannot be read.
    """
    text = _text(file)
    tree = load(text)
    if tree.problems:
        raise _refusal(
            file, ((each.line, each.path, each.message + _hint(each, text)) for each in tree.problems)
        )
    if not isinstance(tree.value, (dict, type(None))):
        raise _refusal(file, [(1, "", "the manifest is a mapping of keys; see docs/settings.md")])
    return tree


def _hint(problem: Problem, text: str) -> str:
    written = text.splitlines()[problem.line - 1 : problem.line]
    is_cut = problem.rule == "yaml.invalid" and written and "${" in written[0]
    return "; put a value with ${NAME} in quotes where it stands between { and }" if is_cut else ""


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 4).decode("utf-8-sig")
    except FileNotFoundError:
        raise SettingsError(f"{file}: there is no manifest; create the file, an empty one will do") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file}: the manifest is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{file}: the manifest cannot be read: {error.strerror or error}") from None


def settings_in(file: Path, tree: Tree, environ: Mapping[str, str]) -> Settings:
    """What a manifest says, or a part of one.

    Args:
        file: where it stands.
        tree: as it was written.
        environ: where variables are read.

    Raises:
        SettingsError: it cannot be used; the message has every problem.
    """
    values, failed = replaced_in(tree.value or {}, environ)
    assert isinstance(values, dict)
    broken, complaints = _set_aside(values, failed)
    for key in (each for each in _NOT_KEYS if each in values):
        del values[key]
        complaints.append(((key,), _unknown((key,))))
    given = {**values, "root": file.parent, "source": str(file), "broken": broken}
    settings, wrong = _validated(given, tree, {path for path, _ in failed})
    complaints += [*wrong, *_unknown_channels(values, broken)]
    if settings is None or complaints:
        raise _refusal(file, ((tree.line(path), spell(path), message) for path, message in complaints))
    return with_client(settings, environ)


def _refusal(file: Path, problems: Iterable[tuple[int, str, str]]) -> SettingsError:
    lines = [
        f"{file}:{line}: {key}: {text}" if key else f"{file}:{line}: {text}"
        for line, key, text in sorted(problems)
    ]
    return SettingsError("\n".join(dict.fromkeys(lines)))


def _set_aside(
    values: dict[str, Any], failed: Iterable[_Complaint]
) -> tuple[dict[str, str], list[_Complaint]]:
    """Take each channel or connection that lacks a variable out of the values; the rest is a complaint."""
    broken: dict[str, str] = {}
    complaints: list[_Complaint] = []
    for path, reason in failed:
        part = next((each for each in _PARTS if path[: len(each)] == each and len(path) > len(each)), None)
        if part is None:
            complaints.append((path, reason))
            continue
        name = path[len(part)]
        broken.setdefault(f"{_PARTS[part]}.{name}", f"{spell(path)}: {reason}")
        entries: Any = values
        for step in part:
            entries = entries[step]
        entries.pop(name, None)
    return broken, complaints


def _validated(
    given: dict[str, Any], tree: Tree, left_out: set[Steps]
) -> tuple[Settings | None, list[_Complaint]]:
    try:
        return Settings.model_validate(given), []
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        return None, [each for each in (_complaint(one, tree) for one in errors) if each[0] not in left_out]


def _complaint(error: ErrorDetails, tree: Tree) -> _Complaint:
    path: Steps = error["loc"]
    if error["type"] == "extra_forbidden":
        return path, _unknown(path)
    if error["type"] == "missing":
        return path[:-1], f"{quoted(str(path[-1]))} is missing; add it"
    if path not in tree.lines:
        # the last step names an alternative of a union, and only a connection's options are one
        return path[:-1], f"{_written(tree, path[:-1])} is not text, a number, true or false"
    return path, f"{_written(tree, path)} {_fault(error)}"


def _written(tree: Tree, path: Steps) -> str:
    """What stands in the file, variables and all; never what a variable held."""
    found: Any = tree.value
    for step in path:
        found = found[step]
    return tree.texts.get(path) or quoted(found)


def _fault(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "literal_error":
            return f"is not one of {context['expected']}"
        case "greater_than_equal":
            return f"is too small; the least is {context['ge']}"
        case "less_than_equal":
            return f"is too large; the most is {context['le']}"
        case "tuple_type":
            return 'is no list; begin each entry with "- "'
        case "model_type" | "dict_type":
            return "is no mapping of keys"
    return error["msg"].replace("Input should be", "should be")


def _unknown(path: Steps) -> str:
    return f"unknown key{meant(str(path[-1]), _keys(path[:-1]))}"


def _keys(path: Steps) -> list[str]:
    """The keys that the manifest knows at a place."""
    model: type[BaseModel] = Settings
    steps = iter(path)
    for step in steps:
        if isinstance(step, int):
            continue
        field = next(each for name, each in model.model_fields.items() if step in (name, each.alias))
        model = next(_models(field.annotation), model)
        if get_origin(field.annotation) is dict:
            next(steps, None)
    names = (each.alias or name for name, each in model.model_fields.items())
    return [each for each in names if model is not Settings or each not in _NOT_KEYS]


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            yield each


def _unknown_channels(values: dict[str, Any], broken: Mapping[str, str]) -> Iterator[_Complaint]:
    """Routes to channels that are nowhere; a broken channel is somewhere."""
    alerts = values.get("alerts")
    alerts = alerts if isinstance(alerts, dict) else {}
    channels, incidents = alerts.get("channels"), alerts.get("incidents")
    known = [*(channels if isinstance(channels, dict) else ())]
    known += [each.removeprefix("channels.") for each in broken if each.startswith("channels.")]
    named: list[tuple[tuple[str | int, ...], object]] = [
        (("alerts", part, at, "channels"), route.get("channels"))
        for part in ("routes", "support")
        for at, route in enumerate(_listed(alerts.get(part)))
        if isinstance(route, dict)
    ]
    if isinstance(incidents, dict):
        named.append((("alerts", "incidents", "overdue"), incidents.get("overdue")))
    for path, names in named:
        for place, name in enumerate(_listed(names)):
            if isinstance(name, str) and name not in known:
                yield (*path, place), f"there is no channel of this name{meant(name, known)}"


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
