"""The definitions room: how Dagster sees it. The only room that imports dagster."""

from floe_dagster.definitions.build import build_definitions

__all__ = ["build_definitions"]
