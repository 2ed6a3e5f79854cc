"""Iceberg: tables of a catalogue, answered from their metadata where that is enough, else scanned by DuckDB.

Where the catalogue is, and every credential, is the operator's alone. What a contract may say is which
namespace of it, and which of several catalogues or warehouses that one address serves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from floe_dagster.warehouses._iceberg import IcebergWarehouse, Lake
from floe_dagster.warehouses._options import Options, options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from floe_dagster.contract.model import Server

_KNOWN = ("catalog", "catalogUrl", "catalogType", "namespace", "warehouse")
_TYPES = ("rest", "sql", "glue", "hive")
_PROPERTY = re.compile(
    r"(s3|gcs|adls|glue|client|hive|header)\.[\w.-]+"
    r"|rest\.(sigv4-enabled|signing-name|signing-region)"
    r"|token|credential|scope|audience|resource|oauth2-server-uri"
)
"""Properties of pyiceberg that the operator may set; none of them names code that would be imported."""


class Iceberg:
    """Server type `iceberg`: `namespace`, `catalog`, `warehouse`; of the operator `catalogUrl` and the rest.

    A contract's own `catalogUrl` is not read: whom to ask, and to whom credentials go, is not the contract's
    to say. Properties of pyiceberg such as `s3.region` or `token` are the operator's, too.
    """

    types = ("iceberg",)

    def open(
        self, server: Server, *, root: Path, timeout_seconds: float, access: Mapping[str, object]
    ) -> IcebergWarehouse:
        """A warehouse on the catalogue; nothing is connected yet."""
        known = options(
            server,
            root=root,
            timeout_seconds=timeout_seconds,
            access={name: value for name, value in access.items() if not _is_property(name)},
            known=_KNOWN,
        )
        url, kind = str(access.get("catalogUrl") or "").strip(), str(access.get("catalogType") or "").lower()
        if not url and kind != "glue":
            known.fail(
                '"catalogUrl" is not set; where the catalogue is, and who gets its credentials, is not read '
                f"of a contract; write it as connections.{server.name}.catalogUrl"
            )
        if kind not in ("", *_TYPES):
            known.fail(f'catalogType "{kind[:20]}" is not known; write one of {", ".join(_TYPES)}')
        return IcebergWarehouse(
            Lake(
                kind=kind or _kind_of(url),
                url=url,
                name=known.get("catalog") or "default",
                namespace=tuple(each for each in known.get("namespace").split(".") if each),
                warehouse=known.get("warehouse"),
                folder=_folder(str(access.get("warehouse") or "").strip(), known),
                properties={
                    name: _written(value)
                    for name, value in access.items()
                    if _is_property(name) and value is not None
                },
                known=known,
            )
        )


def _is_property(name: str) -> bool:
    return _PROPERTY.fullmatch(name) is not None and not name.endswith(("-impl", ".signer"))


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind_of(url: str) -> str:
    """The type of catalogue that an address is of."""
    scheme = url.partition(":")[0].lower()
    return {"http": "rest", "https": "rest", "thrift": "hive"}.get(scheme, "sql")


def _folder(warehouse: str, known: Options) -> Path | None:
    """The folder of this machine below which files may be read; none where the operator names none."""
    local = warehouse.removeprefix("file://")
    return (known.root / local).resolve() if local and "://" not in local else None


WAREHOUSE = Iceberg()
