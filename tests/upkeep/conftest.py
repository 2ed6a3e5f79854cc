from __future__ import annotations

import pytest

from floe_dagster.outcome.policy import Policy
from tests.state import ticks
from tests.state.conftest import store, store_url  # noqa: F401  the same stores


@pytest.fixture(autouse=True)
def _measured_with_quality(monkeypatch):
    """Outcomes hold for as long as those of quality do, which is measured every six hours."""
    monkeypatch.setattr(ticks, "POLICY", Policy(cadence_seconds=6 * 3600))
