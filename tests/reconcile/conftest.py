from __future__ import annotations

from tests.state.conftest import store, store_url  # noqa: F401  the same stores
