"""Names of types: what the names that an engine has for its types mean, in one vocabulary for all engines.

What an engine takes two names for is one type here, however it is called in the catalogue; what it keeps no
length of has none, and what it fills in where none is written has that. A name that an engine does not know
is nobody's here, and may be a type of its users.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from floe_dagster.checks._type_reading import ARRAY, Tree

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY_LENGTH: Final = ("unlimited",)
"""The argument of text and decimals that are known to have no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A type, whatever it is called.

    Attributes:
        name: in the vocabulary of this module; what no engine knows stays as it is written.
        arguments: none where a promise names none, or an engine keeps none.
        parts: as in the tree.
        known: whether the engine has a type of that name.
    """

    name: str
    arguments: tuple[str, ...] = ()
    parts: tuple[tuple[str, Type], ...] = ()
    known: bool = True

    @property
    def all_known(self) -> bool:
        """Whether the engine knows it, and all that is inside of it."""
        return self.known and all(each.all_known for _, each in self.parts)


def _flat(names: Mapping[str, str]) -> Mapping[str, str]:
    return {alias: name for name, aliases in names.items() for alias in (name, *aliases.split("|")) if alias}


_DUCKDB: Final = _flat(
    {
        "BOOLEAN": "BOOL|LOGICAL",
        "TINYINT": "INT1",
        "SMALLINT": "INT2|INT16|SHORT",
        "INTEGER": "INT|INT4|INT32|SIGNED|INTEGRAL",
        "BIGINT": "INT8|INT64|LONG|OID",
        "HUGEINT": "INT128",
        "UTINYINT": "UINT8",
        "USMALLINT": "UINT16",
        "UINTEGER": "UINT32",
        "UBIGINT": "UINT64",
        "UHUGEINT": "UINT128",
        "BIGNUM": "VARINT",
        "REAL": "FLOAT|FLOAT4",
        "DOUBLE": "FLOAT8|DOUBLE PRECISION",
        "DECIMAL": "NUMERIC|DEC",
        "VARCHAR": "TEXT|STRING|CHAR|BPCHAR|NVARCHAR|CHARACTER|CHARACTER VARYING|CHAR VARYING|NCHAR"
        "|NATIONAL CHARACTER|NATIONAL CHARACTER VARYING|NATIONAL CHAR|NATIONAL CHAR VARYING|NCHAR VARYING",
        "BLOB": "BYTEA|BINARY|VARBINARY",
        "BIT": "BITSTRING",
        "DATE": "",
        "TIME": "TIME WITHOUT TIME ZONE",
        "TIMETZ": "TIME WITH TIME ZONE",
        "TIMESTAMP": "DATETIME|TIMESTAMP WITHOUT TIME ZONE"
        "|TIMESTAMP_S|TIMESTAMP_MS|TIMESTAMP_US|TIMESTAMP_NS",
        "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
        "UUID": "GUID",
        ARRAY: "LIST",
        "STRUCT": "ROW",
        **dict.fromkeys(
            ("TIME_NS", "TIMESTAMPTZ_NS", "INTERVAL", "JSON", "MAP", "UNION", "ENUM", "TUPLE"), ""
        ),
        **dict.fromkeys(("VARIANT", "GEOMETRY", "TYPE", '"NULL"', "NULL"), ""),
    }
)
_UNITS: Final = {"TIMESTAMP_S": "0", "TIMESTAMP_MS": "3", "TIMESTAMP_US": "6", "TIMESTAMP_NS": "9"}

_POSTGRES: Final = _flat(
    {
        "BOOLEAN": "BOOL",
        "SMALLINT": "INT2|SMALLSERIAL|SERIAL2",
        "INTEGER": "INT|INT4|SERIAL|SERIAL4",
        "BIGINT": "INT8|BIGSERIAL|SERIAL8",
        "REAL": "FLOAT4",
        "DOUBLE": "DOUBLE PRECISION|FLOAT|FLOAT8",
        "DECIMAL": "NUMERIC|DEC",
        "VARCHAR": "CHARACTER VARYING|CHAR VARYING|NATIONAL CHARACTER VARYING|NATIONAL CHAR VARYING"
        "|NCHAR VARYING|TEXT",
        "CHAR": "CHARACTER|NATIONAL CHARACTER|NATIONAL CHAR|NCHAR|BPCHAR",
        "BLOB": "BYTEA",
        "BIT": "",
        "VARBIT": "BIT VARYING",
        "DATE": "",
        "TIME": "TIME WITHOUT TIME ZONE",
        "TIMETZ": "TIME WITH TIME ZONE",
        "TIMESTAMP": "TIMESTAMP WITHOUT TIME ZONE",
        "TIMESTAMPTZ": "TIMESTAMP WITH TIME ZONE",
        "INTERVAL": "",
        **{
            f"INTERVAL {each}": ""
            for each in (
                *("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "YEAR TO MONTH", "DAY TO HOUR"),
                *("DAY TO MINUTE", "DAY TO SECOND", "HOUR TO MINUTE", "HOUR TO SECOND", "MINUTE TO SECOND"),
            )
        },
        ARRAY: "",
        **dict.fromkeys(("UUID", "JSON", "JSONB", "JSONPATH", "XML", "MONEY", "NAME", '"CHAR"', "OID"), ""),
        **dict.fromkeys(("INET", "CIDR", "MACADDR", "MACADDR8", "TSVECTOR", "TSQUERY", "PG_LSN"), ""),
        **dict.fromkeys(("POINT", "LINE", "LSEG", "BOX", "PATH", "POLYGON", "CIRCLE"), ""),
        **dict.fromkeys(("INT4RANGE", "INT8RANGE", "NUMRANGE", "TSRANGE", "TSTZRANGE", "DATERANGE"), ""),
        **dict.fromkeys(("INT4MULTIRANGE", "INT8MULTIRANGE", "NUMMULTIRANGE", "DATEMULTIRANGE"), ""),
        **dict.fromkeys(("CITEXT", "HSTORE", "LTREE", "GEOMETRY", "GEOGRAPHY"), ""),
        **dict.fromkeys(("VECTOR", "HALFVEC", "SPARSEVEC"), ""),
    }
)
_UNLIMITED: Final = frozenset({"VARCHAR", "DECIMAL", "VARBIT", "VECTOR", "HALFVEC", "SPARSEVEC"})
_MICROSECONDS: Final = frozenset({"TIME", "TIMETZ", "TIMESTAMP", "TIMESTAMPTZ", "INTERVAL"})

_OLDER: Final = {
    "NUMBER": "DECIMAL",
    "MEDIUMINT": "INTEGER",
    "VARCHAR2": "VARCHAR",
    "CLOB": "VARCHAR",
    "LONGTEXT": "VARCHAR",
    "FLOAT64": "DOUBLE",
    "FLOAT32": "REAL",
    "TIMESTAMP_NTZ": "TIMESTAMP",
    "DATETIME2": "TIMESTAMP",
    "TIMESTAMP_TZ": "TIMESTAMPTZ",
    "DATETIMEOFFSET": "TIMESTAMPTZ",
    "BYTES": "BLOB",
}

UNSURE: Final = "FLOAT"
"""A number with four bytes or with eight: engines that nobody knows mean either."""

_ANYBODYS: Final = {
    **_POSTGRES,
    # how exact its stamps are is known of DuckDB only
    **{name: of for name, of in _DUCKDB.items() if not name.startswith("TIMESTAMP_")},
    **_OLDER,
    **dict.fromkeys(("CHAR", "CHARACTER", "BPCHAR"), "CHAR"),
    UNSURE: UNSURE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Engine:
    """How an engine names its types.

    Attributes:
        names: each name with what it means.
        array_sizes: whether it keeps how many items an array has.
        lists: whether an array of any number of items is another type.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    array_sizes: bool = True
    lists: bool = False


