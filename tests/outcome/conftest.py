from __future__ import annotations

import pytest

from floe_dagster.outcome.policy import Policy
from tests.outcome.outcomes import History


@pytest.fixture
def check() -> History:
    return History(Policy(cadence_seconds=900))
