"""Append: carries lines to a file, all of them in one write."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from floe_dagster.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def append(path: Path, lines: Iterable[str]) -> str:
    """Append the lines, creating the file and its folders where they are missing.

    Lines of several processes never mix, since each call is one write at the end of the file. A line that a
    crash or a full disk has torn is ended first, so that it spoils no other.

    Raises:
        DeliveryError: the file cannot be written; the lines may be carried again.
    """
    data = "".join(f"{each}\n" for each in lines).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            written = os.write(handle, (b"\n" if _torn(handle) else b"") + data)
        finally:
            os.close(handle)
    except OSError as error:
        raise DeliveryError(f"{path} cannot be written: {error.strerror or error}") from error
    if written < len(data):
        raise DeliveryError(f"{path} took {written} of {len(data)} bytes; is the disk full?")
    return "appended"


def writable(path: Path) -> str:
    """Whether lines could be appended; nothing is written. Returns what was found.

    Raises:
        DeliveryError: they could not.
    """
    there = path if path.exists() else next(each for each in path.parents if each.exists())
    if path.is_dir() or not os.access(there, os.W_OK):
        raise DeliveryError(f"{path} cannot be written")
    return f"{path} can be written"


def _torn(handle: int) -> bool:
    end = os.lseek(handle, 0, os.SEEK_END)
    if end == 0:
        return False
    os.lseek(handle, -1, os.SEEK_END)
    return os.read(handle, 1) != b"\n"
