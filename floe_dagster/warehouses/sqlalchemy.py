"""SQLAlchemy: any database that SQLAlchemy has a dialect for, by URL, where no other warehouse is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.warehouses._options import options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from floe_dagster.contract.model import Server
    from floe_dagster.plan.metric import Warehouse


class Sqlalchemy:
    """Server type `sqlalchemy`, or whichever has no warehouse of its own; `url` comes from the operator.

    A contract's own `url` is not read: what a contract says must not choose the driver that is loaded.
    """

    types = ("sqlalchemy",)

    def open(
        self, server: Server, *, root: Path, timeout_seconds: float, access: Mapping[str, object]
    ) -> Warehouse:
        """A warehouse at the URL; nothing is connected yet, but the driver is looked for."""
        from floe_dagster.warehouses._core import CoreWarehouse, readable  # noqa: PLC0415  heavy

        known = options(
            server,
            root=root,
            timeout_seconds=timeout_seconds,
            access=access,
            known=("url", "schema", "format"),
        )
        url = str(access.get("url") or "").strip()
        if not url:
            known.fail(
                '"url" is not set; SQLAlchemy needs one, such as dialect+driver://user:password@host/name, '
                f"and reads none of a contract; write it as connections.{server.name}.url"
            )
        return CoreWarehouse(readable(url, known), known)


WAREHOUSE = Sqlalchemy()
