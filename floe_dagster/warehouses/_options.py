"""Options: what a contract says of a server, with what the operator adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Cause

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.contract.model import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one server; the operator's come first.

    Attributes:
        server: the contract's name for it.
        root: where relative paths start.
    """

    server: str
    root: Path
    timeout_seconds: float
    values: Mapping[str, object]

    def get(self, name: str) -> str:
        """The option as text; empty where it is not set."""
        value = self.values.get(name)
        return "" if value is None else str(value).strip()

    def need(self, name: str) -> str:
        """The option as text.

        Raises:
            WarehouseError: it is not set.
        """
        return self.get(name) or self.fail(f'"{name}" is not set; write it into the server of the contract')

    def path(self, name: str) -> Path:
        """The option as a path of a local file.

        Raises:
            WarehouseError: it is not set, or no local path.
        """
        text = self.need(name)
        if "://" in text or text.startswith(("md:", ":")) or "\x00" in text:
            self.fail(f'"{name}" has to be the path of a file on this machine')
        return self.root / Path(text).expanduser()

    def shown(self, path: Path) -> str:
        """A path as people know it: from the root where it is below it."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)

    def fail(self, problem: str) -> NoReturn:
        """Raises what is wrong with an option, and says where to mend it.

        Raises:
            WarehouseError: always.
        """
        raise WarehouseError(
            f'server "{self.server}": {problem}, or under connections.{self.server} in floe.yaml',
            cause=Cause.MISCONFIGURED,
        )


def options(
    server: Server,
    *,
    root: Path,
    timeout_seconds: float,
    access: Mapping[str, object],
    known: tuple[str, ...],
) -> Options:
    """The options of a server.

    Args:
        server: as the contract has it.
        root: where relative paths start.
        timeout_seconds: how long to wait for an answer, a connection or a lock.
        access: what the operator sets.
        known: the options that this kind of server has.

    Raises:
        WarehouseError: the operator sets an option that is not known; a contract may hold more than we read.
    """
    for name in access:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(sorted(known))}"
            raise WarehouseError(
                f"connections.{server.name}.{name} in floe.yaml: {server.type} has no such option; {hint}",
                cause=Cause.MISCONFIGURED,
            )
    values = {**server.options, **{name: value for name, value in access.items() if value is not None}}
    return Options(server=server.name, root=root, timeout_seconds=timeout_seconds, values=values)
