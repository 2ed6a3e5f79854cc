"""Environment: how Alembic runs our migrations, in the caller's transaction and beside its logging."""

from __future__ import annotations

from alembic import context

from floe_dagster.state.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
