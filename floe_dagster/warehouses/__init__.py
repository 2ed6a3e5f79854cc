"""The shelf of warehouses: one file each, exposing `WAREHOUSE`. The only rooms that read data."""
