"""Trouble: what a database says when something is wrong, in words that say what to do."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError, StatementError

from floe_dagster.errors import StoreError
from floe_dagster.state.address import PATIENCE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUSY = f"another process has been writing for {PATIENCE_SECONDS} s; try again, and see which one it is"
_FULL = "the disk is full; free some space, nothing that was recorded is lost"
_TAKES_NOTHING = (
    "the disk does not take what is written; see that it is well and has room, nothing recorded is lost"
)
_READ_ONLY = "it cannot be written; give this user the right to write the file and its folder"
_DAMAGED = "it is not a store, or is damaged; put a backup in its place, or name another one"
_REFUSED = "this user may not do that; grant it all rights on the tables whose names begin with floe_"

_SQLITE = (
    ("database is locked", _BUSY),
    ("disk is full", _FULL),
    ("disk I/O error", _TAKES_NOTHING),
    ("readonly database", _READ_ONLY),
    (
        "unable to open database file",
        "it cannot be opened; give this user the right to read and write its folder",
    ),
    ("not a database", _DAMAGED),
    ("malformed", _DAMAGED),
)
_POSTGRES = {
    "55P03": _BUSY,
    "53100": _FULL,
    "25006": "it is read-only, a replica perhaps; name the one that can be written",
    "42501": _REFUSED,
}


@contextmanager
def told_as_store_error(place: str) -> Iterator[None]:
    """What SQLAlchemy raises in this block, as a `StoreError` that names the place."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{place}: {error.strerror or error}; check the path and the rights on it"
        ) from error
    except SQLAlchemyError as error:
        if isinstance(error, StatementError) and isinstance(error.orig, ValueError):
            raise error.orig from None  # a value that must not be: the caller's mistake, not the store's
        # What a driver says while it connects may quote what it connects with; nobody but us should see that.
        quoting = isinstance(error, OperationalError | InterfaceError)
        raise StoreError(f"{place}: {_words(error)}") from (None if quoting else error)


def _words(error: SQLAlchemyError) -> str:
    if not isinstance(error, DBAPIError):
        return f"{type(error).__name__}: {_first_line(error)}"
    said, code = _first_line(error.orig), getattr(error.orig, "pgcode", None)
    for part, words in _SQLITE:
        if part in said:
            return words
    if code in _POSTGRES:
        return _POSTGRES[code]
    if isinstance(error, OperationalError | InterfaceError):
        return f"it does not answer: {said}"
    return said


def _first_line(error: object) -> str:
    return next(iter(str(error).splitlines()), "no reason given")
