"""Files: which files of a folder belong to a dataset."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from floe_dagster.plan.metric import Cause, NotMeasured
from floe_dagster.warehouses._dialect import is_foreign

if TYPE_CHECKING:
    from floe_dagster.warehouses._options import Options

_SUFFIXES = {"ndjson": "jsonl", "tsv": "csv", "pq": "parquet"}

Stamp = tuple[tuple[str, int, int], ...]
"""The path, size and time of every file; where it is the same, so are the files."""


@dataclass(frozen=True, slots=True)
class Found:
    """The files of one dataset, or why there are none."""

    files: tuple[Path, ...] = ()
    gap: NotMeasured | None = None

    @property
    def stamp(self) -> Stamp:
        """What tells whether any of them changed.

        Raises:
            OSError: one of them is gone.
        """
        stats = ((path, path.stat()) for path in self.files)
        return tuple((str(path), each.st_size, each.st_mtime_ns) for path, each in stats)


def format_of(known: Options) -> str:
    """The format that is set, else the one that the path ends with."""
    named = known.get("format").lower() or Path(known.get("path")).suffix.lstrip(".").lower()
    return _SUFFIXES.get(named, named)


def find(name: str, known: Options) -> Found:
    """The files of a dataset.

    Raises:
        WarehouseError: the path is not set, or not one of this machine.
    """
    path = str(known.path("path"))
    if any(each in name for each in ("/", "\\")) or name in ("", ".", "..") or is_foreign(name):
        said = f'"{ascii(name)[1:-1]}" cannot be the name of a file; change physicalName'
        return Found(gap=NotMeasured(Cause.MISCONFIGURED, said))
    patterns = _patterns(path, name, known)
    paths = {Path(each) for pattern in patterns for each in glob.iglob(pattern, recursive=True)}  # noqa: PTH207  may be absolute
    files = sorted(each for each in paths if each.is_file())
    return Found(tuple(files)) if files else Found(gap=_missing(patterns[0], known))


def _missing(pattern: str, known: Options) -> NotMeasured:
    folder = _fixed_folder(pattern)
    if not folder.is_dir():
        said = f"there is no folder {known.shown(folder)}; correct the path"
        return NotMeasured(Cause.UNREACHABLE, said)
    said = f"there is no file {known.shown(Path(pattern))}; write it, or correct path or physicalName"
    return NotMeasured(Cause.NO_DATASET, said)


def _patterns(path: str, name: str, known: Options) -> list[str]:
    """Where to look for the files of a dataset; in a folder, by its name."""
    escaped = glob.escape(name)
    if "{model}" in path:
        return [path.replace("{model}", escaped)]
    if Path(path).is_dir():
        suffix, folder = format_of(known), glob.escape(path)
        return [f"{folder}/{escaped}.{suffix}", f"{folder}/{escaped}", f"{folder}/{escaped}/**/*.{suffix}"]
    return [path]


def _fixed_folder(pattern: str) -> Path:
    """The part of a pattern that names one folder."""
    folder = Path(pattern).parent
    while glob.has_magic(str(folder)):
        folder = folder.parent
    return folder
