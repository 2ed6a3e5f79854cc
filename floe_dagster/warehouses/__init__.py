"""The shelf of warehouses: one file each, exposing `WAREHOUSE`. The only rooms that read data."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, cast

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Cause, Warehouse
from floe_dagster.plugins import on_shelf

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from floe_dagster.contract.model import Server

NO_ACCESS: Mapping[str, object] = MappingProxyType({})


class WarehouseKind(Protocol):
    """What a file on this shelf exposes as `WAREHOUSE`.

    Attributes:
        types: the server types of contracts that it can open.
    """

    types: tuple[str, ...]

    def open(
        self, server: Server, *, root: Path, timeout_seconds: float, access: Mapping[str, object]
    ) -> Warehouse:
        """A warehouse for this server, not yet connected.

        Raises:
            WarehouseError: the options cannot be understood.
        """


def open_warehouse(
    server: Server, *, root: Path, timeout_seconds: float, access: Mapping[str, object] = NO_ACCESS
) -> Warehouse:
    """The warehouse that this server names, not yet connected: that happens with the first question.

    Args:
        server: as the contract has it.
        root: where relative paths start.
        timeout_seconds: how long one statement, and the wait for a connection or a lock, may take.
        access: what the operator adds to or overrides of the server's options (`connections.<server>` in
            floe.yaml), its `type` included.

    Raises:
        WarehouseError: no warehouse for this type of server, or an option that it does not have.
    """
    kinds = _kinds()
    wanted = _wanted(server, access, kinds)
    if wanted not in kinds:
        near = get_close_matches(wanted, kinds, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"known types: {', '.join(sorted(kinds))}"
        raise WarehouseError(
            f'server "{server.name}" has type "{wanted}", for which there is no warehouse; {hint}',
            cause=Cause.MISCONFIGURED,
        )
    rest = {name: value for name, value in access.items() if name != "type"}
    return kinds[wanted].open(server, root=root, timeout_seconds=timeout_seconds, access=rest)


def _wanted(server: Server, access: Mapping[str, object], kinds: Mapping[str, WarehouseKind]) -> str:
    """The type to open it as: SQLAlchemy's where that is said, or where a URL is and nothing else fits."""
    wanted = str(access.get("type") or server.type).lower()
    said = str(access.get("format") or server.options.get("format") or "").lower()
    if (wanted == "custom" and said == "sqlalchemy") or (wanted not in kinds and access.get("url")):
        return "sqlalchemy"
    return wanted


@cache
def _kinds() -> dict[str, WarehouseKind]:
    shelf = cast("dict[str, WarehouseKind]", on_shelf(__name__, "WAREHOUSE", "floe.warehouses"))
    return {name: kind for kind in shelf.values() for name in kind.types}
