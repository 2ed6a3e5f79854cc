"""Variables: `${NAME}` and `${NAME:-default}` in the manifest's texts, replaced from the environment.

As in a shell, the default stands in where the variable is unset or empty; without a default an empty
variable is an empty text. `$${NAME}` is the text `${NAME}` itself. A replaced value is not looked through
again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from floe_dagster.contract.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from floe_dagster.contract.loader import Steps

_REFERENCE = re.compile(
    r"\$(?P<escaped>\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}|\$\{"
)


class Unusable(Exception):  # noqa: N818
    """Why a text cannot be used, without any value in it."""


def replaced(text: str, environ: Mapping[str, str]) -> str:
    """A text with its variables replaced.

    Raises:
        Unusable: a variable is not set and has no default, or a reference is not closed.
    """
    return _REFERENCE.sub(lambda match: _value(match, text, environ), text)


def _value(match: re.Match[str], text: str, environ: Mapping[str, str]) -> str:
    name, default = match["name"], match["default"]
    if match["escaped"]:
        return "${"
    if name is None:
        hint = "write ${NAME} or ${NAME:-default}, and $${ where you mean the text ${"
        raise Unusable(f"{quoted(text)} has a reference that cannot be read; {hint}")
    value = environ.get(name)
    if value or (value is not None and default is None):
        return value
    if default is None:
        raise Unusable(f"the environment variable {name} is not set; set it, or write ${{{name}:-default}}")
    return default


def replaced_in(
    value: object, environ: Mapping[str, str], path: Steps = ()
) -> tuple[object, tuple[tuple[Steps, str], ...]]:
    """A document with the variables of its texts replaced, and the places left out since that failed."""
    failed: list[tuple[Steps, str]] = []
    return _walk(value, environ, path, failed), tuple(failed)


class _LeftOut:
    """Stands for a value that could not be replaced."""


def _walk(value: object, environ: Mapping[str, str], path: Steps, failed: list[tuple[Steps, str]]) -> object:
    if isinstance(value, dict):
        members = ((key, _walk(each, environ, (*path, key), failed)) for key, each in value.items())
        return {key: each for key, each in members if not isinstance(each, _LeftOut)}
    if isinstance(value, list):
        return list(_kept(value, environ, path, failed))
    if not isinstance(value, str):
        return value
    try:
        return replaced(value, environ)
    except Unusable as reason:
        failed.append((path, str(reason)))
        return _LeftOut()


def _kept(
    entries: list[object], environ: Mapping[str, str], path: Steps, failed: list[tuple[Steps, str]]
) -> Iterator[object]:
    for at, each in enumerate(entries):
        found = _walk(each, environ, (*path, at), failed)
        if not isinstance(found, _LeftOut):
            yield found
