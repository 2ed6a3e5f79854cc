"""Acknowledgements and incidents.

Revision: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "floe_acknowledgements",
        sa.Column("episode", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("episode"),
    )
    op.create_index("floe_acknowledgements_at", "floe_acknowledgements", ["at"])
    op.create_table(
        "floe_incidents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("open_episodes", sa.Text(), nullable=False),
        sa.Column("over_episodes", sa.Text(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
        sa.Column("acknowledged_by", sa.Text(), nullable=False),
        sa.Column("responded_at", sa.DateTime(timezone=True)),
        sa.Column("responded_by", sa.Text(), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id"),
    )
    is_open = sa.text("resolved_at IS NULL")
    op.create_index(
        "floe_incidents_one_open",
        "floe_incidents",
        ["contract"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("floe_incidents_opened", "floe_incidents", ["opened_at"])
