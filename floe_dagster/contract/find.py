"""Finding: which files are contracts, and what is in them; the only part of this room that reads files."""

from __future__ import annotations

import glob
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from floe_dagster.contract.document import Reading, read, unreadable
from floe_dagster.contract.loader import MAX_BYTES
from floe_dagster.contract.problem import Problem
from floe_dagster.contract.wording import quoted
from floe_dagster.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

SUFFIXES = (".odcs.yaml", ".odcs.yml")


def find(root: Path, patterns: Sequence[str]) -> tuple[Path, ...]:
    """The contract files that patterns name, sorted, each once.

    Args:
        root: where relative patterns start.
        patterns: a folder stands for every `*.odcs.yaml` and `*.odcs.yml` in and below it, hidden folders
            left out; a glob for the files it fits, which may be none; else it is the name of a file.

    Raises:
        UsageError: a file or folder that is named does not exist.
    """
    found: dict[Path, Path] = {}
    for pattern in patterns:
        for each in _files(root, pattern):
            found.setdefault(each.resolve(), each)
    return tuple(sorted(found.values()))


def load(paths: Iterable[Path]) -> tuple[Reading, ...]:
    """Read contracts. Never raises for a file or for what is in it: its reading says what is wrong.

    Two contracts of one id are both in error, since nobody can tell whose outcomes are whose.
    """
    return _without_collisions(tuple(_read_file(path) for path in paths))


def _files(root: Path, pattern: str) -> Iterator[Path]:
    path = root / pattern
    if path.is_dir():
        yield from (
            each for suffix in SUFFIXES for each in path.rglob(f"*{suffix}") if _is_visible(each, path)
        )
    elif path.exists():
        yield path
    elif glob.has_magic(pattern):
        yield from (each for each in map(root.joinpath, _globbed(root, pattern)) if each.is_file())
    else:
        raise UsageError(f"{path}: no such file or folder; name a contract, a folder of contracts or a glob")


def _globbed(root: Path, pattern: str) -> list[str]:
    # Path.glob refuses an absolute pattern, and a pattern is what a user typed
    return glob.glob(pattern, root_dir=root, recursive=True)  # noqa: PTH207


def _is_visible(file: Path, folder: Path) -> bool:
    return file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts[:-1])


def _read_file(path: Path) -> Reading:
    source = str(path)
    if path.exists() and not path.is_file():
        return _not_read(source, "it is not a file; name a file")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            return _not_read(
                source, f"it is larger than {MAX_BYTES:,} bytes; split it", rule="file.too-large"
            )
        return read(content.decode("utf-8-sig"), source)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _not_read(
            source,
            f"byte {error.start} is not UTF-8; save the file as UTF-8",
            rule="file.encoding",
            line=line,
        )
    except OSError as error:
        return _not_read(
            source, f"it cannot be read: {error.strerror or error}; mend its permissions or its name"
        )


def _not_read(source: str, message: str, *, rule: str = "file.unreadable", line: int = 0) -> Reading:
    return unreadable(source, Problem(rule=rule, severity="error", path="", line=line, message=message))


def _without_collisions(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    owners: dict[str, list[Reading]] = defaultdict(list)
    for each in readings:
        if each.contract is not None:
            owners[each.contract.id].append(each)
    return tuple(
        _colliding(each, owners[each.contract.id])
        if each.contract is not None and len(owners[each.contract.id]) > 1
        else each
        for each in readings
    )


def _colliding(reading: Reading, owners: Sequence[Reading]) -> Reading:
    others = ", ".join(each.source for each in owners if each is not reading)
    name = quoted(reading.contract.id if reading.contract else "")
    message = f"the id {name} is also the id of {others}; give each contract an id of its own"
    problem = Problem(
        rule="contract.duplicate-id", severity="error", path="id", line=reading.id_line, message=message
    )
    return replace(reading, contract=None, problems=(*reading.problems, problem))