_ENGINES: Final[Mapping[str, _Engine]] = {
    "duckdb": _Engine(names=_DUCKDB, lists=True),
    "postgres": _Engine(names=_POSTGRES, array_sizes=False),
    "": _Engine(names=_ANYBODYS),
}
KNOWN: Final = frozenset(_ENGINES)
"""The engines whose types are read here; the empty one is whichever it may be."""


def named(tree: Tree, engine: str, *, live: bool) -> Type:
    """A type by what its engine means by its name.

    Args:
        tree: as it is written.
        engine: one of `KNOWN`.
        live: whether it is the catalogue's, in which a length that is not there is known not to be there;
            a promise without one promises none.
    """
    of = _ENGINES[engine]
    name = tree.name.removeprefix("PG_CATALOG.") if engine == "postgres" else tree.name
    known = of.names.get(name.upper() if name.startswith('"') else name)
    if known is None:
        return Type(name=name, arguments=tree.arguments, known=False)
    parts = tuple((each, named(part, engine, live=live)) for each, part in tree.parts)
    found = Type(name=known, arguments=tuple(map(_plain, tree.arguments)), parts=parts)
    if known == ARRAY:
        return _array(found, of)
    match engine:
        case "duckdb":
            return _of_duckdb(name, found)
        case "postgres":
            return _of_postgres(name, found, live=live)
        case _:
            return _scaled(found)


def _plain(argument: str) -> str:
    """A number without what does not count: `010` is `10`."""
    return (argument.lstrip("0") or "0") if argument.isdecimal() else argument


def _array(found: Type, engine: _Engine) -> Type:
    if engine.array_sizes:
        return found if found.arguments or not engine.lists else replace(found, arguments=("any number",))
    (_, item), *_ = found.parts or (("", Type(name="", known=False)),)
    # PostgreSQL keeps neither the size nor the number of dimensions
    return item if item.name == ARRAY else replace(found, arguments=())


def _scaled(found: Type) -> Type:
    if found.name == "DECIMAL" and len(found.arguments) == 1:
        return replace(found, arguments=(*found.arguments, "0"))
    return found


def _of_duckdb(name: str, found: Type) -> Type:
    match found.name:
        case "REAL" | "DOUBLE" if found.arguments:
            return Type(name="REAL" if _number(found) <= 24 else "DOUBLE")
        case "TIMESTAMP":
            digits = _UNITS.get(name) or str(_up_to(_number(found, 6), 0, 3, 6, 9))
            return Type(name="TIMESTAMP", arguments=(digits,))
        case "TIMESTAMPTZ" if found.arguments == ("6",):
            return Type(name="TIMESTAMPTZ")
        case _:
            return _scaled(found)


def _of_postgres(name: str, found: Type, *, live: bool) -> Type:
    if name == "FLOAT" and found.arguments:
        return Type(name="REAL" if _number(found) <= 24 else "DOUBLE")
    if found.arguments:
        return _scaled(found)
    if name == "TEXT" or (live and (found.name in _UNLIMITED or name == "BPCHAR")):
        return replace(found, arguments=ANY_LENGTH)
    if live and found.name in _MICROSECONDS:
        return replace(found, arguments=("6",))
    return replace(found, arguments=("1",)) if live and found.name in ("CHAR", "BIT") else found


def _number(found: Type, otherwise: int = 53) -> int:
    first = found.arguments[0] if found.arguments else ""
    return int(first) if first.isdecimal() and len(first) < 4 else otherwise


def _up_to(number: int, *steps: int) -> int:
    return next((each for each in steps if number <= each), steps[-1])
