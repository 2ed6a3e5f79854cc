"""Iceberg catalogues: opened as the operator says, and looked through for the tables of a contract."""

from __future__ import annotations

import time
from dataclasses import replace
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pyiceberg.exceptions import NoSuchIcebergTableError, NoSuchNamespaceError, NoSuchTableError

from floe_dagster.errors import WarehouseError
from floe_dagster.plan.metric import Cause, NotMeasured
from floe_dagster.warehouses._catalogue import LiveTable, Row, catalogue
from floe_dagster.warehouses._core import readable
from floe_dagster.warehouses._deadline import within
from floe_dagster.warehouses._dialect import is_foreign
from floe_dagster.warehouses._iceberg_errors import of_catalogue, of_table
from floe_dagster.warehouses._iceberg_files import FOLDER, Files, Guarded, Patient, patient
from floe_dagster.warehouses._iceberg_tables import LakeTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from floe_dagster.warehouses._iceberg import Lake

_CLASSES = {
    "rest": ("pyiceberg.catalog.rest", "RestCatalog"),
    "sql": ("pyiceberg.catalog.sql", "SqlCatalog"),
    "glue": ("pyiceberg.catalog.glue", "GlueCatalog"),
    "hive": ("pyiceberg.catalog.hive", "HiveCatalog"),
}
_MOST_WAITED_FOR = 2
Name = tuple[str, ...]


class _Rest(Guarded):
    """A REST catalogue: what it says of storage counts, and it is not waited for without end."""

    def _create_session(self) -> Any:
        session = super()._create_session()  # type: ignore[misc]
        for scheme in ("http://", "https://"):
            session.mount(scheme, Patient(self.seconds))
        return session


def opened(lake: Lake) -> Any:
    """The catalogue, connected.

    Raises:
        WarehouseError: it cannot be reached, or not be opened so.
    """
    seconds = lake.known.timeout_seconds
    own = {**lake.properties, **({FOLDER: str(lake.folder)} if lake.folder else {})}
    url = _sql_url(lake) if lake.kind == "sql" else lake.url
    reader = f"{Files.__module__}.{Files.__name__}"
    properties = {**patient(seconds), **own, "py-io-impl": reader, "init_catalog_tables": "false"}
    properties |= {"uri": url} if url else {}
    properties |= {"warehouse": lake.warehouse} if lake.kind == "rest" and lake.warehouse else {}
    try:
        module, name = _CLASSES[lake.kind]
        kind = getattr(import_module(module), name)
        guard = _Rest if lake.kind == "rest" else Guarded
        guarded = type(name, (guard, kind), {"own": own, "lends": lake.kind == "rest", "seconds": seconds})
        return within(seconds, lambda: guarded(lake.name, **properties))
    except Exception as error:
        raise of_catalogue(error, lake) from error


def tables(
    names: Sequence[str], mentioned: Iterable[str], catalog: Any, lake: Lake
) -> dict[str, LakeTable | NotMeasured]:
    """The tables by the names that they are asked by, or why there are none; each is loaded once.

    Args:
        names: what is asked for.
        mentioned: what else a query names, which may be no table at all.
        catalog: as `opened` gave it.
        lake: where it is.
    """
    there: dict[str, LakeTable | NotMeasured] = {}
    for each in names:
        there[each] = _patiently(each, there, catalog, lake)
    for each in mentioned:
        also = found(each, catalog, lake, hint=False) if each not in there else there[each]
        if not isinstance(also, NotMeasured):
            there[each] = also
    first: dict[Name, LakeTable] = {}
    return {
        name: each if isinstance(each, NotMeasured) else first.setdefault(each.identifier, each)
        for name, each in there.items()
    }


def _patiently(
    name: str, there: Mapping[str, LakeTable | NotMeasured], catalog: Any, lake: Lake
) -> LakeTable | NotMeasured:
    """The table, unless so many were waited for in vain that the others would be, too."""
    late = [each for each in there.values() if isinstance(each, NotMeasured) and each.cause is Cause.TIMEOUT]
    return late[-1] if len(late) >= _MOST_WAITED_FOR else found(name, catalog, lake)


