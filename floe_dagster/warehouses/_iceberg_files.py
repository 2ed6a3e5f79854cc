"""Iceberg files: what may be read of where a table says that its files are, and by whose credentials.

A table's metadata names its files, and may hold properties that name classes to import, hosts to call and
keys to call them with. None of that is followed: storage is reached as the operator says, or by credentials
that the catalogue hands out for this table, and files of this machine are read in the operator's folder only.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from pyiceberg.io.pyarrow import PyArrowFileIO
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = "floe.folder"
_REMOTE = ("s3", "s3a", "s3n", "oss", "gs", "gcs", "abfs", "abfss", "wasb", "wasbs")
_REGION = ("s3.region", "client.region")
_HANDED_OUT = (
    (
        ("s3.", "client."),
        ("s3.access-key-id", "s3.secret-access-key"),
        ("s3.session-token", "s3.endpoint", "s3.force-virtual-addressing"),
    ),
    (("gcs.",), ("gcs.oauth2.token",), ("gcs.oauth2.token-expires-at", "gcs.project-id")),
    (("adls.",), ("adls.account-name", "adls.sas-token"), ()),
)
"""By kind of store: how its properties begin, what has to be handed out together, and what may be with it."""


class ForbiddenFileError(PermissionError):
    """A table's file is where no file may be read; the message holds its scheme at most."""


class Files(PyArrowFileIO):
    """Reads files of remote stores, and of this machine below one folder; writes nothing."""

    def new_input(self, location: str) -> Any:
        """The file, not yet opened.

        Raises:
            ForbiddenFileError: it is not where files may be read.
        """
        scheme, _, path = self.parse_location(location, self.properties)
        folder = self.properties.get(FOLDER)
        if scheme == "file":
            if not folder or not Path(path).resolve().is_relative_to(folder):
                raise ForbiddenFileError("is on this machine, outside of the folder that is set as warehouse")
        elif scheme not in _REMOTE:
            raise ForbiddenFileError(f"is at {ascii(scheme)[1:12]}://, which is not read here")
        return super().new_input(location)

    def new_output(self, location: str) -> NoReturn:
        """Never.

        Raises:
            ForbiddenFileError: always.
        """
        del location
        raise ForbiddenFileError("is not written: a warehouse only reads")

    def delete(self, location: Any) -> NoReturn:
        """Never.

        Raises:
            ForbiddenFileError: always.
        """
        del location
        raise ForbiddenFileError("is not deleted: a warehouse only reads")


def handed_out(given: Mapping[str, Any], own: Mapping[str, str]) -> dict[str, str]:
    """The credentials for a table's files that its catalogue hands out, where the operator sets none.

    They come whole or not at all, so that no key of the operator's goes to a host of somebody else's.
    """
    found: dict[str, str] = {}
    for prefixes, needed, more in _HANDED_OUT:
        mine = any(each.startswith(prefixes) and each not in _REGION for each in own)
        if not mine and all(given.get(each) for each in needed):
            found |= {each: str(given[each]) for each in (*needed, *more, *_REGION) if given.get(each)}
    return found | {each: own[each] for each in _REGION if each in own}


def patient(seconds: float) -> dict[str, str]:
    """Properties by which a store is not waited for longer than so many seconds, where it knows them."""
    return {"s3.connect-timeout": f"{seconds:g}", "s3.request-timeout": f"{seconds:g}"}


class Guarded:
    """Goes before a catalogue of pyiceberg, and hands out files that are read as is allowed.

    Attributes:
        own: the properties that the operator sets.
        seconds: how long to wait for a store.
        lends: whether the catalogue hands out credentials.
    """

    own: Mapping[str, str]
    seconds: float
    lends: bool

    def _load_file_io(
        self, properties: Mapping[str, Any] | None = None, location: str | None = None
    ) -> Files:
        del location
        lent = handed_out(properties or {}, self.own) if self.lends else {}
        return Files({**patient(self.seconds), **self.own, **lent})


class Patient(HTTPAdapter):
    """Waits for an answer no longer than so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def send(self, *args: Any, **kwargs: Any) -> Any:
        """As for all, within the time."""
        if kwargs.get("timeout") is None:
            kwargs["timeout"] = self._seconds
        return super().send(*args, **kwargs)
