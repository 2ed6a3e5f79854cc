"""Naming: what OpenLineage calls a dataset, so that its consumers join our events with everybody else's.

The rules are OpenLineage's own, by the classes of its client. Files have the name of their path as it is
written in the contract or the manifest, so that a checkout elsewhere is the same dataset; a table in a DuckDB
or SQLite file, for which OpenLineage has no rule, is named as if the file were a folder of tables. Where
there is no rule, or a part that it needs is missing, the namespace is `<type>://<host>` and the name the
qualified table.
"""

from __future__ import annotations

from posixpath import normpath, splitext
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from floe_dagster.contract.model import Dataset, Server


class _Rule(Protocol):
    def get_namespace(self) -> str: ...
    def get_name(self) -> str: ...


def name_of(dataset: Dataset, server: Server | None, access: Mapping[str, object]) -> tuple[str, str]:
    """Namespace and name of a dataset.

    Args:
        dataset: as the contract has it.
        server: where it is, or None where the contract names no server.
        access: what the manifest overrides of the server's options; credentials in it are not read.
    """
    if server is None:
        return "floe", dataset.physical_name
    kind = str(access.get("type") or server.type).lower()
    options = {
        name: str(value) for name, value in {**server.options, **access}.items() if value not in (None, "")
    }
    try:
        rule = _rule(kind, options, dataset.physical_name)
    except ValueError:
        rule = None
    if rule is not None:
        return rule.get_namespace(), rule.get_name()
    place = options.get("host") or options.get("account") or server.name
    parts = ("catalog", "project", "database", "schema", "namespace")
    known = [options[each] for each in parts if each in options]
    return f"{kind}://{place}", ".".join(_parts(dataset.physical_name, *known))


def _rule(kind: str, options: Mapping[str, str], table: str) -> _Rule | None:
    """The official rule, or None where there is none; ValueError where it needs a part that is missing."""
    from openlineage.client.naming import dataset as official

    def part(name: str, default: str = "") -> str:
        return options.get(name, default)

    match kind:
        case "postgres" | "postgresql":
            database, schema, name = _parts(table, part("database"), part("schema", "public"))
            return official.Postgres(part("host"), part("port", "5432"), database, schema, name)
        case "mysql":
            database, name = _parts(table, part("database"))
            return official.MySQL(part("host"), part("port", "3306"), database, name)
        case "trino" | "presto":
            catalog, schema, name = _parts(table, part("catalog"), part("schema"))
            return official.Trino(part("host"), part("port", "8080"), catalog, schema, name)
        case "bigquery":
            return official.BigQuery(*_parts(table, part("project"), part("dataset")))
        case "snowflake":
            organization, account = part("account").split("-", 1)
            database, schema, name = _parts(table, part("database"), part("schema"))
            return official.Snowflake(organization, account, database, schema, name)
        case "duckdb" | "sqlite" | "custom":
            file = (
                part("database")
                or part("path")
                or (part("url") or part("location")).removeprefix("sqlite:///")
            )
            inside = ".".join(_parts(table, *filter(None, [part("schema")])))
            return official.LocalFileSystem(_path(file, inside))
        case "local":
            return official.LocalFileSystem(_local(part("path"), table))
        case _:
            return None


def _parts(table: str, *around: str) -> tuple[str, ...]:
    """The qualified name in parts, those that `table` itself does not say taken from what is around it."""
    own = table.split(".")
    return (*around[: max(0, len(around) + 1 - len(own))], *own)


def _local(path: str, table: str) -> str:
    """The files of one dataset: named by the path, or by the dataset's name in a folder."""
    if "{model}" in path:
        return normpath(path.replace("{model}", table))
    return normpath(path) if path and (splitext(path)[1] or "*" in path) else _path(path, table)


def _path(path: str, inside: str) -> str:
    if not path:
        raise ValueError("a file without a path has no name")
    return normpath(f"{path}/{inside}")
