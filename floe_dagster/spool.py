"""The spool: outcomes on this machine's disk that the store could not take.

Each batch is a file of its own, one outcome a line, written under another name, synced and then named, so
that whoever reads sees whole batches only; nothing in it is ever changed. It is removed once the store has
it. Only its owner may read it. Whatever is put aside twice is recorded once, since an outcome keeps its id.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from floe_dagster.outcome.wire import from_dict, to_dict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from floe_dagster.outcome.outcome import Outcome
    from floe_dagster.settings import Settings

MOST_BYTES = 64 * 1024 * 1024
"""some 80,000 outcomes; an hour of a large platform"""

_PART = ".part"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What was put aside together.

    Attributes:
        damaged: how many lines of it cannot be read.
    """

    path: Path
    outcomes: tuple[Outcome, ...]
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Spool:
    """A folder of batches.

    Attributes:
        folder: made when it is first needed.
        most_bytes: nothing is put aside beyond that.
    """

    folder: Path
    most_bytes: int = MOST_BYTES

    def put(self, outcomes: Sequence[Outcome], now: datetime) -> Path:
        """Put outcomes aside, on disk for good when this returns.

        Raises:
            OSError: they cannot be written, or the spool is full.
        """
        lines = "".join(json.dumps(to_dict(each), separators=(",", ":")) + "\n" for each in outcomes)
        content = lines.encode()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._bytes() + len(content) > self.most_bytes:
            raise OSError(f"{self.folder} holds {self.most_bytes // 1024**2} MB already, and takes no more")
        name = f"{now:%Y%m%dT%H%M%S%f}-{uuid4().hex}"
        part, path = self.folder / f".{name}{_PART}", self.folder / f"{name}.jsonl"
        try:
            _write(part, content)
            part.rename(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
        _sync(self.folder)
        return path

    def batches(self) -> Iterator[Batch]:
        """What was put aside, the oldest first; what cannot be read as a file is left alone.

        Raises:
            OSError: the folder or a file in it cannot be read.
        """
        for path in self.paths():
            try:
                lines = path.read_text("utf-8", errors="replace").splitlines()
            except FileNotFoundError:
                continue  # somebody else has recorded it in the meantime
            read = [_read(each) for each in lines]
            outcomes = tuple(each for each in read if each is not None)
            yield Batch(path=path, outcomes=outcomes, damaged=len(read) - len(outcomes))

    def done(self, batch: Batch) -> None:
        """The store has this batch; where some of it could not be read, the file is kept under another name.

        Raises:
            OSError: the file cannot be removed; then it is recorded again, which changes nothing.
        """
        if batch.damaged:
            batch.path.rename(batch.path.with_suffix(".damaged"))
        else:
            batch.path.unlink(missing_ok=True)

    def paths(self) -> list[Path]:
        """The files of what was put aside, the oldest first."""
        if not self.folder.is_dir():
            return []
        found = self.folder.glob("*.jsonl")
        return sorted(each for each in found if each.is_file() and not each.is_symlink())

    def _bytes(self) -> int:
        with os.scandir(self.folder) as entries:
            return sum(each.stat(follow_symlinks=False).st_size for each in entries)


def spool_of(settings: Settings) -> Spool:
    """The spool of a project, beside its manifest."""
    return Spool(settings.root / ".floe" / "spool")


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """So that the name is on disk, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(line: str) -> Outcome | None:
    try:
        return from_dict(json.loads(line))
    except (ValueError, RecursionError):
        return None
