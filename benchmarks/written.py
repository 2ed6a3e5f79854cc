"""Written: the forty rules as SQL by hand, in the three shapes that people write them in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from floe_dagster.warehouses._formats import PATTERNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

REQUIRED = (
    *("order_id", "order_no", "seq", "customer_id", "line_no", "email", "status", "currency", "amount"),
    *("quantity", "created_at", "updated_at", "country"),
)
LIMITS = (
    *("seq < 0", "line_no < 1", "line_no > 99", "amount < 0", "amount > 100000", "tax < 0", "quantity < 1"),
    *("quantity > 100", "discount > 100", "weight < 0", "created_at < timestamp '2020-01-01'"),
)
LISTS = (
    "status not in ('new', 'paid', 'shipped', 'done')",
    "currency not in ('EUR', 'USD', 'GBP')",
    "channel not in ('web', 'shop', 'phone')",
    "channel is null or channel in ('', 'n/a')",
)
LENGTHS = ("length(order_no) > 14", "length(email) > 100")
MATCHES: Mapping[str, str] = {
    "order_id": PATTERNS["uuid"],
    "order_no": "^ORD-[0-9]{10}$",
    "email": PATTERNS["email"],
    "country": "^[A-Z]{2}$",
}
KEYS = ("order_id", "order_no", "seq", "order_no, line_no")
MATCH: Mapping[str, str] = {
    "duckdb": "regexp_matches({column}, '{pattern}')",
    "postgres": "{column} collate \"C\" ~ '{pattern}'",
    "sqlite": "matches('{pattern}', {column})",
}


def single(engine: str) -> list[str]:
    """All rules in one statement."""
    values = ["count(*)", *_nulls(), *(_among(each) for each in _rows(engine)), "max(updated_at)"]
    return [f"select {', '.join([*values, *(_distinct(each) for each in KEYS)])} from orders"]


def each_alone(engine: str) -> list[str]:
    """A query for each rule."""
    nulls = (f"{each} is null" for each in REQUIRED)
    counts = [f"select count(*) from orders where {each}" for each in (*nulls, *_rows(engine))]
    keys = [f"select count(*) from ({_groups(each)}) as d" for each in KEYS]
    return [*counts, *keys, "select count(*) from orders", "select max(updated_at) from orders"]


def tiered(engine: str) -> list[str]:
    """What statistics answer, then what looks at rows, then each key: as measured to be good, by hand."""
    cheap = f"select {', '.join(['count(*)', *_nulls(), 'max(updated_at)'])} from orders"
    if engine in ("duckdb", "parquet"):
        limits = [f"select count(*) from orders where {each}" for each in (*LIMITS, *LISTS)]
        passed = [*LENGTHS, *_patterns(engine)]
        keys = [f"select count(*) - count(distinct hash({each})) from orders" for each in KEYS]
    else:
        limits, passed = [], list(_rows(engine))
        keys = [f"select {_distinct(_bytewise(each, engine))} from orders" for each in KEYS]
    return [cheap, *limits, f"select {', '.join(map(_among, passed))} from orders", *keys]


SHAPES: Mapping[str, Callable[[str], list[str]]] = {
    "single": single,
    "40 queries": each_alone,
    "tiered": tiered,
}


def statements(shape: str, engine: str) -> Sequence[str]:
    """The statements of a shape, as an engine spells them; files are read by DuckDB."""
    written = SHAPES[shape](engine)
    # SQLite has no timestamps and counts no pairs; the texts of one compare as it does
    return [each.replace("timestamp '", "'") if engine == "sqlite" else each for each in written]


def _rows(engine: str) -> Sequence[str]:
    return (*LIMITS, *LISTS, *LENGTHS, *_patterns(engine))


def _patterns(engine: str) -> Sequence[str]:
    match = MATCH.get(engine, MATCH["duckdb"])
    quoted = {column: pattern.replace("'", "''") for column, pattern in MATCHES.items()}
    return [f"not ({match.format(column=column, pattern=pattern)})" for column, pattern in quoted.items()]


def _nulls() -> Sequence[str]:
    return [f"count(*) - count({each})" for each in REQUIRED]


def _among(condition: str) -> str:
    return f"count(*) filter (where {condition})"


def _distinct(key: str) -> str:
    first = key.partition(",")[0].partition(" ")[0]
    pair = "order_no || '/' || line_no" if "," in key else key
    return f"count({first}) - count(distinct {pair})"


def _bytewise(key: str, engine: str) -> str:
    return (
        f'{key} collate "C"' if engine == "postgres" and key.startswith("order") and "," not in key else key
    )


def _groups(key: str) -> str:
    given = " and ".join(f"{each} is not null" for each in key.split(", "))
    return f"select {key} from orders where {given} group by {key} having count(*) > 1"
