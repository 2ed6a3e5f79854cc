"""Your checks: one file each, exposing `KIND`, in the same shape as ours in `floe_dagster/checks/`.

Freshness, schema, quality, availability, retention and lifecycle are there. A contract calls one of yours by
the name of its file, under a dataset or a column:

    quality:
      - type: custom
        engine: floe
        implementation: {check: weekend_volume, weekday: 300000, weekend: 100000}
"""
