"""The code location: the nycflights13 datasets, and the contracts that promise things about them."""

from pathlib import Path

from demo.nycflights import assets, jobs
from floe_dagster import build_definitions

defs = build_definitions(Path(__file__).parent / "floe.yaml", assets=assets, jobs=jobs)
