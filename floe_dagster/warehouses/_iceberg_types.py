"""Iceberg types: a table's schema as live columns, in the words of Iceberg's specification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyiceberg.types import DecimalType, FixedType, ListType, MapType, StructType

from floe_dagster.plan.metric import LiveColumn
from floe_dagster.warehouses._catalogue import told_by

if TYPE_CHECKING:
    from pyiceberg.schema import Schema
    from pyiceberg.types import IcebergType

_LOGICAL = {
    "boolean": "boolean",
    "int": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "date": "date",
    "time": "time",
    "string": "string",
    "uuid": "string",
    **dict.fromkeys(("timestamp", "timestamptz", "timestamp_ns", "timestamptz_ns"), "timestamp"),
}


def columns(schema: Schema) -> tuple[LiveColumn, ...]:
    """The columns of a schema; its identifier fields are the primary key, in the order of the columns.

    Their types are read as Trino reads them, in which a timestamp has no zone unless it says so.
    """
    keys = [each.field_id for each in schema.fields if each.field_id in schema.identifier_field_ids]
    found = (
        _column(
            each.name,
            each.field_type,
            nullable=not each.required,
            primary_key=keys.index(each.field_id) + 1 if each.field_id in keys else 0,
        )
        for each in schema.fields
    )
    return told_by(found, "trino")


def _column(name: str, kind: IcebergType, *, nullable: bool, primary_key: int = 0) -> LiveColumn:
    return LiveColumn(
        name=name,
        type=_named(kind),
        logical_type=_logical(kind),
        nullable=nullable,
        primary_key=primary_key,
        fields=_fields(kind),
    )


def _fields(kind: IcebergType) -> tuple[LiveColumn, ...]:
    match kind:
        case StructType():
            return tuple(
                _column(each.name, each.field_type, nullable=not each.required) for each in kind.fields
            )
        case ListType():
            return (_column("[]", kind.element_type, nullable=not kind.element_required),)
        case MapType():
            return (
                _column("[key]", kind.key_type, nullable=False),
                _column("[value]", kind.value_type, nullable=not kind.value_required),
            )
        case _:
            return ()


def _logical(kind: IcebergType) -> str | None:
    match kind:
        case StructType():
            return "object"
        case ListType():
            return "array"
        case MapType():
            return "map"
        case DecimalType():
            return "number"
        case _:
            return _LOGICAL.get(str(kind))


def _named(kind: IcebergType) -> str:
    """As the specification writes it; what is nested as in `struct<a: long>` and `map<string, long>`."""
    match kind:
        case StructType():
            return f"struct<{', '.join(f'{each.name}: {_named(each.field_type)}' for each in kind.fields)}>"
        case ListType():
            return f"list<{_named(kind.element_type)}>"
        case MapType():
            return f"map<{_named(kind.key_type)}, {_named(kind.value_type)}>"
        case DecimalType():
            return f"decimal({kind.precision},{kind.scale})"
        case FixedType():
            return f"fixed({len(kind)})"
        case _:
            return str(kind)
