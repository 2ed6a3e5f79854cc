"""The state room: what we remember, on SQLite or PostgreSQL. SQLAlchemy Core and Alembic.

`store.open_store` is the front door; `docs/state.md` says what is remembered and what is guaranteed.
"""
