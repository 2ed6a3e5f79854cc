"""File: events appended to a file, one line each, as the file transport of the OpenLineage client does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import BaseModel, Field

from floe_dagster.channels._http import Closed
from floe_dagster.delivery.append import append, writable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from floe_dagster.delivery.transports import Outside
    from floe_dagster.state.records import Claim


class Options(Closed):
    """What can be set."""

    path: str = Field(min_length=1, description="the file; a relative path starts at the manifest's folder")


class FileTransport:
    """Appends what was claimed together in one write."""

    options: ClassVar[type[BaseModel]] = Options

    def __init__(self, options: Options, outside: Outside) -> None:
        self._path = outside.root / options.path

    def bundles(self, claims: Sequence[Claim]) -> Iterable[Sequence[Claim]]:
        """See `Transport.bundles`."""
        return (claims,)

    def carry(self, events: Sequence[str]) -> str:
        """See `Transport.carry`."""
        return append(self._path, events)

    def check(self) -> str:
        """See `Transport.check`."""
        return writable(self._path)


TRANSPORT = FileTransport
