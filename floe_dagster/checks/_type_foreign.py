"""Foreign types: those of engines that we have no list of, and of contracts written for another engine.

`NUMBER(38,0)` is Snowflake's, `INT64` BigQuery's and `Nullable(Int32)` ClickHouse's; sqlglot knows them all.
It is imported here only, and only for a type that the live engine does not know.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from floe_dagster.checks._type_names import Type
from floe_dagster.checks._type_reading import DEEPEST, LONGEST

if TYPE_CHECKING:
    from sqlglot.expressions import DataType

DIALECTS: Final = ("snowflake", "bigquery", "databricks", "mysql", "tsql", "oracle", "clickhouse", "postgres")
"""In which a promise may be written, in the order in which they are tried."""

_CALLED: Final = {"postgresql": "postgres", "mssql": "tsql", "mariadb": "mysql", "awsathena": "athena"}
"""Dialects that SQLAlchemy calls otherwise than sqlglot."""

_NAMES: Final = {
    "INT": "INTEGER",
    "MEDIUMINT": "INTEGER",
    "SERIAL": "INTEGER",
    "BIGSERIAL": "BIGINT",
    "SMALLSERIAL": "SMALLINT",
    "INT128": "HUGEINT",
    "UINT": "UINTEGER",
    "UINT128": "UHUGEINT",
    "TEXT": "VARCHAR",
    "NVARCHAR": "VARCHAR",
    "LONGTEXT": "VARCHAR",
    "MEDIUMTEXT": "VARCHAR",
    "TINYTEXT": "VARCHAR",
    "NCHAR": "CHAR",
    "BPCHAR": "CHAR",
    "BINARY": "BLOB",
    "VARBINARY": "BLOB",
    "LONGBLOB": "BLOB",
    "MEDIUMBLOB": "BLOB",
    "TINYBLOB": "BLOB",
    "TIMESTAMPNTZ": "TIMESTAMP",
    "DATETIME": "TIMESTAMP",
    "DATETIME2": "TIMESTAMP",
    "DATETIME64": "TIMESTAMP",
    "TIMESTAMPLTZ": "TIMESTAMPTZ",
    "LIST": "ARRAY",
}
_EIGHT_BYTES: Final = frozenset({"tsql", "oracle", "snowflake", "bigquery"})
"""Dialects whose FLOAT has eight bytes; a FLOAT of four is what sqlglot takes it for."""


_PLAUSIBLE: Final = re.compile(r"""\s*[^\W\d][\w\s"'`.,:<>()\[\]$-]*""")
"""Whatever holds other characters is no type; sqlglot takes its time to find out."""


def called(engine: str) -> str:
    """An engine as sqlglot calls its dialect."""
    return _CALLED.get(engine, engine)


@lru_cache(maxsize=2048)
def foreign(written: str, dialect: str) -> Type | None:
    """A type as a dialect of sqlglot reads it; None where it is none there, or one of its users."""
    if len(written) > LONGEST or not _PLAUSIBLE.fullmatch(written) or _is_bulky(written):
        return None
    from sqlglot import exp

    try:
        found = exp.DataType.build(written, dialect=dialect)
        return _type(found, dialect) if isinstance(found, exp.DataType) else None
    except Exception:  # noqa: BLE001  a parser of strangers' text, which raises what it likes
        return None


def _is_bulky(written: str) -> bool:
    """Whether it is deeper, or has longer names, than types have; a parser would take its time with it."""
    depth = sum(written.count(each) for each in "(<[.")
    return depth > DEEPEST * 4 or any(len(each.split()) > 8 for each in re.split(r"[(),<>\[\]:]", written))


def _type(found: DataType, dialect: str) -> Type | None:
    from sqlglot import exp

    written = str(getattr(found.this, "value", found.this)).upper()
    if written in ("USERDEFINED", "UNKNOWN", "NULLABLE", "LOWCARDINALITY"):
        inside = found.expressions
        return _type(inside[0], dialect) if inside and isinstance(inside[0], exp.DataType) else None
    parts, arguments = list[tuple[str, Type]](), list[str]()
    for each in found.expressions:
        name, kind = (each.name, each.args.get("kind")) if isinstance(each, exp.ColumnDef) else ("", each)
        if isinstance(kind, exp.DataType):
            part = _type(kind, dialect)
            if part is None:
                return None
            parts.append((name, part))
        elif found.args.get("nested"):
            return None
        else:
            # VARCHAR2(20 CHAR): how it is counted is no length
            arguments.append(each.this.sql() if isinstance(each, exp.DataTypeParam) else each.sql())
    return _named(written, tuple(arguments), tuple(parts), dialect)


def _named(
    written: str, arguments: tuple[str, ...], parts: tuple[tuple[str, Type], ...], dialect: str
) -> Type:
    name = _NAMES.get(written, written)
    if name == "FLOAT":
        digits = int(arguments[0]) if arguments and arguments[0].isdecimal() else 53
        name = "DOUBLE" if dialect in _EIGHT_BYTES and digits > 24 else "REAL"
        return Type(name=name)
    if name in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT"):  # the width that MySQL shows a number in
        arguments = ()
    if name == "DECIMAL" and len(arguments) == 1:
        arguments = (*arguments, "0")
    return Type(name=name, arguments=arguments, parts=parts)
