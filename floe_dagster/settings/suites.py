"""Suites: those that a project of Great Expectations keeps as JSON, read by us and within limits.

A name comes out of a contract, and is not trusted: it leads to no file outside of the project.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from floe_dagster.contract.loader import MAX_BYTES
from floe_dagster.contract.wording import meant, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from floe_dagster.contract.model import Stored

MOST_EXPECTATIONS: Final = 500
"""How many expectations of one suite are run."""

_MOST_FILES = 500
_NAME = re.compile(r"(?=.{1,200}\Z)[^\W.][\w +-]*(\.[\w +-]+)*")


class SuiteFolder:
    """The suites of a project; each is read when it is first asked for.

    Args:
        project: the project's folder, in which suites are kept under `expectations`.
    """

    def __init__(self, project: Path) -> None:
        self._folder = project / "expectations"
        self._known: dict[str, Stored] = {}

    def find(self, name: str) -> Stored:
        """The expectations of a suite, or why there are none."""
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def _found(self, name: str) -> Stored:
        if not _NAME.fullmatch(name):
            return f"{quoted(name)} is no name of a suite: letters, digits, dots, dashes and spaces make one"
        if not self._folder.is_dir():
            return (
                f"the suite {quoted(name)} is kept in a project of Great Expectations, and there is no folder"
                f" {self._folder}; set great_expectations.project in floe.yaml"
            )
        # it makes a folder of every dot
        for each in (f"{name.replace('.', '/')}.json", f"{name}.json"):
            path = self._folder / each
            if path.is_file():
                return self._read(path, name)
        return f"there is no suite {quoted(name)} in {self._folder}{meant(name, self._names())}"

    def _read(self, path: Path, name: str) -> Stored:
        if not path.resolve().is_relative_to(self._folder.resolve()):
            return f"the file of the suite {quoted(name)} is a link that leads out of {self._folder}"
        try:
            with path.open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
            if len(raw) > MAX_BYTES:
                return f"{path} is larger than {MAX_BYTES:,} bytes; split the suite {quoted(name)}"
            return _expectations(json.loads(raw), path)
        except OSError as error:
            return f"{path} cannot be read: {error.strerror or error}"
        except (ValueError, RecursionError):
            return f"{path} is no JSON; write the suite {quoted(name)} again with Great Expectations"

    def _names(self) -> Iterator[str]:
        files = (each for each in self._folder.rglob("*.json") if not each.name.startswith("."))
        for _, each in zip(range(_MOST_FILES), files, strict=False):
            yield ".".join(each.relative_to(self._folder).with_suffix("").parts)


def _expectations(document: object, path: Path) -> Stored:
    given = document.get("expectations") if isinstance(document, dict) else None
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        return f"{path} is no suite of Great Expectations: it has no list of expectations"
    if len(given) > MOST_EXPECTATIONS:
        return f"{path} has {len(given)} expectations, and {MOST_EXPECTATIONS} of a suite are run; split it"
    return tuple(given) or f"the suite in {path} is empty"
