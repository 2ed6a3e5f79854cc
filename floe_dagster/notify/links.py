"""Links: pages that an alert leads to. What a contract names is followed nowhere but to http and https."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from floe_dagster.contract.model import Contract

PROPERTY = "floe.runbook"
"""The custom property of a contract, or of a dataset, that names a page of its own."""

_LONGEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Where pages are, as the manifest says; empty for nowhere.

    Attributes:
        runbook: with `{kind}` for the kind of the check.
        source: with `{path}` for the contract's file and `{line}` for the line.
    """

    runbook: str = ""
    source: str = ""

    def of_kind(self, kind: str, dataset: str, contract: Contract | None) -> str | None:
        """What to do: the page that the dataset names, or the contract, or the platform's for this kind."""
        found = contract.dataset(dataset) if contract else None
        own = (each.custom.get(PROPERTY) for each in (found, contract) if each)
        if named := next((each for each in own if isinstance(each, str) and is_page(each)), None):
            return named
        return self.runbook.replace("{kind}", quote(kind, safe="", errors="replace")) or None

    def of_line(self, source: str, line: int) -> str | None:
        """Where the promise can be read; None for a file outside of the manifest's folder."""
        path = PurePosixPath(source)
        outside = path.is_absolute() or ".." in path.parts or PureWindowsPath(source).drive
        if not self.source or not source or outside:
            return None
        there = self.source.replace("{path}", quote(source, safe="/", errors="replace"))
        return there.replace("{line}", str(max(line, 1)))


def is_page(url: str) -> bool:
    """Whether anybody may be sent to this URL: http or https, with a host and without a password."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and not set(url) & set(" <>\"'`|\\{}^")
    return bool(known and plain and not (parts.username or parts.password) and len(url) <= _LONGEST)
