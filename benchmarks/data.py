"""Data: shuffled orders that keep every promise of the contract, the same in every warehouse."""

from __future__ import annotations

import csv
import sqlite3
from typing import TYPE_CHECKING

import duckdb
import psycopg2

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = """
select
  concat_ws('-', md5(i::varchar)[1:8], md5(i::varchar)[9:12], md5(i::varchar)[13:16],
    md5(i::varchar)[17:20], md5(i::varchar)[21:32]) as order_id,
  'ORD-' || lpad(i::varchar, 10, '0') as order_no, i as seq,
  (hash(i) % 100000)::integer as customer_id, (1 + hash(i, 1) % 9)::integer as line_no,
  'user' || (hash(i, 2) % 500000) || '@example.com' as email,
  ['new', 'paid', 'shipped', 'done'][(1 + hash(i, 3) % 4)::integer] as status,
  ['EUR', 'USD', 'GBP'][(1 + hash(i, 4) % 3)::integer] as currency,
  ['web', 'shop', 'phone'][(1 + hash(i, 5) % 3)::integer] as channel,
  ((hash(i, 6) % 1000000) / 100)::decimal(12, 2) as amount,
  ((hash(i, 7) % 10000) / 100)::decimal(12, 2) as tax,
  (1 + hash(i, 8) % 20)::integer as quantity, (hash(i, 9) % 101)::integer as discount,
  (hash(i, 10) % 1000) / 10.0::double as weight,
  timestamp '2024-01-01' + to_seconds((hash(i, 11) % 30000000)::bigint) as created_at,
  now()::timestamp - to_seconds((hash(i, 12) % 10000000)::bigint) as updated_at,
  chr((65 + hash(i, 13) % 26)::integer) || chr((65 + hash(i, 14) % 26)::integer) as country
from range({rows}) as t(i) order by hash(i, 15)
"""

COLUMNS = (
    "order_id text, order_no text, seq bigint, customer_id integer, line_no integer, email text, status text,"
    " currency text, channel text, amount decimal(12,2), tax decimal(12,2), quantity integer,"
    " discount integer, weight double precision, created_at timestamp, updated_at timestamp, country text"
)


def fill_duckdb(folder: Path, rows: int) -> None:
    """Makes `orders.duckdb`, `orders.parquet` and `orders.csv`."""
    with duckdb.connect(str(folder / "orders.duckdb")) as connection:
        connection.execute(f"create table orders as {ROWS.format(rows=rows)}")
        for suffix in ("parquet", "csv"):
            connection.execute(f"copy orders to '{folder / f'orders.{suffix}'}'")


def fill_sqlite(folder: Path) -> None:
    """Makes `orders.sqlite` out of the CSV file."""
    connection = sqlite3.connect(folder / "orders.sqlite")
    connection.execute(f"create table orders ({COLUMNS})")
    marks = ", ".join("?" * 17)
    connection.executemany(f"insert into orders values ({marks})", _lines(folder / "orders.csv"))
    connection.commit()
    connection.close()


def fill_postgres(folder: Path, url: str) -> None:
    """Makes the table `orders` out of the CSV file, with the statistics that a server has of it."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor, (folder / "orders.csv").open() as lines:
        cursor.execute(f"create table orders ({COLUMNS})")
        cursor.copy_expert("copy orders from stdin csv header", lines)
        cursor.execute("vacuum analyze orders")
    connection.close()


def _lines(path: Path) -> Iterator[list[str]]:
    with path.open(newline="") as file:
        lines = csv.reader(file)
        next(lines)
        yield from lines
