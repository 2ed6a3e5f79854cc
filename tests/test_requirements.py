"""Which requirements a test shows. Informational, but a marker with an unknown id is a mistake."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parent
DOCUMENT = TESTS.parent.parent / "shared" / "REQUIREMENTS.md"

HOW_MANY = {"A": 12, "B": 10, "C": 7, "D": 8, "E": 4, "F": 10, "G": 7, "H": 3, "I": 9, "J": 5}
KNOWN = {f"{letter}-{n:02}" for letter, last in HOW_MANY.items() for n in range(1, last + 1)}


def marked(text: str) -> Iterator[str]:
    """The ids in the requirement markers of a test file."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Attribute(attr="requirement"), args=args):
                yield from (str(each.value) for each in args if isinstance(each, ast.Constant))


def test_every_marker_names_a_requirement(capsys: pytest.CaptureFixture[str]) -> None:
    files = sorted(TESTS.rglob("test_*.py"))
    shown = {(id_, path.relative_to(TESTS)) for path in files for id_ in marked(path.read_text())}
    assert [f"{path}: {id_}" for id_, path in sorted(shown) if id_ not in KNOWN] == []
    missing = sorted(KNOWN - {id_ for id_, _ in shown})
    with capsys.disabled():
        print(
            f"\n{len(KNOWN) - len(missing)} of {len(KNOWN)} requirements are shown by a test; not yet:",
            *missing,
        )


def test_the_list_of_requirements_is_the_document() -> None:
    if not DOCUMENT.exists():
        pytest.skip(f"{DOCUMENT} is not there; the list in this file stands alone")
    assert set(re.findall(r"\b[A-J]-\d\d\b", DOCUMENT.read_text())) == KNOWN


def test_an_unknown_id_is_found() -> None:
    assert list(marked('@pytest.mark.requirement("Z-99", "A-01")\ndef test(): ...')) == ["Z-99", "A-01"]
