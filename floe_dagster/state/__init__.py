"""The state room: what we remember. SQLAlchemy Core and Alembic."""
