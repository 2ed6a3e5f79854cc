from __future__ import annotations

import pytest

from tests.lineage.facts import SCHEMAS, problems


@pytest.fixture
def wrong():
    """Finds what is wrong with an event, offline, formats included."""
    if not SCHEMAS.is_dir():
        pytest.skip(f"the OpenLineage schemas are not at {SCHEMAS}; set FLOE_CORPORA to where they are")
    return problems