def found(name: str, catalog: Any, lake: Lake, *, hint: bool = True) -> LakeTable | NotMeasured:
    """A table, its metadata loaded, or why there is none.

    Args:
        name: as the contract has it: of the server's namespace, or with a namespace before it.
        catalog: as `opened` gave it.
        lake: where it is.
        hint: look for names that are near where there is none.
    """
    start = time.perf_counter()
    names = tuple(_identifiers(name, lake))
    if not names:
        said = f'"{ascii(name)[1:-1]}" names no table of a namespace; set "namespace", or change physicalName'
        return NotMeasured(Cause.MISCONFIGURED, said)
    try:
        return within(lake.known.timeout_seconds, lambda: _look(name, names, catalog, lake, start, hint=hint))
    except Exception as error:  # noqa: BLE001  a table that cannot be read disturbs no other
        return of_table(error, name, lake)


def _look(
    name: str, names: tuple[Name, ...], catalog: Any, lake: Lake, start: float, *, hint: bool
) -> LakeTable | NotMeasured:
    for each in names:
        table = _loaded(each, catalog)
        if table is not None:
            seconds = lake.known.timeout_seconds
            return LakeTable(name, table, took=time.perf_counter() - start, limit=seconds)
    if not hint:
        return NotMeasured(Cause.NO_DATASET, f'no table "{name}"')
    there = _near(names[0], catalog)
    if isinstance(there, NotMeasured):
        return there
    return _look(name, ((*names[0][:-1], there),), catalog, lake, start, hint=False)


def _loaded(name: Name, catalog: Any) -> Any:
    try:
        return catalog.load_table(name)
    except NoSuchIcebergTableError:
        raise
    except (NoSuchTableError, NoSuchNamespaceError):
        return None


def _identifiers(name: str, lake: Lake) -> Iterator[Name]:
    """What the name may mean, the likeliest first."""
    parts = tuple(name.split("."))
    candidates = [parts] if len(parts) > 1 else []
    if len(parts) > 2 and parts[0] == lake.name:
        candidates.insert(0, parts[1:])
    if lake.namespace:
        candidates.append((*lake.namespace, name))
    for each in candidates:
        odd = any(not part or not part.isprintable() or is_foreign(part) or "/" in part for part in each)
        if not odd:
            yield each


def _near(name: Name, catalog: Any) -> str | NotMeasured:
    """The table's name in another case where that names exactly one; else what is near."""
    *namespace, table = name
    schema = ".".join(namespace)
    try:
        names = sorted(str(each[-1]) for each in catalog.list_tables(tuple(namespace)))
    except NoSuchNamespaceError:
        return _no_namespace(schema, catalog)
    rows = [
        Row(schema, each, None, None, None, nullable=True, primary_key=0, bytewise=False) for each in names
    ]
    known = catalogue((table,), rows, default_schema=schema, folding="any").table(table)
    if isinstance(known, LiveTable):
        return known.name
    return replace(known, reason=known.reason.replace(" in schema ", " in namespace ", 1))


def _no_namespace(schema: str, catalog: Any) -> NotMeasured:
    names = sorted(".".join(each) for each in catalog.list_namespaces())
    near = get_close_matches(schema, names, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(names[:5]) or 'none'}"
    return NotMeasured(Cause.NO_DATASET, f'no namespace "{schema}" in the catalogue; {hint}')


def _sql_url(lake: Lake) -> str:
    """The address of a catalogue in a database, over which nothing is written where that can be said.

    Raises:
        WarehouseError: it is no URL, its driver is missing, or its SQLite file is.
    """
    try:
        url = readable(lake.url, lake.known)
    except WarehouseError as error:
        raise WarehouseError(error.message.replace('"url"', '"catalogUrl"'), error.cause) from error
    wait = max(2, round(lake.known.timeout_seconds))
    match url.get_backend_name(), url.get_driver_name():
        case "sqlite", "pysqlite":
            path = lake.known.root.absolute() / (url.database or "")
            if not path.is_file():
                said = (
                    f"there is no SQLite file {lake.known.shown(path)} with a catalogue; correct catalogUrl"
                )
                raise WarehouseError(said, cause=Cause.UNREACHABLE)
            url = url.set(database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
            url = url.update_query_dict({"timeout": f"{lake.known.timeout_seconds:g}"})
        case "postgresql", "psycopg2" | "psycopg":
            settings = f"-c default_transaction_read_only=on -c statement_timeout={wait * 1000}"
            url = url.update_query_dict({"connect_timeout": str(wait), "options": settings})
    return url.render_as_string(hide_password=False)
