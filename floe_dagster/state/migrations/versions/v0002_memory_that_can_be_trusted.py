"""Pauses, periods, versions of contracts, cursors; what flapping and burn alerts need of a state.

Revision: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _new_columns()
    op.create_table(
        "floe_contract_versions",
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("contract", "digest", name="floe_contract_versions_pkey"),
    )
    op.create_table(
        "floe_periods",
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("check_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("good", sa.Float(), nullable=False),
        sa.Column("bad", sa.Float(), nullable=False),
        sa.Column("unknown", sa.Float(), nullable=False),
        sa.Column("excused", sa.Float(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("warned", sa.Integer(), nullable=False),
        sa.Column("error", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("worst", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "grain", "start_at", "contract", "server", "kind", "check_id", name="floe_periods_pkey"
        ),
    )
    op.create_index("floe_periods_contract", "floe_periods", ["contract", "grain", "start_at"])
    op.create_table(
        "floe_pauses",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("check_id", sa.Text(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "floe_cursors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _new_columns() -> None:
    """Each with a default for the rows that are there, so that neither database copies a table."""
    for name in ("recent", "turns"):
        op.add_column("floe_check_states", sa.Column(name, sa.Text(), nullable=False, server_default="[]"))
    op.add_column("floe_check_states", sa.Column("kept_since", sa.DateTime(timezone=True)))
    for name in ("flapping", "retired"):
        op.add_column(
            "floe_episodes", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )
