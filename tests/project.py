"""A small project on disk: two DuckDB tables, contracts over them, and a manifest."""

from __future__ import annotations

import json
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: shop.orders
name: shop orders
version: 1.0.0
status: active
domain: shop
description: {purpose: What was ordered}
team:
  name: shop
  members:
    - {username: ada@example.com, role: owner}
servers:
  - {server: shop, type: duckdb, database: shop.duckdb, schema: main}
schema:
  - name: customers
    physicalType: table
    properties:
      - {name: id, logicalType: integer, physicalType: INTEGER, primaryKey: true, primaryKeyPosition: 1, required: true}
  - name: orders
    physicalType: table
    description: One row for each order
    properties:
      - {name: id, logicalType: integer, physicalType: INTEGER, required: true, unique: true}
      - name: customer
        logicalType: integer
        relationships:
          - {type: foreignKey, to: customers.id}
      - {name: amount, logicalType: number, logicalTypeOptions: {minimum: 0}}
      - {name: at, logicalType: timestamp}
slaProperties:
  - {property: freshness, value: 1, unit: d, element: orders.at}
"""

MANIFEST = """\
contracts: [contracts/*.odcs.yaml]
store: sqlite:///{root}/floe.db
timeout: 2 s
alerts:
  channels:
    log: {{type: file, path: alerts.jsonl}}
  routes:
    - {{severity: warning, channels: [log]}}
lineage: {{file: lineage.jsonl}}
reports: {{folder: reports}}
dagster_url: http://dagster.example.com
"""


class Project:
    """A folder with contracts, a manifest and a DuckDB file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "contracts").mkdir()
        self.contract("orders", CONTRACT)
        (root / "floe.yaml").write_text(MANIFEST.format(root=root))
        self.load(orphans=0)

    def contract(self, name: str, text: str) -> None:
        (self.root / "contracts" / f"{name}.odcs.yaml").write_text(dedent(text))

    def load(self, *, orphans: int) -> None:
        """Three customers and ten orders, this many of which refer to nobody."""
        with duckdb.connect(str(self.root / "shop.duckdb")) as connection:
            connection.execute("create or replace table customers as select i::int as id from range(3) t(i)")
            connection.execute(
                "create or replace table orders as select i::int as id, case when i < ? then 99 else i % 3 end::int"
                " as customer, i * 1.5::double as amount, now()::timestamp as at from range(10) t(i)",
                [orphans],
            )

    def alerts(self) -> list[dict[str, Any]]:
        """What the channel `log` was told."""
        path = self.root / "alerts.jsonl"
        return [json.loads(each) for each in path.read_text().splitlines()] if path.exists() else []

    def manifest(self, old: str, new: str) -> None:
        """Change the manifest."""
        path = self.root / "floe.yaml"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
