"""Tables: what is remembered (`docs/state.md`). Migrations make them; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    false,
    text,
)

from floe_dagster.state.types import Moment, Words

metadata = MetaData()

VERSION_TABLE = "floe_version"


KEY_BYTES = 2000
"""of a key; PostgreSQL indexes some 2,700"""

NAME_BYTES = 600
"""of a name"""


def _code(name: str, *, primary_key: bool = False) -> Column[str]:
    """Text that we made ourselves."""
    return Column(name, Text(), nullable=False, primary_key=primary_key)


def _text(name: str) -> Column[str]:
    return Column(name, Words(), nullable=False)


def _name(name: str, *, primary_key: bool = False) -> Column[str]:
    return Column(name, Words(NAME_BYTES), nullable=False, primary_key=primary_key)


def _key(name: str, *, primary_key: bool = False) -> Column[str]:
    return Column(name, Words(KEY_BYTES), nullable=False, primary_key=primary_key)


def _parts() -> tuple[Column[str], Column[str], Column[str]]:
    return _name("contract"), _name("server"), _name("check_id")


contracts = Table(
    "floe_contracts",
    metadata,
    _name("id", primary_key=True),
    _text("version"),
    _code("digest"),
    _text("source"),
    Column("first_seen", Moment(), nullable=False),
    Column("last_seen", Moment(), nullable=False),
    Column("active", Boolean(), nullable=False),
)

outcomes = Table(
    "floe_outcomes",
    metadata,
    _code("id", primary_key=True),
    _text("tick"),
    *_parts(),
    _text("version"),
    _text("dataset"),
    Column("element", Words()),
    _name("kind"),
    _text("title"),
    _code("status"),
    _code("severity"),
    Column("broken", Boolean(), nullable=False),
    _text("expected"),
    _code("actual"),
    _text("message"),
    _text("path"),
    _text("source"),
    Column("line", Integer(), nullable=False),
    Column("at", Moment(), nullable=False),
    Column("duration_seconds", Float(), nullable=False),
    Column("used", Float()),
    Column("cause", Words()),
    Column("dimension", Words()),
    _code("interpretation"),
    _code("differences"),
    Index("floe_outcomes_at", "at"),
    Index("floe_outcomes_contract_at", "contract", "at"),
)

newest = Table(
    "floe_newest",
    metadata,
    _key("key", primary_key=True),
    _name("contract"),
    _code("outcome"),
    Column("at", Moment(), nullable=False),
    Index("floe_newest_contract", "contract"),
)

check_states = Table(
    "floe_check_states",
    metadata,
    _key("key", primary_key=True),
    *_parts(),
    _code("phase"),
    _code("last_outcome"),
    Column("last_at", Moment(), nullable=False),
    Column("streak", Integer(), nullable=False),
    Column("streak_since", Moment()),
    _code("breaches"),
    Column("segment_start", Moment()),
    Column("recent", Text(), nullable=False, server_default="[]"),
    Column("turns", Text(), nullable=False, server_default="[]"),
    Column("kept_since", Moment()),
)

episodes = Table(
    "floe_episodes",
    metadata,
    _code("id", primary_key=True),
    _key("key"),
    *_parts(),
    _text("version"),
    _text("dataset"),
    Column("element", Words()),
    _name("kind"),
    _text("title"),
    _code("severity"),
    _text("message"),
    Column("broken_since", Moment(), nullable=False),
    Column("opened_at", Moment(), nullable=False),
    Column("resolved_at", Moment()),
    Column("sequence", Integer(), nullable=False),
    Column("broken", Boolean(), nullable=False),
    Column("flapping", Boolean(), nullable=False, server_default=false()),
    Column("retired", Boolean(), nullable=False, server_default=false()),
    Index(
        "floe_episodes_one_open",
        "key",
        unique=True,
        sqlite_where=text("resolved_at IS NULL"),
        postgresql_where=text("resolved_at IS NULL"),
    ),
    Index("floe_episodes_opened", "opened_at"),
    Index("floe_episodes_resolved", "resolved_at"),
)

segments = Table(
    "floe_segments",
    metadata,
    _key("key"),
    Column("started_at", Moment(), nullable=False),
    Column("ended_at", Moment(), nullable=False),
    *_parts(),
    _name("kind"),
    _text("dataset"),
    _code("health"),
    PrimaryKeyConstraint("key", "started_at", name="floe_segments_pkey"),
    Index("floe_segments_ended", "ended_at"),
)

parcels = Table(
    "floe_parcels",
    metadata,
    _key("key", primary_key=True),
    _code("topic"),
    _name("channel"),
    _name("group_key"),
    Column("sequence", Integer(), nullable=False),
    _code("payload"),
    Column("created_at", Moment(), nullable=False),
    Column("not_before", Moment()),
    _key("about"),
    _code("severity"),
    _code("transition"),
    _code("state"),
    _text("reason"),
    Column("attempts", Integer(), nullable=False),
    Column("waiting_since", Moment(), nullable=False),
    Column("available_at", Moment(), nullable=False),
    Column("lease_token", Words()),
    Column("lease_until", Moment()),
    Column("finished_at", Moment()),
    Index("floe_parcels_waiting", "topic", "state", "available_at"),
    Index("floe_parcels_group", "group_key", "channel", "sequence"),
    Index("floe_parcels_about", "about", "created_at"),
    Index("floe_parcels_created", "created_at"),
)

deliveries = Table(
    "floe_deliveries",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    _key("parcel"),
    _name("channel"),
    Column("attempt", Integer(), nullable=False),
    Column("at", Moment(), nullable=False),
    Column("accepted", Boolean(), nullable=False),
    _text("note"),
    Index("floe_deliveries_parcel", "parcel"),
    Index("floe_deliveries_at", "at"),
)

totals = Table(
    "floe_totals",
    metadata,
    _code("counted"),
    _name("contract"),
    _name("kind"),
    _name("label"),
    Column("total", BigInteger(), nullable=False),
    PrimaryKeyConstraint("counted", "contract", "kind", "label", name="floe_totals_pkey"),
)

ticks = Table(
    "floe_ticks",
    metadata,
    _name("id", primary_key=True),
    _name("kind"),
    Column("started_at", Moment(), nullable=False),
    Column("ended_at", Moment(), nullable=False),
    Column("outcomes", Integer(), nullable=False),
    Column("broken", Integer(), nullable=False),
    Column("unknown", Integer(), nullable=False),
    Column("transitions", Integer(), nullable=False),
    Column("parcels", Integer(), nullable=False),
    Index("floe_ticks_started", "started_at"),
)

contract_versions = Table(
    "floe_contract_versions",
    metadata,
    _name("contract"),
    _name("digest"),
    _text("version"),
    _text("text"),
    Column("first_seen", Moment(), nullable=False),
    Column("last_seen", Moment(), nullable=False),
    PrimaryKeyConstraint("contract", "digest", name="floe_contract_versions_pkey"),
)

periods = Table(
    "floe_periods",
    metadata,
    _code("grain"),
    Column("start_at", Moment(), nullable=False),
    Column("end_at", Moment(), nullable=False),
    _text("zone"),
    *_parts(),
    _name("kind"),
    Column("good", Float(), nullable=False),
    Column("bad", Float(), nullable=False),
    Column("unknown", Float(), nullable=False),
    Column("excused", Float(), nullable=False),
    Column("passed", Integer(), nullable=False),
    Column("failed", Integer(), nullable=False),
    Column("warned", Integer(), nullable=False),
    Column("error", Integer(), nullable=False),
    Column("opened", Integer(), nullable=False),
    _code("worst"),
    PrimaryKeyConstraint(
        "grain", "start_at", "contract", "server", "kind", "check_id", name="floe_periods_pkey"
    ),
    Index("floe_periods_contract", "contract", "grain", "start_at"),
)

pauses = Table(
    "floe_pauses",
    metadata,
    _name("id", primary_key=True),
    _code("what"),
    _text("contract"),
    _text("server"),
    _text("kind"),
    _text("check_id"),
    Column("start_at", Moment(), nullable=False),
    Column("end_at", Moment(), nullable=False),
    _text("author"),
    _text("reason"),
    Column("declared_at", Moment(), nullable=False),
    Column("cancelled_at", Moment()),
)

cursors = Table(
    "floe_cursors",
    metadata,
    _name("name", primary_key=True),
    _text("value"),
    Column("at", Moment(), nullable=False),
)

acknowledgements = Table(
    "floe_acknowledgements",
    metadata,
    _code("episode", primary_key=True),
    _name("contract"),
    Column("at", Moment(), nullable=False),
    _text("author"),
    _code("reason"),
    _code("severity"),
    _text("note"),
    Index("floe_acknowledgements_at", "at"),
)

incidents = Table(
    "floe_incidents",
    metadata,
    _code("id", primary_key=True),
    _name("contract"),
    _code("priority"),
    Column("opened_at", Moment(), nullable=False),
    Column("acknowledge_by", Moment(), nullable=False),
    Column("respond_by", Moment(), nullable=False),
    _code("open_episodes"),
    _code("over_episodes"),
    Column("acknowledged_at", Moment()),
    _text("acknowledged_by"),
    Column("responded_at", Moment()),
    _text("responded_by"),
    Column("resolved_at", Moment()),
    Index(
        "floe_incidents_one_open",
        "contract",
        unique=True,
        sqlite_where=text("resolved_at IS NULL"),
        postgresql_where=text("resolved_at IS NULL"),
    ),
    Index("floe_incidents_opened", "opened_at"),
)
