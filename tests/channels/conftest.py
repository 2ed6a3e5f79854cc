from __future__ import annotations

import os
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[1] / "golden" / "channels"


@pytest.fixture
def golden(request):
    """Compares a text with its file; `FLOE_GOLDEN=write pytest` writes the files."""

    def compare(channel: str, suffix: str, text: str) -> None:
        file = GOLDEN / channel / f"{request.node.callspec.id}{suffix}"
        if os.environ.get("FLOE_GOLDEN") == "write":
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        assert file.read_text() == text

    return compare
