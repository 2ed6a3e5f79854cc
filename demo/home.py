"""The demo's own DAGSTER_HOME: made here for `make demo` and `make dev` alike."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
HOME = ROOT / ".floe" / "demo"

_DAGSTER_YAML = """\
# Written by `make demo` and `make dev`: no telemetry, no newsletter, and ticks are not kept for ever
telemetry: {enabled: false}
nux: {enabled: false}
sensors: {use_threads: true, num_workers: 2}
schedules: {use_threads: true, num_workers: 2}
retention:
  schedule: {purge_after_days: {skipped: 7, success: 30, failure: 90}}
  sensor: {purge_after_days: {skipped: 7, success: 30, failure: 90}}
"""


def prepare_home() -> Path:
    """Make the folder and its `dagster.yaml`; what is in it otherwise stays."""
    HOME.mkdir(parents=True, exist_ok=True)
    (HOME / "dagster.yaml").write_text(_DAGSTER_YAML)
    return HOME


if __name__ == "__main__":
    prepare_home()
